//! The signalling task: the one owner of what SIP comes and goes by, the endpoint, and the table of calls.

mod orders;
mod post;
mod renew;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

pub(super) use self::orders::ToSignalling;
use super::bans;
use super::call_task::{self, CallShell};
use super::callbacks::ForBook;
use super::clock;
use super::directory::Directory;
use super::hub::ToHub;
use super::locate::Locator;
use super::pace::{Pace, Turn};
use super::transport::{Doors, Lines, News};
use super::trunks::TrunkLine;
use crate::base::{AgentName, CallId, Instant, LegId, PhoneNumber, limits};
use crate::call::{self, Call, Consult, Conversation, Desk, Errand, Recall, call_of};
use crate::queue;
use crate::sip::{self, Endpoint, Event, Incoming, Input, Room};
use crate::web::Readiness;
use crate::{media, web};

/// How many calls may be up.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallLimits {
    /// In all: one more is told 503.
    pub(super) calls: usize,
    /// From one number: one more is told 486.
    pub(super) per_caller: usize,
}

/// What every call is received with.
pub(super) struct House {
    /// Which flow answers which number.
    pub(super) directory: Arc<Directory>,
    /// What the calls share.
    pub(super) settings: Arc<call::Settings>,
    /// How many there may be.
    pub(super) limits: CallLimits,
}

/// The signalling task's belongings.
pub(super) struct Signalling {
    doors: Doors,
    lines: Lines,
    locator: Locator,
    endpoint: Endpoint,
    house: House,
    shell: Arc<CallShell>,
    calls: HashMap<CallId, Known>,
    /// The legs that belong to another call than the one that their id tells.
    moved: HashMap<LegId, CallId>,
    /// How many calls each number has up.
    callers: HashMap<PhoneNumber, usize>,
    /// How many phones were rung for errands.
    rung: u64,
    draining: bool,
    /// Until when trunks are waited for that we leave.
    leave_by: Option<Instant>,
    readiness: watch::Sender<Readiness>,
    pace: Pace,
}

struct Known {
    inbox: futures_channel::mpsc::Sender<call::Input>,
    caller: Option<PhoneNumber>,
}

impl Signalling {
    /// Ready to run on bound sockets.
    pub(super) fn new(
        (doors, lines, locator): (Doors, Lines, Locator),
        endpoint: Endpoint,
        house: House,
        shell: Arc<CallShell>,
        readiness: watch::Sender<Readiness>,
    ) -> Self {
        let (calls, callers, moved) = (HashMap::new(), HashMap::new(), HashMap::new());
        let pace = Pace::new(clock::now());
        let (rung, draining, leave_by) = (0, false, None);
        Self {
            doors,
            lines,
            locator,
            endpoint,
            house,
            shell,
            calls,
            moved,
            callers,
            rung,
            draining,
            leave_by,
            readiness,
            pace,
        }
    }

    /// Runs until it has been drained.
    ///
    /// # Errors
    ///
    /// When a socket fails for good.
    pub(super) async fn run(
        mut self,
        mut news: mpsc::Receiver<News>,
        mut inbox: mpsc::Receiver<ToSignalling>,
        mut media: mpsc::Receiver<media::Event>,
    ) -> io::Result<()> {
        let mut datagram = vec![0; limits::SIP_MESSAGE_BYTES];
        self.readiness.send_replace(Readiness::Ready);
        loop {
            self.drain_endpoint().await;
            if self.draining && self.calls.is_empty() && self.has_left() {
                self.lines.close(news).await;
                return Ok(());
            }
            tokio::select! {
                ready = self.doors.readable() => ready?,
                Some(news) = news.recv() => self.on_news(news).await,
                Some(message) = inbox.recv() => self.on_message(message),
                Some(event) = media.recv() => self.on_media(event),
                () = clock::until(self.deadline()) => self.endpoint.handle(clock::now(), Input::Tick),
            }
            // Whatever it was that woke this task, the others may have something too.
            let turns = [
                self.take_datagrams(&mut datagram).await?,
                self.take_news(&mut news).await,
                self.take_messages(&mut inbox).await,
                self.take_events(&mut media),
            ];
            let taken = turns.iter().sum();
            let turn = Turn { taken, has_more: turns.contains(&AT_ONCE) };
            if let Some(rest) = self.pace.rest(clock::now(), turn) {
                self.let_calls_speak(&mut inbox).await;
                clock::until(Some(rest)).await;
            }
        }
    }

    /// Whether no trunk is waited for any more after the service has left it.
    fn has_left(&self) -> bool {
        self.endpoint.has_left() || self.leave_by.is_none_or(|at| at <= clock::now())
    }

    fn deadline(&self) -> Option<Instant> {
        let leaves = self.leave_by.filter(|_| self.calls.is_empty() && !self.has_left());
        self.endpoint.deadline().into_iter().chain(leaves).min()
    }

