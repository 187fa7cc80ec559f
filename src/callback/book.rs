use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::tally::Tally;
use super::{Allowed, Asker, Door, Input, Output, Reason, Rules, Ticket, TicketEvent, Turn, TurnEvent};
use crate::base::{AgentName, CallId, Instant, Lifecycle, Now, PhoneNumber, Private, QueueName, TicketId, WallTime};

mod asking;
mod calling;
mod diary;
mod phoning;
mod turns;

/// Every open ticket: what is promised, what has its turn, what is being dialled.
///
/// **One input in, then drain every output, then the next input.**
#[derive(Debug)]
pub struct Book {
    rules: Rules,
    tickets: BTreeMap<TicketId, Entry>,
    /// One open ticket for each number and queue.
    by_number: BTreeMap<(Private<PhoneNumber>, QueueName), TicketId>,
    by_code: BTreeMap<Private<String>, TicketId>,
    /// What each asker has made that was not there before.
    made: BTreeMap<Asker, TicketId>,
    doors: BTreeMap<QueueName, (Allowed, Door)>,
    /// How many calls are promised for each time that was chosen.
    diary: BTreeMap<(QueueName, WallTime, WallTime), u32>,
    tally: Tally,
    /// One wake for each ticket; another timer that is not wanted any more finds nothing to do.
    timers: BTreeSet<(Instant, Timer)>,
    next: u64,
    stage: Stage,
    out: VecDeque<Output>,
}

/// Whether the store has told all that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody gets a turn before everybody is known.
    Reading,
    Running,
    /// The service is about to stop: what runs may end, and nobody else gets a turn.
    Resting,
}

#[derive(Debug)]
struct Entry {
    ticket: Ticket,
    turn: Turn,
    /// Who is rung, or talks.
    agent: Option<AgentName>,
    /// Who waits for an answer that the disk has to give first.
    askers: Vec<Asker>,
    /// Who made it, in this run of the service.
    maker: Option<Asker>,
    /// The attempt that was dialled last, so that none is dialled twice.
    dialled: u32,
    /// The attempt that was bridged last.
    bridged: u32,
    /// It is over once the attempt is: why.
    cut_off: Option<Reason>,
    /// The call in which the citizen phones at this moment, and until when that is believed.
    on_line: Option<(CallId, Instant)>,
    /// When it is looked at again.
    wake: Option<Instant>,
    /// It counts in the diary.
    booked: bool,
}

/// The deadlines of a book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// It may be time to call, or to give up.
    Wake(TicketId),
    /// What could not be written is written again.
    Rewrite(TicketId),
    /// A queue opens or closes.
    Door(QueueName),
}

impl Book {
    /// An empty book; `first` is an id that no ticket ever had. Nobody gets a turn before [`Input::Ready`].
    pub fn new(rules: Rules, first: TicketId) -> Self {
        Self {
            rules,
            tickets: BTreeMap::new(),
            by_number: BTreeMap::new(),
            by_code: BTreeMap::new(),
            made: BTreeMap::new(),
            doors: BTreeMap::new(),
            diary: BTreeMap::new(),
            tally: Tally::default(),
            timers: BTreeSet::new(),
            next: first.0,
            stage: Stage::Reading,
            out: VecDeque::new(),
        }
    }

