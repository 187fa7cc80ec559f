mod astray;

use std::collections::{HashMap, VecDeque};

use super::core::{Core, Sent};
use super::key::Key;
use super::timer::Timer;
use super::{client, invite_client, invite_server, server};
use crate::base::{Instant, Lifecycle, give_back, limits};
use crate::sip::deadlines::Deadlines;
use crate::sip::message::{Method, Request, Response};
use crate::sip::transport::{Hop, Transport};

/// The name of one transaction, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TxId(u64);

/// What a request that has come is to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// No transaction knows it.
    New,
    /// A copy of one that is known, or the ACK of a refusal: the table has seen to it.
    Absorbed,
}

/// Whose room a transaction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Anybody's: nine tenths.
    Stranger,
    /// A dialog's or our own: all of it.
    Known,
}

/// Every transaction under way, by branch and method. `U` is what the user of a client
/// transaction wants to be reminded of when something comes back.
///
/// A tenth of the room is kept for dialogs, so that a flood can't keep calls from ending.
#[derive(Clone, Debug)]
pub(crate) struct Transactions<U> {
    by_key: HashMap<Key, TxId>,
    /// In boxes: the table doubles after a wave, and its free places must cost little.
    all: HashMap<TxId, Box<Transaction<U>>>,
    deadlines: Deadlines<TxId>,
    limit: usize,
    last: u64,
    sent: VecDeque<Sent>,
    timed_out: VecDeque<U>,
    /// What could not be sent until its time was up.
    unsent: VecDeque<(TxId, U, Request)>,
    /// The user of the transaction that has just been broken.
    broken: Option<U>,
}

