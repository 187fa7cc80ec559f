use std::time::Duration;

use super::hours::{one_weekday, times_phrase, week};
use super::phrase::Phrase;
use super::time;
use super::wait::Wait;
use crate::base::{Language, WallTime};
use crate::service::{Card, DayHours, Hours, TimeOfDay};

/// A time of the week when the wait is usually short, as the records have taught it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietTime {
    /// The day, 0 is Monday.
    pub weekday: usize,
    /// From when.
    pub from: TimeOfDay,
    /// Until when, on the same day.
    pub to: TimeOfDay,
    /// The wait that hardly anybody exceeds then.
    pub wait: Wait,
}

/// When it is better to phone: the learned time, else the card's times. Nothing is said of
/// a time at which it is closed.
pub fn quiet(language: Language, card: &Card, learned: Option<QuietTime>, now: WallTime) -> Phrase {
    let open = card.phone_hours.week_at(now);
    let fits = |time: &QuietTime| {
        let day = open.get(time.weekday).map_or(&[][..], Vec::as_slice);
        time.from < time.to && day.iter().any(|(from, to)| *from <= time.from && time.to <= *to)
    };
    match learned.filter(fits) {
        Some(time) => learned_phrase(language, time),
        None => led(language, SHORTER, card.quiet.as_ref(), card, now),
    }
}

/// When many phone, by the card.
pub(super) fn busy(language: Language, card: &Card, now: WallTime) -> Phrase {
    led(language, BUSY, card.busy.as_ref(), card, now)
}

/// Every clip that this file's phrases are made of, hours and lengths of time left out.
pub(super) fn clips(language: Language) -> Vec<String> {
    [BUSY, SHORTER, LESS].iter().map(|c| c[language as usize].to_owned()).collect()
}

fn learned_phrase(language: Language, quiet: QuietTime) -> Phrase {
    let mut phrase = match quiet.wait {
        Wait::Under(minutes) => {
            let mut phrase = Phrase::one(language, LESS[language as usize]);
            phrase.append(time::duration(language, Duration::from_secs(u64::from(minutes) * 60)));
            phrase
        }
        Wait::AboutFive | Wait::Between(..) | Wait::Over(_) => Phrase::one(language, SHORTER[language as usize]),
    };
    phrase.append(one_weekday(language, quiet.weekday));
    phrase.append(times_phrase(language, &vec![(quiet.from, quiet.to)]));
    phrase
}

fn led(language: Language, lead: [&str; 2], hours: Option<&Hours>, card: &Card, now: WallTime) -> Phrase {
    let mut phrase = Phrase::default();
    let Some(hours) = hours else { return phrase };
    let (mut days, open) = (hours.week_at(now), card.phone_hours.week_at(now));
    for (day, open) in days.iter_mut().zip(&open) {
        *day = while_open(day, open);
    }
    if days.iter().any(|day| !day.is_empty()) {
        phrase.push(language, lead[language as usize]);
        phrase.append(week(language, &days));
    }
    phrase
}

/// The part of some times at which it is open.
fn while_open(times: &DayHours, open: &DayHours) -> DayHours {
    let both = |(from, to): &(TimeOfDay, TimeOfDay)| {
        let each = |(opens, closes): &(TimeOfDay, TimeOfDay)| ((*from).max(*opens), (*to).min(*closes));
        open.iter().map(each).filter(|(from, to)| from < to).collect::<Vec<_>>()
    };
    times.iter().flat_map(both).collect()
}

const BUSY: [&str; 2] = ["Il y a le plus d'appels", "Most people call"];
const SHORTER: [&str; 2] = ["L'attente est d'habitude plus courte", "The wait is usually shorter"];
const LESS: [&str; 2] = ["L'attente est d'habitude de moins de", "The wait is usually less than"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::CardDocument;

    /// Open from nine to five on weekdays, quiet as given.
    fn card(quiet: Option<&str>) -> Card {
        let mut document = serde_json::json!({ "name": "F", "hours": { "phone": "Mo-Fr 09:00-17:00" } });
        if let Some(quiet) = quiet {
            document["quiet"] = serde_json::json!({ "phone": quiet });
        }
        let document: CardDocument = serde_json::from_value(document).unwrap();
        Card::build(document).unwrap()
    }

    fn learned(weekday: usize, from: u8, to: u8) -> QuietTime {
        let at = |hour| TimeOfDay::new(hour, 0).unwrap();
        QuietTime { weekday, from: at(from), to: at(to), wait: Wait::Under(2) }
    }

    /// Tuesday 24 November 2026, 10:00 in Paris.
    fn now() -> WallTime {
        WallTime::from_millis(1_795_510_800_000)
    }

    #[test]
    fn what_was_learned_is_told_with_the_wait() {
        let said = quiet(Language::Fr, &card(None), Some(learned(2, 14, 16)), now()).to_string();
        assert_eq!(
            said,
            "L'attente est d'habitude de moins de deux minutes le mercredi, de quatorze heures à seize heures"
        );
        let said = quiet(Language::En, &card(None), Some(learned(2, 14, 16)), now()).to_string();
        assert_eq!(said, "The wait is usually less than two minutes on Wednesday, from two p.m. to four p.m.");
    }

    #[test]
    fn a_time_at_which_it_is_closed_is_never_told() {
        let fr = |quiet_hours, time| quiet(Language::Fr, &card(quiet_hours), time, now()).to_string();
        assert_eq!(fr(None, Some(learned(2, 16, 18))), "");
        assert_eq!(fr(None, Some(learned(6, 14, 16))), "");
        let shorter = "L'attente est d'habitude plus courte le jeudi, de seize heures à dix-sept heures";
        assert_eq!(fr(Some("Th 16:00-18:00"), Some(learned(2, 16, 18))), shorter);
        assert_eq!(fr(Some("Sa 16:00-18:00"), None), "");
    }

    #[test]
    fn the_card_is_told_where_nothing_was_learned() {
        assert_eq!(
            quiet(Language::Fr, &card(Some("We-Th 14:00-16:00")), None, now()).to_string(),
            "L'attente est d'habitude plus courte le mercredi et le jeudi, de quatorze heures à seize heures"
        );
        assert!(quiet(Language::Fr, &card(None), None, now()).is_empty());
    }
}
