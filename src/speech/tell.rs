use std::time::Duration;

use chrono::NaiveDate;

use super::contact;
use super::hours::{times_phrase, week};
use super::phrase::Phrase;
use super::quiet;
use super::time::{Joint, clock, date, days_between, days_between_clips};
use crate::base::{Language, WallTime};
use crate::service::{Card, Closing, Hours, State, Topic, WhyClosed};

/// What the card knows about a topic; nothing where it knows nothing.
pub fn tell(language: Language, card: &Card, topic: Topic, now: WallTime) -> Phrase {
    match topic {
        Topic::Hours => opening_hours(language, card, now),
        Topic::Contact => contact::contact(language, card),
        Topic::Address => contact::desk(language, card),
        Topic::Appointments => contact::appointments(language, card),
        Topic::Busy => quiet::busy(language, card, now),
        Topic::Quiet => quiet(language, card, None, now),
        Topic::Procedure(nth) => contact::procedure(language, card, nth),
    }
}

/// Whether it is open now and, when it is not, when it opens.
pub fn open_state(language: Language, hours: &Hours, now: WallTime) -> Phrase {
    let opens = match hours.state(now) {
        State::Open { .. } => return Phrase::one(language, WE_ARE_OPEN[language as usize]),
        State::Closed { opens } => opens,
    };
    let mut phrase = Phrase::one(language, WE_ARE_CLOSED[language as usize]);
    if let Some(opens) = opens {
        let ((today, _), (day, time)) = (hours.local(now), hours.local(opens));
        phrase.push(language, WE_OPEN[language as usize]);
        phrase.append(day_seen_from(language, today, day));
        phrase.append(clock(language, Joint::At, time));
    }
    phrase
}

/// Every clip that this file's phrases are made of, hours and dates left out.
pub(super) fn clips(language: Language) -> Vec<String> {
    let own = [WE_ARE_OPEN, WE_ARE_CLOSED, WE_OPEN, TODAY, TOMORROW];
    let mut clips: Vec<String> = own.iter().map(|c| c[language as usize].to_owned()).collect();
    for who in [Who::Everybody, Who::Phone, Who::Desk] {
        clips.extend(who.words().map(|w| w[language as usize].to_owned()));
    }
    for who in [Who::Phone, Who::Desk] {
        clips.extend(who.open_words().map(|w| w[language as usize].to_owned()));
        clips.push(who.other_hours_words()[language as usize].to_owned());
    }
    clips.extend(days_between_clips(language));
    clips
}

fn opening_hours(language: Language, card: &Card, now: WallTime) -> Phrase {
    let mut phrase = open_days(language, Who::Phone, &card.phone_hours, now);
    let phone = card.phone_hours.next_closure(now, AHEAD);
    let Some(desk_hours) = &card.desk_hours else {
        phrase.append(closing(language, Who::Everybody, phone, &card.phone_hours, now));
        return phrase;
    };
    phrase.append(open_days(language, Who::Desk, desk_hours, now));
    let desk = desk_hours.next_closure(now, AHEAD);
    if phone == desk {
        phrase.append(closing(language, Who::Everybody, phone, &card.phone_hours, now));
    } else {
        phrase.append(closing(language, Who::Phone, phone, &card.phone_hours, now));
        phrase.append(closing(language, Who::Desk, desk, desk_hours, now));
    }
    phrase
}

fn open_days(language: Language, who: Who, hours: &Hours, now: WallTime) -> Phrase {
    let [open, never] = who.open_words();
    let usual = hours.week_at(now);
    if usual.iter().all(Vec::is_empty) {
        return Phrase::one(language, never[language as usize]);
    }
    let mut phrase = Phrase::one(language, open[language as usize]);
    phrase.append(week(language, &usual));
    if let Some((day, times)) = hours.next_other_hours(now, AHEAD) {
        phrase.push(language, who.other_hours_words()[language as usize]);
        phrase.append(date(language, day));
        phrase.append(times_phrase(language, &times));
    }
    phrase
}

