use std::sync::Arc;

use super::framer::Unframed;
use super::transport::{ConnectionId, Hop};
use super::trunk::{Caps, Trunk};
use super::us::Way;
use super::{Account, Event, Reason, Taking};
use crate::base::{AgentName, Digit, LegId, PhoneNumber, Private};

/// What the endpoint is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// A datagram has come, or a message over a connection.
    Received {
        /// From where.
        from: Hop,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// What has come over a connection is no message, and nobody knows where the next one
    /// begins: what can be is answered, then the connection is to be closed.
    Unframed {
        /// From where.
        from: Hop,
        /// What has come, and what is wrong with it.
        what: Unframed,
    },
    /// Whoever is at the other end of a connection has shown a certificate that we trust.
    Certified {
        /// The connection.
        connection: ConnectionId,
        /// Whose it is: SIP domains, else hosts, in lower case.
        names: Vec<String>,
    },
    /// A connection is closed.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
    },
    /// A message of ours could not be sent: there is no connection, and none could be opened.
    Undelivered {
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A call asks for something.
    Command(Command),
    /// The agents' accounts, from now on; who has none any more is registered no longer.
    Accounts(Vec<Account>),
    /// Whether there is room for new calls from outside, from now on; there is at the start.
    Room(Room),
    /// The ways to outside numbers from now on. A trunk whose name stays keeps its calls, and
    /// what is known of it; what we are registered for with one that is gone is given back.
    Trunks {
        /// All of them, the one that is preferred first.
        trunks: Vec<Trunk>,
        /// How many calls go out by all of them together.
        caps: Caps,
    },
    /// A trunk that is named by a domain was found.
    Located {
        /// Its name.
        trunk: Arc<str>,
        /// Where it is, the place that is to be tried first in front.
        hops: Vec<Hop>,
        /// Our addresses on the way to each.
        ways: Vec<Way>,
    },
    /// The service stops: what we are registered for is given back.
    Leave,
    /// A deadline may have passed.
    Tick,
}

/// Whether new calls from outside are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// They are.
    Free,
    /// They get 503 and a moment to come back, and nothing is remembered of them.
    Full,
}

/// What the endpoint says.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send this message.
    Send {
        /// Where to.
        to: Hop,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Something that a call, the hub or the operator must know.
    Event(Event),
}

/// What a call asks of the endpoint.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// 180 to an incoming call.
    Ring {
        /// The leg.
        leg: LegId,
    },
    /// 183 to an incoming call with our SDP: the answer to its offer, so that it hears us
    /// before the 200. Reliable (RFC 3262) where the caller knows that. Not for an INVITE
    /// without an offer.
    Progress {
        /// The leg.
        leg: LegId,
        /// The body.
        sdp: String,
    },
    /// 200 to an incoming call, with our SDP: the answer, or an offer when the INVITE had none.
    Answer {
        /// The leg.
        leg: LegId,
        /// The body.
        sdp: String,
    },
    /// A final refusal to an incoming call; the leg ends with [`DialogEnd::Ours`].
    Reject {
        /// The leg.
        leg: LegId,
        /// The status, 300 to 699.
        status: u16,
        /// Seconds for a Retry-After header.
        retry_after: Option<u32>,
    },
    /// 404 to an incoming call from a stranger: it counts as a fault of where it came from.
    NoSuchNumber {
        /// The leg.
        leg: LegId,
    },
    /// Places a call.
    Invite {
        /// The new leg's id, chosen by the call.
        leg: LegId,
        /// Whom.
        to: Target,
        /// Who is presented: the caller to an agent, the service to an outside number.
        from: Identity,
        /// Our offer.
        sdp: String,
    },
    /// Places a call whose dialog was named, and written down, before.
    InviteNamed {
        /// The new leg's id, chosen by the call.
        leg: LegId,
        /// Whom.
        to: Target,
        /// Who is presented.
        from: Identity,
        /// Our offer.
        sdp: String,
        /// How the dialog is called.
        name: InviteName,
    },
    /// Places a call in the place of one that the called phone is in (RFC 3891), for somebody
    /// who has asked for it (RFC 3892).
    InviteInPlace {
        /// The new leg's id, chosen by the call.
        leg: LegId,
        /// Whom.
        to: Target,
        /// Who is presented.
        from: Identity,
        /// Our offer.
        sdp: String,
        /// Which call's place, if any.
        taking: Option<Taking>,
        /// Who has asked for it.
        referred_by: Option<String>,
    },
    /// 202 to the peer's REFER: it is tried, and [`Self::ReferProgress`] tells how it goes.
    AcceptRefer {
        /// The leg.
        leg: LegId,
    },
    /// A final refusal of the peer's REFER.
    RefuseRefer {
        /// The leg.
        leg: LegId,
        /// The status, such as 403.
        status: u16,
    },
    /// Tells the peer how what it asked for goes (NOTIFY); a final status is the last word.
    ReferProgress {
        /// The leg.
        leg: LegId,
        /// The status of the new call.
        status: u16,
    },
    /// Ends a call that an earlier run of the service has left behind: CANCEL of its INVITE,
    /// and a BYE if the peer's tag is known; who answers all the same is hung up on.
    /// [`Event::StrandedUnanswered`] follows if the INVITE turns out to have had no answer.
    EndStranded {
        /// Whom it called.
        to: Target,
        /// Who was presented.
        from: Identity,
        /// How the dialog was called.
        name: InviteName,
        /// The peer's tag.
        to_tag: Option<String>,
    },
    /// Ends the leg in whatever state it is: CANCEL, BYE, or a refusal.
    End {
        /// The leg.
        leg: LegId,
    },
    /// As [`Self::End`], and says why (RFC 3326).
    EndFor {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: Reason,
    },
    /// re-INVITE with a new offer.
    Reoffer {
        /// The leg.
        leg: LegId,
        /// The body.
        sdp: String,
    },
    /// 200 to the peer's re-INVITE or UPDATE.
    AnswerReoffer {
        /// The leg.
        leg: LegId,
        /// The body: the answer, or an offer when the re-INVITE had none.
        sdp: String,
    },
    /// 488 to the peer's re-INVITE or UPDATE: its offer can't be met, the session stays as it was.
    RejectReoffer {
        /// The leg.
        leg: LegId,
    },
    /// Asks whether the peer still lives (in-dialog OPTIONS); a dead one ends with [`Event::Ended`].
    Ask {
        /// The leg.
        leg: LegId,
    },
    /// Ends a leg whose sound has no keys; it ends with [`DialogEnd::Unkeyed`].
    GiveUp {
        /// The leg.
        leg: LegId,
    },
    /// Sends a key by SIP INFO (`application/dtmf-relay`).
    Info {
        /// The leg.
        leg: LegId,
        /// The key.
        digit: Digit,
    },
}

