use std::collections::VecDeque;
use std::sync::Arc;

use super::refer::Referring;
use super::reliable::Reliable;
use super::session::Agreed;
use super::{Accepted, Cue, Dialog, Invited, Phase, SessionTimes, State};
use crate::base::Lifecycle;
use crate::base::{AgentName, Chance, Instant, LegId, PhoneNumber, TimerTable};
use crate::sip::digest::ClientSecret;
use crate::sip::message::{Headers, Message, Method, Request, Response};
use crate::sip::registrar::Device;
use crate::sip::transaction::{PATIENCE, Sent, T1, T2, Transactions, TxId};
use crate::sip::transport::Hop;
use crate::sip::trunk::{Exit, TrunkId};
use crate::sip::us::Us;
use crate::sip::{DialogEnd, Event, Identity, Later, Reason, write};

/// What the legs stand on: the transactions, our name, chance, and what goes out.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The transactions.
    pub(crate) transactions: Transactions<Purpose>,
    /// Tags, branches, pauses.
    pub(crate) chance: Chance,
    /// How we name ourselves.
    pub(crate) us: Us,
    /// How long sessions last.
    pub(crate) session: SessionTimes,
    /// What the calls must know.
    pub(crate) events: VecDeque<Event>,
    /// Messages outside of transactions: ACKs, and answers that are not remembered.
    pub(crate) sent: VecDeque<Sent>,
}

/// What a request of ours was for.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// To open a leg; with the ACKs of every 2xx that came.
    Invite(LegId, Vec<Ack>),
    /// To change a leg's session; with the ACK of its 2xx.
    Reinvite(LegId, Vec<Ack>),
    /// To end a leg.
    Bye(LegId),
    /// To see whether a leg's peer lives.
    Ask(LegId),
    /// To refresh a leg's session.
    Refresh(LegId),
    /// To tell a leg's peer a key; its answer changes nothing unless the peer is gone.
    Tell(LegId),
    /// To take back a leg's INVITE, or to tell what has become of its transfer; its answer changes
    /// nothing, nor does it that none comes.
    Aside(LegId),
    /// To open a leg that has gone on elsewhere since, because nothing came; with the ACKs as
    /// before, and whether it has been called off.
    Left(Vec<Ack>, bool),
    /// To see whether a trunk is there; at which of its places, and the number of the question.
    Probe(TrunkId, u32, u32),
    /// To register with a trunk.
    Register(TrunkId),
    /// To see whether an agent's phone is there, by which of its ways.
    Question(AgentName, u64),
    /// To end a dialog that an earlier run has left behind; only a challenge is answered.
    Stranded,
    /// Nobody waits for the answer.
    Nothing,
}

/// The ACK of one 2xx, to be sent again whenever that comes again.
#[derive(Clone, Debug)]
pub(crate) struct Ack {
    /// The tag of the one who answered.
    pub(crate) tag: String,
    /// Where it goes.
    pub(crate) hop: Hop,
    /// The message.
    pub(crate) bytes: Vec<u8>,
}

/// How many branches of a fork are acknowledged.
pub(crate) const FORKS: usize = 8;

/// The hops that a request of ours may take (RFC 3261, section 8.1.1.6).
pub(crate) const HOPS: u8 = 70;

/// The deadlines of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegTimer {
    /// Our 200 is sent again: T1, doubled up to T2 (RFC 3261, section 13.3.1.4).
    Again,
    /// Our 200 has had no ACK: 64 × T1.
    NoAck,
    /// Our CANCEL has brought no final response: 64 × T1 (section 9.1).
    Cancelled,
    /// A 180 is repeated each minute, so that no proxy gives up (section 13.3.1.1).
    StillRinging,
    /// Our provisional response is sent again: T1, doubled each time (RFC 3262, section 3).
    Progress,
    /// Our provisional response has had no PRACK: 64 × T1.
    NoPrack,
    /// Our re-INVITE is tried again after the peer's crossed it (section 14.1).
    Reoffer,
    /// The session is to be refreshed by us: half of what it lasts (RFC 4028, section 7.2).
    Refresh,
    /// Nobody has refreshed the session (section 10).
    Expired,
    /// Our INVITE has had no response at all, and may go out elsewhere.
    Unheard,
}

