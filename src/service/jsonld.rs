use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

use super::card::{Card, Desk};
use super::exceptions::Exception;
use super::hours::{DayHours, Hours};
use super::time_of_day::TimeOfDay;
use crate::base::{Language, Localized, WallTime};

/// The card as [schema.org](https://schema.org/GovernmentOffice) data: what search engines and assistants
/// read in a page. Holidays, closures and other hours are told for the year that comes.
pub fn json_ld(language: Language, card: &Card, now: WallTime) -> Value {
    let text = |text: &Localized| text.get(language).to_string();
    let hours = card.desk_hours.as_ref().unwrap_or(&card.phone_hours);
    let mut office = Map::new();
    let mut put = |key: &str, value: Value| office.insert(key.to_owned(), value);
    put("@context", json!("https://schema.org"));
    put("@type", json!("GovernmentOffice"));
    put("name", json!(&*card.name));
    if let Some(id) = &card.annuaire {
        let property =
            json!({ "@type": "PropertyValue", "propertyID": "annuaire de l’administration", "value": &**id });
        put("identifier", property);
    }
    if let Some(phone) = card.phones.first() {
        put("telephone", json!(phone.number.international().as_str()));
    }
    if let Some(email) = card.emails.first() {
        put("email", json!(email.address));
    }
    if let Some(own) = card.websites.iter().find(|site| !super::is_service_public(&site.url)) {
        put("url", json!(own.url));
    }
    if let Some(desk) = &card.desk {
        put("address", address(language, desk));
        if let Some(access) = &desk.access {
            let name = ["Accès", "Access"][language as usize];
            let feature = json!({ "@type": "LocationFeatureSpecification", "name": name, "value": text(access) });
            put("amenityFeature", feature);
        }
    }
    put("isAccessibleForFree", json!(true));
    put("publicAccess", json!(card.desk.is_some()));
    put("openingHoursSpecification", json!(specifications(hours, now)));
    let contacts = contacts(language, card, now);
    if !contacts.is_empty() {
        put("contactPoint", json!(contacts));
    }
    Value::Object(office)
}

/// The JSON as it may stand inside a `script` element.
pub fn json_ld_script(language: Language, card: &Card, now: WallTime) -> String {
    json_ld(language, card, now).to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn address(language: Language, desk: &Desk) -> Value {
    let line = desk.address.get(language).trim();
    let town = |part: &str| {
        let (code, town) = part.trim().split_once(' ')?;
        let is_code = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| (code.to_owned(), town.trim().to_owned()))
    };
    match line.rsplit_once(", ").and_then(|(street, rest)| Some((street, town(rest)?))) {
        Some((street, (code, town))) => json!({
            "@type": "PostalAddress", "streetAddress": street, "postalCode": code, "addressLocality": town,
            "addressCountry": "FR",
        }),
        None => json!({ "@type": "PostalAddress", "streetAddress": line, "addressCountry": "FR" }),
    }
}

/// Phones and e-mails with their purposes, the phones with their hours; the relay for who can't hear.
fn contacts(language: Language, card: &Card, now: WallTime) -> Vec<Value> {
    let point = |purpose: &str| json!({ "@type": "ContactPoint", "contactType": purpose });
    let hours = specifications(&card.phone_hours, now);
    let mut all = Vec::new();
    for phone in &card.phones {
        let mut contact = point(phone.purpose.get(language));
        contact["telephone"] = json!(phone.number.international().as_str());
        contact["hoursAvailable"] = json!(hours);
        all.push(contact);
    }
    for email in &card.emails {
        let mut contact = point(email.purpose.get(language));
        contact["email"] = json!(email.address);
        all.push(contact);
    }
    for site in &card.websites {
        let mut contact = point(site.purpose.get(language));
        contact["url"] = json!(site.url);
        all.push(contact);
    }
    if let Some(site) = &card.relay.site {
        let mut contact = point(["relais téléphonique", "relay service"][language as usize]);
        contact["url"] = json!(site);
        contact["contactOption"] = json!("https://schema.org/HearingImpairedSupported");
        let own = card.relay.hours.as_ref().map(|relay| specifications(relay, now));
        contact["hoursAvailable"] = json!(own.unwrap_or(hours));
        all.push(contact);
    }
    all
}

