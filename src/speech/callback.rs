use chrono::{Days, NaiveDate};

use super::hours::times_phrase;
use super::menu::{Offered, menu_line, offer_line, press};
use super::number::{digits, phone};
use super::phrase::Phrase;
use super::time::date;
use crate::base::{Digit, Language, PhoneNumber};
use crate::service::{DayHours, Slot};

/// What is said of a callback in one clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackWords {
    /// It has closed, and a call is offered.
    ClosedOffer,
    /// A number is to be typed.
    TypeNumber,
    /// The number is not one to call back.
    NotCallable,
    /// Who calls, to a citizen who has answered.
    Greeting,
    /// The chosen time is full meanwhile.
    SlotTaken,
    /// It is noted: as soon as possible.
    NotedSoon,
    /// Nothing is noted; the caller keeps the place.
    NotNotedPlaceKept,
    /// Nothing is noted.
    NotNoted,
    /// The caller has asked for a call already.
    Known,
    /// That is cancelled.
    Cancelled,
}

impl CallbackWords {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::ClosedOffer,
        Self::TypeNumber,
        Self::NotCallable,
        Self::Greeting,
        Self::SlotTaken,
        Self::NotedSoon,
        Self::NotNotedPlaceKept,
        Self::NotNoted,
        Self::Known,
        Self::Cancelled,
    ];
}

/// Words of a callback, one clip.
pub fn callback(language: Language, words: CallbackWords) -> Phrase {
    let both = match words {
        CallbackWords::ClosedOffer => [
            "Nous venons de fermer, mais nous pouvons vous rappeler.",
            "We have just closed, but we can call you back.",
        ],
        CallbackWords::TypeNumber => [
            "Tapez votre numéro de téléphone, puis la touche dièse. La touche étoile l'efface.",
            "Type your phone number, then the hash key. The star key deletes it.",
        ],
        CallbackWords::NotCallable => ["Nous ne pouvons pas rappeler ce numéro.", "We can't call this number back."],
        CallbackWords::Greeting => [
            "Bonjour, votre service public vous rappelle, comme vous l'avez demandé.",
            "Hello, this is your public service, calling you back as you asked.",
        ],
        CallbackWords::SlotTaken => ["Cet horaire vient d'être pris.", "That time has just been taken."],
        CallbackWords::NotedSoon => [
            "C'est noté, nous vous rappelons dès que possible.",
            "It is noted, we will call you back as soon as possible.",
        ],
        CallbackWords::NotNotedPlaceKept => [
            "Votre demande n'a pas pu être notée. Vous gardez votre place dans la file.",
            "Your request could not be noted. You keep your place in the queue.",
        ],
        CallbackWords::NotNoted => ["Votre demande n'a pas pu être notée.", "Your request could not be noted."],
        CallbackWords::Known => ["Vous avez demandé à être rappelé.", "You have asked to be called back."],
        CallbackWords::Cancelled => ["Votre demande de rappel est annulée.", "Your callback request is cancelled."],
    };
    Phrase::one(language, both[language as usize])
}

/// The number that would be called, and the keys that take or change it.
pub fn read_back(language: Language, number: &PhoneNumber) -> Phrase {
    let mut phrase = Phrase::one(language, WE_CALL[language as usize]);
    phrase.append(phone(language, number));
    phrase.append(keep_or_other(language));
    phrase
}

/// A number that was typed, digit by digit, and the keys that take or change it.
pub fn typed_back(language: Language, typed: &str) -> Phrase {
    let mut phrase = Phrase::one(language, TYPED[language as usize]);
    phrase.append(digits(language, typed));
    phrase.append(keep_or_other(language));
    phrase
}

fn keep_or_other(language: Language) -> Phrase {
    let mut phrase = line(language, CONFIRM[language as usize], 1);
    phrase.append(line(language, OTHER[language as usize], 2));
    phrase
}

/// As soon as possible, by this key.
pub fn soon_line(language: Language, key: u8) -> Phrase {
    line(language, SOON[language as usize], key)
}

/// A slot, by this key: `Pour être rappelé` `demain` `de quatorze heures` `à seize heures,` …
pub fn slot_line(language: Language, slot: &Slot, (today, key): (NaiveDate, u8)) -> Phrase {
    let mut phrase = Phrase::one(language, TO_BE_CALLED[language as usize]);
    phrase.append(slot_words(language, slot, today));
    phrase.push(language, format!("{}.", press(language, digit(key))));
    phrase
}

/// The promise of a slot.
pub fn noted_slot(language: Language, slot: &Slot, today: NaiveDate) -> Phrase {
    let mut phrase = Phrase::one(language, NOTED[language as usize]);
    phrase.append(slot_words(language, slot, today));
    phrase
}

/// The caller has asked already; a key cancels it.
pub fn known_callback(language: Language) -> Phrase {
    let mut phrase = callback(language, CallbackWords::Known);
    phrase.append(line(language, CANCEL[language as usize], CANCEL_KEY));
    phrase
}

