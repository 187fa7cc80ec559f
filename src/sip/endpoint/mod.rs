//! The endpoint: messages and commands in, messages and events out.
//!
//! What lives here: finding what a message belongs to, and what belongs to nothing yet.

mod alias;
mod astray;
mod devices;
mod failures;
mod heard;
mod identity;
mod incoming;
mod legs;
mod needed;
mod outgoing;
mod past;
mod phones;
mod receive;
mod redirect;
mod replace;
mod settings;
mod strangers;
mod trunks;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use self::devices::Devices;
use self::heard::Heard;
use self::legs::Legs;
pub use self::needed::Needed;
use self::outgoing::Stranded;
pub use self::settings::{Account, EndpointSettings};
use super::dialog::{Leg, Purpose, Stack};
use super::guard::{Ban, Guard};
use super::registrar::Registrar;
use super::transaction::Transactions;
use super::transport::{ConnectionId, Hop, Transport};
use super::trunk::Trunks;
use super::us::Us;
use super::{Command, Input, Output, Room};
use crate::base::{Chance, Instant, LegId, limits};

/// A SIP user agent and registrar as a value: [`Endpoint::handle`] one input, then
/// [`Endpoint::poll`] until nothing more comes, then the next input; [`Endpoint::deadline`]
/// says when it wants an [`Input::Tick`].
///
/// Every leg ends with exactly one of [`Event::Cancelled`](super::Event::Cancelled),
/// [`Event::Failed`](super::Event::Failed) and [`Event::Ended`](super::Event::Ended);
/// a command for a leg that is over, or that has no meaning in its state, does nothing.
#[derive(Debug)]
pub struct Endpoint {
    stack: Stack,
    legs: Legs,
    registrar: Registrar,
    guard: Guard,
    devices: Devices,
    trunks: Trunks,
    /// Who is believed about who calls, beside the trunks.
    trusted: Vec<IpAddr>,
    /// Makes the tags of answers that nothing is remembered of.
    tag_secret: u64,
    last_leg: u64,
    /// The ACKs of calls that an earlier run has left behind, should they get 487; the latest last.
    stranded: VecDeque<Stranded>,
    room: Room,
    /// Whose certificate was shown over which connection, while it is up.
    certified: HashMap<ConnectionId, Vec<String>>,
    /// Which connection leads to an address that it was not opened from (RFC 5923).
    aliases: HashMap<(Transport, SocketAddr), ConnectionId>,
    /// What was answered, to know its copies.
    heard: Heard,
}

impl Endpoint {
    /// An endpoint without calls.
    pub fn new(settings: EndpointSettings, mut chance: Chance) -> Self {
        let EndpointSettings { doors, ways, realm, algorithms, accounts, trunks, caps, trusted, session, guard, ping } =
            settings;
        let registrar = Registrar::new((realm, algorithms), accounts, (&guard, ping), &mut chance);
        let trunks = Trunks::new(trunks, caps, &mut chance);
        let mut us = Us::new(doors, ways);
        us.lead(trunks.ways());
        Self {
            trunks,
            trusted,
            registrar,
            guard: Guard::new(guard),
            devices: Devices::default(),
            legs: Legs::default(),
            tag_secret: chance.u64(),
            last_leg: 0,
            stranded: VecDeque::new(),
            room: Room::Free,
            certified: HashMap::new(),
            aliases: HashMap::new(),
            heard: Heard::default(),
            stack: Stack {
                transactions: Transactions::new(limits::SIP_TRANSACTIONS),
                chance,
                us,
                session,
                events: VecDeque::new(),
                sent: VecDeque::new(),
            },
        }
    }

