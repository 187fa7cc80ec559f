use std::net::SocketAddr;
use std::time::Duration;

use super::{CallEvent, Record};
use crate::base::{AgentName, CallId, LegId, PhoneNumber, PlayId};
use crate::engine::Sound;
use crate::{media, queue, sip};

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
        /// Our address and port, as SDP shall tell it; `None` when no port was free.
        local: Option<SocketAddr>,
    },
    /// The board speaks to this call (its own [`CallId`] is in it).
    Queue(queue::Output),
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
    /// Something for the board.
    Queue(queue::Input),
    /// Something happened, for the log, the console and the metrics.
    Event(CallEvent),
    /// The call is over; this is its record. Nothing comes after it.
    Ended(Box<Record>),
}

/// How an agent can be reached, from the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// At the phone that registered.
    Registered,
    /// At an outside number, through the trunk.
    Number(PhoneNumber),
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
}

/// The id of the call that an incoming leg belongs to.
pub fn call_of(leg: LegId) -> CallId {
    CallId(leg.0 >> 8)
}
