use std::net::IpAddr;

use super::framer::Unframed;
use super::guard::{Ban, Fault, Origin};
use super::transport::{ConnectionId, Hop};
use super::{Incoming, Reason, Referral, Taking};
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
    /// Whether there is room for new calls from outside, from now on; there is at the start.
    Room(Room),
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
    /// Sends a key by SIP INFO (`application/dtmf-relay`).
    Info {
        /// The leg.
        leg: LegId,
        /// The key.
        digit: Digit,
    },
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

/// What the endpoint tells. The last event of every leg is exactly one of
/// [`Event::Cancelled`], [`Event::Failed`] and [`Event::Ended`].
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A new call; 100 Trying has been sent.
    Incoming(Incoming),
    /// The caller gave up before the answer; 487 has been sent. The leg is over.
    Cancelled {
        /// The leg.
        leg: LegId,
    },
    /// The ACK to our 200 has come.
    Acked {
        /// The leg.
        leg: LegId,
        /// The answer, when our 200 held the offer.
        sdp: Option<String>,
    },
    /// The called side rings (180 or 183).
    Ringing {
        /// The leg.
        leg: LegId,
        /// The peer's tag, where it has one already.
        to_tag: Option<String>,
    },
    /// The called side answered, the ACK has been sent.
    Answered {
        /// The leg.
        leg: LegId,
        /// The answer.
        sdp: String,
    },
    /// The call that we placed was refused, timed out, or was cancelled by us. The leg is over.
    Failed {
        /// The leg.
        leg: LegId,
        /// The final status; 408 for no response, 480 for no contact registered, 503 for no trunk, 403 for a forbidden number.
        status: u16,
    },
    /// The peer sent a re-INVITE, or an UPDATE with an offer (hold, resume, a new address).
    Reoffered {
        /// The leg.
        leg: LegId,
        /// Its offer, if it had one.
        sdp: Option<String>,
    },
    /// The peer answered our re-INVITE.
    ReofferAnswered {
        /// The leg.
        leg: LegId,
        /// Its answer, `None` when it refused.
        sdp: Option<String>,
    },
    /// The peer wants its call to be connected elsewhere; [`Command::AcceptRefer`] or
    /// [`Command::RefuseRefer`] must follow.
    Referred {
        /// The leg.
        leg: LegId,
        /// With whom.
        referral: Box<Referral>,
    },
    /// A key came by SIP INFO.
    Digit {
        /// The leg.
        leg: LegId,
        /// The key.
        digit: Digit,
    },
    /// The peer answered our question.
    Alive {
        /// The leg.
        leg: LegId,
    },
    /// Why the peer ends it, where it says so: the end follows.
    Reason {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: Reason,
    },
    /// The dialog is over. The leg is over.
    Ended {
        /// The leg.
        leg: LegId,
        /// Why.
        why: DialogEnd,
    },
    /// A call that [`Command::EndStranded`] has cancelled was never answered: its INVITE got 487.
    /// It may be said more than once.
    StrandedUnanswered {
        /// Its Call-ID.
        call_id: String,
    },
    /// A call got 503, because there is no [`Room`]; there was no leg.
    TurnedAway,
    /// A stranger tried a password or a number. Of a flood only the first of each second are told.
    Blamed {
        /// From where.
        source: IpAddr,
        /// What it was.
        fault: Fault,
        /// How sure it is that it came from there.
        origin: Origin,
    },
    /// A stranger tried too often.
    Banned(Ban),
    /// An agent's first contact has come, or the last one has gone.
    Registered {
        /// Who.
        agent: AgentName,
        /// Whether there is a contact now.
        up: bool,
    },
}

impl Event {
    /// The leg that it is about; a registration, a call turned away and one of an earlier run are about none.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::Incoming(incoming) => Some(incoming.leg),
            Self::Cancelled { leg }
            | Self::Acked { leg, .. }
            | Self::Ringing { leg, .. }
            | Self::Answered { leg, .. }
            | Self::Failed { leg, .. }
            | Self::Reoffered { leg, .. }
            | Self::ReofferAnswered { leg, .. }
            | Self::Digit { leg, .. }
            | Self::Alive { leg }
            | Self::Referred { leg, .. }
            | Self::Reason { leg, .. }
            | Self::Ended { leg, .. } => Some(*leg),
            Self::StrandedUnanswered { .. }
            | Self::TurnedAway
            | Self::Blamed { .. }
            | Self::Banned(_)
            | Self::Registered { .. } => None,
        }
    }
}

/// Why a dialog ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogEnd {
    /// The peer sent BYE.
    Bye,
    /// We ended it: our BYE is done, or our refusal of the INVITE is sent.
    Ours,
    /// Our 200 was never acknowledged (RFC 3261, 13.3.1.4), or our reliable provisional response.
    NoAck,
    /// The peer did not answer a request within the dialog, or said 481.
    Dead,
    /// Nobody has refreshed the session (RFC 4028).
    Expired,
}
