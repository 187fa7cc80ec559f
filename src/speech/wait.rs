use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::phrase::Phrase;
use super::time;
use super::words::cardinal;
use crate::base::Language;

/// A wait in the steps that people use. Whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Less than so many minutes.
    Under(u16),
    /// About five minutes: from three to seven.
    AboutFive,
    /// From so many to so many minutes.
    Between(u16, u16),
    /// More than so many minutes.
    Over(u16),
}

impl Wait {
    /// Every step that is ever said, by top; among equal tops the narrowest first.
    pub const STEPS: [Self; 16] = [
        Self::Under(2),
        Self::Between(2, 5),
        Self::Under(5),
        Self::AboutFive,
        Self::Between(5, 10),
        Self::Under(10),
        Self::Between(10, 15),
        Self::Between(5, 15),
        Self::Between(15, 20),
        Self::Between(10, 20),
        Self::Under(20),
        Self::Between(20, 30),
        Self::Between(15, 30),
        Self::Between(10, 30),
        Self::Over(30),
        Self::Over(20),
    ];

    /// The first step whose top is at least `high` and whose bottom is at most `low`: the
    /// closest one that keeps what both ends promise.
    pub fn covering(low: Duration, high: Duration) -> Self {
        let fits = |step: &&Self| step.top().is_none_or(|top| high <= top) && step.bottom() <= low;
        Self::STEPS.iter().find(fits).copied().unwrap_or(Self::Over(20))
    }

    /// The longest wait that this allows; none if it names no end.
    pub fn top(self) -> Option<Duration> {
        match self {
            Self::Under(top) | Self::Between(_, top) => Some(minutes(top)),
            Self::AboutFive => Some(minutes(7)),
            Self::Over(_) => None,
        }
    }

    /// The shortest wait that this allows.
    pub fn bottom(self) -> Duration {
        match self {
            Self::Under(_) => Duration::ZERO,
            Self::AboutFive => minutes(3),
            Self::Between(bottom, _) | Self::Over(bottom) => minutes(bottom),
        }
    }

    /// Whether this promises a later end than `other`.
    pub fn is_longer_than(self, other: Self) -> bool {
        match (self.top(), other.top()) {
            (Some(mine), Some(theirs)) => mine > theirs,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => self.bottom() > other.bottom(),
        }
    }

    /// This, to one who was told `before`: at the same end the earlier words stand, so that
    /// *moins de cinq minutes* does not become *de deux à cinq minutes*.
    #[must_use]
    pub fn after(self, before: Self) -> Self {
        if self.top() == before.top() && self.bottom() > before.bottom() { before } else { self }
    }
}

impl fmt::Display for Wait {
    /// As records write it: `<2m`, `~5m`, `10-15m`, `>30m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Under(n) => write!(f, "<{n}m"),
            Self::AboutFive => f.write_str("~5m"),
            Self::Between(from, to) => write!(f, "{from}-{to}m"),
            Self::Over(n) => write!(f, ">{n}m"),
        }
    }
}

/// The wait in a sentence: `L'attente est de` `dix` `à quinze minutes`.
pub fn wait(language: Language, wait: Wait) -> Phrase {
    let l = language as usize;
    let long = |lead: [&'static str; 2], n: u16| {
        let mut phrase = Phrase::one(language, lead[l]);
        phrase.append(time::duration(language, minutes(n)));
        phrase
    };
    match wait {
        Wait::Under(n) => long(LESS, n),
        Wait::AboutFive => long(ABOUT, 5),
        Wait::Over(n) => long(MORE, n),
        Wait::Between(from, to) => {
            let mut phrase = Phrase::one(language, RANGE[l]);
            phrase.push(language, cardinal(language, from.into()));
            phrase.push(language, to_minutes(language, to));
            phrase
        }
    }
}

/// Every clip that this file's phrases are made of, numbers and lengths of time left out.
pub(super) fn clips(language: Language) -> Vec<String> {
    let mut clips: Vec<String> = [LESS, ABOUT, MORE, RANGE].iter().map(|c| c[language as usize].to_owned()).collect();
    clips.extend(Wait::STEPS.iter().filter_map(|step| match step {
        Wait::Between(_, to) => Some(to_minutes(language, *to)),
        Wait::Under(_) | Wait::AboutFive | Wait::Over(_) => None,
    }));
    clips
}