fn closing(language: Language, who: Who, closing: Option<Closing>, hours: &Hours, now: WallTime) -> Phrase {
    let mut phrase = Phrase::default();
    let Some(Closing { from, to, why }) = closing else { return phrase };
    let (today, _) = hours.local(now);
    let [will_be, is, is_today] = who.words().map(|w| w[language as usize]);
    if from == today && to == today {
        phrase.push(language, is_today);
    } else {
        phrase.push(language, if from == today { is } else { will_be });
        phrase.append(if from == to { date(language, from) } else { days_between(language, from, to) });
    }
    if let WhyClosed::Closure(closure) = why {
        phrase.append(contact::closure_reason(language, &closure));
    }
    phrase
}

fn day_seen_from(language: Language, today: NaiveDate, day: NaiveDate) -> Phrase {
    if day == today {
        Phrase::one(language, TODAY[language as usize])
    } else if Some(day) == today.succ_opt() {
        Phrase::one(language, TOMORROW[language as usize])
    } else {
        date(language, day)
    }
}

/// Who is open or closed.
#[derive(Clone, Copy)]
enum Who {
    Everybody,
    Phone,
    Desk,
}

impl Who {
    /// Will be closed, is closed, is closed today.
    fn words(self) -> [[&'static str; 2]; 3] {
        match self {
            Self::Everybody => [
                ["Nous serons fermés", "We will be closed"],
                ["Nous sommes fermés", "We are closed"],
                ["Nous sommes fermés aujourd'hui.", "We are closed today."],
            ],
            Self::Phone => [
                ["Nos agents ne répondront pas au téléphone", "Our agents will not answer the phone"],
                ["Nos agents ne répondent pas au téléphone", "Our agents do not answer the phone"],
                ["Nos agents ne répondent pas au téléphone aujourd'hui.", "Our agents do not answer the phone today."],
            ],
            Self::Desk => [
                ["L'accueil sera fermé", "Our desk will be closed"],
                ["L'accueil est fermé", "Our desk is closed"],
                ["L'accueil est fermé aujourd'hui.", "Our desk is closed today."],
            ],
        }
    }

    /// What leads to the hours of a day that is not as usual.
    fn other_hours_words(self) -> [&'static str; 2] {
        match self {
            Self::Everybody | Self::Phone => [
                "Exceptionnellement, nos agents répondront au téléphone",
                "As an exception, our agents will answer the phone",
            ],
            Self::Desk => ["Exceptionnellement, l'accueil sera ouvert", "As an exception, our desk will be open"],
        }
    }

    /// What leads to the hours, and what is said when there are none.
    fn open_words(self) -> [[&'static str; 2]; 2] {
        match self {
            Self::Everybody | Self::Phone => [
                ["Nos agents répondent au téléphone", "Our agents answer the phone"],
                [
                    "Nos agents ne répondent pas au téléphone en ce moment.",
                    "Our agents do not answer the phone at the moment.",
                ],
            ],
            Self::Desk => [
                ["L'accueil est ouvert", "Our desk is open"],
                ["L'accueil est fermé en ce moment.", "Our desk is closed at the moment."],
            ],
        }
    }
}

/// Closures and holidays are told this long before.
const AHEAD: Duration = Duration::from_secs(7 * 24 * 3600);
const WE_ARE_OPEN: [&str; 2] = ["Nous sommes ouverts.", "We are open."];
const WE_ARE_CLOSED: [&str; 2] = ["Nous sommes fermés.", "We are closed."];
const WE_OPEN: [&str; 2] = ["Nous ouvrons", "We open"];
const TODAY: [&str; 2] = ["aujourd'hui", "today"];
const TOMORROW: [&str; 2] = ["demain", "tomorrow"];

#[cfg(test)]
mod tests;