/// The ordinary week, equal days together, then every day of the coming year that is unlike it.
fn specifications(hours: &Hours, now: WallTime) -> Vec<Value> {
    let week = hours.week_at(now);
    let mut groups: Vec<(&DayHours, Vec<usize>)> = Vec::new();
    for (day, times) in week.iter().enumerate().filter(|(_, times)| !times.is_empty()) {
        match groups.iter_mut().find(|(known, _)| *known == times) {
            Some((_, days)) => days.push(day),
            None => groups.push((times, vec![day])),
        }
    }
    let days = |days: &[usize]| days.iter().map(|day| format!("https://schema.org/{}", DAYS[*day])).collect::<Vec<_>>();
    let usual = groups.iter().flat_map(|(times, on)| {
        times.iter().map(|time| {
            let mut specification = open(*time);
            specification["dayOfWeek"] = json!(days(on));
            specification
        })
    });
    usual.chain(hours.exceptions(now, YEAR).iter().flat_map(exception)).collect()
}

fn exception(exception: &Exception) -> Vec<Value> {
    let on = |mut specification: Value| {
        specification["validFrom"] = json!(day(exception.from));
        specification["validThrough"] = json!(day(exception.to));
        specification
    };
    match &exception.hours[..] {
        // Open and closed at the same time is closed all day.
        [] => vec![on(json!({ "@type": "OpeningHoursSpecification", "opens": "00:00", "closes": "00:00" }))],
        times => times.iter().map(|time| on(open(*time))).collect(),
    }
}

/// Times that pass midnight close earlier than they open; `24:00` is the day's last minute.
fn open((from, to): (TimeOfDay, TimeOfDay)) -> Value {
    let to = if to == TimeOfDay::END { TimeOfDay::LAST_MINUTE } else { to };
    let clock = |time: TimeOfDay| format!("{:02}:{:02}", time.hour(), time.minute());
    json!({ "@type": "OpeningHoursSpecification", "opens": clock(from), "closes": clock(to) })
}

fn day(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Days ahead.
const YEAR: usize = 366;
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::CardDocument;

    /// Wednesday 25 November 2026, ten in the morning in Paris.
    const NOW: WallTime = WallTime::from_millis(1_795_597_200_000);

    fn card(yaml: &str) -> Card {
        let document: CardDocument = serde_yaml::from_str(yaml).unwrap();
        Card::build(document).unwrap()
    }

    #[test]
    fn the_shipped_card_is_an_office_with_its_week_its_holidays_and_its_contacts() {
        let card = card(include_str!("../../flows/france-services/service.yaml"));
        insta::assert_snapshot!(serde_json::to_string_pretty(&json_ld(Language::Fr, &card, NOW)).unwrap());
    }

    #[test]
    fn closures_and_other_hours_are_valid_on_their_days() {
        let card = card(
            "name: Mairie\ndesk: { address: \"1 place du Marché, 93100 Montreuil\" }\n\
             hours: { phone: \"Mo-Fr 22:00-02:00; Sa 00:00-24:00; 2026 Dec 2 10:00-12:00; PH off\" }\n\
             closures: [{ from: \"2026-12-24\", to: \"2026-12-31\" }]\n",
        );
        let office = json_ld(Language::Fr, &card, NOW);
        assert_eq!(office["address"]["postalCode"], "93100");
        let all = office["openingHoursSpecification"].as_array().unwrap();
        let on = |from: &str| all.iter().filter(|s| s["validFrom"] == from).collect::<Vec<_>>();
        let closed = on("2026-12-24");
        assert_eq!((closed.len(), &closed[0]["validThrough"]), (1, &json!("2026-12-31")));
        assert_eq!((&closed[0]["opens"], &closed[0]["closes"]), (&json!("00:00"), &json!("00:00")));
        assert_eq!(on("2026-12-02")[0]["opens"], "10:00");
        let nights = all.iter().find(|s| s["opens"] == "22:00" && s.get("validFrom").is_none()).unwrap();
        assert_eq!(nights["closes"], "02:00");
    }

    #[test]
    fn nothing_of_a_card_can_end_the_script_that_it_stands_in() {
        let card = card("name: \"</script><b>&\"\nhours: { phone: 24/7 }");
        let script = json_ld_script(Language::Fr, &card, NOW);
        assert!(!script.contains('<') && !script.contains('&'), "{script}");
        assert_eq!(serde_json::from_str::<Value>(&script).unwrap()["name"], "</script><b>&");
    }
}
