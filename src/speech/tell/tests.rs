use std::collections::HashSet;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Europe::Paris;
use proptest::prelude::*;

use super::*;
use crate::base::PhoneNumber;
use crate::service::{CardDocument, TimeOfDay};
use crate::speech::{
    Wait, card_fragments, digits, duration, hours, number, phone, rank, time_of_day, vocabulary, wait,
};

const CARD: &str = r##"
name: France services de Montreuil
phones:
  - number: "+33143124567"
    purpose: { fr: toutes vos démarches, en: all your requests }
emails:
  - address: accueil@fs-montreuil.example
    purpose: les questions sur un dossier en cours
websites:
  - url: https://www.service-public.fr
    purpose: { fr: vos droits et vos démarches, en: to know your rights }
desk:
  address: { fr: "12 rue de l'Église, 93100 Montreuil", en: "12 rue de l'Église, 93100 Montreuil" }
  access: entrée de plain-pied, ascenseur
appointments: en ligne, ou avec un agent
hours:
  phone: "Mo-Fr 09:00-12:30,14:00-17:00; PH off"
  desk: "Mo-Fr 09:00-12:00; We 14:00-19:00; PH off"
busy: { phone: "Mo 09:00-11:00" }
quiet: { phone: "We-Th 14:00-16:00" }
closures:
  - { from: 2026-12-29, to: 2026-12-31, reason: travaux }
"##;

fn card(yaml: &str) -> Card {
    Card::build(serde_yaml::from_str::<CardDocument>(yaml).unwrap()).unwrap()
}

fn at(text: &str) -> WallTime {
    WallTime::from(DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc))
}

fn said(phrase: &Phrase) -> String {
    phrase.0.iter().map(|f| format!("{} {}\n", f.language, f.text)).collect()
}

fn told(language: Language, topics: &[Topic], now: &str) -> String {
    topics.iter().map(|topic| said(&tell(language, &card(CARD), *topic, at(now)))).collect::<Vec<_>>().join("—\n")
}

const TUESDAY: &str = "2026-11-24T10:00:00+01:00";
const ALL: [Topic; 6] = [Topic::Hours, Topic::Contact, Topic::Address, Topic::Appointments, Topic::Busy, Topic::Quiet];

#[test]
fn every_topic_is_told_in_french() {
    insta::assert_snapshot!(told(Language::Fr, &ALL, TUESDAY));
}

#[test]
fn every_topic_is_told_in_english_and_in_french_where_english_was_not_written() {
    insta::assert_snapshot!(told(Language::En, &ALL, TUESDAY));
}

#[test]
fn a_closure_is_told_a_week_before_and_on_its_day() {
    let christmas = told(Language::Fr, &[Topic::Hours], "2026-12-18T10:00:00+01:00");
    assert!(christmas.ends_with("fr Nous serons fermés\nfr le vendredi\nfr vingt-cinq\nfr décembre\n"), "{christmas}");
    let today = told(Language::Fr, &[Topic::Hours], "2026-12-25T10:00:00+01:00");
    assert!(today.ends_with("fr Nous sommes fermés aujourd'hui.\n"), "{today}");
    let works = told(Language::Fr, &[Topic::Hours], "2026-12-28T10:00:00+01:00");
    let expected = "fr Nous serons fermés\nfr du mardi\nfr vingt-neuf\nfr décembre\nfr au jeudi\nfr trente et un\n\
                    fr décembre\nfr Motif : travaux.\n";
    assert!(works.ends_with(expected), "{works}");
    assert!(!told(Language::Fr, &[Topic::Hours], TUESDAY).contains("fermés"));
}

#[test]
fn phone_and_desk_that_close_apart_are_told_apart() {
    let yaml = CARD.replace("14:00-17:00; PH off", "14:00-17:00");
    let christmas = said(&tell(Language::Fr, &card(&yaml), Topic::Hours, at("2026-12-18T10:00:00+01:00")));
    assert!(
        christmas.ends_with("fr L'accueil sera fermé\nfr le vendredi\nfr vingt-cinq\nfr décembre\n"),
        "{christmas}"
    );
}

#[test]
fn a_day_with_other_hours_is_told() {
    let yaml = CARD.replace("14:00-17:00; PH off", "14:00-17:00; Dec 24 09:00-11:00; PH off");
    let before = said(&tell(Language::Fr, &card(&yaml), Topic::Hours, at("2026-12-18T10:00:00+01:00")));
    let expected = "fr Exceptionnellement, nos agents répondront au téléphone\nfr le jeudi\nfr vingt-quatre\n\
                    fr décembre\nfr de neuf heures\nfr à onze heures\n";
    assert!(before.contains(expected), "{before}");
}

#[test]
fn what_the_card_does_not_know_is_not_said() {
    let card = card("name: Mairie\nhours: { phone: Mo-Fr 09:00-12:00 }");
    for topic in &ALL[1..] {
        assert!(tell(Language::Fr, &card, *topic, at(TUESDAY)).is_empty(), "{topic:?}");
    }
    assert!(card_fragments(Language::Fr, &card).is_empty());
}