    /// Takes one input. The time never goes back.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Received { from, bytes } => self.receive(now, from, &bytes),
            Input::Unframed { from, what } => self.refuse_unframed(now, from, &what),
            Input::Undelivered { bytes } => self.undelivered(now, &bytes),
            Input::Certified { connection, names } => {
                self.certified.insert(connection, names);
            }
            Input::Disconnected { connection } => {
                self.certified.remove(&connection);
                self.aliases.retain(|_, known| *known != connection);
                self.registrar.disconnected(connection, &mut self.stack.events);
            }
            Input::Command(command) => self.obey_devices(now, command),
            Input::Accounts(accounts) => self.registrar.renew(accounts, &mut self.stack.events),
            Input::Room(room) => self.room = room,
            Input::Trunks { trunks, caps } => self.renew_trunks(now, trunks, caps),
            Input::Located { trunk, hops, ways } => {
                self.trunks.locate(now, &trunk, (hops, ways));
                self.stack.us.lead(self.trunks.ways());
            }
            Input::Leave => self.leave_trunks(now),
            Input::Tick => {}
        }
        self.expire(now);
        self.ask_trunks(now);
        self.count_trunks();
        self.settle_devices(now);
    }

    /// The next output.
    pub fn poll(&mut self) -> Option<Output> {
        let sent = self.stack.sent.pop_front().or_else(|| self.stack.transactions.poll_sent());
        if let Some((hop, bytes)) = sent {
            return Some(Output::Send { to: self.aliased(self.stack.us.leaving(hop)), bytes });
        }
        self.stack.events.pop_front().map(Output::Event)
    }

    /// When a tick is wanted at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let deadlines = [
            self.stack.transactions.deadline(),
            self.legs.deadline(),
            self.registrar.deadline(),
            self.guard.deadline(),
            self.trunks.deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// How many legs there are.
    pub fn legs(&self) -> usize {
        self.legs.len()
    }

    /// How many transactions are under way.
    pub fn transactions(&self) -> usize {
        self.stack.transactions.len()
    }

    /// The sources that are not heard, those that were banned last first.
    pub fn bans(&self, now: Instant) -> Vec<Ban> {
        self.guard.bans(now)
    }

    /// Forgets what a source did; whether it was banned.
    pub fn lift(&mut self, now: Instant, source: IpAddr) -> bool {
        self.guard.lift(now, source)
    }

    fn obey(&mut self, now: Instant, command: Command) {
        match command {
            Command::Ring { leg } => self.with(leg, |leg, stack| leg.ring(now, stack)),
            Command::Progress { leg, sdp } => {
                let sdp = self.placed(leg, &sdp);
                self.with(leg, |leg, stack| leg.progress_with(now, stack, &sdp));
            }
            Command::Answer { leg, sdp } => {
                self.welcome(now, leg);
                let sdp = self.placed(leg, &sdp);
                self.with(leg, |leg, stack| leg.accept_first(now, stack, &sdp));
            }
            Command::Reject { leg, status, retry_after } => {
                self.with(leg, |leg, stack| leg.reject(now, stack, status, retry_after));
            }
            Command::Invite { leg, to, from, sdp } => self.call_phones(now, leg, (&to, &from), &sdp),
            Command::NoSuchNumber { leg } => self.no_such_number(now, leg),
            Command::InviteNamed { leg, to, from, sdp, name } => {
                self.call(now, (leg, 0), (&to, &from), (&sdp, Some(name)), Vec::new());
            }
            Command::InviteInPlace { leg, to, from, sdp, taking, referred_by } => {
                self.call_in_place(now, leg, (&to, &from), &sdp, (taking, referred_by));
            }
            Command::AcceptRefer { leg } => self.with(leg, |leg, stack| leg.accept_refer(now, stack)),
            Command::RefuseRefer { leg, status } => {
                self.with(leg, |leg, stack| leg.refuse_refer(now, stack, status));
            }
            Command::ReferProgress { leg, status } => {
                self.with(leg, |leg, stack| leg.refer_progress(now, stack, status));
            }
            Command::EndStranded { to, from, name, to_tag } => self.end_stranded(now, (&to, &from), (name, to_tag)),
            Command::End { leg } => self.with(leg, |leg, stack| leg.end(now, stack)),
            Command::EndFor { leg, reason } => self.with(leg, |leg, stack| {
                leg.reason = Some(reason);
                leg.end(now, stack);
            }),
            Command::Reoffer { leg, sdp } => {
                let sdp = self.placed(leg, &sdp);
                self.with(leg, |leg, stack| leg.reoffer(now, stack, sdp.into_owned()));
            }
            Command::AnswerReoffer { leg, sdp } => {
                let sdp = self.placed(leg, &sdp);
                self.with(leg, |leg, stack| leg.accept_reoffer(now, stack, &sdp));
            }
            Command::RejectReoffer { leg } => self.with(leg, |leg, stack| leg.reject_reoffer(now, stack)),
            Command::Ask { leg } => self.with(leg, |leg, stack| leg.inquire(now, stack)),
            Command::GiveUp { leg } => self.with(leg, |leg, stack| leg.give_up(now, stack)),
            Command::Info { leg, digit } => self.with(leg, |leg, stack| leg.tell(now, stack, digit)),
        }
    }

    /// Whether a message comes from our trunk: from its address, or with its certificate.
    fn is_trunk(&self, from: &Hop) -> bool {
        self.trunks.is_of_one(from.address.ip(), self.shown(from))
    }

    /// The names that whoever a message comes from has proven to have.
    fn shown(&self, from: &Hop) -> &[String] {
        from.connection.and_then(|connection| self.certified.get(&connection)).map_or(&[], Vec::as_slice)
    }

    /// An SDP of ours with the address at which the leg's peer reaches us.
    fn placed<'a>(&mut self, leg: LegId, sdp: &'a str) -> Cow<'a, str> {
        match self.legs.get_mut(leg).map(|leg| leg.dialog.hop()) {
            Some(hop) => self.stack.us.placed(&hop, sdp),
            None => sdp.into(),
        }
    }

    fn expire(&mut self, now: Instant) {
        self.stack.transactions.expire(now);
        while let Some(purpose) = self.stack.transactions.poll_timed_out() {
            match &purpose {
                Purpose::Invite(id, _) if self.goes_on(now, *id, None) => {}
                Purpose::Question(agent, number) => self.phone_answered(now, (agent, *number), 408),
                Purpose::Invite(id, _) => self.with(*id, |leg, stack| leg.refused(now, stack, None)),
                Purpose::Probe(trunk, place, nth) => self.probed(now, (*trunk, *place, *nth), None),
                Purpose::Register(trunk) => self.registered(now, *trunk, None),
                Purpose::Reinvite(id, _)
                | Purpose::Bye(id)
                | Purpose::Ask(id)
                | Purpose::Refresh(id)
                | Purpose::Tell(id) => {
                    self.with(*id, |leg, stack| leg.answered(now, stack, &purpose, None));
                }
                Purpose::Aside(_) | Purpose::Left(..) | Purpose::Stranded | Purpose::Nothing => {}
            }
        }
        self.give_up_unsent(now);
        while let Some(id) = self.legs.pop_due(now) {
            self.goes_on_unheard(now, id);
            self.with(id, |leg, stack| leg.tick(now, stack));
        }
        self.legs.expire(now);
        self.heard.expire(now);
        self.registrar.expire(now, &mut self.stack.events);
        self.ask_phones(now);
        self.guard.expire(now);
    }

    /// Lets something happen to a leg, if there is one.
    fn with(&mut self, id: LegId, f: impl FnOnce(&mut Leg, &mut Stack)) {
        self.follow_phone(id);
        if let Some(leg) = self.legs.get_mut(id) {
            f(leg, &mut self.stack);
            self.legs.settle(id);
        }
    }
}
