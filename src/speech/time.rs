use std::time::Duration;

use chrono::{Datelike, NaiveDate};

use super::phrase::Phrase;
use super::words::{cardinal, english_ordinal, feminine};
use crate::base::Language;
use crate::service::TimeOfDay;

/// A time on the clock: `midi et demi`, `neuf heures` `cinq`, `nine fifteen a.m.`.
pub fn time_of_day(language: Language, time: TimeOfDay) -> Phrase {
    clock(language, Joint::None, time)
}

/// A day of the year: `le mardi` `vingt-quatre` `novembre`.
pub fn date(language: Language, date: NaiveDate) -> Phrase {
    let weekday = date.weekday().num_days_from_monday() as usize;
    let month = date.month0() as usize;
    let mut phrase = Phrase::one(language, weekday_of_date(language, weekday));
    phrase.push(language, day_of_month(language, date.day()));
    phrase.push(language, month_of_date(language, month));
    phrase
}

/// From one day of the year to another: `du lundi` `vingt et un` `décembre` `au vendredi` …
pub(super) fn days_between(language: Language, from: NaiveDate, to: NaiveDate) -> Phrase {
    let mut phrase = Phrase::default();
    for (end, day) in [(0, from), (1, to)] {
        phrase.push(language, range_end(language, end, day.weekday().num_days_from_monday() as usize));
        phrase.push(language, day_of_month(language, day.day()));
        phrase.push(language, month_of_date(language, day.month0() as usize));
    }
    phrase
}

/// The clips of [`days_between`] that a single date has not.
pub(super) fn days_between_clips(language: Language) -> impl Iterator<Item = String> {
    (0..7).flat_map(move |weekday| [0, 1].map(|end| range_end(language, end, weekday)))
}

/// A length of time in minutes, rounded up; beyond twelve hours only that it is longer.
pub fn duration(language: Language, duration: Duration) -> Phrase {
    let minutes = duration.as_secs().div_ceil(60);
    let minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let mut phrase = Phrase::default();
    match (hours, minutes) {
        (0, 0) => phrase.push(language, UNDER_A_MINUTE[language as usize]),
        (MOST_HOURS.., _) if (hours, minutes) != (MOST_HOURS, 0) => {
            phrase.push(language, OVER_MOST_HOURS[language as usize]);
        }
        _ => {
            if hours > 0 {
                phrase.push(language, hours_long(language, hours));
            }
            if minutes > 0 {
                push_minutes_long(language, minutes, &mut phrase);
            }
        }
    }
    phrase
}

/// The word that leads to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing: `neuf heures`.
    None,
    /// `de neuf heures`, `from nine a.m.`.
    From,
    /// `à neuf heures`, `to nine a.m.`.
    To,
    /// `et de neuf heures`, `and` `from nine a.m.`.
    AndFrom,
    /// `à neuf heures`, `at` `nine a.m.`.
    At,
}

/// A time with the word that leads to it: one clip at each quarter of an hour from
/// 06:00 to 22:00 and at each full hour, put together else.
pub(super) fn clock(language: Language, joint: Joint, time: TimeOfDay) -> Phrase {
    match language {
        Language::Fr => french_clock(joint, time),
        Language::En => english_clock(joint, time),
    }
}

/// Every clip that this file's phrases are made of.
pub(super) fn clips(language: Language) -> Vec<String> {
    let mut clips = Vec::new();
    let joints = match language {
        Language::Fr => [Joint::From, Joint::To, Joint::AndFrom],
        Language::En => [Joint::From, Joint::To, Joint::None],
    };
    let times = (0..24 * 60).filter_map(TimeOfDay::from_minutes);
    for time in times.filter(|t| is_one_clip(*t)) {
        clips.extend(joints.map(|joint| match language {
            Language::Fr => join_french(joint, &french_words(time)),
            Language::En => join_english(joint, &english_words(time)),
        }));
    }
    match language {
        Language::Fr => {
            clips.extend((0..24).filter_map(|h| TimeOfDay::new(h, 0)).map(french_words));
            clips.extend((1..60).map(feminine));
            clips.extend([AND_A_HALF, MINUTES].map(str::to_owned));
        }
        Language::En => clips.extend([FROM, TO, AND, AT, MINUTE_PAST, MINUTES_PAST, MINUTES].map(str::to_owned)),
    }
    clips.extend((0..7).map(|d| weekday_of_date(language, d)));
    clips.extend((1..=31).map(|d| day_of_month(language, d)));
    clips.extend((0..12).map(|m| month_of_date(language, m)));
    clips.extend((1..=whole_minutes(language)).map(|m| minutes_long(language, m)));
    clips.extend((1..=MOST_HOURS).map(|h| hours_long(language, h)));
    clips.extend([UNDER_A_MINUTE, OVER_MOST_HOURS].map(|c| c[language as usize].to_owned()));
    clips
}