/// What we answer challenges with.
#[derive(Debug)]
pub(crate) struct Access {
    /// The account's name.
    pub(crate) username: String,
    /// Its secret.
    pub(crate) secret: ClientSecret,
}

/// A call to an outside number: what it takes to place it once more.
#[derive(Debug)]
pub(crate) struct Outside {
    /// The trunk that it goes out by.
    pub(crate) trunk: TrunkId,
    /// Where it has been sent to last.
    pub(crate) hop: Option<Hop>,
    /// Where else it may go out.
    pub(crate) left: VecDeque<Exit>,
    /// The numbers that were called, the last one last.
    pub(crate) numbers: Vec<PhoneNumber>,
    /// Whether it may be sent on: what was named before is found again under that name only.
    pub(crate) roams: bool,
    /// Who is presented.
    pub(crate) from: Identity,
    /// Our offer, without our address where the place decides on it.
    pub(crate) sdp: Box<str>,
    /// Headers beside the usual ones.
    pub(crate) more: Vec<(String, String)>,
}

/// An offer of ours that waits for the dialog to be free.
#[derive(Clone, Debug)]
pub(crate) struct Postponed {
    /// The body; `None` says again what stands, to refresh the session.
    pub(crate) sdp: Option<String>,
    /// How often it has crossed another.
    pub(crate) crossed: u8,
}

/// One side of a call: a dialog and where it is in its life.
#[derive(Debug)]
pub(crate) struct Leg {
    /// Its name.
    pub(crate) id: LegId,
    /// Both ends.
    pub(crate) dialog: Dialog,
    /// Where it is.
    pub(crate) state: State,
    /// Its deadlines.
    pub(crate) timers: TimerTable<LegTimer>,
    /// Our next offer, which can't go out yet.
    pub(crate) postponed: Option<Postponed>,
    /// Our last offer by re-INVITE, to try again when it crosses the peer's.
    pub(crate) offered: Option<Postponed>,
    /// Whether the session's offer was ours in a 200, so that the ACK has the answer.
    pub(crate) late: bool,
    /// What challenges are answered with.
    pub(crate) access: Option<Arc<Access>>,
    /// Who opened the dialog: who did waits longer after a glare (section 14.1).
    pub(crate) opened_by: OpenedBy,
    /// The SDP that we sent last.
    pub(crate) said: Option<Arc<str>>,
    /// The peer's UPDATE with an offer that waits for our answer (RFC 3311).
    pub(crate) update: Option<Invited>,
    /// The peer's wish to be connected elsewhere (RFC 3515).
    pub(crate) referring: Option<Box<Referring>>,
    /// Our provisional responses that had to be acknowledged (RFC 3262).
    pub(crate) reliable: Option<Box<Reliable>>,
    /// How long the session lasts, and who refreshes it.
    pub(crate) session: Option<Agreed>,
    /// Why the call ends, once it wants to and says so.
    pub(crate) reason: Option<Reason>,
    /// Where it goes out, and may still go, if it is a call to an outside number.
    pub(crate) outside: Option<Box<Outside>>,
    /// How often the peer has asked for a longer session.
    pub(crate) raised: u8,
    /// Whether the peer takes UPDATE.
    pub(crate) takes_update: bool,
    /// The hops that the peer's INVITE had left (`Max-Forwards`).
    pub(crate) hops: u8,
    /// Whose phone the peer is, if it is a registered one.
    pub(crate) owner: Option<Box<Owner>>,
}

/// Which phone of which agent.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// The agent.
    pub(crate) agent: AgentName,
    /// The phone.
    pub(crate) device: Device,
}

/// Who sent the first INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenedBy {
    /// We did.
    Us,
    /// The peer did.
    Peer,
}

impl Leg {
    /// Whether a cue means something now.
    pub(crate) fn allows(&self, cue: Cue) -> bool {
        self.state.phase().on(cue).is_some()
    }

