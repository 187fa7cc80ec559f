use std::sync::Arc;
use std::time::Duration;

use super::lookup::{LookUpNews, LookUpOrder};
pub(super) use super::note::Note;
use crate::base::{
    AgentName, Digit, Instant, MessageId, PhoneNumber, PlayId, Private, QueueName, Skill, TicketId, WallTime,
};
use crate::service::Diary;
use crate::speech::{Phrase, QuietTime, Wait};

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
    /// News of a message.
    Message(MessageNews),
    /// News of a look-up.
    LookUp(LookUpNews),
    /// News of the book of callbacks.
    Book(BookNews),
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
    /// The present place, which was asked for.
    Place(Place),
    /// The queue was full: the caller is not in it.
    Full,
    /// No agent is there, or all are on a pause: the caller is not (or no longer) in the queue.
    Nobody,
    /// The caller has waited for as long as the queue lets anybody wait, and is out of it.
    TimedOut,
    /// An agent's phone rings for the caller, or an agent is being told who it is.
    Ringing,
    /// No phone rings for the caller any more.
    Still,
    /// An agent and the caller hear each other.
    Connected {
        /// Who.
        agent: AgentName,
    },
    /// The talk has ended and the caller is still there.
    TalkEnded,
}

/// How a waiting caller stands at one moment: what the queue knows, and may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub rank: usize,
    /// How many wait in the queue, the caller included.
    pub waiting: usize,
    /// The wait from now on; nothing where too little is known.
    pub wait: Option<ExpectedWait>,
    /// The share of those who waited lately that hung up, in percent; nothing where too few did.
    pub abandoned: Option<u8>,
    /// When it is usually quiet, once the records have taught it.
    pub quiet: Option<QuietTime>,
}

impl Place {
    /// A place of which nothing but the rank is known.
    pub fn ranked(rank: usize) -> Self {
        Self { rank, waiting: rank, wait: None, abandoned: None, quiet: None }
    }
}

/// A wait as it is expected and as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedWait {
    /// As it is said.
    pub spoken: Wait,
    /// The mean.
    pub expected: Duration,
    /// One wait in ten is shorter.
    pub low: Duration,
    /// One wait in ten is longer.
    pub high: Duration,
    /// Why it is longer than the caller was told before; without a reason no longer wait is told.
    pub longer: Option<Longer>,
}

/// Why a wait has become longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Longer {
    /// There are fewer agents than when the caller was told last.
    FewerAgents,
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

/// What a flow wants done with the message that its caller leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageOrder {
    /// Makes room for one: [`MessageNews::Ready`] or [`MessageNews::Refused`] follows. In
    /// place of one that this step has kept, once the new one is kept.
    Prepare {
        /// The longest message.
        at_most: Duration,
        /// Whether the caller is called back for it: [`MessageNews::Promised`] or
        /// [`MessageNews::NotPromised`] follows once it is left.
        callback: bool,
        /// What it is called in the list of messages.
        name: Option<Arc<str>>,
    },
    /// Records from now on, until the caller is silent, or it is full; what became of it follows.
    Record,
    /// Ends the recording; what became of it follows.
    Stop,
    /// The step is over: what was said, or was kept last, is left.
    Leave,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageNews {
    /// It can be recorded.
    Ready,
    /// It can't be taken.
    Refused(NoMessage),
    /// Sound and row are on the disk: the caller may be told.
    Kept {
        /// Which.
        message: MessageId,
    },
    /// Nobody has spoken: nothing is kept.
    Nothing,
    /// It could not be written.
    NotKept,
    /// The message is left, and the call back that is wanted with it is written down.
    Promised {
        /// The ticket.
        ticket: TicketId,
        /// The first and the last moment of the promised time, where the number had a ticket
        /// before; nothing is as soon as possible.
        slot: Option<(WallTime, WallTime)>,
    },
    /// The message is left, and there is no call back.
    NotPromised,
}

/// Why no message can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMessage {
    /// The caller's number has left enough of them today.
    Enough,
    /// The disk, or the folder of messages, is full.
    Full,
    /// The database or the disk does not answer.
    Trouble,
}

impl NoMessage {
    /// The word in records and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Full => "full",
            Self::Trouble => "trouble",
        }
    }
}

/// What the book of callbacks says to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookNews {
    /// It is written down, and may be promised.
    Promised {
        /// The first and the last moment of the promised time; nothing is as soon as possible.
        slot: Option<(WallTime, WallTime)>,
    },
    /// It is not done.
    Refused,
    /// It is not done, because as many calls as can be made are promised for that time; the
    /// diary was told before.
    SlotTaken,
    /// What is promised for times to come, which was asked for.
    Diary(Diary),
    /// The caller's number has a ticket that waits.
    Known,
    /// That ticket is cancelled.
    Cancelled,
    /// The caller has that ticket's place in the queue, and the ticket is over.
    PlaceKept,
}

/// What a call asks of the book of callbacks.
#[derive(Clone, Debug, PartialEq)]
pub enum BookAsk {
    /// To call this number: [`BookNews::Promised`] or [`BookNews::Refused`] answers.
    Wish {
        /// Whom, checked, in international form.
        number: Private<PhoneNumber>,
        /// The queue whose agents call.
        queue: QueueName,
        /// What the agent must be able to do.
        needs: Vec<Skill>,
        /// Levels above an ordinary caller.
        priority: u8,
        /// The first and the last moment of the wanted time; nothing is as soon as possible.
        slot: Option<(WallTime, WallTime)>,
    },
    /// What is promised for times to come: [`BookNews::Diary`] answers.
    Diary {
        /// At which queue.
        queue: QueueName,
    },
    /// The last wish is not wanted any more.
    Forget,
    /// To cancel the ticket that [`BookNews::Known`] told of.
    Cancel,
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
    /// Answers the call, if that was not done yet: keys and words are wanted from now on.
    Answer,
    /// Puts the caller into a queue.
    Join {
        /// Which.
        queue: QueueName,
        /// What the agent must be able to do.
        needs: Vec<Skill>,
        /// Levels above an ordinary caller.
        priority: u8,
    },
    /// Asks for the present place, to be told now if it has changed: [`QueueNews::Place`].
    AskPlace,
    /// Takes the caller out of the queue.
    Leave,
    /// Connects the caller to an outside number.
    Transfer {
        /// Which.
        to: PhoneNumber,
        /// How long it rings.
        ring: Duration,
    },
    /// Asks a server: [`LookUpNews`] follows.
    LookUp(Box<LookUpOrder>),
    /// Something for the message that the caller leaves.
    Message(MessageOrder),
    /// Asks something of the book of callbacks.
    Book(BookAsk),
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
    /// Music on hold, round and round.
    Music {
        /// A file's name under `prompts/music`.
        name: Arc<str>,
        /// Where it begins for this caller.
        from: MusicFrom,
    },
    /// The tone after which a message is recorded.
    Beep,
    /// A message that this caller has just left.
    Message(MessageId),
}

/// Where music begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MusicFrom {
    /// At its first note.
    Start,
    /// Where this caller heard it last in this call.
    WhereItWas,
}

/// What a key does to a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The first key stops it.
    Stop,
    /// It plays on.
    Ignore,
}

/// When a machine wants [`Input::Tick`] at the latest.
pub type Deadline = Option<Instant>;