fn is_one_clip(time: TimeOfDay) -> bool {
    let day = (6 * 60..=22 * 60).contains(&(u16::from(time.hour()) * 60 + u16::from(time.minute())));
    time.minute() == 0 || day && time.minute().is_multiple_of(15)
}

fn french_clock(joint: Joint, time: TimeOfDay) -> Phrase {
    let language = Language::Fr;
    if is_one_clip(time) && (joint != Joint::None || time.minute() == 0) {
        return Phrase::one(language, join_french(joint, &french_words(time)));
    }
    let hour = TimeOfDay::new(time.hour(), 0).unwrap_or(TimeOfDay::MIDNIGHT);
    let mut phrase = Phrase::one(language, join_french(joint, &french_words(hour)));
    match (time.hour(), time.minute()) {
        (0 | 12, 30) => phrase.push(language, AND_A_HALF),
        (_, minute) => phrase.push(language, feminine(minute.into())),
    }
    phrase
}

fn french_words(time: TimeOfDay) -> String {
    let hour = match time.hour() {
        0 => "minuit".to_owned(),
        1 => "une heure".to_owned(),
        12 => "midi".to_owned(),
        hour => format!("{} heures", feminine(hour.into())),
    };
    match (time.hour(), time.minute()) {
        (_, 0) => hour,
        (0 | 12, 30) => format!("{hour} {AND_A_HALF}"),
        (_, minute) => format!("{hour} {}", feminine(minute.into())),
    }
}

/// `de` elides before `une heure` alone: `onze` and `huit` take no apostrophe.
fn join_french(joint: Joint, words: &str) -> String {
    let of = if words.starts_with("une") { "d'" } else { "de " };
    match joint {
        Joint::None => words.to_owned(),
        Joint::From => format!("{of}{words}"),
        Joint::AndFrom => format!("et {of}{words}"),
        Joint::To | Joint::At => format!("à {words}"),
    }
}

fn english_clock(joint: Joint, time: TimeOfDay) -> Phrase {
    let language = Language::En;
    let mut phrase = Phrase::default();
    if joint == Joint::AndFrom {
        phrase.push(language, AND);
    }
    if is_one_clip(time) {
        if joint == Joint::At {
            phrase.push(language, AT);
        }
        phrase.push(language, join_english(joint, &english_words(time)));
        return phrase;
    }
    match joint {
        Joint::None => {}
        Joint::From | Joint::AndFrom => phrase.push(language, FROM),
        Joint::To => phrase.push(language, TO),
        Joint::At => phrase.push(language, AT),
    }
    phrase.push(language, cardinal(language, time.minute().into()));
    phrase.push(language, if time.minute() == 1 { MINUTE_PAST } else { MINUTES_PAST });
    let hour = TimeOfDay::new(time.hour(), 0).unwrap_or(TimeOfDay::MIDNIGHT);
    phrase.push(language, english_words(hour));
    phrase
}

fn english_words(time: TimeOfDay) -> String {
    let half = if time.hour() < 12 { "a.m." } else { "p.m." };
    let hour = cardinal(
        Language::En,
        match time.hour() % 12 {
            0 => 12,
            hour => hour.into(),
        },
    );
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => format!("{hour} {half}"),
        (_, minute) => format!("{hour} {} {half}", cardinal(Language::En, minute.into())),
    }
}

fn join_english(joint: Joint, words: &str) -> String {
    match joint {
        Joint::None | Joint::At => words.to_owned(),
        Joint::From | Joint::AndFrom => format!("{FROM} {words}"),
        Joint::To => format!("{TO} {words}"),
    }
}

fn weekday_of_date(language: Language, weekday: usize) -> String {
    match language {
        Language::Fr => format!("le {}", weekday_name(language, weekday)),
        Language::En => format!("on {}", weekday_name(language, weekday)),
    }
}

fn range_end(language: Language, end: usize, weekday: usize) -> String {
    let before = [["du", "au"], ["from", "to"]][language as usize][end];
    format!("{before} {}", weekday_name(language, weekday))
}

fn day_of_month(language: Language, day: u32) -> String {
    match (language, day) {
        (Language::Fr, 1) => "premier".to_owned(),
        (Language::Fr, _) => cardinal(language, day),
        (Language::En, _) => format!("the {}", english_ordinal(day)),
    }
}

fn month_of_date(language: Language, month: usize) -> String {
    match language {
        Language::Fr => month_name(language, month).to_owned(),
        Language::En => format!("of {}", month_name(language, month)),
    }
}

/// The name of a month, January is 0.
pub fn month_name(language: Language, month: usize) -> &'static str {
    match language {
        Language::Fr => MONTHS_FR[month % 12],
        Language::En => MONTHS_EN[month % 12],
    }
}

/// A weekday's name, Monday is 0.
pub fn weekday_name(language: Language, weekday: usize) -> &'static str {
    match language {
        Language::Fr => WEEKDAYS_FR[weekday % 7],
        Language::En => WEEKDAYS_EN[weekday % 7],
    }
}

