use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::week::{Told, Week, day_name, osm};
use super::{Address, Record};
use crate::base::PhoneNumber;
use crate::diag::Severity;
use crate::service::{Card, Hours};

/// Something that the card and the directory say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The place in the card, as [`crate::service::CardProblem::path`].
    pub path: Vec<String>,
    /// `annuaire-hours`, `annuaire-contact`, `annuaire-address`, `annuaire-comment` or `annuaire-unclear`.
    pub code: &'static str,
    /// A warning where a person has to compare.
    pub severity: Severity,
    /// One phrase.
    pub message: String,
    /// What the directory has.
    pub label: String,
    /// What to do.
    pub help: &'static str,
}

/// Where the card and its record in the directory disagree: hours, phones, e-mails, web sites, address.
///
/// Hours with a remark and free words can't be compared: they are shown, as warnings.
pub fn compare(card: &Card, record: &Record) -> Vec<Difference> {
    let mut out = Vec::new();
    let phones = card.phones.iter().map(|phone| phone.number.international().to_string());
    let theirs = record.telephone.iter().map(|line| match PhoneNumber::parse(&line.valeur) {
        Ok(number) => (number.international().to_string(), line.valeur.clone()),
        Err(_) => (line.valeur.clone(), line.valeur.clone()),
    });
    channel(&mut out, "phones", phones.collect(), theirs.collect());
    let emails = card.emails.iter().map(|email| email.address.to_lowercase());
    let theirs = record.adresse_courriel.iter().map(|address| (address.to_lowercase(), address.clone()));
    channel(&mut out, "emails", emails.collect(), theirs.collect());
    let sites = card.websites.iter().map(|site| if is_everybodys(&site.url) { String::new() } else { bare(&site.url) });
    let forms = record.formulaire_contact.iter();
    let theirs = record.site_internet.iter().map(|site| &site.valeur).chain(forms);
    channel(&mut out, "websites", sites.collect(), theirs.map(|url| (bare(url), url.clone())).collect());
    address(card, record, &mut out);
    hours(card, record, &mut out);
    out
}

