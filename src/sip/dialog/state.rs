use std::time::Duration;

use super::reliable::Acknowledged;
use crate::sip::lifecycle::lifecycle;
use crate::sip::message::Request;
use crate::sip::transaction::TxId;

lifecycle! {
    /// The life of a leg's dialog (RFC 3261, sections 9, 12 to 15; RFC 5407 for the races).
    ///
    /// ```text
    ///   incoming: Offered ─ Ringing ─ Answered ──ACK──┐
    ///                                     └End─ Leaving ──ACK──────────┐
    ///   ours:     Calling ─ Proceeding ──2xx──────────┤                │
    ///                └ Withdrawing ─ Cancelling       │                │
    ///                                                 V                V
    ///        Reoffering <──our re-INVITE── Talking ──End──> Ending ─> Over
    ///                             peer's re-INVITE └──> Reoffered ─> Reanswered ──ACK──> Talking
    /// ```
    pub(crate) enum Phase {
        /// The peer's INVITE is here.
        Offered { Ring => Ringing, Accept => Answered, Refuse => Over, Withdrawn => Over }
        /// We said that it rings.
        Ringing { Ring => Ringing, Accept => Answered, Refuse => Over, Withdrawn => Over }
        /// We sent a 200, its ACK is awaited.
        Answered { Ack => Talking, End => Leaving, Bye => Over, NoAck => Over, Dead => Over }
        /// As before, but the call wants to end: BYE must wait for the ACK.
        Leaving { Ack => Ending, Bye => Over, NoAck => Over }
        /// We sent an INVITE, nothing came yet.
        Calling { Progress => Proceeding, Challenged => Calling, Accepted => Talking, Refused => Over, End => Withdrawing }
        /// The called side works on it.
        Proceeding { Progress => Proceeding, Challenged => Calling, Accepted => Talking, Refused => Over, End => Cancelling }
        /// The call wants to end: CANCEL must wait for the first response.
        Withdrawing { Progress => Cancelling, Accepted => Over, Refused => Over }
        /// CANCEL has been sent.
        Cancelling { Progress => Cancelling, Accepted => Over, Refused => Over }
        /// Both sides agree.
        Talking { Reoffer => Reoffering, PeerReoffer => Reoffered, End => Ending, Bye => Over, Dead => Over }
        /// Our re-INVITE is on its way.
        Reoffering { Settled => Talking, End => Ending, Bye => Over, Dead => Over }
        /// The peer's re-INVITE waits for our answer.
        Reoffered { Accept => Reanswered, Refuse => Talking, Withdrawn => Talking, End => Ending, Bye => Over, Dead => Over }
        /// We answered the peer's re-INVITE, its ACK is awaited.
        Reanswered { Ack => Talking, End => Ending, Bye => Over, NoAck => Over, Dead => Over }
        /// Our BYE is on its way.
        Ending { Done => Over, Bye => Over }
        /// Over.
        Over {}
    }
    on
    /// What happens to it.
    enum Cue {
        /// We say that it rings.
        Ring,
        /// We accept the peer's offer.
        Accept,
        /// We refuse it.
        Refuse,
        /// The peer took it back by CANCEL, or by BYE before the answer.
        Withdrawn,
        /// The ACK of our 200.
        Ack,
        /// No ACK within 64 × T1.
        NoAck,
        /// A 1xx to our INVITE.
        Progress,
        /// A 2xx to our INVITE.
        Accepted,
        /// A 401 or 407 to our INVITE, which goes out again with our credentials.
        Challenged,
        /// Another final response to our INVITE, or none.
        Refused,
        /// The call wants to end.
        End,
        /// We send a re-INVITE.
        Reoffer,
        /// Our re-INVITE has its final response.
        Settled,
        /// The peer sent a re-INVITE.
        PeerReoffer,
        /// The peer sent BYE.
        Bye,
        /// The peer doesn't answer, or has forgotten the dialog.
        Dead,
        /// Our BYE is answered, or nobody answers it.
        Done,
    }
}

/// A phase with what exists only in it.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Offered(Invited),
    Ringing(Invited),
    Answered(Accepted),
    Leaving(Accepted),
    Calling(Inviting),
    Proceeding(Inviting),
    Withdrawing(Inviting),
    Cancelling(Inviting),
    Talking,
    Reoffering,
    Reoffered(Invited),
    Reanswered(Accepted),
    Ending,
    Over,
}

/// A peer's INVITE that has no final response yet.
#[derive(Clone, Debug)]
pub(crate) struct Invited {
    /// Its transaction.
    pub(crate) tx: TxId,
    /// The request, to answer it.
    pub(crate) invite: Box<Request>,
}

/// Our 200 that has no ACK yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    /// Its transaction.
    pub(crate) tx: TxId,
    /// The sequence number that the ACK will have.
    pub(crate) cseq: u32,
    /// The pause before it is sent again.
    pub(crate) pause: Duration,
}

/// Our INVITE that has no final response yet.
#[derive(Clone, Debug)]
pub(crate) struct Inviting {
    /// Its transaction.
    pub(crate) tx: TxId,
    /// The SDP of a 18x, which a careless 200 does not repeat.
    pub(crate) early: Option<String>,
    /// Whether the call knows that it rings.
    pub(crate) rang: bool,
    /// The provisional responses that have been acknowledged, the last of each branch of a fork.
    pub(crate) acknowledged: Vec<Acknowledged>,
}

impl State {
    /// The phase without its data.
    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Offered(_) => Phase::Offered,
            Self::Ringing(_) => Phase::Ringing,
            Self::Answered(_) => Phase::Answered,
            Self::Leaving(_) => Phase::Leaving,
            Self::Calling(_) => Phase::Calling,
            Self::Proceeding(_) => Phase::Proceeding,
            Self::Withdrawing(_) => Phase::Withdrawing,
            Self::Cancelling(_) => Phase::Cancelling,
            Self::Talking => Phase::Talking,
            Self::Reoffering => Phase::Reoffering,
            Self::Reoffered(_) => Phase::Reoffered,
            Self::Reanswered(_) => Phase::Reanswered,
            Self::Ending => Phase::Ending,
            Self::Over => Phase::Over,
        }
    }
}
