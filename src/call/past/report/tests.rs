use chrono::NaiveDate;
use chrono_tz::Europe::Paris;
use serde_json::json;

use super::{AfterTold, Report, Reporter, Terms};
use crate::base::{PhoneNumber, WallTime};
use crate::call::past::PastCall;
use crate::call::past::tests::{DAY_S, MONDAY, Made};
use crate::queue::CallerKey;
use crate::service::Hours;
use crate::speech::Wait;

fn report_of(calls: impl IntoIterator<Item = (PastCall, Option<CallerKey>)>) -> Report {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let hours = Hours::parse("Mo-Fr 09:00-17:00", Paris).unwrap();
    let mut reporter = Reporter::new(Terms { hours, from: day(23), to: day(29) });
    calls.into_iter().for_each(|(call, caller)| reporter.push(&call, caller));
    reporter.report(WallTime::from_millis(MONDAY))
}

fn report(calls: impl IntoIterator<Item = Made>) -> Report {
    report_of(calls.into_iter().map(|made| (made.call(), None)))
}

#[test]
fn each_queue_and_day_has_its_figures() {
    let marked = json!([{ "step": "avis", "mark": 4 }]);
    let calls = vec![
        Made::answered(0, 20, 100, "amina").with("survey", marked),
        Made::answered(600, 40, 100, "amina").with("survey", json!([{ "step": "avis", "mark": 5 }])),
        Made::answered(1200, 60, 100, "amina"),
        Made::lost(1300, 90),
        Made::answered(DAY_S, 10, 100, "amina"),
        Made::answered(DAY_S, 10, 100, "amina").with("asked_in_hours", json!(false)),
        Made::answered(DAY_S, 10, 100, "amina").with("asked_agent", json!(null)),
        Made::answered(7 * DAY_S, 10, 100, "amina"),
    ];
    let report = report(calls);
    let [queue] = &report.queues[..] else { panic!("{report:#?}") };
    assert_eq!(queue.queue, Some("s/agents".into()));
    let dates: Vec<_> = queue.days.iter().map(|day| (day.date.to_string(), day.figures.asked)).collect();
    assert_eq!(dates, [("2026-11-23".to_owned(), 4), ("2026-11-24".to_owned(), 1)]);
    let monday = &queue.days[0].figures;
    assert_eq!((monday.answered, monday.taux, monday.abandoned), (3, Some(0.75), 1));
    assert_eq!((monday.wait_median_s, monday.wait_p90_s), (Some(40), None), "nine in ten of three is nothing");
    assert_eq!((monday.marks, monday.satisfaction), (2, Some(4.5)));
    assert_eq!((report.total.asked, report.total.taux), (5, Some(0.8)));
}

#[test]
fn who_never_came_to_a_queue_counts_where_it_was_refused() {
    let refused =
        json!([{ "at_ms": 10, "what": "refused s/agents nobody" }, { "at_ms": 99, "what": "ended flow flow-end" }]);
    let nobody = || Made::lost(0, 20).with("queue", json!(null));
    let report = report([nobody().with("steps", refused), nobody().with("steps", json!([]))]);
    let asked: Vec<_> = report.queues.iter().map(|q| (q.queue.clone(), q.total.asked, q.total.abandoned)).collect();
    assert_eq!(asked, [(None, 1, 0), (Some("s/agents".into()), 1, 0)]);
}

#[test]
fn told_waits_are_held_against_what_came() {
    let five = || json!({ "under": 5 });
    let told = |at: i64, wait| Made::answered(at, wait, 60, "amina").told(five(), [60, 120, 250]);
    // Ten are answered in time, one of them sooner than the range; one is not, and two hung up.
    let mut calls: Vec<Made> = (0..9).map(|k| told(k * 500, 150)).collect();
    calls.extend([told(5000, 30), told(5500, 320)]);
    calls.extend([Made::lost(6000, 200), Made::lost(6500, 301)].map(|lost| lost.told(five(), [60, 120, 250])));
    let told = report(calls).total.told;
    assert_eq!((told.callers, told.unknown), (13, 1), "who hung up after 200 s might have been served by 300");
    assert_eq!(told.longer, Some(2.0 / 12.0));
    assert_eq!((told.above, told.below), (Some(2.0 / 12.0), Some(1.0 / 12.0)));
    let error = told.median_error_s.unwrap();
    assert!((27..=33).contains(&error), "most were 30 s off: {error}");

    let few = report([Made::answered(0, 400, 60, "amina").told(five(), [60, 120, 250])]).total.told;
    assert_eq!((few.callers, few.longer, few.above), (1, None, None), "one caller is no share");
    assert!(few.median_error_s.is_some());
}