    async fn take_messages(&mut self, inbox: &mut mpsc::Receiver<ToSignalling>) -> usize {
        for taken in 0..AT_ONCE {
            let Ok(message) = inbox.try_recv() else { return taken };
            self.drain_endpoint().await;
            self.on_message(message);
        }
        AT_ONCE
    }

    /// Lets the calls answer to what they have just been told, and takes what they say.
    async fn let_calls_speak(&mut self, inbox: &mut mpsc::Receiver<ToSignalling>) {
        for _ in 0..EXCHANGES {
            tokio::task::yield_now().await;
            let taken = self.take_messages(inbox).await;
            self.drain_endpoint().await;
            if taken == 0 {
                return;
            }
        }
    }

    fn take_events(&mut self, media: &mut mpsc::Receiver<media::Event>) -> usize {
        for taken in 0..AT_ONCE {
            let Ok(event) = media.try_recv() else { return taken };
            self.on_media(event);
        }
        AT_ONCE
    }

    fn on_message(&mut self, message: ToSignalling) {
        match message {
            ToSignalling::Sip(command) => self.endpoint.handle(clock::now(), Input::Command(command)),
            ToSignalling::Tell { call, input } => self.hand_to(call, input),
            ToSignalling::Ring { who, errand } => {
                self.rung += 1;
                let leg = LegId((FIRST_RUNG + self.rung) << 8);
                let settings = Arc::clone(&self.house.settings);
                self.begin(Desk::calling(clock::both(), leg, who, errand, settings), None);
            }
            // The hub had ordered it before it heard of the drain: the agent is free again,
            // and who is promised a call is called after the restart.
            ToSignalling::CallBack { id, .. } if self.draining => self.tell_book(ForBook::Gone(id)),
            ToSignalling::CallBack { id, order } => {
                let settings = Arc::clone(&self.house.settings);
                self.begin(Recall::new(clock::both(), id, *order, settings), None);
            }
            ToSignalling::Renew { edition, done } => {
                self.renew(*edition);
                // Whoever asked may have gone.
                let _ = done.send(());
            }
            ToSignalling::Located { sought, found } => self.on_located(&sought, found),
            ToSignalling::LookAgain => self.locator.look_again(),
            ToSignalling::Encrypt(encryption) if !self.lines.can_encrypt() => self.lines.renew(encryption),
            // The settings' own was read meanwhile.
            ToSignalling::Encrypt(_) => {}
            ToSignalling::Bans(wish) => bans::obey(&mut self.endpoint, wish),
            ToSignalling::Trunks(answer) => {
                // Whoever asked may have gone.
                let states = self.endpoint.trunks(clock::now());
                let _ = answer.send(states.into_iter().map(TrunkLine::from).collect());
            }
            ToSignalling::Phones(answer) => {
                // Whoever asked may have gone.
                let _ = answer.send(self.endpoint.phones(clock::now()));
            }
            ToSignalling::Over(call) => self.forget(call),
            ToSignalling::Drain => {
                self.draining = true;
                self.leave_by = Some(clock::now() + LEAVE_WITHIN);
                self.endpoint.handle(clock::now(), Input::Leave);
                self.tell_room();
                self.tell_book(ForBook::Rest);
                self.readiness.send_replace(Readiness::Draining);
            }
            ToSignalling::Shutdown => {
                for known in self.calls.values_mut() {
                    let _ = known.inbox.try_send(call::Input::Shutdown);
                }
            }
        }
    }

    fn on_media(&mut self, event: media::Event) {
        self.hand_to(self.owner(event.leg()), call::Input::Media(event));
    }

    /// What happens to a leg is for the call that has it.
    fn on_event(&mut self, event: Event) {
        let Some(leg) = event.leg() else { return };
        let last = event.is_last();
        self.hand_to(self.owner(leg), call::Input::Sip(event));
        if last {
            self.moved.remove(&leg);
        }
    }

    fn tell_book(&self, message: ForBook) {
        if self.shell.hub.try_send(ToHub::Callbacks(message)).is_err() {
            tracing::error!("the hub is too busy to hear of a callback");
        }
    }

    fn on_registered(&self, agent: AgentName, up: bool) {
        tracing::info!(%agent, up, "registration");
        let input = if up { queue::Input::AgentUp { agent } } else { queue::Input::AgentDown { agent } };
        if self.shell.hub.try_send(ToHub::Board(input)).is_err() {
            tracing::error!("the hub is too busy to hear of a registration");
        }
    }

