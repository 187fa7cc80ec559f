use crate::base::Language;
use crate::flow::Program;
use crate::service::{Card, Closure, Hours};

use super::aspect::{Aspect, aspect, heard};

/// What a caller can hear of the card, and who is connected straight to an agent.
pub(super) fn card(card: &Card, language: Language) -> Vec<Aspect> {
    let words = words(language);
    let mut all = vec![aspect(words.name, card.name.to_string()), hours(words.phone_hours, &card.phone_hours)];
    all.extend(card.desk_hours.as_ref().map(|h| hours(words.desk_hours, h)));
    all.extend(card.busy.as_ref().map(|h| hours(words.busy, h)));
    all.extend(card.quiet.as_ref().map(|h| hours(words.quiet, h)));
    all.extend(card.phones.iter().map(|p| aspect(format!("{} {}", words.phone, p.number), heard(&p.purpose))));
    all.extend(card.emails.iter().map(|e| aspect(format!("{} {}", words.email, e.address), heard(&e.purpose))));
    all.extend(card.websites.iter().map(|w| aspect(format!("{} {}", words.website, w.url), heard(&w.purpose))));
    if let Some(desk) = &card.desk {
        all.push(aspect(words.address, heard(&desk.address)));
        all.extend(desk.access.as_ref().map(|a| aspect(words.access, heard(a))));
    }
    all.extend(card.appointments.as_ref().map(|a| aspect(words.appointments, heard(a))));
    for procedure in &card.procedures {
        let told = [Some(&procedure.essentials), procedure.agent.as_ref()].into_iter().flatten().map(heard);
        let told = told.chain(procedure.online.iter().cloned()).collect::<Vec<_>>();
        all.push(aspect(heard(&procedure.name), told.join(", ")));
    }
    all.extend(
        card.phone_hours.closures().iter().map(|c| {
            aspect(format!("{} {}", words.closure, days(c)), c.reason.as_ref().map_or_else(String::new, heard))
        }),
    );
    let relay = &card.relay;
    all.extend(relay.numbers.iter().map(|r| aspect(format!("{} {r}", words.relay), words.straight)));
    all
}

/// What holds in a whole flow; `called` gives a step its name of today.
pub(super) fn head(program: &Program, language: Language, called: &dyn Fn(&str) -> String) -> Vec<Aspect> {
    let words = words(language);
    let step = |id| called(&program.step(id).name);
    let mut all: Vec<Aspect> =
        program.numbers.iter().map(|n| aspect(format!("{} {n}", words.number), words.answers)).collect();
    all.push(aspect(words.language, program.language.code()));
    all.push(aspect(words.start, step(program.start)));
    all.push(aspect(words.zero, step(program.agent)));
    all.extend(program.closed.map(|id| aspect(words.closed, step(id))));
    all.extend(program.keys.iter().map(|(key, to)| aspect(format!("{} {key}", words.key), step(*to))));
    all.extend(program.notice.map(|n| aspect(words.notice, n.word())));
    all
}

fn days(closure: &Closure) -> String {
    if closure.from == closure.to { closure.from.to_string() } else { format!("{}–{}", closure.from, closure.to) }
}

fn hours(subject: &str, hours: &Hours) -> Aspect {
    aspect(subject, hours.text())
}

struct Words {
    name: &'static str,
    phone_hours: &'static str,
    desk_hours: &'static str,
    busy: &'static str,
    quiet: &'static str,
    phone: &'static str,
    email: &'static str,
    website: &'static str,
    address: &'static str,
    access: &'static str,
    appointments: &'static str,
    relay: &'static str,
    straight: &'static str,
    closure: &'static str,
    number: &'static str,
    key: &'static str,
    answers: &'static str,
    language: &'static str,
    start: &'static str,
    zero: &'static str,
    closed: &'static str,
    notice: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &FRENCH,
        Language::En => &ENGLISH,
    }
}

const FRENCH: Words = Words {
    name: "le nom",
    phone_hours: "les horaires du téléphone",
    desk_hours: "les horaires de l'accueil",
    busy: "les heures chargées",
    quiet: "les heures calmes",
    phone: "le téléphone",
    email: "le courriel",
    website: "le site",
    address: "l'adresse",
    access: "l'accès",
    appointments: "le rendez-vous",
    relay: "le relais",
    straight: "directement vers un agent",
    closure: "fermé",
    number: "le numéro",
    key: "partout, la touche",
    answers: "répond",
    language: "la langue au début",
    start: "la première étape",
    zero: "0, le silence et le désarroi mènent à",
    closed: "fermé, qui veut un agent va à",
    notice: "l'avertissement avant la file",
};

const ENGLISH: Words = Words {
    name: "the name",
    phone_hours: "the phone's hours",
    desk_hours: "the desk's hours",
    busy: "the busy hours",
    quiet: "the quiet hours",
    phone: "the phone",
    email: "the e-mail",
    website: "the web site",
    address: "the address",
    access: "the access",
    appointments: "appointments",
    relay: "the relay",
    straight: "straight to an agent",
    closure: "closed",
    number: "the number",
    key: "everywhere, key",
    answers: "answers",
    language: "the language at the start",
    start: "the first step",
    zero: "0, silence and despair lead to",
    closed: "closed, who wants an agent goes to",
    notice: "the notice before the queue",
};
