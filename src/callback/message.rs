use std::time::Duration;

use crate::base::{MessageId, PhoneNumber, Private, WallTime};

/// A message that a caller has left.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id, which outlives the service.
    pub id: MessageId,
    /// The service that was called.
    pub service: String,
    /// The flow that answered.
    pub flow: String,
    /// The caller's number, unless withheld or erased.
    pub from: Option<Private<PhoneNumber>>,
    /// When the caller began.
    pub at: WallTime,
    /// How long it is.
    pub length: Duration,
    /// The file of its sound, in the folder of messages.
    pub file: String,
    /// How far it is.
    pub state: MessageState,
    /// When that last changed.
    pub changed: WallTime,
    /// Who changed it.
    pub changed_by: Option<String>,
    /// Whether the caller is called back for it.
    pub callback: bool,
    /// Whether somebody has been told by mail.
    pub mail: Mail,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// The caller speaks, or did when the service ended.
    Recording,
    /// It is on the disk, and its caller may still do it again.
    Kept,
    /// It is left, and waits for somebody.
    New,
    /// Somebody has listened to it.
    Heard,
    /// Somebody has done what it asked for.
    Settled,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Recording, Self::Kept, Self::New, Self::Heard, Self::Settled];

    /// The word in the store and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Kept => "kept",
            Self::New => "new",
            Self::Heard => "heard",
            Self::Settled => "settled",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// The notice by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mail {
    /// Nobody is told.
    None,
    /// It waits to be sent (again); so often it was tried in vain.
    Waiting {
        /// Times.
        tries: u32,
    },
    /// It was handed over.
    Sent,
    /// It was given up.
    Failed,
}

impl Mail {
    /// The word in the store and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Waiting { .. } => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// What a word and a number of tries stand for.
    pub fn from_word(word: &str, tries: u32) -> Option<Self> {
        [Self::None, Self::Waiting { tries }, Self::Sent, Self::Failed].into_iter().find(|mail| mail.word() == word)
    }

    /// How long until the next try, after so many in vain: half a minute, doubled each
    /// time up to an hour; nothing once it was tried for about a day.
    pub fn pause(tries: u32) -> Option<Duration> {
        (tries < TRIES).then(|| (FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1))).min(LONGEST_PAUSE))
    }
}

const TRIES: u32 = 30;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for state in MessageState::ALL {
            assert_eq!(MessageState::from_word(state.word()), Some(state));
        }
        for mail in [Mail::None, Mail::Waiting { tries: 3 }, Mail::Sent, Mail::Failed] {
            assert_eq!(Mail::from_word(mail.word(), 3), Some(mail));
        }
        assert_eq!(MessageState::from_word("lost"), None);
    }

    #[test]
    fn a_mail_is_tried_for_about_a_day_more_and_more_rarely() {
        let pauses: Vec<u64> = (1..).map_while(Mail::pause).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses[..9], [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        let day: u64 = pauses.iter().sum();
        assert!((20 * 3600..26 * 3600).contains(&day), "{day} s");
        assert_eq!(Mail::pause(u32::MAX), None);
    }
}