fn to_minutes(language: Language, n: u16) -> String {
    let n = cardinal(language, n.into());
    match language {
        Language::Fr => format!("à {n} minutes"),
        Language::En => format!("to {n} minutes"),
    }
}

fn minutes(n: u16) -> Duration {
    Duration::from_secs(u64::from(n) * 60)
}

const LESS: [&str; 2] = ["L'attente est de moins de", "The wait is less than"];
const ABOUT: [&str; 2] = ["L'attente est d'environ", "The wait is about"];
const MORE: [&str; 2] = ["L'attente est de plus de", "The wait is more than"];
const RANGE: [&str; 2] = ["L'attente est de", "The wait is"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::speech::vocabulary;

    fn said(low: u64, high: u64) -> Wait {
        Wait::covering(Duration::from_secs(low), Duration::from_secs(high))
    }

    #[test]
    fn a_wait_is_said_as_people_say_it() {
        let fr = |step| wait(Language::Fr, step).to_string();
        assert_eq!(fr(Wait::Under(2)), "L'attente est de moins de deux minutes");
        assert_eq!(fr(Wait::AboutFive), "L'attente est d'environ cinq minutes");
        assert_eq!(fr(Wait::Between(10, 15)), "L'attente est de dix à quinze minutes");
        assert_eq!(fr(Wait::Over(30)), "L'attente est de plus de trente minutes");
        let en = |step| wait(Language::En, step).to_string();
        assert_eq!(en(Wait::Under(2)), "The wait is less than two minutes");
        assert_eq!(en(Wait::AboutFive), "The wait is about five minutes");
        assert_eq!(en(Wait::Between(10, 15)), "The wait is ten to fifteen minutes");
        assert_eq!(en(Wait::Over(30)), "The wait is more than thirty minutes");
    }

    #[test]
    fn every_step_is_made_of_recorded_clips() {
        for language in Language::ALL {
            let clips = vocabulary(language);
            for step in Wait::STEPS {
                for fragment in wait(language, step).0 {
                    assert!(clips.iter().any(|clip| **clip == *fragment.text), "{}", fragment.text);
                }
            }
        }
    }

    #[test]
    fn a_wait_is_said_in_the_closest_step() {
        assert_eq!(said(20, 120), Wait::Under(2));
        assert_eq!(said(20, 121), Wait::Under(5));
        assert_eq!(said(200, 400), Wait::AboutFive);
        assert_eq!(said(620, 880), Wait::Between(10, 15));
        assert_eq!(said(1900, 2700), Wait::Over(30));
        assert_eq!(said(1300, 2700), Wait::Over(20));
    }

    #[test]
    fn a_later_end_is_longer() {
        assert!(Wait::AboutFive.is_longer_than(Wait::Under(5)));
        assert!(Wait::Over(20).is_longer_than(Wait::Between(20, 30)));
        assert!(Wait::Over(30).is_longer_than(Wait::Over(20)));
        assert!(!Wait::Under(5).is_longer_than(Wait::Between(2, 5)));
        assert!(!Wait::Between(20, 30).is_longer_than(Wait::Over(20)));
        assert_eq!(Wait::Between(2, 5).after(Wait::Under(5)), Wait::Under(5));
        assert_eq!(Wait::AboutFive.after(Wait::Under(10)), Wait::AboutFive);
        assert_eq!(Wait::Under(10).after(Wait::Between(5, 10)), Wait::Under(10));
    }

    proptest! {
        #[test]
        fn a_step_keeps_what_both_ends_promise(low in 0_u64..7000, wide in 0_u64..7000) {
            let (low, high) = (Duration::from_secs(low), Duration::from_secs(low + wide));
            let step = Wait::covering(low, high);
            prop_assert!(step.top().is_none_or(|top| high <= top));
            prop_assert!(step.bottom() <= low || step == Wait::Over(20));
        }
    }
}