/// The key that cancels a callback.
pub const CANCEL_KEY: u8 = 9;

fn slot_words(language: Language, slot: &Slot, today: NaiveDate) -> Phrase {
    let mut phrase = match slot.day {
        day if day == today => Phrase::one(language, TODAY[language as usize]),
        day if today.checked_add_days(Days::new(1)) == Some(day) => Phrase::one(language, TOMORROW[language as usize]),
        day => date(language, day),
    };
    phrase.append(times_phrase(language, &DayHours::from([(slot.from, slot.to)])));
    phrase
}

/// Every clip that this file's phrases are made of, numbers, dates and times left out.
pub(super) fn clips(language: Language) -> Vec<String> {
    let of = language as usize;
    let mut clips: Vec<String> =
        CallbackWords::ALL.iter().map(|words| callback(language, *words).to_string()).collect();
    clips.extend([WE_CALL, TYPED, TO_BE_CALLED, NOTED].iter().map(|both| both[of].to_owned()));
    for (key, purpose) in [(1, CONFIRM), (2, OTHER), (1, SOON), (CANCEL_KEY, CANCEL)] {
        clips.push(line(language, purpose[of], key).to_string());
    }
    // Any flow may offer it, on one of the first keys.
    clips.extend((1..=3).map(|key| offer_line(language, Offered::Callback, digit(key)).to_string()));
    clips.extend((1..=MOST_CHOICES).map(|key| format!("{}.", press(language, digit(key)))));
    clips
}

fn line(language: Language, purpose: &str, key: u8) -> Phrase {
    menu_line(language, purpose, digit(key))
}

fn digit(key: u8) -> Digit {
    Digit::from_char(char::from(b'0' + key % 10)).unwrap_or(Digit::ZERO)
}

/// As soon as possible, and three slots.
pub const MOST_CHOICES: u8 = 4;
const WE_CALL: [&str; 2] = ["Nous pouvons vous rappeler au", "We can call you back on"];
const TYPED: [&str; 2] = ["Vous avez tapé", "You have typed"];
const CONFIRM: [&str; 2] = ["confirmer ce numéro", "to confirm this number"];
const OTHER: [&str; 2] = ["donner un autre numéro", "to give another number"];
const SOON: [&str; 2] = ["être rappelé dès que possible", "to be called back as soon as possible"];
const CANCEL: [&str; 2] = ["annuler cette demande", "to cancel this request"];
const TO_BE_CALLED: [&str; 2] = ["Pour être rappelé", "To be called back"];
const NOTED: [&str; 2] = ["C'est noté, nous vous rappelons", "It is noted, we will call you back"];
const TODAY: [&str; 2] = ["aujourd'hui", "today"];
const TOMORROW: [&str; 2] = ["demain", "tomorrow"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::WallTime;
    use crate::service::TimeOfDay;

    fn slot(day: NaiveDate) -> Slot {
        let at = |hour| TimeOfDay::new(hour, 0).unwrap();
        let moment = WallTime::from_millis(0);
        Slot { day, from: at(14), to: at(16), begins: moment, ends: moment }
    }

    #[test]
    fn a_number_is_read_back_in_pairs_with_its_two_keys() {
        let number = PhoneNumber::parse("+33612345678").unwrap();
        assert_eq!(
            read_back(Language::Fr, &number).to_string(),
            "Nous pouvons vous rappeler au zéro six douze trente-quatre cinquante-six soixante-dix-huit \
             Pour confirmer ce numéro, tapez sur la touche numéro un. \
             Pour donner un autre numéro, tapez sur la touche numéro deux."
        );
    }

    #[test]
    fn a_typed_number_is_read_back_digit_by_digit_with_the_same_two_keys() {
        assert_eq!(
            typed_back(Language::Fr, "102").to_string(),
            "Vous avez tapé un zéro deux \
             Pour confirmer ce numéro, tapez sur la touche numéro un. \
             Pour donner un autre numéro, tapez sur la touche numéro deux."
        );
    }

    #[test]
    fn a_slot_is_today_tomorrow_or_a_date() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        let said = |d, language| slot_line(language, &slot(day(d)), (day(24), 2)).to_string();
        let times = "de quatorze heures à seize heures tapez sur la touche numéro deux.";
        assert_eq!(said(24, Language::Fr), format!("Pour être rappelé aujourd'hui {times}"));
        assert_eq!(said(25, Language::Fr), format!("Pour être rappelé demain {times}"));
        assert_eq!(said(26, Language::Fr), format!("Pour être rappelé le jeudi vingt-six novembre {times}"));
        assert_eq!(
            said(26, Language::En),
            "To be called back on Thursday the twenty-sixth of November from two p.m. to four p.m. press two."
        );
        assert_eq!(
            noted_slot(Language::Fr, &slot(day(25)), day(24)).to_string(),
            "C'est noté, nous vous rappelons demain de quatorze heures à seize heures"
        );
    }
}
