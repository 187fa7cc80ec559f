//! Quiet hours, learned from records.

use chrono_tz::Europe::Paris;

use super::{DAY_S, MONDAY, Made};
use crate::base::{Language, WallTime};
use crate::call::past::{Asked, Usual};
use crate::service::{Card, CardDocument, Hours};
use crate::speech::{self, QuietTime, Wait};

const HOURS: &str = "Mo-Fr 09:00-17:00";

/// So many weeks from [`MONDAY`] on, with two agents at work from nine to five: twelve calls
/// in each half hour, which wait seven minutes; on Wednesday afternoon five, which wait one.
fn weeks(hours: &Hours, count: i64) -> Usual {
    let mut usual = Usual::default();
    for day in (0..count).flat_map(|week| (0..5).map(move |day| week * 7 + day)) {
        let mut calls = Vec::new();
        for half_hour in 0..16 {
            let quiet = day % 7 == 2 && (10..14).contains(&half_hour);
            let (many, waited) = if quiet { (5, 60) } else { (12, 420) };
            for call in 0..many {
                let at = day * DAY_S + half_hour * 1800 + call * 1800 / many;
                let agent = if call % 2 == 0 { "amina" } else { "bruno" };
                calls.extend(Asked::of(&Made::answered(at, waited, 120, agent).call()));
            }
        }
        usual.learn(hours, &calls);
    }
    usual
}

fn quietest(hours: &str, weeks_seen: i64) -> Option<QuietTime> {
    let hours = Hours::parse(hours, Paris).unwrap();
    weeks(&hours, weeks_seen).quiet(&hours, WallTime::from_millis(MONDAY)).get(&"s/agents".into()).copied()
}

#[test]
fn three_weeks_of_records_tell_when_to_phone_instead() {
    assert_eq!(quietest(HOURS, 2), None);
    let quiet = quietest(HOURS, 3).unwrap();
    assert_eq!((quiet.weekday, quiet.from.to_string(), quiet.to.to_string()), (2, "14:00".into(), "16:00".into()));
    assert_eq!(quiet.wait, Wait::Under(2));
    let document = serde_json::json!({ "name": "F", "hours": { "phone": HOURS } });
    let card = Card::build(serde_json::from_value::<CardDocument>(document).unwrap()).unwrap();
    let said = speech::quiet(Language::Fr, &card, Some(quiet), WallTime::from_millis(MONDAY)).to_string();
    assert_eq!(
        said,
        "L'attente est d'habitude de moins de deux minutes le mercredi, de quatorze heures à seize heures"
    );
}

#[test]
fn a_time_at_which_it_is_closed_now_is_not_learned() {
    let quiet = quietest("Mo-Tu,Th-Fr 09:00-17:00; We 09:00-15:30", 3).unwrap();
    assert_eq!((quiet.weekday, quiet.from.to_string(), quiet.to.to_string()), (2, "14:00".into(), "15:30".into()));
    assert_eq!(quietest("Mo-Tu,Th-Fr 09:00-17:00", 3), None, "everywhere else they wait too long");
}

#[test]
fn who_asked_while_it_was_closed_teaches_nothing() {
    let call = Made::answered(0, 10, 60, "amina").with("asked_in_hours", false.into()).call();
    assert_eq!(Asked::of(&call), None);
}
