//! Real records of the directory, and made-up ones for what they don't have; see `tests/annuaire/README.md`.

use proptest::prelude::*;

use super::week::osm;
use super::*;
use crate::base::WallTime;
use crate::diag::Severity;
use crate::service::{Card, CardDocument};

const FONTAINE: &str = include_str!("../../../tests/annuaire/fontaine-le-port.json");
const SANDILLON: &str = include_str!("../../../tests/annuaire/sandillon.json");
const MISSION: &str = include_str!("../../../tests/annuaire/mission-locale-paris.json");
const GRENOBLE: &str = include_str!("../../../tests/annuaire/grenoble.json");
const SYNTHETIC: &str = include_str!("../../../tests/annuaire/synthetic.json");
const MONTREUIL: &str = include_str!("../../../flows/france-services/service.yaml");

/// 25 November 2026, ten in the morning in Paris.
const NOW: WallTime = WallTime::from_millis(1_795_597_200_000);

fn record(json: &str, id: Option<&str>) -> Record {
    find(json, id).unwrap().record.unwrap()
}

fn synthetic(nth: u32) -> Record {
    record(SYNTHETIC, Some(&format!("synthetic-000{nth}")))
}

fn card(yaml: &str) -> Card {
    let document: CardDocument = serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}:\n{yaml}"));
    Card::build(document).unwrap_or_else(|problems| panic!("{problems:?}:\n{yaml}"))
}