    /// Takes what happened; [`Book::poll`] has the consequences.
    pub fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Restored(ticket) => self.restore(now, ticket),
            Input::Ready => self.ready(now),
            Input::Rest => self.rest(),
            Input::Hours { queue, allowed } => self.hours(now, queue, allowed),
            Input::Ask(wish) => self.ask(now, wish),
            Input::Kept { ticket, version } => self.kept(now, ticket, version),
            Input::NotKept { ticket, version } => self.not_kept(now, ticket, version),
            Input::Overtaken { ticket } => self.overtaken(ticket),
            Input::Offered { ticket, agent } => self.offered(now, ticket, agent),
            Input::Missed { ticket, agent } => self.missed(ticket, &agent),
            Input::NoPlace { ticket } => self.no_place(now, ticket),
            Input::Accepted { ticket, agent, dialog } => self.accepted(now, ticket, (&agent, dialog)),
            Input::Rings { ticket, nth, to_tag } => self.rings(ticket, nth, to_tag),
            Input::Answered { ticket, nth } => self.answered(ticket, nth),
            Input::Failed { ticket, nth, why, not_before } => self.failed(now, ticket, (nth, why), not_before),
            Input::TalkEnded { ticket, nth } => self.talk_ended(ticket, nth),
            Input::Lost { ticket } => self.lost(now, ticket),
            Input::OldUnanswered { ticket, nth } => self.old_unanswered(ticket, nth),
            Input::PhonesIn { call, number, queue } => self.phones_in(call, &number, &queue),
            Input::PhonedIn { call, number, queue } => self.phoned_in(now, call, (number.reveal(), &queue)),
            Input::Served { ticket } => self.served(ticket),
            Input::GotThrough { number, queue } => self.got_through(now, number.reveal(), &queue),
            Input::HungUp { call, number } => self.hung_up(now, call, number.reveal()),
            Input::Diary { asker, queue } => self.tell_diary(asker, &queue),
            Input::Look { asker, number } => self.look(now, asker, &number),
            Input::Cancel { asker, ticket, by } => self.cancel(now, asker, (ticket, by)),
            Input::Erase { number } => self.erase(number.reveal()),
            Input::Forget { asker } => self.forget_asker(asker),
            Input::Tick => {}
        }
        self.expire(now);
    }

    /// The next consequence.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When a [`Input::Tick`] is wanted at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// An open ticket.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id).map(|entry| &entry.ticket)
    }

    /// Where an open ticket stands.
    pub fn turn(&self, id: TicketId) -> Option<Turn> {
        self.tickets.get(&id).map(|entry| entry.turn)
    }

    /// Every open ticket, the oldest first.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values().map(|entry| &entry.ticket)
    }

    /// The open tickets of a number.
    pub fn of(&self, number: &PhoneNumber) -> impl Iterator<Item = TicketId> {
        let number = Private::new(number.international());
        let first = (number.clone(), QueueName::from(""));
        self.by_number.range(first..).take_while(move |((n, _), _)| *n == number).map(|(_, id)| *id)
    }

    /// The open ticket with this hash of a web request's code.
    pub fn by_code(&self, code: &Private<String>) -> Option<TicketId> {
        self.by_code.get(code).copied()
    }

    fn add(&mut self, ticket: Ticket) {
        let id = ticket.id;
        self.next = self.next.max(id.0 + 1);
        self.by_number.insert(key(&ticket), id);
        if let Some(code) = ticket.code.reveal() {
            self.by_code.insert(Private::new(code.clone()), id);
        }
        let entry = Entry {
            ticket,
            turn: Turn::Home,
            agent: None,
            askers: Vec::new(),
            maker: None,
            dialled: 0,
            bridged: 0,
            cut_off: None,
            on_line: None,
            wake: None,
            booked: false,
        };
        self.tickets.insert(id, entry);
        self.book(id);
    }

    /// The end of a ticket is on the disk: nothing of it needs to be remembered here.
    fn forget(&mut self, id: TicketId) {
        self.free_names(id);
        let Some(entry) = self.tickets.remove(&id) else { return };
        if let Some(at) = entry.wake {
            self.timers.remove(&(at, Timer::Wake(id)));
        }
        if let Some(maker) = entry.maker {
            self.made.remove(&maker);
        }
    }

    fn change(&mut self, id: TicketId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.tickets.get_mut(&id) {
            change(entry);
        }
    }

    /// Moves a ticket along its table; every move is written down.
    fn on(&mut self, id: TicketId, event: TicketEvent) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        let Some(state) = entry.ticket.state.on(event) else { return };
        entry.ticket.state = state;
        self.write(id);
    }

    /// Ends a ticket that is in its line or at home: the number may ask for another at once.
    fn end(&mut self, id: TicketId, event: TicketEvent, why: Reason) {
        self.go_home(id);
        self.change(id, |entry| entry.ticket.ended = Some(why));
        self.free_names(id);
        self.on(id, event);
    }

    fn free_names(&mut self, id: TicketId) {
        self.unbook(id);
        let Some(entry) = self.tickets.get(&id) else { return };
        let key = key(&entry.ticket);
        if self.by_number.get(&key) == Some(&id) {
            self.by_number.remove(&key);
        }
        if let Some(code) = entry.ticket.code.reveal() {
            self.by_code.remove(&Private::new(code.clone()));
        }
    }

    /// Writes down what has changed.
    fn write(&mut self, id: TicketId) {
        self.change(id, |entry| entry.ticket.version += 1);
        self.keep(id);
    }

    fn keep(&mut self, id: TicketId) {
        if let Some(entry) = self.tickets.get(&id) {
            self.out.push_back(Output::Keep(Box::new(entry.ticket.clone())));
        }
    }

    fn move_on(&mut self, id: TicketId, event: TurnEvent) {
        self.change(id, |entry| {
            let next = entry.turn.on(event);
            debug_assert!(next.is_some(), "{event:?} means nothing to a ticket whose turn is {:?}", entry.turn);
            entry.turn = next.unwrap_or(entry.turn);
        });
    }
}

fn key(ticket: &Ticket) -> (Private<PhoneNumber>, QueueName) {
    (Private::new(ticket.number.reveal().international()), ticket.queue.clone())
}
