use std::time::Duration;

use super::{CallEvent, Codes, Dictate, Record, WatchOrder, Watched};
use crate::base::{AgentName, CallId, Instant, Language, LegId, Now, PhoneNumber, PlayId};
use crate::engine::{LookUpNews, LookUpOrder, MessageNews, Place, Sound};
use crate::{callback, media, queue, sip};

/// What a call is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// Something happened on one of its legs' dialogs.
    Sip(sip::Event),
    /// Something happened on one of its legs' media.
    Media(media::Event),
    /// A media port was opened for a leg, after [`Output::OpenMedia`].
    MediaOpened {
        /// The leg.
        leg: LegId,
        /// Our end of it; `None` when no port was free.
        local: Option<media::Port>,
    },
    /// The board speaks to this call (its own [`CallId`] is in it).
    Queue(queue::Output),
    /// The caller's present place, for who asked by [`queue::Input::Ask`].
    Place(Place),
    /// The book of callbacks speaks to this call.
    Book(callback::Output),
    /// A supervisor wants to hear this call's talk, to be heard in it, or to leave it.
    Watch(WatchOrder),
    /// News of the message that the caller leaves.
    Message(MessageNews),
    /// News of a look-up.
    LookUp(LookUpNews),
    /// News of the talk that this call's supervisor hears.
    Watched(Watched),
    /// An agent's phone wants to take the place of one of this call's legs (RFC 3891); its own
    /// leg is this call's from now on, whatever becomes of it.
    Replaced(Box<sip::Incoming>),
    /// The service is stopping and the call must end now.
    Shutdown,
    /// A deadline may have passed.
    Tick,
}

/// What a call asks for.
#[derive(Clone, Debug)]
pub enum Output {
    /// Something for the endpoint.
    Sip(sip::Command),
    /// Something for the media plane.
    Media(media::Command),
    /// Opens a media port for a leg; [`Input::MediaOpened`] follows.
    OpenMedia {
        /// The leg.
        leg: LegId,
    },
    /// Plays a sound; the shell turns its words into clips.
    Play {
        /// The leg.
        leg: LegId,
        /// Comes back in [`media::Event::Finished`].
        play: PlayId,
        /// What.
        sound: Sound,
        /// Whether the first key stops it.
        stop_on_key: bool,
    },
    /// Plays a tone, which no voice needs to be recorded for.
    Beep {
        /// The leg.
        leg: LegId,
        /// Comes back in [`media::Event::Finished`].
        play: PlayId,
        /// Which.
        beep: Beep,
    },
    /// Something for the message that the caller leaves; [`Input::Message`] follows.
    Message {
        /// Which call's.
        call: CallId,
        /// What.
        order: Dictate,
    },
    /// Asks a server; [`Input::LookUp`] follows, unless another one is asked before.
    LookUp(Box<LookUpOrder>),
    /// Something for the board.
    Queue(queue::Input),
    /// Something for the book of callbacks.
    Book(callback::Input),
    /// Something for the call that holds an agent's talk.
    Watch(WatchOrder),
    /// Something for the call of a supervisor.
    Watched {
        /// The supervisor's leg.
        leg: LegId,
        /// What.
        news: Watched,
    },
    /// Something happened, for the log, the console and the metrics.
    Event(CallEvent),
    /// The call is over; this is its record. Nothing comes after it.
    Ended(Box<Record>),
    /// The call of an agent's own phone is over; it has no record. Nothing comes after it.
    Over,
}

/// A tone that tells something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beep {
    /// What was asked for is done.
    Done,
    /// Something begins, or a key is wanted.
    Attention,
    /// There is nothing to hear, or no longer.
    Over,
}

/// What a task runs to its end: a citizen's call, or that of an agent's own phone.
pub trait Conversation: Send + 'static {
    /// The call's id.
    fn id(&self) -> CallId;
    /// Takes one input; drain [`Self::poll`] before the next.
    fn handle(&mut self, now: Now, input: Input);
    /// The next thing that the call asks for.
    fn poll(&mut self) -> Option<Output>;
    /// When the call wants [`Input::Tick`] at the latest.
    fn deadline(&self) -> Option<Instant>;
}

/// How an agent can be reached, from the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// At the phone that registered.
    Registered,
    /// At an outside number, through the trunk.
    Number {
        /// Which.
        number: PhoneNumber,
        /// Whether a key must be pressed there.
        confirm: Confirm,
    },
}

/// Whether who answers at an outside number must show to be no answering machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// By pressing 1.
    Key,
    /// It is known that nobody else answers there.
    Unasked,
}

/// Whether agents are told who it is before they hear the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whisper {
    /// How long the caller has waited, and what for.
    Wait,
    /// Nothing: the two hear each other at once.
    None,
}

/// Whether somebody is told of a supervisor who begins to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// By a tone, before.
    Tone,
    /// Not by us: they were told in another way.
    None,
}

/// Who is told of a supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notices {
    /// The agent.
    pub agent: Notice,
    /// The caller.
    pub caller: Notice,
}

/// What agents' phones may send callers on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfers {
    /// Whom, and what.
    pub to: Vec<TransferTo>,
    /// What the numbers begin with that they may; a short number in full. Empty allows none.
    pub numbers: Vec<String>,
}

/// Whom a caller may be sent on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferTo {
    /// Another agent, by name or extension.
    Agents,
    /// A queue of the caller's service, by name.
    Queues,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { to: vec![TransferTo::Agents, TransferTo::Queues], numbers: Vec::new() }
    }
}

/// What every call of a server shares.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How each agent is reached; who is not listed is reached at the registered phone.
    pub reach: Vec<(AgentName, Reach)>,
    /// Without a packet for this long, a phone is asked whether it lives.
    pub media_silence: Duration,
    /// The longest call.
    pub longest: Duration,
    /// The number presented to outside numbers; the service's first one when `None`.
    pub presented: Option<PhoneNumber>,
    /// What agents may send callers on to.
    pub transfers: Transfers,
    /// What agents are told before they hear a caller.
    pub whisper: Whisper,
    /// What agents dial on their phones.
    pub codes: Codes,
    /// Who may hear the talks of others; nobody where supervision is not allowed.
    pub supervisors: Vec<AgentName>,
    /// Who is told of a supervisor.
    pub notice: Notices,
    /// How long the phone of a citizen who is called back rings.
    pub recall_rings: Duration,
    /// The language that agents are spoken to in when there is no flow to tell.
    pub language: Language,
}

impl Settings {
    /// The agent of a name, or of an extension.
    pub fn agent(&self, dialled: &str) -> Option<&AgentName> {
        let extension = self.codes.extensions.iter().find(|(digits, _)| **digits == *dialled).map(|(_, name)| name);
        extension.or_else(|| self.reach.iter().map(|(name, _)| name).find(|name| name.as_str() == dialled))
    }

    /// How an agent is reached.
    pub fn reach(&self, agent: &AgentName) -> &Reach {
        self.reach.iter().find(|(name, _)| name == agent).map_or(&Reach::Registered, |(_, reach)| reach)
    }
}

/// The id of the call that an incoming leg belongs to.
pub fn call_of(leg: LegId) -> CallId {
    CallId(leg.0 >> 8)
}
