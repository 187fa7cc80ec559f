use chrono::Datelike;

use super::week::{Week, day_name, openings};
use super::{Address, Line, Link, Record};
use crate::base::WallTime;
use crate::service::{Card, Closure, DayHours, Desk, Hours};

/// The record that the directory should have of a card: what it has fields for in its fields, the
/// rest (closures, the phone's hours) in its words. What the card has in two languages is given in French.
pub fn record_of(card: &Card, now: WallTime) -> Record {
    // Hours of a record with an address are those of its desk.
    let (hours, phone) = match &card.desk {
        Some(_) => (card.desk_hours.as_ref(), phone_words(&card.phone_hours)),
        None => (Some(&card.phone_hours), String::new()),
    };
    let (plage_ouverture, beyond) = hours.map(|hours| openings(&hours.week())).unwrap_or_default();
    let (date, time) = card.phone_hours.local(now);
    Record {
        id: card.annuaire.as_deref().unwrap_or_default().to_owned(),
        nom: card.name.to_string(),
        telephone: card
            .phones
            .iter()
            .map(|phone| Line { valeur: spaced(&phone.number.national()), description: phone.purpose.fr.to_string() })
            .collect(),
        adresse_courriel: card.emails.iter().map(|email| email.address.clone()).collect(),
        site_internet: card
            .websites
            .iter()
            .map(|site| Link { libelle: site.purpose.fr.to_string(), valeur: site.url.clone() })
            .collect(),
        adresse: card.desk.iter().map(address).collect(),
        plage_ouverture,
        commentaire_plage_ouverture: hours.map(|hours| remarks(hours, beyond, now)).unwrap_or_default(),
        information_complementaire: phone,
        date_modification: format!("{} {time}:00", date.format("%d/%m/%Y")),
        ..Record::default()
    }
}

/// The card's one line, with its postal code and town apart where they can be told.
fn address(desk: &Desk) -> Address {
    let line = desk.address.fr.trim();
    let town = |part: &str| {
        let (code, town) = part.trim().split_once(' ')?;
        let is_code = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| (code.to_owned(), town.trim().to_owned()))
    };
    let split = line.rsplit_once(", ").and_then(|(street, rest)| Some((street, town(rest)?)));
    let (street, (code_postal, nom_commune)) = split.unwrap_or((line, (String::new(), String::new())));
    Address {
        type_adresse: "Adresse".to_owned(),
        numero_voie: street.to_owned(),
        code_postal,
        nom_commune,
        note_accessibilite: desk.access.as_ref().map(|access| access.fr.to_string()).unwrap_or_default(),
        ..Address::default()
    }
}

/// What the week does not say: holidays, closures, other hours of a day in the year that comes.
fn remarks(hours: &Hours, beyond: Vec<String>, now: WallTime) -> String {
    let (today, _) = hours.local(now);
    let mut words = beyond;
    if hours.text().contains("PH off") {
        words.push("Fermé les jours fériés.".to_owned());
    }
    words.extend(hours.closures().iter().filter(|closure| closure.to >= today).map(closure));
    words.join(" ")
}

fn closure(closure: &Closure) -> String {
    let day = |date: chrono::NaiveDate| format!("{:02}/{:02}/{}", date.day(), date.month(), date.year());
    let when = match closure.from == closure.to {
        true => format!("Fermé le {}", day(closure.from)),
        false => format!("Fermé du {} au {}", day(closure.from), day(closure.to)),
    };
    match &closure.reason {
        Some(reason) => format!("{when} ({}).", reason.fr.trim().trim_end_matches('.')),
        None => format!("{when}."),
    }
}

/// The phone's own hours: the directory has no field for them.
fn phone_words(hours: &Hours) -> String {
    let week: Week = hours.week();
    let day = |(nth, times): (usize, &DayHours)| {
        let times: Vec<String> = times.iter().map(|(from, to)| format!("{from}-{to}")).collect();
        (!times.is_empty()).then(|| format!("{} {}", day_name(nth).to_lowercase(), times.join(" et ")))
    };
    let days: Vec<String> = week.iter().enumerate().filter_map(day).collect();
    format!("Accueil téléphonique : {}.", days.join(", "))
}

/// Ten digits in pairs.
fn spaced(number: &str) -> String {
    if number.len() != 10 || number.starts_with('+') {
        return number.to_owned();
    }
    let pairs: Vec<&str> = number.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok()).collect();
    pairs.join(" ")
}
