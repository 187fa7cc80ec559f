use super::phrase::Phrase;
use super::time::{Joint, clock, weekday_name};
use crate::base::Language;
use crate::service::{DayHours, Hours, TimeOfDay};

/// The hours of an ordinary week, equal days together: `du lundi au vendredi,` `de neuf heures` …
pub fn hours(language: Language, hours: &Hours) -> Phrase {
    week(language, &hours.week())
}

/// An ordinary week in words.
pub(super) fn week(language: Language, week: &[DayHours; 7]) -> Phrase {
    if week.iter().all(Vec::is_empty) {
        return Phrase::one(language, CLOSED_ALL_WEEK[language as usize]);
    }
    if week.iter().all(is_whole_day) {
        return Phrase::one(language, DAY_AND_NIGHT[language as usize]);
    }
    let mut phrase = Phrase::default();
    let groups = equal_days(week);
    for (i, (days, times)) in groups.iter().enumerate() {
        let place = if i > 0 && i + 1 == groups.len() { Place::Last } else { Place::First };
        phrase.append(days_phrase(language, place, days));
        phrase.append(times_phrase(language, times));
    }
    phrase
}

/// The open times of one day: `de neuf heures` `à midi` `et de quatorze heures` `à dix-sept heures`.
pub(super) fn times_phrase(language: Language, times: &DayHours) -> Phrase {
    if is_whole_day(times) {
        return Phrase::one(language, ALL_DAY[language as usize]);
    }
    let mut phrase = Phrase::default();
    for (i, (start, end)) in times.iter().enumerate() {
        phrase.append(clock(language, if i == 0 { Joint::From } else { Joint::AndFrom }, *start));
        phrase.append(clock(language, Joint::To, *end));
    }
    phrase
}

/// One weekday before its times, 0 is Monday.
pub(super) fn one_weekday(language: Language, day: usize) -> Phrase {
    Phrase::one(language, one_day(language, Place::First, day))
}

/// Every clip that this file's phrases are made of, times left out.
pub(super) fn clips(language: Language) -> Vec<String> {
    let mut clips: Vec<String> =
        [CLOSED_ALL_WEEK, DAY_AND_NIGHT, ALL_DAY, EVERY_DAY].iter().map(|c| c[language as usize].to_owned()).collect();
    for from in 0..7 {
        clips.push(one_day(language, Place::First, from));
        clips.extend((from + 1..7).map(|to| two_days(language, from, to)));
        clips.extend((from + 2..7).filter(|to| to - from < 6).map(|to| range(language, Place::First, from, to)));
    }
    // What ends a list of days never begins on Monday or Tuesday.
    for from in 2..7 {
        clips.push(one_day(language, Place::Last, from));
        clips.extend((from + 2..7).map(|to| range(language, Place::Last, from, to)));
    }
    clips
}

/// Groups of days with equal open times, by their first day; closed days are left out.
fn equal_days(week: &[DayHours; 7]) -> Vec<(Vec<usize>, &DayHours)> {
    let mut groups: Vec<(Vec<usize>, &DayHours)> = Vec::new();
    for (day, times) in week.iter().enumerate().filter(|(_, times)| !times.is_empty()) {
        match groups.iter_mut().find(|(_, known)| *known == times) {
            Some((days, _)) => days.push(day),
            None => groups.push((vec![day], times)),
        }
    }
    groups
}

/// Names a group of weekdays, in order: a run of three and more by its ends. The last
/// group of a week begins with "et" where there is a clip for it.
fn days_phrase(language: Language, group: Place, days: &[usize]) -> Phrase {
    match days {
        [_, _, _, _, _, _, _] => return Phrase::one(language, EVERY_DAY[language as usize]),
        [first, second] => return Phrase::one(language, two_days(language, *first, *second)),
        _ => {}
    }
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for run in days.chunk_by(|a, b| a + 1 == *b) {
        match run {
            [first, _, .., last] => parts.push((*first, *last)),
            short => parts.extend(short.iter().map(|day| (*day, *day))),
        }
    }
    let mut phrase = Phrase::default();
    for (i, (from, to)) in parts.iter().enumerate() {
        let ends_list = i > 0 && i + 1 == parts.len();
        let ends_week = group == Place::Last && parts.len() == 1 && *from >= 2;
        let place = if ends_list || ends_week { Place::Last } else { Place::First };
        phrase.push(
            language,
            if from == to { one_day(language, place, *from) } else { range(language, place, *from, *to) },
        );
    }
    phrase
}

/// Where a part stands in a list of days.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    First,
    Last,
}

fn one_day(language: Language, place: Place, day: usize) -> String {
    let name = weekday_name(language, day);
    match language {
        Language::Fr => format!("{}le {name},", and(language, place)),
        Language::En => format!("{}on {name},", and(language, place)),
    }
}

fn two_days(language: Language, first: usize, second: usize) -> String {
    let (first, second) = (weekday_name(language, first), weekday_name(language, second));
    match language {
        Language::Fr => format!("le {first} et le {second},"),
        Language::En => format!("on {first} and {second},"),
    }
}

fn range(language: Language, place: Place, from: usize, to: usize) -> String {
    let (from, to) = (weekday_name(language, from), weekday_name(language, to));
    match language {
        Language::Fr => format!("{}du {from} au {to},", and(language, place)),
        Language::En => format!("{}from {from} to {to},", and(language, place)),
    }
}

fn and(language: Language, place: Place) -> &'static str {
    match (place, language) {
        (Place::First, _) => "",
        (Place::Last, Language::Fr) => "et ",
        (Place::Last, Language::En) => "and ",
    }
}

fn is_whole_day(times: &DayHours) -> bool {
    matches!(times.as_slice(), [(TimeOfDay::MIDNIGHT, TimeOfDay::END)])
}

const EVERY_DAY: [&str; 2] = ["tous les jours,", "every day,"];
const ALL_DAY: [&str; 2] = ["toute la journée", "all day"];
const DAY_AND_NIGHT: [&str; 2] = ["vingt-quatre heures sur vingt-quatre, tous les jours", "day and night, every day"];
const CLOSED_ALL_WEEK: [&str; 2] = ["fermé toute la semaine", "closed all week"];
