use crate::base::{Language, Localized};
use crate::flow::{Program, Step, StepKind};
use crate::service::{Card, HoursKind, Topic};

use super::{Role, StepBox};

/// The box of a step: its word, and what is heard or chosen there.
pub(super) fn step_box(program: &Program, step: &Step, language: Language) -> StepBox {
    let said = |text: &Localized| vec![quoted(text, language)];
    let (verb, role, lines) = match &step.kind {
        StepKind::Say(say) => ("say", Role::Says, said(&say.text)),
        StepKind::Menu(menu) => {
            let choice = |c: &crate::flow::Choice| {
                format!("{}  {}", c.key, cut(c.purpose.get(c.language.unwrap_or(language)), LINE - 3))
            };
            let ask = menu.ask.iter().map(|ask| quoted(ask, language));
            ("menu", Role::Asks, ask.chain(menu.choices.iter().map(choice)).collect())
        }
        StepKind::Hours(hours) => ("hours", Role::Decides, vec![opening(&program.card, hours.kind)]),
        StepKind::Tell(tell) => {
            let topics: Vec<&str> = tell.topics.iter().map(|topic| topic_word(language, *topic)).collect();
            ("tell", Role::Says, vec![cut(&topics.join(", "), LINE)])
        }
        StepKind::Collect(collect) => ("collect", Role::Asks, said(&collect.ask)),
        StepKind::Queue(queue) => ("queue", Role::Human, vec![queue.queue.to_string()]),
        StepKind::Transfer(transfer) => ("transfer", Role::Human, vec![transfer.to.to_string()]),
        StepKind::Voicemail(voicemail) => (voicemail.taking.verb(), Role::Keeps, said(&voicemail.ask)),
        StepKind::Callback(callback) => ("callback", Role::Keeps, vec![callback.queue.to_string()]),
        StepKind::Survey(survey) => ("survey", Role::Asks, said(&survey.ask)),
        StepKind::Set(set) => {
            let names: Vec<&str> = set.assignments.iter().map(|a| program.variable(a.to)).collect();
            ("set", Role::Decides, vec![cut(&names.join(", "), LINE)])
        }
        StepKind::Lookup(lookup) => {
            let said = lookup.say.iter().map(|text| quoted(text, language));
            ("lookup", Role::Decides, said.chain([cut(&lookup.url.written, LINE)]).collect())
        }
        // Its conditions are on the arrows.
        StepKind::Choose(_) => ("choose", Role::Decides, Vec::new()),
        StepKind::Goto(_) => ("goto", Role::Decides, Vec::new()),
        StepKind::Hangup(hangup) => ("hangup", Role::Ends, hangup.text.iter().flat_map(said).collect()),
    };
    StepBox { name: step.name.clone(), verb, role, lines }
}

fn quoted(text: &Localized, language: Language) -> String {
    let text = cut(text.get(language), LINE - 4);
    match language {
        Language::Fr => format!("« {text} »"),
        Language::En => format!("“{text}”"),
    }
}

fn opening(card: &Card, kind: HoursKind) -> String {
    card.hours(kind).map_or_else(String::new, |hours| cut(hours.text(), LINE))
}

fn topic_word(language: Language, topic: Topic) -> &'static str {
    match (language, topic) {
        (Language::Fr, Topic::Hours) => "horaires",
        (Language::Fr, Topic::Contact) => "contacts",
        (Language::Fr, Topic::Address) => "adresse",
        (Language::Fr, Topic::Appointments) => "rendez-vous",
        (Language::Fr, Topic::Busy) => "heures chargées",
        (Language::Fr, Topic::Quiet) => "heures calmes",
        (Language::Fr, Topic::Procedure(_)) => "démarche",
        (Language::En, Topic::Hours) => "hours",
        (Language::En, Topic::Contact) => "contacts",
        (Language::En, Topic::Address) => "address",
        (Language::En, Topic::Appointments) => "appointments",
        (Language::En, Topic::Busy) => "busy hours",
        (Language::En, Topic::Quiet) => "quiet hours",
        (Language::En, Topic::Procedure(_)) => "procedure",
    }
}

/// The text, or its beginning up to a whole word with an ellipsis, in at most so many letters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let begin: String = text.chars().take(most - 1).collect();
    let whole = begin.rfind(' ').filter(|at| *at > most / 2).unwrap_or(begin.len());
    format!("{}…", begin[..whole].trim_end_matches([',', '.', ' ', ':']))
}

/// No line of a box has more letters.
const LINE: usize = 42;
