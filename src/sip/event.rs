use std::net::IpAddr;
use std::sync::Arc;

use super::guard::{Ban, Fault, Origin};
use super::trunk::{PulseState, RegistrationNews};
use super::{Incoming, Reason, Referral};
use crate::base::{AgentName, Digit, LegId, Private};

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
        /// When it may be tried again, if that is known.
        later: Option<Later>,
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
    /// Something about a trunk has changed.
    Trunk {
        /// Its name.
        name: Arc<str>,
        /// What.
        news: TrunkNews,
    },
    /// An agent's first contact has come, or the last one has gone.
    Registered {
        /// Who.
        agent: AgentName,
        /// Whether there is a contact now.
        up: bool,
    },
}

impl Event {
    /// Whether nothing more is told of the leg.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Cancelled { .. } | Self::Failed { .. } | Self::Ended { .. })
    }

    /// The same about another leg.
    pub(super) fn of(mut self, other: LegId) -> Self {
        match &mut self {
            Self::Incoming(incoming) => incoming.leg = other,
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
            | Self::Ended { leg, .. } => *leg = other,
            Self::StrandedUnanswered { .. }
            | Self::TurnedAway
            | Self::Blamed { .. }
            | Self::Banned(_)
            | Self::Trunk { .. }
            | Self::Registered { .. } => {}
        }
        self
    }

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
            | Self::Trunk { .. }
            | Self::Registered { .. } => None,
        }
    }
}

/// When a call that has failed may be placed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// The peer has said so (Retry-After), in seconds.
    Asked(u32),
    /// As many as may are out already: nobody was called. In seconds.
    Capped(u32),
}

/// What is told of a trunk.
#[derive(Clone, Debug, PartialEq)]
pub enum TrunkNews {
    /// It answers, or has stopped to.
    Pulse(PulseState),
    /// Our registration is there, or was refused.
    Registration(RegistrationNews),
    /// It has sent a call to a number that is not one of its own; told once a minute.
    Misdirected {
        /// Whom it called.
        dialled: Private<String>,
    },
    /// A call has gone on to the next place, because this one has failed it.
    Passed {
        /// Why; 408 where nothing came.
        status: u16,
    },
    /// A call could not go out by any trunk, because of the caps.
    Capped,
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
    /// The peer's handshake has not given the keys of its sound (RFC 5763).
    Unkeyed,
}
