//! Times, waits and numbers as they are written on a page.

use std::time::Duration;

use chrono::{Datelike, NaiveDate};

use crate::base::{Language, PhoneNumber, Private, WallTime};
use crate::callback::{Allowed, Door, When};
use crate::service::{Card, DayHours, Hours, State, TimeOfDay};
use crate::speech::{Wait, month_name, weekday_name};

/// `9 h`, `12 h 30`; `09:00` in English. The spaces are not broken.
pub(super) fn clock(language: Language, time: TimeOfDay) -> String {
    match (language, time.minute()) {
        (Language::Fr, 0) => format!("{}\u{a0}h", time.hour()),
        (Language::Fr, minute) => format!("{}\u{a0}h\u{a0}{minute:02}", time.hour()),
        (Language::En, minute) => format!("{:02}:{minute:02}", time.hour()),
    }
}

/// `aujourd’hui`, `demain`, `mardi 24 novembre`.
pub(in crate::web) fn day(language: Language, day: NaiveDate, today: NaiveDate) -> String {
    let named = |both: [&str; 2]| both[language as usize].to_owned();
    match day {
        day if day == today => named(["aujourd’hui", "today"]),
        day if today.succ_opt() == Some(day) => named(["demain", "tomorrow"]),
        day => {
            let weekday = weekday_name(language, day.weekday().num_days_from_monday() as usize);
            let month = month_name(language, day.month0() as usize);
            match (language, day.day()) {
                (Language::Fr, 1) => format!("{weekday} 1er {month}"),
                (_, nth) => format!("{weekday} {nth} {month}"),
            }
        }
    }
}

/// `mardi 24 novembre à 9 h`.
pub(super) fn moment(language: Language, hours: &Hours, at: WallTime, now: WallTime) -> String {
    let (date, time) = hours.local(at);
    let day = day(language, date, hours.local(now).0);
    match language {
        Language::Fr => format!("{day} à {}", clock(language, time)),
        Language::En => format!("{day} at {}", clock(language, time)),
    }
}

/// `demain, entre 14 h et 16 h`.
pub(super) fn slot(language: Language, hours: &Hours, (from, to): (WallTime, WallTime), now: WallTime) -> String {
    let ((date, from), (_, to)) = (hours.local(from), hours.local(to));
    let day = day(language, date, hours.local(now).0);
    let (from, to) = (clock(language, from), clock(language, to));
    match language {
        Language::Fr => format!("{day}, entre {from} et {to}"),
        Language::En => format!("{day}, between {from} and {to}"),
    }
}

/// When the call is promised for: `dès que possible`, or the slot with its date, which
/// holds on a page that is read again the day after.
pub(super) fn promised(language: Language, hours: &Hours, when: When) -> String {
    match when {
        When::Soon => ["dès que possible", "as soon as possible"][language as usize].to_owned(),
        When::Slot { from, to } => slot(language, hours, (from, to), WallTime::default()),
    }
}

/// What shows whose number it is to who knows it: `se termine par 78`.
pub(super) fn number_s_end(language: Language, number: &Private<PhoneNumber>) -> String {
    let digits = number.reveal().digits();
    let end = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
    match language {
        Language::Fr => format!("se termine par {end}"),
        Language::En => format!("ends in {end}"),
    }
}

/// Whether the phone is answered, and until when that holds.
pub(in crate::web) fn state(language: Language, hours: &Hours, now: WallTime) -> String {
    let until_today = |at: WallTime| hours.local(at).0 == hours.local(now).0;
    match (hours.state(now), language) {
        (State::Open { until: Some(until) }, Language::Fr) if until_today(until) => {
            format!("Ouvert jusqu’à {}", clock(language, hours.local(until).1))
        }
        (State::Open { until: Some(until) }, Language::En) if until_today(until) => {
            format!("Open until {}", clock(language, hours.local(until).1))
        }
        (State::Open { .. }, _) => ["Ouvert", "Open"][language as usize].to_owned(),
        (State::Closed { opens: Some(opens) }, Language::Fr) => {
            format!("Fermé, ouvre {}", moment(language, hours, opens, now))
        }
        (State::Closed { opens: Some(opens) }, Language::En) => {
            format!("Closed, opens {}", moment(language, hours, opens, now))
        }
        (State::Closed { opens: None }, _) => ["Fermé", "Closed"][language as usize].to_owned(),
    }
}

/// When the next calls may be made, where that is not now.
pub(super) fn reopens(card: &Card, now: WallTime) -> Option<WallTime> {
    let allowed = Allowed::by_card(card);
    let mut at = now;
    for _ in 0..LOOKS {
        match allowed.door(at) {
            Door::Open { .. } => return (at > now).then_some(at),
            Door::Shut { until } => at = until,
        }
    }
    None
}

/// The hours of the week around now, equal days together: days and times.
pub(in crate::web) fn week(language: Language, hours: &Hours, now: WallTime) -> Vec<(String, String)> {
    let week = hours.week_at(now);
    let mut groups: Vec<(Vec<usize>, &DayHours)> = Vec::new();
    for (day, times) in week.iter().enumerate().filter(|(_, times)| !times.is_empty()) {
        match groups.iter_mut().find(|(_, known)| *known == times) {
            Some((days, _)) => days.push(day),
            None => groups.push((vec![day], times)),
        }
    }
    groups.iter().map(|(days, open)| (days_text(language, days), times(language, open))).collect()
}

