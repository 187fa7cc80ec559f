use chrono_tz::Europe::Paris;
use proptest::prelude::*;

use super::*;
use crate::service::Region;

fn at(text: &str) -> WallTime {
    WallTime::from(DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn paris(text: &str) -> Hours {
    Hours::parse(text, Paris).unwrap()
}

fn closed_from_to(text: &str, from: &str, to: &str) -> Hours {
    let closure = Closure { from: day(from), to: day(to), reason: None };
    Hours::with_calendar(text, Calendar { closures: vec![closure], ..Calendar::new(Paris) }).unwrap()
}

fn shown(week: &[DayHours; 7]) -> String {
    let times = |day: &DayHours| day.iter().map(|(a, b)| format!("{a}-{b}")).collect::<Vec<_>>().join(",");
    week.iter().map(times).collect::<Vec<_>>().join(" | ")
}

const OFFICE: &str = "Mo-Fr 09:00-12:30,14:00-17:00; PH off";

#[test]
fn it_is_open_in_its_own_time_zone() {
    let hours = paris(OFFICE);
    assert!(hours.is_open(at("2026-11-24T08:00:00Z")));
    assert!(!hours.is_open(at("2026-11-24T07:59:59.999Z")));
    assert!(!hours.is_open(at("2026-11-24T11:30:00Z")), "12:30 is closed");
    assert!(hours.is_open(at("2026-07-20T07:00:00Z")), "summer time");
    let reunion = Hours::parse(OFFICE, chrono_tz::Indian::Reunion).unwrap();
    assert!(reunion.is_open(at("2026-11-24T05:00:00Z")));
}

#[test]
fn the_state_says_until_when_it_holds() {
    let hours = paris(OFFICE);
    let open = hours.state(at("2026-11-24T10:00:00+01:00"));
    assert_eq!(open, State::Open { until: Some(at("2026-11-24T12:30:00+01:00")) });
    let lunch = hours.state(at("2026-11-24T13:00:00+01:00"));
    assert_eq!(lunch, State::Closed { opens: Some(at("2026-11-24T14:00:00+01:00")) });
    let christmas = hours.state(at("2026-12-24T18:00:00+01:00"));
    assert_eq!(christmas, State::Closed { opens: Some(at("2026-12-28T09:00:00+01:00")) });
    assert_eq!(paris("24/7").state(at("2026-11-24T13:00:00Z")), State::Open { until: None });
    assert_eq!(paris("off").state(at("2026-11-24T13:00:00Z")), State::Closed { opens: None });
    assert!(!paris("off").ever_opens() && paris("2031 Mo 09:00-10:00").ever_opens());
}

#[test]
fn the_holidays_are_those_of_the_region() {
    let region = |region| Calendar { region, ..Calendar::new(Paris) };
    let good_friday = at("2026-04-03T10:00:00+02:00");
    assert!(paris(OFFICE).is_open(good_friday));
    assert!(!Hours::with_calendar(OFFICE, region(Region::AlsaceMoselle)).unwrap().is_open(good_friday));
    assert!(!paris(OFFICE).is_open(at("2026-07-14T10:00:00+02:00")));
}

#[test]
fn a_closure_closes_whole_days_of_the_services_own_clock() {
    let hours = closed_from_to("24/7", "2026-12-24", "2026-12-26");
    assert!(hours.is_open(at("2026-12-23T23:59:59+01:00")));
    assert!(!hours.is_open(at("2026-12-24T00:00:00+01:00")));
    assert!(!hours.is_open(at("2026-12-26T23:59:59+01:00")));
    assert_eq!(hours.state(at("2026-12-25T12:00:00Z")), State::Closed { opens: Some(at("2026-12-27T00:00:00+01:00")) });
    assert_eq!(hours.state(at("2026-12-20T12:00:00Z")), State::Open { until: Some(at("2026-12-24T00:00:00+01:00")) });
}

#[test]
fn an_evening_goes_on_past_midnight() {
    let hours = paris("Fr 22:00-02:00");
    let until = State::Open { until: Some(at("2026-11-28T02:00:00+01:00")) };
    assert_eq!(hours.state(at("2026-11-27T23:00:00+01:00")), until);
    assert_eq!(hours.state(at("2026-11-28T01:00:00+01:00")), until);
    assert_eq!(shown(&hours.week()), " |  |  |  | 22:00-26:00 |  | ");
}

#[test]
fn the_hour_that_summer_time_skips_is_cut_and_the_one_that_comes_twice_counts_twice() {
    let skipped = paris("02:30-04:00").state(at("2026-03-29T00:00:00Z"));
    assert_eq!(skipped, State::Closed { opens: Some(at("2026-03-29T03:00:00+02:00")) });
    let all_skipped = paris("02:10-02:50");
    assert!(!all_skipped.is_open(at("2026-03-29T01:00:00Z")));
    let twice = paris("01:00-02:30");
    assert_eq!(twice.state(at("2026-10-25T00:00:00Z")), State::Open { until: Some(at("2026-10-25T02:30:00+01:00")) });
    assert!(twice.is_open(at("2026-10-25T00:45:00Z")), "02:45 the first time");
    assert!(!twice.is_open(at("2026-10-25T01:45:00Z")), "02:45 the second time");
}

#[test]
fn an_ordinary_week_knows_no_holiday_and_no_exception() {
    let expected = "09:00-12:00 | 09:00-12:00 | 09:00-12:00,14:00-19:00 | 09:00-12:00 | 09:00-12:00 |  | ";
    let text = "Mo-Fr 09:00-12:00; We 09:00-12:00,14:00-19:00; Dec 24 off; PH off";
    let hours = closed_from_to(text, "2026-12-21", "2026-12-23");
    assert_eq!(shown(&hours.week()), expected);
    assert_eq!(shown(&hours.week_at(at("2026-12-20T12:00:00Z"))), expected);
    let comments = paris("Mo 09:00-10:00 \"morning\", Mo 10:00-11:00 \"late\"");
    assert_eq!(shown(&comments.week()), "09:00-11:00 |  |  |  |  |  | ");
}

#[test]
fn the_week_of_a_season_holds_from_its_first_day() {
    let hours = paris("Mo-Fr 09:00-17:00; Jul-Aug Mo-Fr 09:00-12:00");
    let summer = "09:00-12:00 | 09:00-12:00 | 09:00-12:00 | 09:00-12:00 | 09:00-12:00 |  | ";
    assert_eq!(shown(&hours.week_at(at("2026-07-01T06:00:00Z"))), summer);
    assert_eq!(shown(&hours.week_at(at("2026-06-24T06:00:00Z"))), summer.replace("12:00", "17:00"));
    assert_eq!(shown(&hours.week()), summer.replace("12:00", "17:00"));
    let fortnightly = paris("week 1-53/2 Mo 09:00-10:00");
    assert_eq!(shown(&fortnightly.week_at(at("2026-06-28T12:00:00Z"))), "09:00-10:00 |  |  |  |  |  | ");
    assert_eq!(shown(&fortnightly.week_at(at("2026-06-21T12:00:00Z"))), " |  |  |  |  |  | ");
}

#[test]
fn the_next_closure_is_a_day_that_is_else_open() {
    let week = Duration::from_secs(7 * 24 * 3600);
    let closing = |from, to, why| Some(Closing { from: day(from), to: day(to), why });
    let hours = paris(OFFICE);
    let christmas = closing("2026-12-25", "2026-12-25", WhyClosed::Holiday);
    assert_eq!(hours.next_closure(at("2026-12-18T10:00:00+01:00"), week), christmas);
    assert_eq!(hours.next_closure(at("2026-12-17T10:00:00+01:00"), week), None);
    assert_eq!(hours.next_closure(at("2026-12-25T10:00:00+01:00"), week), christmas);
    assert_ne!(hours.next_closure(at("2026-12-25T17:00:00+01:00"), week), christmas, "nothing is lost any more");
    // 14 July 2030 is a Sunday.
    assert_eq!(hours.next_closure(at("2030-07-10T10:00:00Z"), week), None);

    let holidays = closed_from_to(OFFICE, "2026-12-24", "2027-01-03");
    let found = holidays.next_closure(at("2026-12-20T10:00:00Z"), week).unwrap();
    assert_eq!((found.from, found.to), (day("2026-12-24"), day("2027-01-01")));
    assert!(matches!(found.why, WhyClosed::Closure(_)));

    let august = paris("Mo-Fr 09:00-12:00; Aug off");
    let found = august.next_closure(at("2026-07-30T10:00:00Z"), week);
    assert_eq!(found, closing("2026-08-03", "2026-08-31", WhyClosed::Hours));
}

#[test]
fn other_hours_than_usual_are_seen_before_their_day() {
    let week = Duration::from_secs(7 * 24 * 3600);
    let hours = paris("Mo-Fr 09:00-17:00; Dec 24 09:00-12:00; PH off");
    let (date, times) = hours.next_other_hours(at("2026-12-20T10:00:00Z"), week).unwrap();
    assert_eq!(date, day("2026-12-24"));
    assert_eq!(times, hours.on(date));
    assert_eq!(hours.next_other_hours(at("2026-12-10T10:00:00Z"), week), None);
}

proptest! {
    /// What `state` foretells is the first moment at which `is_open` changes, holidays,
    /// closures and summer time included.
    #[test]
    fn the_state_holds_until_it_says(minutes in 0_u64..400 * 24 * 60, shape in 0_usize..4) {
        let text = [OFFICE, "Fr 22:00-03:00; Su 01:00-02:30", "24/7; PH off", "Sa-Mo 02:15-05:45,23:00-24:00"][shape];
        let hours = closed_from_to(text, "2026-12-24", "2026-12-26");
        let now = at("2026-01-01T00:00:00Z") + Duration::from_secs(60 * minutes);
        let (open, change) = match hours.state(now) {
            State::Open { until } => (true, until),
            State::Closed { opens } => (false, opens),
        };
        prop_assert_eq!(hours.is_open(now), open);
        let change = change.unwrap();
        prop_assert_eq!(hours.is_open(change), !open);
        let span = u64::try_from(change.millis() - now.millis()).unwrap();
        for part in 0..50 {
            prop_assert_eq!(hours.is_open(now + Duration::from_millis(span / 50 * part)), open);
        }
        prop_assert_eq!(hours.is_open(WallTime::from_millis(change.millis() - 1)), open);
    }
}

#[test]
fn a_day_is_as_long_as_the_zone_has_it() {
    let hours = Hours::parse("24/7", Paris).unwrap();
    let long = |month, day| {
        let day = hours.day(NaiveDate::from_ymd_opt(2026, month, day).unwrap()).unwrap();
        (day.end.millis() - day.start.millis()) / 3_600_000
    };
    assert_eq!([long(11, 24), long(3, 29), long(10, 25)], [24, 23, 25]);
}