impl<U> Transactions<U> {
    /// A table for at most `limit` transactions.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            by_key: HashMap::new(),
            all: HashMap::new(),
            deadlines: Deadlines::default(),
            limit,
            last: 0,
            sent: VecDeque::new(),
            timed_out: VecDeque::new(),
            unsent: VecDeque::new(),
            broken: None,
        }
    }

    /// Looks whether a request is one that is known, and answers it as before if so.
    pub(crate) fn receive(&mut self, now: Instant, request: &Request) -> Arrival {
        let Some(id) = self.by_key.get(&Key::of_request(request)).copied() else { return Arrival::New };
        let ack = request.method == Method::Ack;
        let Some(tx) = self.all.get(&id) else { return Arrival::New };
        // The ACK of a 2xx is the dialog's, even on the INVITE's own branch.
        let arrival = match &tx.machine {
            Machine::InviteServer(invite_server::State::Accepted) if ack => Arrival::New,
            Machine::InviteServer(_) | Machine::Server(_) | Machine::InviteClient(_) | Machine::Client(_) => {
                Arrival::Absorbed
            }
        };
        self.step(now, id, if ack { Event::Ack } else { Event::Request });
        arrival
    }

    /// Opens a transaction for a new request; `None` when there is no room for it.
    pub(crate) fn open_server(&mut self, request: &Request, hop: Hop, share: Share) -> Option<TxId> {
        let limit = match share {
            Share::Stranger => self.limit - self.limit / 10,
            Share::Known => self.limit,
        };
        if self.all.len() >= limit {
            return None;
        }
        let machine = match request.method {
            Method::Invite => Machine::InviteServer(invite_server::State::Proceeding),
            _ => Machine::Server(server::State::Trying),
        };
        Some(self.insert(Key::of_request(request), Core::new(hop, Vec::new()), machine, None))
    }

    /// Sends a response of ours.
    pub(crate) fn respond(&mut self, now: Instant, id: TxId, response: &Response) {
        if let Some(tx) = self.all.get_mut(&id)
            && tx.accepts_response(response.status)
        {
            tx.core.again = response.write().into();
            self.step(now, id, Event::Respond(response.status));
        }
    }

    /// Sends a request of ours; `None` when the table is full.
    pub(crate) fn open_client(&mut self, now: Instant, mut request: Request, mut hop: Hop, user: U) -> Option<TxId> {
        if self.all.len() >= self.limit {
            return None;
        }
        let key = Key::of_own(&request);
        let mut bytes = request.write();
        if hop.grows && hop.transport == Transport::Udp && bytes.len() > limits::SIP_REQUEST_DATAGRAM {
            hop.transport = Transport::Tcp;
            bytes = written_for(&mut request, hop.transport);
        }
        let mut core = Core::new(hop, bytes);
        let machine = match request.method {
            Method::Invite => Machine::InviteClient(invite_client::State::start(&mut core, now, &mut self.sent)),
            _ => Machine::Client(client::State::start(&mut core, now, &mut self.sent)),
        };
        Some(self.insert(key, core, machine, Some(Box::new(Asked { request, user, is_unsent: false }))))
    }

    /// Gives a request of ours up at `until` when no response has come: what is asked again
    /// soon need not be remembered as long as other requests.
    pub(crate) fn give_up_at(&mut self, until: Instant, id: TxId) {
        if let Some(tx) = self.all.get_mut(&id) {
            tx.core.timers.set(Timer::F, until);
            self.arm(id);
        }
    }

    /// Sends our last response to an INVITE again: a 2xx, or a provisional one.
    pub(crate) fn send_again(&mut self, now: Instant, id: TxId, status: u16) {
        self.step(now, id, Event::Respond(status));
    }

    /// Our 2xx to an INVITE has had its ACK: it is not sent again. The transaction stays, to
    /// absorb the INVITE's late copies.
    pub(crate) fn acknowledged(&mut self, id: TxId) {
        if let Some(tx) = self.all.get_mut(&id) {
            tx.core.again = Box::default();
        }
    }

    /// Gives a response to its transaction; the transaction, if its user must see the response.
    pub(crate) fn answer(&mut self, now: Instant, response: &Response) -> Option<TxId> {
        let id = *self.by_key.get(&Key::of_response(response)?)?;
        let tx = self.all.get_mut(&id)?;
        let asked = tx.asked.as_ref()?;
        let before = tx.machine;
        if matches!(before, Machine::InviteClient(state) if state != invite_client::State::Accepted)
            && response.status >= 300
        {
            tx.core.again = invite_client::ack(&asked.request, response).write().into();
        }
        let heard = match before {
            Machine::InviteClient(state) => state != invite_client::State::Completed,
            Machine::Client(state) => state != client::State::Completed,
            Machine::InviteServer(_) | Machine::Server(_) => false,
        };
        (self.step(now, id, Event::Response(response.status)) && heard).then_some(id)
    }

    /// The INVITE's transaction that a CANCEL is about.
    pub(crate) fn cancelled(&self, cancel: &Request) -> Option<TxId> {
        self.by_key.get(&Key::of_invite(cancel)).copied()
    }

    /// Sends the CANCEL of an INVITE of ours, with a `Reason` where there is one.
    pub(crate) fn cancel(&mut self, now: Instant, id: TxId, reason: Option<(String, String)>, user: U) {
        if let (Some(invite), Some(hop)) = (self.request(id), self.hop(id)) {
            let mut cancel = invite_client::cancel(invite);
            cancel.headers.other.extend(reason);
            self.open_client(now, cancel, hop, user);
        }
    }

    /// Forgets an INVITE of ours whose CANCEL brought no final response.
    pub(crate) fn abandon(&mut self, now: Instant, id: TxId) {
        self.step(now, id, Event::Abandon);
    }

    /// What the user of a client transaction left with it.
    pub(crate) fn user(&mut self, id: TxId) -> Option<&mut U> {
        self.all.get_mut(&id)?.asked.as_mut().map(|asked| &mut asked.user)
    }

    /// The request of a client transaction.
    pub(crate) fn request(&self, id: TxId) -> Option<&Request> {
        self.all.get(&id)?.asked.as_ref().map(|asked| &asked.request)
    }

    /// Where a transaction sends to.
    pub(crate) fn hop(&self, id: TxId) -> Option<Hop> {
        self.all.get(&id).map(|tx| tx.core.hop)
    }

    /// Lets the timers that `now` has reached fire.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some(id) = self.deadlines.pop(now) {
            if let Some(timer) = self.all.get_mut(&id).and_then(|tx| tx.core.timers.pop(now)) {
                self.step(now, id, Event::Timer(timer));
            }
        }
    }

    /// When the next timer fires.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// The next message to send.
    pub(crate) fn poll_sent(&mut self) -> Option<Sent> {
        self.sent.pop_front()
    }

    /// The user of the next request that got no response.
    pub(crate) fn poll_timed_out(&mut self) -> Option<U> {
        self.timed_out.pop_front()
    }

    /// How many are under way.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    fn insert(&mut self, key: Key, core: Core, machine: Machine, asked: Option<Box<Asked<U>>>) -> TxId {
        self.last += 1;
        let id = TxId(self.last);
        if let Some(before) = self.by_key.insert(key.clone(), id) {
            self.all.remove(&before);
            self.deadlines.set(&before, None);
        }
        self.all.insert(id, Box::new(Transaction { key, core, machine, asked }));
        self.arm(id);
        id
    }

    /// Lets one thing happen to a transaction; `false` if it means nothing to it.
    fn step(&mut self, now: Instant, id: TxId, event: Event) -> bool {
        let Some(tx) = self.all.get_mut(&id) else { return false };
        let stepped = tx.step(now, event, &mut self.sent);
        if !tx.is_over() {
            self.arm(id);
        } else if let Some(tx) = self.all.remove(&id) {
            self.by_key.remove(&tx.key);
            give_back(&mut self.by_key);
            give_back(&mut self.all);
            self.deadlines.set(&id, None);
            match (event, tx.asked) {
                (Event::Timer(Timer::B | Timer::F), Some(asked)) => self.time_is_up(id, *asked),
                (Event::Broken, asked) => self.broken = asked.map(|asked| asked.user),
                _ => {}
            }
        }
        stepped
    }

    fn arm(&mut self, id: TxId) {
        let next = self.all.get(&id).and_then(|tx| tx.core.timers.next()).map(|(at, _)| at);
        self.deadlines.set(&id, next);
    }
}