fn push_minutes_long(language: Language, minutes: u32, phrase: &mut Phrase) {
    if minutes <= whole_minutes(language) {
        phrase.push(language, minutes_long(language, minutes));
    } else {
        phrase.push(language, count(language, minutes));
        phrase.push(language, MINUTES);
    }
}

fn minutes_long(language: Language, minutes: u32) -> String {
    format!("{} {}", count(language, minutes), if minutes == 1 { "minute" } else { "minutes" })
}

fn count(language: Language, minutes: u32) -> String {
    match language {
        Language::Fr => feminine(minutes),
        Language::En => cardinal(language, minutes),
    }
}

fn hours_long(language: Language, hours: u32) -> String {
    match (language, hours) {
        (Language::Fr, 1) => "une heure".to_owned(),
        (Language::Fr, _) => format!("{} heures", feminine(hours)),
        (Language::En, 1) => "one hour".to_owned(),
        (Language::En, _) => format!("{} hours", cardinal(language, hours)),
    }
}

/// Up to this many minutes a length of time is one clip.
fn whole_minutes(language: Language) -> u32 {
    match language {
        Language::Fr => 30,
        Language::En => 20,
    }
}

/// No wait is told in hours beyond this.
const MOST_HOURS: u32 = 12;
const UNDER_A_MINUTE: [&str; 2] = ["moins d'une minute", "less than a minute"];
const OVER_MOST_HOURS: [&str; 2] = ["plus de douze heures", "more than twelve hours"];
const AND_A_HALF: &str = "et demi";
const FROM: &str = "from";
const TO: &str = "to";
const AND: &str = "and";
const AT: &str = "at";
const MINUTE_PAST: &str = "minute past";
const MINUTES_PAST: &str = "minutes past";
const MINUTES: &str = "minutes";
const WEEKDAYS_FR: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const WEEKDAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(phrase: &Phrase) -> String {
        phrase.0.iter().map(|f| &*f.text).collect::<Vec<_>>().join(" | ")
    }

    fn at(hour: u8, minute: u8) -> TimeOfDay {
        TimeOfDay::new(hour, minute).unwrap()
    }

    #[test]
    fn quarter_hours_of_the_day_are_one_clip_and_others_are_put_together() {
        let fr = |joint, h, m| said(&clock(Language::Fr, joint, at(h, m)));
        assert_eq!(fr(Joint::From, 9, 0), "de neuf heures");
        assert_eq!(fr(Joint::To, 12, 30), "à midi et demi");
        assert_eq!(fr(Joint::AndFrom, 14, 15), "et de quatorze heures quinze");
        assert_eq!(fr(Joint::From, 1, 0), "d'une heure");
        assert_eq!(fr(Joint::To, 24, 0), "à minuit");
        assert_eq!(fr(Joint::To, 21, 0), "à vingt et une heures");
        assert_eq!(fr(Joint::From, 9, 5), "de neuf heures | cinq");
        assert_eq!(fr(Joint::To, 23, 21), "à vingt-trois heures | vingt et une");
        assert_eq!(fr(Joint::None, 12, 30), "midi | et demi");
        let en = |joint, h, m| said(&clock(Language::En, joint, at(h, m)));
        assert_eq!(en(Joint::From, 9, 0), "from nine a.m.");
        assert_eq!(en(Joint::To, 12, 30), "to twelve thirty p.m.");
        assert_eq!(en(Joint::AndFrom, 14, 0), "and | from two p.m.");
        assert_eq!(en(Joint::At, 9, 15), "at | nine fifteen a.m.");
        assert_eq!(en(Joint::To, 16, 50), "to | fifty | minutes past | four p.m.");
    }

    #[test]
    fn a_date_has_its_weekday_and_the_first_is_premier() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(said(&date(Language::Fr, day(2026, 11, 24))), "le mardi | vingt-quatre | novembre");
        assert_eq!(said(&date(Language::Fr, day(2027, 1, 1))), "le vendredi | premier | janvier");
        assert_eq!(said(&date(Language::En, day(2026, 11, 24))), "on Tuesday | the twenty-fourth | of November");
    }

    #[test]
    fn a_length_of_time_is_rounded_up_to_minutes() {
        let fr = |secs| said(&duration(Language::Fr, Duration::from_secs(secs)));
        assert_eq!(fr(0), "moins d'une minute");
        assert_eq!(fr(1), "une minute");
        assert_eq!(fr(61), "deux minutes");
        assert_eq!(fr(21 * 60), "vingt et une minutes");
        assert_eq!(fr(3_600), "une heure");
        assert_eq!(fr(2 * 3_600 + 60), "deux heures | une minute");
        assert_eq!(fr(12 * 3_600), "douze heures");
        assert_eq!(fr(12 * 3_600 + 1), "plus de douze heures");
        assert_eq!(fr(u64::MAX), "plus de douze heures");
        assert_eq!(said(&duration(Language::En, Duration::from_secs(25 * 60))), "twenty-five | minutes");
    }
}