#[test]
fn the_next_opening_is_told_as_people_say_it() {
    let hours = Hours::parse("Mo-Fr 09:00-12:30,14:00-17:00; PH off", Paris).unwrap();
    let state = |now: &str| open_state(Language::Fr, &hours, at(now)).to_string();
    assert_eq!(state(TUESDAY), "Nous sommes ouverts.");
    assert_eq!(state("2026-11-24T13:00:00+01:00"), "Nous sommes fermés. Nous ouvrons aujourd'hui à quatorze heures");
    assert_eq!(state("2026-11-24T18:00:00+01:00"), "Nous sommes fermés. Nous ouvrons demain à neuf heures");
    assert_eq!(
        state("2026-11-27T18:00:00+01:00"),
        "Nous sommes fermés. Nous ouvrons le lundi trente novembre à neuf heures"
    );
    let english = open_state(Language::En, &hours, at("2026-11-27T18:00:00+01:00")).to_string();
    assert_eq!(english, "We are closed. We open on Monday the thirtieth of November at nine a.m.");
    let never = Hours::parse("off", Paris).unwrap();
    assert_eq!(open_state(Language::Fr, &never, at(TUESDAY)).to_string(), "Nous sommes fermés.");
}

/// Every clip that is said has been recorded: it is in the vocabulary or among the card's own.
fn all_recorded(language: Language, card: &Card, phrases: &[Phrase]) -> Result<(), TestCaseError> {
    let mut known: HashSet<(Language, String)> = HashSet::new();
    known.extend(Language::ALL.into_iter().flat_map(|l| vocabulary(l).into_iter().map(move |text| (l, text))));
    known.extend(card_fragments(language, card).into_iter().map(|f| (f.language, f.text.to_string())));
    for fragment in phrases.iter().flat_map(|p| &p.0) {
        prop_assert!(known.contains(&(fragment.language, fragment.text.to_string())), "{}", fragment.text);
    }
    Ok(())
}

fn any_language() -> impl Strategy<Value = Language> {
    prop_oneof![Just(Language::Fr), Just(Language::En)]
}

fn any_hours() -> impl Strategy<Value = String> {
    let span = (0_u16..1440, 1_u16..1440, prop_oneof![Just(1_u16), Just(15), Just(60)]);
    let rule = (proptest::collection::vec(0_usize..7, 1..6), proptest::collection::vec(span, 1..3));
    proptest::collection::vec(rule, 1..4).prop_map(|rules| {
        let days = |days: &[usize]| {
            days.iter().map(|d| ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"][*d]).collect::<Vec<_>>().join(",")
        };
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let span = |(start, length, step): &(u16, u16, u16)| {
            let start = start / step * step;
            format!("{}-{}", clock(start), clock((start + length / step * step + step).min(start + 1440)))
        };
        let rule = |(on, spans): &(Vec<usize>, Vec<(u16, u16, u16)>)| {
            format!("{} {}", days(on), spans.iter().map(span).collect::<Vec<_>>().join(","))
        };
        rules.iter().map(rule).collect::<Vec<_>>().join("; ") + "; PH off"
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everything_told_has_been_recorded(
        language in any_language(),
        desk in any_hours(),
        busy in any_hours(),
        hours_from_2026 in 0_u64..3 * 365 * 24,
    ) {
        let yaml = CARD.replace("Mo-Fr 09:00-12:00; We 14:00-19:00; PH off", &desk).replace("Mo 09:00-11:00", &busy);
        let card = card(&yaml);
        let now = at("2026-01-01T00:00:00Z") + Duration::from_secs(3600 * hours_from_2026);
        let mut phrases: Vec<Phrase> = ALL.iter().map(|topic| tell(language, &card, *topic, now)).collect();
        let desk = card.desk_hours.as_ref().unwrap();
        phrases.push(hours(language, desk));
        phrases.push(open_state(language, desk, now));
        all_recorded(language, &card, &phrases)?;
    }

    #[test]
    fn everything_counted_has_been_recorded(
        language in any_language(),
        n in prop_oneof![0_u32..200, 0_u32..1_100_000, Just(u32::MAX)],
        minutes in 0_u16..=2880,
        number_text in "\\+?[0-9]{2,15}",
        days in 0_i32..40_000,
    ) {
        let card = card("name: a\nhours: { phone: 24/7 }");
        let waited = Duration::from_secs(u64::from(n));
        let day = NaiveDate::from_num_days_from_ce_opt(730_000 + days).unwrap();
        let phrases = [
            number(language, n),
            rank(language, n as usize),
            duration(language, waited),
            wait(language, Wait::STEPS[n as usize % Wait::STEPS.len()]),
            time_of_day(language, TimeOfDay::from_minutes(minutes).unwrap()),
            digits(language, &number_text),
            phone(language, &PhoneNumber::parse(&number_text).unwrap()),
            date(language, day),
        ];
        prop_assert!(phrases.iter().all(|p| !p.is_empty()), "{} {}", day.year(), number_text);
        all_recorded(language, &card, &phrases)?;
    }
}