/// The file, and below it what a person has to look at.
fn imported(record: &Record) -> String {
    let Imported { yaml, findings } = import(record);
    let told = findings.iter().map(|finding| format!("{}: {} ({})", finding.code, finding.message, finding.help));
    format!("{yaml}---\n{}", told.collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_published_file_and_the_api_are_read_alike() {
    let published = record(FONTAINE, None);
    assert_eq!(published.telephone, [Line { valeur: "01 64 38 30 52".into(), description: String::new() }]);
    assert_eq!(published.desk().unwrap().line(), "3 rue du Général-Roux, 77590 Fontaine-le-Port");
    let api = record(GRENOBLE, Some("MSAP-38185-03"));
    assert_eq!(api.adresse_courriel, ["busfs.isere@pimmsmediation.fr"], "a bare text is a list of one");
    assert_eq!(api.plage_ouverture.len(), 1, "a list in a string is a list");
    assert_eq!(api.desk().unwrap().nom_commune, "Grenoble");
}

#[test]
fn a_record_is_found_by_its_identifier_or_by_being_alone() {
    assert_eq!(find(SYNTHETIC, Some("synthetic-0004")).unwrap().record.unwrap().code_insee_commune, "67482");
    let several = find(SYNTHETIC, None).unwrap();
    assert_eq!((several.record, several.count), (None, 4));
    assert_eq!(several.first[3], ("synthetic-0004".to_owned(), "SYNTHETIC - By phone only".to_owned()));
    assert_eq!(find(SYNTHETIC, Some("")).unwrap().record, None);
    assert_eq!(find(r#"{"nom": "Mairie"}"#, None).unwrap().record.unwrap().nom, "Mairie");
    assert!(find("{}", None).unwrap_err().starts_with("this is no record of the annuaire"));
    assert!(find("[{]", None).unwrap_err().contains("line 1"));
}

#[test]
fn what_is_made_up_says_so_and_what_is_real_has_its_source() {
    let readme = include_str!("../../../tests/annuaire/README.md");
    for (file, real) in [
        ("fontaine-le-port", FONTAINE),
        ("sandillon", SANDILLON),
        ("mission-locale-paris", MISSION),
        ("grenoble", GRENOBLE),
    ] {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{file}.json` |"))).unwrap();
        assert!(row.contains("](https://github.com/"), "{row}");
        assert!(!real.contains("SYNTHETIC"), "{file}");
    }
    let made_up: serde_json::Value = serde_json::from_str(SYNTHETIC).unwrap();
    for service in made_up["service"].as_array().unwrap() {
        assert!(service["nom"].as_str().unwrap().starts_with("SYNTHETIC - "), "{}", service["nom"]);
        assert!(service["id"].as_str().unwrap().starts_with("synthetic-"), "{}", service["id"]);
    }
}

#[test]
fn an_exception_in_free_words_is_shown_and_never_made_hours() {
    insta::assert_snapshot!("import_fontaine", imported(&record(FONTAINE, None)));
    insta::assert_snapshot!("import_sandillon", imported(&record(SANDILLON, None)));
    insta::assert_snapshot!("import_mission", imported(&record(MISSION, None)));
}

#[test]
fn a_record_without_exceptions_becomes_a_card_with_what_it_says() {
    insta::assert_snapshot!("import_grenoble", imported(&record(GRENOBLE, None)));
}

#[test]
fn what_can_not_be_read_as_hours_is_shown_as_it_is_written() {
    insta::assert_snapshot!("import_odd", imported(&synthetic(3)));
}

#[test]
fn without_a_desk_the_hours_are_those_of_the_phone_and_the_card_is_whole() {
    let Imported { yaml, findings } = import(&synthetic(4));
    assert_eq!(findings, []);
    let card = card(&yaml);
    assert_eq!(card.phone_hours.text(), "Mo-Fr 08:30-17:30; PH off");
    assert!(yaml.contains("region: alsace-moselle"), "{yaml}");
    assert_eq!(compare(&card, &synthetic(4)), []);
}

/// Each difference in a line.
fn differences(card: &Card, record: &Record) -> Vec<String> {
    let line = |d: Difference| {
        let severity = if d.severity == Severity::Error { "" } else { "? " };
        format!("{severity}{} {}: {} ({})", d.path.join("."), d.code, d.message, d.label)
    };
    compare(card, record).into_iter().map(line).collect()
}

#[test]
fn a_card_that_says_the_same_in_other_words_has_no_difference() {
    assert_eq!(differences(&card(MONTREUIL), &synthetic(1)), Vec::<String>::new());
}

#[test]
fn every_channel_that_says_otherwise_is_told_on_its_line() {
    insta::assert_snapshot!(differences(&card(MONTREUIL), &synthetic(2)).join("\n"));
}

#[test]
fn what_the_one_has_and_the_other_has_not_is_told_both_ways() {
    let bare = card("name: Mairie\nhours: { phone: \"Mo-Fr 09:00-12:00\" }");
    insta::assert_snapshot!(differences(&bare, &synthetic(1)).join("\n"));
    let nothing = Record { nom: "Mairie".into(), ..Record::default() };
    let told = differences(&card(MONTREUIL), &nothing);
    assert!(told.iter().any(|line| line.starts_with("desk.address annuaire-address")), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("phones.0 annuaire-contact")), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("hours.phone annuaire-hours: the directory has no hours")));
    assert!(!told.iter().any(|line| line.starts_with("websites")), "service-public is nobody's own: {told:?}");
}

#[test]
fn the_directory_gets_in_words_what_it_has_no_field_for() {
    let closed =
        "closures:\n  - { from: \"2026-12-24\", to: \"2026-12-31\", reason: travaux }\n  - { from: \"2026-01-02\" }\n";
    let record = record_of(&card(&format!("{MONTREUIL}{closed}")), NOW);
    assert_eq!(
        record.commentaire_plage_ouverture,
        "Fermé les jours fériés. Fermé du 24/12/2026 au 31/12/2026 (travaux)."
    );
    assert!(record.information_complementaire.starts_with("Accueil téléphonique : lundi 09:00-12:30 et 14:00-17:00, "));
    assert_eq!(record.telephone[0].valeur, "01 43 12 45 67");
    assert_eq!(record.date_modification, "25/11/2026 10:00:00");
    let night = record_of(&card("name: Veille\nhours: { phone: \"Mo-Su 22:00-02:00\" }"), NOW);
    assert_eq!(night.plage_ouverture, []);
    assert_eq!(night.commentaire_plage_ouverture, "Lundi – Dimanche : 22:00-02:00 (le lendemain).");
}

/// One day's hours: up to three times, apart.
fn day() -> impl Strategy<Value = Vec<(u16, u16)>> {
    proptest::collection::btree_set(0u16..96, 0..7).prop_map(|quarters| {
        let quarters: Vec<u16> = quarters.into_iter().collect();
        quarters.chunks_exact(2).map(|pair| (pair[0] * 15, pair[1] * 15)).collect()
    })
}

fn hours() -> impl Strategy<Value = String> {
    proptest::collection::vec(day(), 7).prop_filter_map("a week that opens", |days| {
        let time = |minutes: u16| crate::service::TimeOfDay::from_minutes(minutes).unwrap_or_default();
        let week = days.into_iter().map(|day| day.into_iter().map(|(a, b)| (time(a), time(b))).collect());
        let week: Vec<_> = week.collect();
        let text = osm(&week.try_into().ok()?);
        (!text.is_empty()).then_some(text)
    })
}

/// Words with what trips YAML, JSON and both.
fn words() -> impl Strategy<Value = String> {
    "[a-zé'\"\\\\:#,{}\\[\\]-]{1,8}( [a-zà0-9«»%&*!|>-]{1,8}){0,3}"
}

proptest! {
    #[test]
    fn a_card_comes_back_from_the_directory_as_it_went_there(
        name in words(),
        id in proptest::option::of("[0-9a-f-]{8}"),
        phones in proptest::collection::vec(("0[1-5][0-9]{8}", words()), 0..3),
        sites in proptest::collection::vec(("https://[a-z]{2,8}\\.(fr|example)(/[a-z]{1,5})?", words()), 0..3),
        place in proptest::option::of((words(), proptest::option::of(words()))),
        (phone_hours, desk_hours) in (hours(), hours()),
    ) {
        let contact = |key: &str, value: &str, purpose: &str| serde_json::json!({ key: value, "purpose": purpose });
        let mut document = serde_json::json!({
            "name": name,
            "phones": phones.iter().map(|(number, purpose)| contact("number", number, purpose)).collect::<Vec<_>>(),
            "websites": sites.iter().map(|(url, purpose)| contact("url", url, purpose)).collect::<Vec<_>>(),
            "hours": { "phone": phone_hours },
        });
        if let Some(id) = &id {
            document["annuaire"] = serde_json::json!(id);
        }
        if let Some((street, access)) = &place {
            document["desk"] = serde_json::json!({ "address": format!("{street}, 93100 Montreuil") });
            document["hours"]["desk"] = serde_json::json!(desk_hours);
            if let Some(access) = access {
                document["desk"]["access"] = serde_json::json!(access);
            }
        }
        let before = Card::build(serde_json::from_value(document).unwrap()).unwrap();
        let json = serde_json::json!({ "service": [record_of(&before, NOW)] }).to_string();
        let record = record(&json, None);
        prop_assert_eq!(compare(&before, &record).into_iter().filter(|d| d.severity == Severity::Error).count(), 0);
        // The directory has no field for the phone's hours where there is a desk.
        let yaml = import(&record).yaml.replace("  # phone:", "  phone:");
        let after = card(&yaml);
        prop_assert_eq!(&after.name, &before.name);
        prop_assert_eq!(&after.annuaire, &before.annuaire);
        prop_assert_eq!(&after.desk, &before.desk);
        prop_assert_eq!(&after.websites, &before.websites);
        let numbers = |card: &Card| card.phones.iter().map(|p| (p.number.international(), p.purpose.clone())).collect::<Vec<_>>();
        prop_assert_eq!(numbers(&after), numbers(&before));
        match (&before.desk_hours, &after.desk_hours) {
            (Some(before), Some(after)) => prop_assert_eq!(before.week(), after.week()),
            (before, after) => {
                prop_assert!(before.is_none() && after.is_none());
                prop_assert_eq!(this_week(&after_phone(&yaml)), this_week(&phone_hours));
            }
        }
    }
}

fn after_phone(yaml: &str) -> String {
    card(yaml).phone_hours.text().to_owned()
}

fn this_week(text: &str) -> [crate::service::DayHours; 7] {
    crate::service::Hours::parse(text, chrono_tz::Europe::Paris).unwrap().week()
}
