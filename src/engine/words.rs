//! A stand-in for the words of [`crate::speech`], with the same names.

use crate::base::{Digit, Language, WallTime};
use crate::service::{Card, Hours, Topic};
use crate::speech::Phrase;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    Closed,
    Connecting,
    Deleted,
    Goodbye,
    NobodyThere,
    QueueFull,
    Silence,
    TechnicalTrouble,
    ToAgent,
    TransferFailed,
    Waiting,
    WrongKey,
    WrongNumberTyped,
}

pub(super) fn sentence(language: Language, sentence: Sentence) -> Phrase {
    Phrase::one(language, format!("<{sentence:?}>"))
}

pub(super) fn menu_line(language: Language, purpose: &str, key: Digit) -> Phrase {
    Phrase::one(language, format!("Pour {purpose}, {key}."))
}

pub(super) fn agent_line(language: Language) -> Phrase {
    Phrase::one(language, "Pour un agent, 0.")
}

pub(super) fn rank(language: Language, rank: usize) -> Phrase {
    Phrase::one(language, format!("Rang {rank}."))
}

pub(super) fn tell(language: Language, _card: &Card, topic: Topic, _at: WallTime) -> Phrase {
    Phrase::one(language, format!("<{topic:?}>"))
}

pub(super) fn open_state(language: Language, hours: &Hours, at: WallTime) -> Phrase {
    Phrase::one(language, if hours.is_open(at) { "<open>" } else { "<closed>" })
}
