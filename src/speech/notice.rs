use super::phrase::Phrase;
use crate::base::Language;

/// What a caller has to be told before the talk with an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// Somebody may listen.
    Listened,
    /// The talk may be kept.
    Recorded,
    /// Both.
    Both,
}

impl Notice {
    /// The word in flows and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listened => "listened",
            Self::Recorded => "recorded",
            Self::Both => "both",
        }
    }
}

/// The notice in a sentence, one clip.
pub fn notice(language: Language, notice: Notice) -> Phrase {
    let words = match notice {
        Notice::Listened => ["Cet appel peut être écouté.", "This call may be listened to."],
        Notice::Recorded => ["Cet appel peut être enregistré.", "This call may be recorded."],
        Notice::Both => ["Cet appel peut être écouté ou enregistré.", "This call may be listened to or recorded."],
    };
    Phrase::one(language, words[language as usize])
}
