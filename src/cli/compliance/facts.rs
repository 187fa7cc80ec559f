//! What a service's files say of a commitment, beside what the rules have proved.

use serde::Serialize;

use crate::flow::{Audio, OfferAction, Program, Queue, Service, Step, StepKind, explored};
use crate::service::Topic;

/// One sentence, in both languages.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fact {
    /// In French.
    pub(super) fr: String,
    /// In English.
    pub(super) en: String,
}

/// What a service says of the commitment of this name, with these recordings.
pub(super) fn of(commitment: &str, service: &Service, audio: &dyn Audio) -> Vec<Fact> {
    let each = |fact: fn(&Program) -> Option<Fact>| service.flows.iter().filter_map(|flow| fact(flow)).collect();
    match commitment {
        "agent-direct" => {
            service.flows.iter().flat_map(|flow| agent(flow).into_iter().chain([searched(flow, audio)])).collect()
        }
        "few-choices" => each(choices),
        "information" => vec![information(service)],
        "load" => load(service).into_iter().collect(),
        "busy" => service.flows.iter().flat_map(|flow| busy(flow)).collect(),
        "closed" => each(closed),
        "no-surcharge" => vec![numbers(service)],
        "relay" => relay(service).into_iter().collect(),
        "satisfaction" => each(survey),
        _ => Vec::new(),
    }
}

fn agent(flow: &Program) -> Option<Fact> {
    let (name, step) = (name(flow), flow.step(flow.agent));
    let (fr, en) = match &step.kind {
        StepKind::Queue(queue) => (format!("la file {}", queue.queue), format!("the queue {}", queue.queue)),
        StepKind::Transfer(transfer) => (format!("le numéro {}", transfer.to), format!("the number {}", transfer.to)),
        // A step that leads on to an agent: its name says enough.
        _ => (format!("l'étape {}", step.name), format!("the step {}", step.name)),
    };
    let steps = flow.steps.len();
    Some(Fact {
        fr: format!("Parcours {name}, {steps} étapes : la touche 0, le silence et les erreurs mènent à {fr}."),
        en: format!("Flow {name}, {steps} steps: the key 0, silence and mistakes lead to {en}."),
    })
}

/// How far the prover has looked: what is found nowhere is so in all of it.
fn searched(flow: &Program, audio: &dyn Audio) -> Fact {
    let (name, explored) = (name(flow), explored(flow, audio));
    let (situations, ways) = (explored.situations, explored.ways);
    Fact {
        fr: format!("Parcours {name} : {situations} situations et {ways} suites possibles, toutes examinées."),
        en: format!("Flow {name}: {situations} situations and {ways} ways on from them, each looked at."),
    }
}

fn choices(flow: &Program) -> Option<Fact> {
    let menus =
        || flow.steps.iter().filter_map(|step| if let StepKind::Menu(menu) = &step.kind { Some(menu) } else { None });
    let most = menus().map(|menu| menu.choices.len()).max()?;
    let (name, count) = (name(flow), menus().count());
    Some(Fact {
        fr: format!(
            "Parcours {name} : {}, {} au plus.",
            french(count, "menu", "menus"),
            french(most, "choix", "choix")
        ),
        en: format!(
            "Flow {name}: {}, {} at most.",
            english(count, "menu", "menus"),
            english(most, "choice", "choices")
        ),
    })
}

fn information(service: &Service) -> Fact {
    let card = &service.card;
    let mut fr = vec![
        french(card.phones.len(), "numéro", "numéros"),
        french(card.emails.len(), "adresse électronique", "adresses électroniques"),
        french(card.websites.len(), "site", "sites"),
    ];
    let mut en = vec![
        english(card.phones.len(), "number", "numbers"),
        english(card.emails.len(), "e-mail address", "e-mail addresses"),
        english(card.websites.len(), "web site", "web sites"),
    ];
    let told = |topic: Topic| service.flows.iter().flat_map(|flow| &flow.steps).any(|step| tells(step, topic));
    for (topic, in_french, in_english) in [
        (Topic::Hours, "les horaires", "the hours"),
        (Topic::Contact, "les moyens de contact et à quoi ils servent", "the ways of contact with their purposes"),
        (Topic::Address, "l'adresse et son accès", "the address and its access"),
        (Topic::Appointments, "la prise de rendez-vous", "how to get an appointment"),
        (Topic::Busy, "les heures d'affluence", "the busy hours"),
        (Topic::Quiet, "les heures creuses", "the quiet hours"),
    ] {
        if told(topic) {
            fr.push(in_french.to_owned());
            en.push(in_english.to_owned());
        }
    }
    let (fr_card, fr_told) = fr.split_at(3);
    let (en_card, en_told) = en.split_at(3);
    Fact {
        fr: format!(
            "Fiche {} : {}. Sont dits sur demande : {}.",
            service.name,
            fr_card.join(", "),
            or_nothing(fr_told, "rien")
        ),
        en: format!(
            "Card {}: {}. Told when asked for: {}.",
            service.name,
            en_card.join(", "),
            or_nothing(en_told, "nothing")
        ),
    }
}

