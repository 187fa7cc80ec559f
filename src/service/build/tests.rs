use super::*;
use crate::base::{Language, WallTime};
use crate::service::HoursKind;

const EXAMPLE: &str = r##"
name: France services de Montreuil
timezone: Europe/Paris
region: metropole
phones:
  - number: "01 43 12 45 67"
    purpose: toutes vos démarches
emails:
  - address: accueil@fs-montreuil.example
    purpose: { fr: les questions sur un dossier en cours, en: questions about your file }
websites:
  - url: https://www.service-public.fr
    spoken: service public point f r
    purpose: vos droits et vos démarches
desk:
  address: 12 rue de l'Église, 93100 Montreuil
  access: entrée de plain-pied, ascenseur
appointments: en ligne sur fs-montreuil.example, ou avec un agent
relay: ["+33978000000"]
hours:
  phone: "Mo-Fr 09:00-12:30,14:00-17:00; PH off"
  desk: "Mo-Fr 09:00-12:00; We 14:00-19:00; PH off"
busy: { phone: "Mo 09:00-11:00" }
quiet: { phone: measured }
closures:
  - { from: 2026-12-24, to: 2026-12-26, reason: travaux }
procedures:
  - name: carte d'identité
    essentials: Il faut une photo récente.
"##;

fn document(yaml: &str) -> CardDocument {
    serde_yaml::from_str(yaml).unwrap()
}

fn problems(from: &str, to: &str) -> Vec<CardProblem> {
    assert!(EXAMPLE.contains(from), "{from}");
    Card::build(document(&EXAMPLE.replace(from, to))).unwrap_err()
}

fn only(from: &str, to: &str) -> (String, &'static str) {
    let problems = problems(from, to);
    assert_eq!(problems.len(), 1, "{problems:?}");
    (problems[0].path.join("."), problems[0].code)
}

#[test]
fn the_example_of_the_design_is_a_card() {
    let card = Card::build(document(EXAMPLE)).unwrap();
    assert_eq!(card.phones[0].number.as_str(), "+33143124567");
    assert_eq!(&**card.emails[0].purpose.get(Language::En), "questions about your file");
    assert!(card.busy.is_some() && card.quiet.is_none());
    let tuesday = WallTime::from_millis(1_795_510_800_000);
    assert_eq!(tuesday.to_string(), "2026-11-24T09:00:00.000Z");
    assert!(card.is_open(HoursKind::Phone, tuesday) && card.is_open(HoursKind::Desk, tuesday));
    let closed = WallTime::from_millis(tuesday.millis() + 30 * 24 * 3_600_000);
    assert!(!card.is_open(HoursKind::Phone, closed), "the closure of 24 December");
}

#[test]
fn the_least_card_has_a_name_and_hours() {
    let card = Card::build(document("name: Mairie\nhours: { phone: 24/7 }")).unwrap();
    assert_eq!(card.phone_hours.zone(), Tz::Europe__Paris);
    assert!(card.desk_hours.is_none());
}

#[test]
fn each_fault_has_its_place_and_its_code() {
    let date = "2026-12-24, to: 2026-12-26";
    for ((from, to), (path, code)) in [
        (("Europe/Paris", "Europe/Pari"), ("timezone", "bad-timezone")),
        (("metropole", "alsace"), ("region", "bad-region")),
        (("01 43 12 45 67", "01 43 12 45"), ("phones.0.number", "bad-number")),
        (("01 43 12 45 67", "zéro"), ("phones.0.number", "bad-number")),
        (("01 43 12 45 67", "08 92 12 34 56"), ("phones.0.number", "premium-number")),
        (("accueil@fs-montreuil.example\n", "accueil\n"), ("emails.0.address", "bad-email")),
        (("https://www.service-public.fr", "service-public.fr"), ("websites.0.url", "bad-url")),
        (("+33978000000", "+3397"), ("relay.0", "bad-number")),
        ((date, "2026-12-24, to: 2026-12-20"), ("closures.0.to", "bad-date")),
        ((date, "24/12/2026"), ("closures.0.from", "bad-date")),
        (("14:00-17:00; PH off", "14:00-17:00; SH off"), ("hours.phone", "school-holidays")),
        (("Mo-Fr 09:00-12:30,14:00-17:00; PH off", "off"), ("hours.phone", "never-open")),
        (("Mo-Fr 09:00-12:00; We", "Lu-Ve 09:00-12:00; We"), ("hours.desk", "bad-hours")),
        (("\"Mo 09:00-11:00\"", "\"le lundi\""), ("busy.phone", "bad-hours")),
        (("entrée de plain-pied, ascenseur", "\" \""), ("desk.access", "empty-value")),
    ] {
        assert_eq!(only(from, to), (path.to_owned(), code), "{from} -> {to}");
    }
}

#[test]
fn all_faults_are_said_at_once_with_what_to_do() {
    let yaml = EXAMPLE.replace("Europe/Paris", "Europe/Pari").replace("region: metropole", "region: la-réunion");
    let problems = Card::build(document(&yaml.replace("Mo 09:00-11:00", "Mo 9h-11h"))).unwrap_err();
    let helps: Vec<_> = problems.iter().map(|p| p.help.as_deref().unwrap()).collect();
    assert_eq!(helps[0], "did you mean `Europe/Paris`?");
    assert!(helps[1].starts_with("did you mean `la-reunion`?"), "{}", helps[1]);
    assert_eq!(helps[2], "write times with a colon, such as `09:00-12:30`");
    assert_eq!(problems[2].at, Some(3));
}

#[test]
fn an_unknown_key_or_a_text_without_french_is_refused() {
    let refused = |yaml: &str| serde_yaml::from_str::<CardDocument>(yaml).unwrap_err().to_string();
    assert!(refused(&format!("{EXAMPLE}\nopening: x")).contains("unknown field `opening`"));
    assert!(refused("name: a\nhours: { phone: 24/7 }\nappointments: { en: online }").contains("missing field `fr`"));
    assert!(refused("name: a\nhours: { phone: 24/7 }\nappointments: { fr: a, de: b }").contains("unknown field `de`"));
    assert!(refused("name: a\nhours: { phone: 24/7 }\nappointments: 3").contains("a text, or one per language"));
}
