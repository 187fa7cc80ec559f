use std::sync::Arc;
use std::time::Duration;

use crate::base::{AgentName, Digit, Instant, PhoneNumber, PlayId, Private, QueueName, Skill};
use crate::speech::Phrase;

/// What a running flow is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The caller has been answered and can hear.
    Answered,
    /// The caller pressed a key.
    Digit(Digit),
    /// A sound that was asked for has been heard to its end.
    Finished(PlayId),
    /// A deadline may have passed.
    Tick,
    /// News of the queue.
    Queue(QueueNews),
    /// News of a transfer.
    Transfer(TransferNews),
    /// The caller has gone; nothing more will be heard.
    HungUp,
}

/// What the queue says to a waiting call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueNews {
    /// The caller waits at this rank (1 is next).
    Joined {
        /// The place, from 1.
        rank: usize,
    },
    /// The present rank, which was asked for.
    Rank {
        /// The place, from 1.
        rank: usize,
    },
    /// The queue was full: the caller is not in it.
    Full,
    /// No agent is logged in: the caller is not (or no longer) in the queue.
    Nobody,
    /// An agent and the caller hear each other.
    Connected {
        /// Who.
        agent: AgentName,
    },
    /// The talk has ended and the caller is still there.
    TalkEnded,
}

/// What became of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferNews {
    /// Both hear each other.
    Connected,
    /// Nobody answered there.
    Failed,
    /// The talk has ended and the caller is still there.
    TalkEnded,
}

/// What a running flow asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Plays a sound to the caller, in place of what is playing.
    Play {
        /// Comes back in [`Input::Finished`], unless it was stopped or replaced.
        play: PlayId,
        /// What.
        sound: Sound,
        /// Whether the media plane stops it by itself at the first key.
        keys: Keys,
    },
    /// Stops what is playing.
    Stop,
    /// Puts the caller into a queue.
    Join {
        /// Which.
        queue: QueueName,
        /// What the agent must be able to do.
        needs: Vec<Skill>,
        /// Levels above an ordinary caller.
        priority: u8,
    },
    /// Asks for the present rank, which is about to be told.
    AskRank,
    /// Takes the caller out of the queue.
    Leave,
    /// Connects the caller to an outside number.
    Transfer {
        /// Which.
        to: PhoneNumber,
        /// How long it rings.
        ring: Duration,
    },
    /// Ends the call.
    Hangup {
        /// The second word of the record's ending, such as `flow-end`.
        why: &'static str,
    },
    /// Something for the record.
    Note(Note),
}

/// What can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sound {
    /// Words.
    Phrase(Phrase),
    /// Music on hold, round and round: a file's name under `prompts/music`.
    Music(Arc<str>),
}

/// What a key does to a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The first key stops it.
    Stop,
    /// It plays on.
    Ignore,
}

/// What a flow did, for the record and the transcript.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A step was entered.
    Step {
        /// Its name.
        name: Arc<str>,
    },
    /// A key was taken by a step.
    Key {
        /// Which.
        digit: Private<Digit>,
    },
    /// A number was typed.
    Collected {
        /// The name it is kept under.
        name: Arc<str>,
        /// The digits.
        digits: Private<String>,
    },
    /// The caller asked for an agent, by key, silence or flow.
    AskedAgent {
        /// Whether the phone hours say open.
        open: bool,
    },
    /// The rank was told.
    ToldRank {
        /// The place, from 1.
        rank: usize,
    },
    /// Something went round without waiting and was stopped, or could not run.
    Trouble {
        /// What.
        what: &'static str,
    },
}

/// When a machine wants [`Input::Tick`] at the latest.
pub type Deadline = Option<Instant>;