#[test]
fn a_half_hour_with_too_few_agents_is_named_with_how_many_it_takes() {
    // On Monday from half past nine twenty phone for five minutes of one agent.
    let mut calls = Vec::new();
    for call in 0..20 {
        let at = 1800 + call * 90;
        calls.push(if call % 4 == 0 { Made::answered(at, 60, 300, "amina") } else { Made::lost(at, 120) });
    }
    // On Tuesday at nine two of three are lost: too few to tell.
    calls.push(Made::answered(DAY_S, 5, 60, "amina"));
    calls.extend([Made::lost(DAY_S + 5, 30), Made::lost(DAY_S + 9, 30)]);
    let report = report(calls);
    let short = &report.queues[0].short;
    let [half_hour] = &short.half_hours[..] else { panic!("{short:#?}") };
    assert_eq!((half_hour.day, half_hour.from.as_str(), half_hour.weeks), ("Mon", "09:30", 1));
    assert_eq!((half_hour.asked, half_hour.answered), (20, 5));
    assert!((0.8..=1.0).contains(&half_hour.agents), "{half_hour:?}");
    assert!((3..=5).contains(&half_hour.needed), "{half_hour:?}");
    assert_eq!(short.gain, 12, "seventeen of twenty are 85 %");
    assert_eq!((short.thin, short.thin_lost), (1, 2));
}

#[test]
fn who_gives_up_is_counted_by_what_was_told_last() {
    let told = |made: Made, minutes: u64| made.told(json!({ "under": minutes }), [10, 60, 100]);
    let report = report([
        told(Made::lost(0, 20), 10),
        told(Made::lost(30, 20), 10),
        told(Made::answered(60, 30, 60, "amina"), 10),
        told(Made::answered(200, 30, 60, "amina"), 2),
        Made::lost(400, 5),
    ]);
    let step = |spoken, callers, answered, gave_up| AfterTold { spoken, callers, answered, gave_up };
    let expected = [step(None, 1, 0, 1), step(Some(Wait::Under(2)), 1, 1, 0), step(Some(Wait::Under(10)), 3, 1, 2)];
    assert_eq!(report.queues[0].after_told, expected);
}

#[test]
fn who_phones_again_within_the_hour_is_counted_and_not_named() {
    let number = |text: &str| Some(CallerKey::from(&PhoneNumber::parse(text).unwrap()));
    let (one, two) = (number("+33612345678"), number("0698765432"));
    let report = report_of([
        (Made::lost(0, 60).call(), one),
        (Made::lost(10, 60).call(), two),
        (Made::lost(20, 60).call(), None),
        (Made::lost(1800, 60).call(), number("06 12 34 56 78")),
        (Made::answered(2400, 10, 60, "amina").call(), one),
        (Made::answered(3700, 10, 60, "amina").call(), two),
        (Made::lost(4000, 10).call(), one),
    ]);
    let repeats = &report.repeats;
    assert_eq!((repeats.unanswered, repeats.withheld), (5, 1));
    assert_eq!((repeats.again, repeats.then_answered), (2, 1), "an hour and 50 s later is another matter");
    assert!(!serde_json::to_string(&report).unwrap().contains("12345678"));
}

#[test]
fn a_day_is_the_service_s_own() {
    // Half past eleven on Monday night in Greenwich is Tuesday in Paris.
    let report = report([Made::lost((15 * 60 + 30) * 60, 20)]);
    assert_eq!(report.queues[0].days[0].date.to_string(), "2026-11-24");
}
