use std::fmt::Write as _;
use std::time::Duration;

use chrono::Datelike;
use serde::Serialize;

use crate::base::{Digit, Language, WallTime};
use crate::call::Ending;
use crate::engine::{Note, QueueNews, TransferNews};
use crate::service::Hours;
use crate::speech::{Phrase, month_name, weekday_name};

/// One thing that happened in a simulated call.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The time since the call began.
    pub at: Duration,
    /// Whose doing it is.
    pub who: Who,
    /// What: the words that are heard, the key, the step's name.
    pub text: String,
    /// The same, for who compares calls.
    pub what: What,
}

/// What a line tells.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The call has been answered.
    Begins,
    /// It is answered, after something was heard.
    Answered,
    /// The caller presses a key.
    Key {
        /// Which.
        digit: Digit,
        /// Whether the flow was waiting for it, and nothing was heard.
        asked: bool,
    },
    /// Words are heard.
    Says,
    /// Something else is heard: music, a tone, the caller's own message.
    Sounds,
    /// The flow did this.
    Note(Note),
    /// The queue said this.
    Queue(QueueNews),
    /// A transfer came to this.
    Transfer(TransferNews),
    /// A phone rings for the caller.
    Rings,
    /// The caller left the queue.
    Leaves,
    /// A callback has the caller's place.
    Ticket {
        /// From 1.
        rank: usize,
    },
    /// The call has ended.
    Ends(Ending),
}

/// Whose doing a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// The line itself: the call's beginning and its end.
    Call,
    /// The flow, which enters a step or keeps a number.
    Flow,
    /// The voice that the caller hears.
    Service,
    /// The music that the caller hears.
    Music,
    /// The caller, who presses a key.
    Caller,
    /// The queue.
    Queue,
    /// An agent, or whoever answers a transfer.
    Agent,
    /// Something is wrong with the flow.
    Trouble,
}

impl Who {
    fn mark(self) -> char {
        match self {
            Self::Call => '☎',
            Self::Flow => '→',
            Self::Service => '»',
            Self::Music => '♪',
            Self::Caller => '⌨',
            Self::Queue => '…',
            Self::Agent => '☺',
            Self::Trouble => '!',
        }
    }
}

/// The lines as people read them, one per line: time, mark, text.
pub fn transcript(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        let tenths = line.at.as_millis() / 100;
        let (minutes, seconds, tenth) = (tenths / 600, tenths / 10 % 60, tenths % 10);
        let _ = writeln!(out, "{minutes:02}:{seconds:02}.{tenth}  {}  {}", line.who.mark(), line.text);
    }
    out
}

/// The lines for programs: an array of `{"at_ms", "who", "text"}`.
pub fn to_json(lines: &[Line]) -> String {
    #[derive(Serialize)]
    struct Json<'a> {
        at_ms: u128,
        who: Who,
        text: &'a str,
    }
    let lines: Vec<Json<'_>> =
        lines.iter().map(|line| Json { at_ms: line.at.as_millis(), who: line.who, text: &line.text }).collect();
    serde_json::to_string_pretty(&lines).expect("invariant: numbers and text can be written as JSON")
}

/// A moment on the service's own clock: `mardi 24 novembre 2026, 10:00`.
pub(super) fn moment(hours: &Hours, at: WallTime) -> String {
    let (day, time) = hours.local(at);
    let weekday = weekday_name(Language::Fr, day.weekday().num_days_from_monday() as usize);
    let month = month_name(Language::Fr, day.month0() as usize);
    format!("{weekday} {} {month} {}, {:02}:{:02}", day.day(), day.year(), time.hour(), time.minute())
}

/// The words with a full stop wherever a sentence ends: clips that are put together
/// at run time carry none.
pub(super) fn sentences(phrase: &Phrase) -> String {
    let mut out = String::new();
    for fragment in &phrase.0 {
        if !out.is_empty() {
            if fragment.text.starts_with(char::is_uppercase) && !ends_a_sentence(&out) {
                out.push('.');
            }
            out.push(' ');
        }
        out.push_str(&fragment.text);
    }
    if !out.is_empty() && !ends_a_sentence(&out) {
        out.push('.');
    }
    out
}

fn ends_a_sentence(text: &str) -> bool {
    text.ends_with(['.', '!', '?', ':', ',', ';'])
}