fn load(service: &Service) -> Option<Fact> {
    let (busy, quiet) = (service.card.busy.as_ref()?.text(), service.card.quiet.as_ref()?.text());
    Some(Fact {
        fr: format!("Fiche {} : affluence {busy}, calme {quiet}.", service.name),
        en: format!("Card {}: busy {busy}, quiet {quiet}.", service.name),
    })
}

fn busy(flow: &Program) -> Vec<Fact> {
    let fact = |step: &Step| {
        let StepKind::Queue(queue) = &step.kind else { return None };
        let (fr, en): (Vec<&str>, Vec<&str>) = solutions(flow, queue).into_iter().unzip();
        Some(Fact {
            fr: format!("Parcours {}, étape {} : {}.", name(flow), step.name, fr.join(", ")),
            en: format!("Flow {}, step {}: {}.", name(flow), step.name, en.join(", ")),
        })
    };
    flow.steps.iter().filter_map(fact).collect()
}

/// What a queue tells and offers when it is busy, in both languages.
fn solutions(flow: &Program, queue: &Queue) -> Vec<(&'static str, &'static str)> {
    let calls_back = |action: &OfferAction| match action {
        OfferAction::Callback => true,
        OfferAction::Message(step) => match &flow.step(*step).kind {
            StepKind::Voicemail(voicemail) => voicemail.callback,
            StepKind::Callback(_) => true,
            _ => false,
        },
        OfferAction::QuietHours | OfferAction::Continue => false,
    };
    let offers = |wanted: &dyn Fn(&OfferAction) -> bool| {
        queue.busy.iter().flat_map(|busy| &busy.offers).any(|offer| wanted(&offer.action))
    };
    [
        (queue.announce.rank.is_some(), ("le rang", "the rank")),
        (queue.announce.wait.is_some(), ("l'attente estimée", "the expected wait")),
        (offers(&|action| *action == OfferAction::QuietHours), ("les heures plus calmes", "quieter hours")),
        (offers(&calls_back), ("un rappel", "a callback")),
    ]
    .into_iter()
    .filter_map(|(there, words)| there.then_some(words))
    .collect()
}

fn closed(flow: &Program) -> Option<Fact> {
    let step = flow.step(flow.closed?);
    Some(Fact {
        fr: format!("Parcours {} : quand c'est fermé, l'appelant arrive à l'étape {}.", name(flow), step.name),
        en: format!("Flow {}: when it is closed, the caller comes to the step {}.", name(flow), step.name),
    })
}

fn numbers(service: &Service) -> Fact {
    let mut all: Vec<&str> = service.flows.iter().flat_map(|flow| &flow.numbers).map(|n| n.as_str()).collect();
    all.extend(service.card.phones.iter().map(|phone| phone.number.as_str()));
    for step in service.flows.iter().flat_map(|flow| &flow.steps) {
        if let StepKind::Transfer(transfer) = &step.kind {
            all.push(transfer.to.as_str());
        }
    }
    all.sort_unstable();
    all.dedup();
    let (name, all) = (&service.name, all.join(", "));
    Fact {
        fr: format!("Service {name} : les numéros auxquels il répond, ceux de la fiche et des transferts sont {all}."),
        en: format!("Service {name}: the numbers that it answers, of the card and of transfers are {all}."),
    }
}

fn relay(service: &Service) -> Option<Fact> {
    if service.card.relay.numbers.is_empty() {
        return None;
    }
    let numbers: Vec<&str> = service.card.relay.numbers.iter().map(|n| n.as_str()).collect();
    let (name, numbers) = (&service.name, numbers.join(", "));
    Some(Fact {
        fr: format!("Service {name} : les appels des relais {numbers} vont droit à un agent."),
        en: format!("Service {name}: calls of the relays {numbers} go straight to an agent."),
    })
}

fn survey(flow: &Program) -> Option<Fact> {
    let step = flow.steps.iter().find(|step| matches!(step.kind, StepKind::Survey(_)))?;
    Some(Fact {
        fr: format!("Parcours {} : l'étape {} demande une note.", name(flow), step.name),
        en: format!("Flow {}: the step {} asks for a mark.", name(flow), step.name),
    })
}

/// A flow's name with its service's.
fn name(flow: &Program) -> String {
    format!("{}/{}", flow.service, flow.name)
}

fn tells(step: &Step, topic: Topic) -> bool {
    matches!(&step.kind, StepKind::Tell(tell) if tell.topics.contains(&topic))
}

/// In French nought is singular.
fn french(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count < 2 { one } else { several })
}

fn english(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

fn or_nothing(list: &[String], nothing: &str) -> String {
    if list.is_empty() { nothing.to_owned() } else { list.join(", ") }
}