fn path(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// One list of contacts against the other: `ours` comparable, `theirs` comparable and as written.
/// What is empty among ours is nobody's to compare.
fn channel(out: &mut Vec<Difference>, key: &'static str, ours: Vec<String>, theirs: Vec<(String, String)>) {
    let known: BTreeSet<&str> = theirs.iter().map(|(comparable, _)| comparable.as_str()).collect();
    for (i, own) in ours.iter().enumerate().filter(|(_, own)| !own.is_empty() && !known.contains(own.as_str())) {
        out.push(Difference {
            path: path(&[key, &i.to_string()]),
            code: "annuaire-contact",
            severity: Severity::Error,
            message: format!("the directory does not have `{own}`"),
            label: match &theirs[..] {
                [] => "the directory has none".to_owned(),
                theirs => format!("the directory has {}", named(theirs.iter().map(|(_, written)| written))),
            },
            help: CHANGE,
        });
    }
    for (comparable, written) in theirs.iter().filter(|(comparable, _)| !ours.contains(comparable)) {
        let known = is_everybodys(comparable);
        out.extend((!known).then(|| Difference {
            path: path(&[key]),
            code: "annuaire-contact",
            severity: Severity::Error,
            message: format!("the directory has `{written}`, the card has not"),
            label: "not here".to_owned(),
            help: CHANGE,
        }));
    }
}

fn named<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A web address without what makes no difference.
fn bare(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let url = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(&url);
    url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/').to_owned()
}

/// The site of all services, which no record lists as its own.
fn is_everybodys(url: &str) -> bool {
    crate::service::is_service_public(url)
}

fn address(card: &Card, record: &Record, out: &mut Vec<Difference>) {
    let (ours, theirs) = (card.desk.as_ref(), record.desk());
    let differs = |path, message: &str, label| Difference {
        path,
        code: "annuaire-address",
        severity: Severity::Error,
        message: message.to_owned(),
        label,
        help: CHANGE,
    };
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if !same_place(&ours.address.fr, theirs) => {
            let label = format!("the directory has `{}`", theirs.line());
            out.push(differs(path(&["desk", "address"]), "the directory has another address", label));
        }
        (Some(_), None) => {
            let label = "the directory has none".to_owned();
            out.push(differs(path(&["desk", "address"]), "the directory has no address", label));
        }
        (None, Some(theirs)) => {
            let message = format!("the directory has the address `{}`, the card has no desk", theirs.line());
            out.push(differs(path(&["name"]), &message, "no `desk:`".to_owned()));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    let said = ours.is_some_and(|desk| desk.access.is_none());
    if let Some(theirs) = theirs.filter(|theirs| said && !theirs.note_accessibilite.is_empty()) {
        let note = &theirs.note_accessibilite;
        let message = format!("the directory says of the access: « {note} »");
        out.push(differs(path(&["desk"]), &message, "no `access:`".to_owned()));
    }
}

/// Whether a line names the street and the town of a record, whatever its accents, its
/// abbreviations and its order. A postal code that is another is another place.
fn same_place(line: &str, address: &Address) -> bool {
    let ours: BTreeSet<String> = words(line).collect();
    let codes: Vec<&String> =
        ours.iter().filter(|word| word.len() == 5 && word.bytes().all(|b| b.is_ascii_digit())).collect();
    let other_code = !address.code_postal.is_empty() && !codes.is_empty() && !codes.contains(&&address.code_postal);
    let theirs = words(&address.numero_voie).chain(words(&address.nom_commune));
    !other_code && theirs.filter(|word| !SMALL.contains(&word.as_str())).all(|word| ours.contains(&word))
}

/// The words of an address without accents, in full.
fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String = text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    let words: Vec<String> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(in_full).collect();
    words.into_iter()
}

fn in_full(word: &str) -> String {
    SHORT.iter().find(|(short, _)| *short == word).map_or(word, |(_, full)| full).to_owned()
}

fn hours(card: &Card, record: &Record, out: &mut Vec<Difference>) {
    let told = Told::read(&record.plage_ouverture);
    let (ours, place) = match (record.desk(), &card.desk_hours) {
        (Some(_), Some(desk)) => (Some(desk), path(&["hours", "desk"])),
        (Some(_), None) => (None, path(&["hours"])),
        (None, _) => (Some(&card.phone_hours), path(&["hours", "phone"])),
    };
    let differs = match ours {
        None if record.plage_ouverture.is_empty() => None,
        Some(_) if record.plage_ouverture.is_empty() => {
            Some(("the directory has no hours".to_owned(), "the directory has none".to_owned()))
        }
        None => {
            let theirs = format!("the directory has `{}`", osm(&told.every_week));
            Some(("the directory has hours of the desk, the card has none".to_owned(), theirs))
        }
        Some(ours) => other_days(ours, &told).map(|(days, theirs)| {
            (format!("the directory has other hours on {days}"), format!("the directory has `{theirs}`"))
        }),
    };
    out.extend(differs.map(|(message, label)| Difference {
        path: place.clone(),
        code: "annuaire-hours",
        severity: Severity::Error,
        message,
        label,
        help: CHANGE,
    }));
    let shown = |code, message| Difference {
        path: place.clone(),
        code,
        severity: Severity::Warning,
        message,
        label: "can't be compared by a program".to_owned(),
        help: "read whether the card says the same",
    };
    for (week, remark) in &told.remarked {
        let message = format!("the directory has `{}` with a remark: « {remark} »", osm(week));
        out.push(shown("annuaire-comment", message));
    }
    for line in &told.unclear {
        out.push(shown("annuaire-unclear", format!("the directory has hours that can't be read: {line}")));
    }
    if !record.commentaire_plage_ouverture.is_empty() {
        let words = &record.commentaire_plage_ouverture;
        out.push(shown("annuaire-comment", format!("the directory says of the hours: « {words} »")));
    }
}

/// The weekdays that have other hours, and the directory's hours of them. Days with a remark are
/// left to a person.
fn other_days(ours: &Hours, told: &Told) -> Option<(String, String)> {
    let own: Week = ours.week();
    let others: Vec<usize> =
        (0..7).filter(|day| !told.is_remarked(*day) && own[*day] != told.every_week[*day]).collect();
    if others.is_empty() {
        return None;
    }
    let names: Vec<String> = others.iter().map(|day| day_name(*day).to_lowercase()).collect();
    let theirs =
        osm(&std::array::from_fn(|day| if others.contains(&day) { told.every_week[day].clone() } else { Vec::new() }));
    Some((names.join(", "), if theirs.is_empty() { "off".to_owned() } else { theirs }))
}

const CHANGE: &str = "change the one that is wrong, so that citizens are told the same everywhere";
/// Words that an address may leave out.
const SMALL: [&str; 8] = ["a", "au", "d", "de", "des", "du", "l", "la"];
/// As addresses shorten words.
const SHORT: [(&str, &str); 9] = [
    ("all", "allee"),
    ("av", "avenue"),
    ("bd", "boulevard"),
    ("bld", "boulevard"),
    ("pl", "place"),
    ("rte", "route"),
    ("sq", "square"),
    ("st", "saint"),
    ("ste", "sainte"),
];