/// One transaction.
#[derive(Clone, Debug)]
struct Transaction<U> {
    key: Key,
    core: Core,
    machine: Machine,
    /// What a client transaction asked; `None` for a server's.
    asked: Option<Box<Asked<U>>>,
}

/// A request of ours, and what its user wants to be reminded of.
#[derive(Clone, Debug)]
struct Asked<U> {
    request: Request,
    user: U,
    /// Whether it waits for a way to go out by.
    is_unsent: bool,
}

/// The four machines.
#[derive(Clone, Copy, Debug)]
enum Machine {
    InviteClient(invite_client::State),
    Client(client::State),
    InviteServer(invite_server::State),
    Server(server::State),
}

/// What can happen to any of them.
#[derive(Clone, Copy, Debug)]
enum Event {
    Request,
    Ack,
    Respond(u16),
    Response(u16),
    Abandon,
    Broken,
    Timer(Timer),
}

impl<U> Transaction<U> {
    fn step(&mut self, now: Instant, event: Event, out: &mut VecDeque<Sent>) -> bool {
        let core = &mut self.core;
        match &mut self.machine {
            Machine::InviteClient(state) => {
                let event = match event {
                    Event::Response(status) => Some(invite_client::Event::of(status)),
                    Event::Abandon => Some(invite_client::Event::Abandon),
                    Event::Broken => Some(invite_client::Event::Broken),
                    Event::Timer(timer) => invite_client::Event::timer(timer),
                    Event::Request | Event::Ack | Event::Respond(_) => None,
                };
                event.is_some_and(|event| state.step(event, core, now, out))
            }
            Machine::Client(state) => {
                let event = match event {
                    Event::Response(status) => Some(client::Event::of(status)),
                    Event::Broken => Some(client::Event::Broken),
                    Event::Timer(timer) => client::Event::timer(timer),
                    Event::Request | Event::Ack | Event::Respond(_) | Event::Abandon => None,
                };
                event.is_some_and(|event| state.step(event, core, now, out))
            }
            Machine::InviteServer(state) => {
                let event = match event {
                    Event::Request => Some(invite_server::Event::Request),
                    Event::Ack => Some(invite_server::Event::Ack),
                    Event::Respond(status) => Some(invite_server::Event::of(status)),
                    Event::Timer(timer) => invite_server::Event::timer(timer),
                    Event::Response(_) | Event::Abandon | Event::Broken => None,
                };
                event.is_some_and(|event| state.step(event, core, now, out))
            }
            Machine::Server(state) => {
                let event = match event {
                    Event::Request => Some(server::Event::Request),
                    Event::Respond(status) => Some(server::Event::of(status)),
                    Event::Timer(timer) => server::Event::timer(timer),
                    Event::Ack | Event::Response(_) | Event::Abandon | Event::Broken => None,
                };
                event.is_some_and(|event| state.step(event, core, now, out))
            }
        }
    }

    /// Sends by datagrams what went over a connection for its size alone.
    fn shrink(&mut self, now: Instant, out: &mut VecDeque<Sent>) -> bool {
        let core = &mut self.core;
        let (true, Some(asked)) = (core.hop.grows && core.hop.transport.is_reliable(), &mut self.asked) else {
            return false;
        };
        core.hop = Hop { transport: Transport::Udp, grows: false, ..core.hop };
        core.again = written_for(&mut asked.request, core.hop.transport).into();
        core.timers.clear();
        match &mut self.machine {
            Machine::InviteClient(state) => *state = invite_client::State::start(core, now, out),
            Machine::Client(state) => *state = client::State::start(core, now, out),
            Machine::InviteServer(_) | Machine::Server(_) => {}
        }
        true
    }

    /// Whether a response of ours still has a place in the state.
    fn accepts_response(&self, status: u16) -> bool {
        match &self.machine {
            Machine::InviteServer(state) => state.on(invite_server::Event::of(status)).is_some(),
            Machine::Server(state) => state.on(server::Event::of(status)).is_some(),
            Machine::InviteClient(_) | Machine::Client(_) => false,
        }
    }

    fn is_over(&self) -> bool {
        match &self.machine {
            Machine::InviteClient(state) => *state == invite_client::State::Terminated,
            Machine::Client(state) => *state == client::State::Terminated,
            Machine::InviteServer(state) => *state == invite_server::State::Terminated,
            Machine::Server(state) => *state == server::State::Terminated,
        }
    }
}

/// A request of ours with the transport in its `Via`.
fn written_for(request: &mut Request, transport: Transport) -> Vec<u8> {
    if let Some(via) = request.headers.via.first_mut() {
        transport.name().clone_into(&mut via.transport);
    }
    request.write()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_small() {
        let size = size_of::<Transaction<u64>>();
        assert!(size <= 136, "{size}: there are tens of thousands, for 32 s each");
    }
}