impl Command {
    /// The leg that it is for; the end of an earlier run's call is for none.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::Ring { leg, .. }
            | Self::Progress { leg, .. }
            | Self::Answer { leg, .. }
            | Self::Reject { leg, .. }
            | Self::NoSuchNumber { leg, .. }
            | Self::Invite { leg, .. }
            | Self::InviteNamed { leg, .. }
            | Self::InviteInPlace { leg, .. }
            | Self::AcceptRefer { leg, .. }
            | Self::RefuseRefer { leg, .. }
            | Self::ReferProgress { leg, .. }
            | Self::End { leg, .. }
            | Self::EndFor { leg, .. }
            | Self::Reoffer { leg, .. }
            | Self::AnswerReoffer { leg, .. }
            | Self::RejectReoffer { leg, .. }
            | Self::Ask { leg, .. }
            | Self::GiveUp { leg }
            | Self::Info { leg, .. } => Some(*leg),
            Self::EndStranded { .. } => None,
        }
    }

    /// The same for another leg.
    pub(super) fn of(mut self, other: LegId) -> Self {
        match &mut self {
            Self::Ring { leg, .. }
            | Self::Progress { leg, .. }
            | Self::Answer { leg, .. }
            | Self::Reject { leg, .. }
            | Self::NoSuchNumber { leg, .. }
            | Self::Invite { leg, .. }
            | Self::InviteNamed { leg, .. }
            | Self::InviteInPlace { leg, .. }
            | Self::AcceptRefer { leg, .. }
            | Self::RefuseRefer { leg, .. }
            | Self::ReferProgress { leg, .. }
            | Self::End { leg, .. }
            | Self::EndFor { leg, .. }
            | Self::Reoffer { leg, .. }
            | Self::AnswerReoffer { leg, .. }
            | Self::RejectReoffer { leg, .. }
            | Self::Ask { leg, .. }
            | Self::GiveUp { leg }
            | Self::Info { leg, .. } => *leg = other,
            Self::EndStranded { .. } => {}
        }
        self
    }
}

/// What names a dialog from its INVITE on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteName {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub from_tag: String,
    /// The branch of our Via.
    pub branch: String,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// An agent, at the registered contact.
    Agent(AgentName),
    /// An outside number, through the trunk.
    Trunk(PhoneNumber),
    /// A SIP URI as it is written, such as `sip:100@127.0.0.1:5060` (`svi call`).
    Uri(String),
}

/// Who is presented to the called side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// The number or user part; `None` is anonymous.
    pub user: Option<Private<String>>,
    /// The display name.
    pub display: Option<String>,
}