    fn on_incoming(&mut self, incoming: Incoming) {
        let leg = incoming.leg;
        let refuse = |status| Input::Command(sip::Command::Reject { leg, status, retry_after: None });
        let caller = incoming.from.as_ref().map(|n| n.reveal().clone());
        let now = clock::both();
        if let Some((who, errand)) = self.errand(&incoming) {
            let may_hear = self.house.settings.supervisors.contains(&who);
            if matches!(errand, Errand::Supervise { .. }) && !may_hear {
                return self.endpoint.handle(now.mono, refuse(403));
            }
            let settings = Arc::clone(&self.house.settings);
            return self.begin(Desk::called(now, incoming, who, errand, settings), None);
        }
        if let Some(replaced) = incoming.replaces {
            let owner = self.owner(replaced);
            if !self.calls.contains_key(&owner) {
                return self.endpoint.handle(now.mono, refuse(481));
            }
            self.moved.insert(leg, owner);
            return self.hand_to(owner, call::Input::Replaced(Box::new(incoming)));
        }
        if let Some(phones) = self.consultation(&incoming) {
            let settings = Arc::clone(&self.house.settings);
            return self.begin(Consult::new(now, incoming, phones, settings), None);
        }
        let Some(program) = self.house.directory.find(&incoming.to).cloned() else {
            web::metrics::refused("no-flow");
            tracing::debug!(to = incoming.to, "no flow answers this number");
            let unknown = match incoming.agent {
                Some(_) => refuse(404),
                None => Input::Command(sip::Command::NoSuchNumber { leg }),
            };
            return self.endpoint.handle(now.mono, unknown);
        };
        if caller.as_ref().and_then(|n| self.callers.get(n)).is_some_and(|up| *up >= self.house.limits.per_caller) {
            web::metrics::refused("busy");
            return self.endpoint.handle(now.mono, refuse(486));
        }
        let call = Call::new(now, incoming, program, Arc::clone(&self.house.settings));
        self.begin(call, caller);
    }

    /// What is to be done for an agent who has dialled a code; who is no agent dials a
    /// number like any other.
    fn errand(&self, incoming: &Incoming) -> Option<(AgentName, Errand)> {
        let errand = self.house.settings.codes.errand(&incoming.to)?;
        Some((incoming.agent.clone()?, errand))
    }

    /// The agent who has dialled another one, and that one.
    fn consultation(&self, incoming: &Incoming) -> Option<(AgentName, AgentName)> {
        let settings = &self.house.settings;
        let may = settings.transfers.to.contains(&call::TransferTo::Agents);
        let who = incoming.agent.clone().filter(|_| may)?;
        let to = settings.agent(&incoming.to).filter(|to| **to != who)?.clone();
        self.house.directory.find(&incoming.to).is_none().then_some((who, to))
    }

    /// The call that a leg belongs to.
    fn owner(&self, leg: LegId) -> CallId {
        self.moved.get(&leg).copied().unwrap_or(call_of(leg))
    }

    fn begin(&mut self, call: impl Conversation, caller: Option<PhoneNumber>) {
        let (inbox, outbox) = futures_channel::mpsc::channel(CALL_INBOX);
        if let Some(number) = &caller {
            *self.callers.entry(number.clone()).or_default() += 1;
        }
        self.calls.insert(call.id(), Known { inbox, caller });
        self.tell_room();
        call_task::spawn(call, outbox, Arc::clone(&self.shell));
    }

    fn hand_to(&mut self, call: CallId, input: call::Input) {
        let Some(known) = self.calls.get_mut(&call) else { return };
        if known.inbox.try_send(input).is_err_and(|e| e.is_full()) {
            tracing::error!(%call, "a call does not keep up and is ended");
            self.forget(call);
        }
    }

    /// Tells the endpoint whether one more call would fit.
    fn tell_room(&mut self) {
        let free = !self.draining && self.calls.len() < self.house.limits.calls;
        let room = if free { Room::Free } else { Room::Full };
        self.endpoint.handle(clock::now(), Input::Room(room));
    }

    fn forget(&mut self, call: CallId) {
        let known = self.calls.remove(&call);
        let (endpoint, plane) = (&mut self.endpoint, &self.shell.media);
        self.moved.retain(|leg, owner| {
            if *owner == call {
                endpoint.handle(clock::now(), Input::Command(sip::Command::End { leg: *leg }));
                plane.command(media::Command::Close { leg: *leg });
            }
            *owner != call
        });
        self.tell_room();
        let Some(number) = known.and_then(|known| known.caller) else { return };
        if let Entry::Occupied(mut up) = self.callers.entry(number) {
            *up.get_mut() -= 1;
            if *up.get() == 0 {
                up.remove();
            }
        }
    }
}

/// Datagrams, messages or media events taken in one go: a burst costs one waking, and
/// holds nobody else up for more than a few milliseconds.
const AT_ONCE: usize = 64;
/// A trunk is waited for so long that is told that we are no more to be called.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);
/// A call may ask, be answered, and ask again before the task rests.
const EXCHANGES: usize = 4;
/// The ids of the calls that begin here; those from outside are counted from 1 and never get there.
const FIRST_RUNG: u64 = 1 << 40;
/// Inputs that one call may have waiting; a caller who leans on a key sends 10 a second.
const CALL_INBOX: usize = 256;