    /// Goes to the state that the table names for the cue.
    pub(crate) fn go(&mut self, cue: Cue, state: State) {
        debug_assert_eq!(self.state.phase().on(cue), Some(state.phase()), "{cue:?} in {:?}", self.state.phase());
        self.state = state;
    }

    /// Whether the leg can be forgotten.
    pub(crate) fn is_over(&self) -> bool {
        self.state.phase() == Phase::Over
    }

    /// Ends the leg with a word on why.
    pub(crate) fn over(&mut self, now: Instant, cue: Cue, stack: &mut Stack, why: DialogEnd) {
        self.drop_update(now, stack);
        self.drop_refer(now, stack);
        self.go(cue, State::Over);
        self.timers.clear();
        stack.events.push_back(Event::Ended { leg: self.id, why });
    }

    /// Ends the leg that never became a call.
    pub(crate) fn failed(&mut self, now: Instant, cue: Cue, stack: &mut Stack, status: u16) {
        self.failed_until(now, cue, stack, (status, None));
    }

    /// The same, of a peer that may have said when to try again.
    pub(crate) fn failed_until(
        &mut self,
        now: Instant,
        cue: Cue,
        stack: &mut Stack,
        (status, later): (u16, Option<Later>),
    ) {
        self.drop_update(now, stack);
        self.go(cue, State::Over);
        self.timers.clear();
        stack.events.push_back(Event::Failed { leg: self.id, status, later });
    }

    /// Ends the leg in whatever state it is.
    pub(crate) fn end(&mut self, now: Instant, stack: &mut Stack) {
        match self.state.clone() {
            State::Offered(_) | State::Ringing(_) => self.reject(now, stack, 480, None),
            State::Answered(accepted) => self.go(Cue::End, State::Leaving(accepted)),
            State::Calling(inviting) => self.go(Cue::End, State::Withdrawing(inviting)),
            State::Proceeding(inviting) => self.cancel(now, stack, Cue::End, inviting),
            State::Reoffered(invited) => {
                stack.refuse(now, &invited, 487, self.dialog.tag());
                self.bye(now, stack, Cue::End);
            }
            State::Talking | State::Reoffering | State::Reanswered(_) => self.bye(now, stack, Cue::End),
            State::Leaving(_) | State::Withdrawing(_) | State::Cancelling(_) | State::Ending | State::Over => {}
        }
    }

    /// Sends BYE and waits for its answer.
    pub(crate) fn bye(&mut self, now: Instant, stack: &mut Stack, cue: Cue) {
        self.timers.clear();
        self.postponed = None;
        self.drop_update(now, stack);
        self.drop_refer(now, stack);
        let bye = self.goodbye(stack);
        self.go(cue, State::Ending);
        if !stack.ask(now, bye, Purpose::Bye(self.id)) {
            self.over(now, Cue::Done, stack, DialogEnd::Ours);
        }
    }

    /// Sends BYE into a dialog whose peer may be gone, and waits for nothing.
    pub(crate) fn farewell(&mut self, now: Instant, stack: &mut Stack) {
        let bye = self.goodbye(stack);
        stack.ask(now, bye, Purpose::Nothing);
    }

    fn goodbye(&mut self, stack: &mut Stack) -> (Request, Hop) {
        let (mut bye, hop) = self.dialog.request(Method::Bye, &stack.us, &mut stack.chance);
        bye.headers.other.extend(self.reason.map(Reason::header));
        (bye, hop)
    }

    /// Tells the call why the peer ends it.
    pub(crate) fn hear_reason(&self, stack: &mut Stack, headers: &Headers) {
        if let Some(reason) = Reason::read(headers) {
            stack.events.push_back(Event::Reason { leg: self.id, reason });
        }
    }

    /// Ends a leg whose peer is gone.
    pub(crate) fn dead(&mut self, now: Instant, stack: &mut Stack) {
        self.gone(now, stack, DialogEnd::Dead);
    }