/// `lundi – vendredi`, `mercredi, samedi`.
fn days_text(language: Language, days: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match runs.last_mut().filter(|(_, last)| last + 1 == *day) {
            Some((_, last)) => *last = *day,
            None => runs.push((*day, *day)),
        }
    }
    let name = |day: usize| weekday_name(language, day);
    let run = |(first, last): (usize, usize)| match last - first {
        0 => name(first).to_owned(),
        1 => format!("{}, {}", name(first), name(last)),
        _ => format!("{} – {}", name(first), name(last)),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(", ")
}

/// `9 h – 12 h, 14 h – 17 h`.
pub(in crate::web) fn times(language: Language, times: &DayHours) -> String {
    let time = |(from, to): &(TimeOfDay, TimeOfDay)| {
        format!("{}\u{a0}–\u{a0}{}", clock(language, *from), clock(language, *to))
    };
    times.iter().map(time).collect::<Vec<_>>().join(", ")
}

/// `de 5 à 10 minutes`.
pub(super) fn wait(language: Language, wait: Wait) -> String {
    match (language, wait) {
        (Language::Fr, Wait::Under(n)) => format!("moins de {n}\u{a0}minutes"),
        (Language::Fr, Wait::AboutFive) => "environ 5\u{a0}minutes".to_owned(),
        (Language::Fr, Wait::Between(from, to)) => format!("de {from} à {to}\u{a0}minutes"),
        (Language::Fr, Wait::Over(n)) => format!("plus de {n}\u{a0}minutes"),
        (Language::En, Wait::Under(n)) => format!("less than {n}\u{a0}minutes"),
        (Language::En, Wait::AboutFive) => "about 5\u{a0}minutes".to_owned(),
        (Language::En, Wait::Between(from, to)) => format!("{from} to {to}\u{a0}minutes"),
        (Language::En, Wait::Over(n)) => format!("more than {n}\u{a0}minutes"),
    }
}

/// `01 43 12 45 67`; a number of elsewhere as it is.
pub(in crate::web) fn phone(number: &PhoneNumber) -> String {
    let national = number.international().national();
    if national.len() != 10 || national.starts_with('+') {
        return national;
    }
    let pairs: Vec<&str> = national.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok()).collect();
    pairs.join("\u{a0}")
}

/// Whole days, 1 at least.
pub(super) fn days(length: Duration) -> u64 {
    (length.as_secs() / (24 * 3600)).max(1)
}

/// A door has a few changes a day, and a week of holidays none.
const LOOKS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::CardDocument;

    fn card() -> Card {
        let text = "Mo-Tu,Th-Fr 07:00-12:30,14:00-17:00; Sa 09:00-12:00; PH off";
        let document: CardDocument =
            serde_json::from_value(serde_json::json!({ "name": "F", "hours": { "phone": text } })).unwrap();
        Card::build(document).unwrap()
    }

    /// Tuesday 24 November 2026 in Paris.
    fn tuesday(hour: u64) -> WallTime {
        WallTime::from_millis(1_795_474_800_000) + Duration::from_secs(hour * 3600)
    }

    fn plain(text: &str) -> String {
        text.replace('\u{a0}', " ")
    }

    #[test]
    fn it_is_said_until_when_it_is_open_and_when_it_opens() {
        let hours = card().phone_hours;
        assert_eq!(plain(&state(Language::Fr, &hours, tuesday(10))), "Ouvert jusqu’à 12 h 30");
        assert_eq!(plain(&state(Language::Fr, &hours, tuesday(13))), "Fermé, ouvre aujourd’hui à 14 h");
        assert_eq!(plain(&state(Language::En, &hours, tuesday(20))), "Closed, opens Thursday 26 November at 07:00");
    }

    #[test]
    fn equal_days_of_the_week_stand_together() {
        let week: Vec<String> = week(Language::Fr, &card().phone_hours, tuesday(10))
            .into_iter()
            .map(|(days, times)| plain(&format!("{days} : {times}")))
            .collect();
        assert_eq!(week, ["lundi, mardi, jeudi, vendredi : 7 h – 12 h 30, 14 h – 17 h", "samedi : 9 h – 12 h"]);
    }

    #[test]
    fn nobody_is_called_before_eight_although_it_opens_at_seven() {
        assert_eq!(reopens(&card(), tuesday(10)), None);
        assert_eq!(reopens(&card(), tuesday(20)), Some(tuesday(2 * 24 + 8)));
    }

    #[test]
    fn times_and_numbers_are_written_as_people_write_them() {
        let hours = card().phone_hours;
        let times = (tuesday(38), tuesday(40));
        assert_eq!(plain(&slot(Language::Fr, &hours, times, tuesday(10))), "demain, entre 14 h et 16 h");
        assert_eq!(slot(Language::En, &hours, times, tuesday(60)), "Wednesday 25 November, between 14:00 and 16:00");
        let when = When::Slot { from: times.0, to: times.1 };
        assert_eq!(plain(&promised(Language::Fr, &hours, when)), "mercredi 25 novembre, entre 14 h et 16 h");
        let number = |text: &str| plain(&phone(&PhoneNumber::parse(text).unwrap()));
        assert_eq!(number("+33143124567"), "01 43 12 45 67");
        assert_eq!(number("+3225123456"), "+3225123456");
        assert_eq!(plain(&wait(Language::Fr, Wait::Between(5, 10))), "de 5 à 10 minutes");
    }
}