    /// Ends a leg whose peer is not to be waited for.
    pub(crate) fn gone(&mut self, now: Instant, stack: &mut Stack, why: DialogEnd) {
        if !self.allows(Cue::Dead) {
            return;
        }
        if let State::Reoffered(invited) = &self.state {
            stack.refuse(now, invited, 487, self.dialog.tag());
        }
        match why {
            DialogEnd::Expired => self.reason = Some(Reason::EXPIRED),
            DialogEnd::Unkeyed => self.reason = Some(Reason::NO_KEYS),
            DialogEnd::Bye | DialogEnd::Ours | DialogEnd::NoAck | DialogEnd::Dead => {}
        }
        self.farewell(now, stack);
        self.over(now, Cue::Dead, stack, why);
    }

    /// Ends a leg whose handshake has given no keys (RFC 5763, section 5): also before our answer.
    pub(crate) fn give_up(&mut self, now: Instant, stack: &mut Stack) {
        if let State::Ringing(invited) = &self.state {
            stack.refuse(now, invited, 488, self.dialog.tag());
            return self.over(now, Cue::Refuse, stack, DialogEnd::Unkeyed);
        }
        self.gone(now, stack, DialogEnd::Unkeyed);
    }

    /// Starts to send our 200 again and again until its ACK.
    pub(crate) fn await_ack(&mut self, now: Instant) {
        self.timers.set(LegTimer::Again, now + T1);
        self.timers.set(LegTimer::NoAck, now + PATIENCE);
    }

    /// Lets the deadlines that `now` has reached pass.
    pub(crate) fn tick(&mut self, now: Instant, stack: &mut Stack) {
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                LegTimer::Again => self.send_again(now, stack),
                LegTimer::NoAck => {
                    self.farewell(now, stack);
                    self.over(now, Cue::NoAck, stack, DialogEnd::NoAck);
                }
                LegTimer::Cancelled => {
                    if let State::Cancelling(inviting) = &self.state {
                        stack.transactions.abandon(now, inviting.tx);
                        self.failed(now, Cue::Refused, stack, 487);
                    }
                }
                LegTimer::StillRinging => self.still_ringing(now, stack),
                LegTimer::Progress => self.progress_again(now, stack),
                LegTimer::NoPrack => self.no_prack(now, stack),
                LegTimer::Reoffer => self.reoffer_if_free(now, stack),
                LegTimer::Refresh => self.refresh(now, stack),
                LegTimer::Expired => self.expired(now, stack),
                // There was nowhere else to go; the transaction waits on.
                LegTimer::Unheard => {}
            }
        }
    }

    fn send_again(&mut self, now: Instant, stack: &mut Stack) {
        if let State::Answered(accepted) | State::Leaving(accepted) | State::Reanswered(accepted) = &mut self.state {
            let Accepted { tx, pause, .. } = accepted;
            stack.transactions.send_again(now, *tx, 200);
            *pause = (*pause * 2).min(T2);
            self.timers.set(LegTimer::Again, now + *pause);
        }
    }
}

impl Stack {
    /// Sends a request of ours; `false` when there is no room for its transaction.
    pub(crate) fn ask(&mut self, now: Instant, (request, hop): (Request, Hop), purpose: Purpose) -> bool {
        self.transactions.open_client(now, request, hop, purpose).is_some()
    }

    /// Asks whether somebody is there; no answer by `until` is one.
    pub(crate) fn ask_until(&mut self, now: Instant, until: Instant, question: (Request, Hop), purpose: Purpose) {
        // Without room it is asked the next time.
        if let Some(tx) = self.transactions.open_client(now, question.0, question.1, purpose) {
            self.transactions.give_up_at(until, tx);
        }
    }

    /// Sends a message that nothing is remembered of.
    pub(crate) fn send(&mut self, hop: Hop, message: &Message) {
        self.sent.push_back((hop, write(message)));
    }

    /// Sends a response.
    pub(crate) fn respond(&mut self, now: Instant, tx: TxId, response: &Response) {
        self.transactions.respond(now, tx, response);
    }
}
