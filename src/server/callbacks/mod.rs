//! The callback book's place in the hub: what it says becomes orders to the board, to calls,
//! to the disk and to the signalling task.

mod disk;
#[cfg(test)]
pub(crate) mod house;
mod renewal;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

pub(super) use disk::{Disk, Written, book, restore};
pub use requests::{Answer, BookDesk, Outlook, Whose};

use super::directory::Directory;
use super::signalling::ToSignalling;
use super::{clock, crash};
use crate::base::{
    AgentName, CallId, Chance, Instant, Lifecycle, Now, PhoneNumber, Private, QueueName, TicketId, WallTime,
};
use crate::call::{self, RecallOrder};
use crate::callback::{Asker, Book, DialogName, First, Input, Line, Output, Reason, Refused, Ticket, Turn};
use crate::queue::{self, Board, Left, Waiting};
use crate::service::Diary;
use crate::sip::{self, Identity, InviteName, Target};
use crate::web::metrics;

/// The book, and what the hub has to remember for it.
pub(super) struct Callbacks {
    book: Book,
    disk: mpsc::Sender<Ticket>,
    /// Which numbers the trunks call; nobody is promised a call without one.
    trunks: Vec<sip::Trunk>,
    /// Who is presented, by queue.
    services: BTreeMap<QueueName, Identity>,
    /// What a citizen hears who waits for an agent, by queue.
    music: BTreeMap<QueueName, Arc<str>>,
    /// Queues that have been taken away: nobody is promised a call there.
    gone: BTreeSet<QueueName>,
    /// Places that a caller, who still waits there, is about to hand over.
    pending: BTreeMap<CallId, Line>,
    /// Callers who join next, at a ticket's place.
    since: BTreeMap<CallId, WallTime>,
    /// How long the agent that the board offered may be rung.
    rings: BTreeMap<TicketId, Duration>,
    /// The calls that are made for tickets.
    recalls: BTreeMap<TicketId, CallId>,
    requests: requests::Requests,
    measures: metrics::Callbacks,
    begun: u64,
    chance: Chance,
}

/// What other tasks say to the book.
#[derive(Debug)]
pub(super) enum ForBook {
    /// What a call asks or tells.
    Input(Box<Input>),
    /// Nothing of this number is to be known any more.
    Erase(Private<PhoneNumber>),
    /// The disk has answered, or not.
    Written {
        /// Which ticket.
        ticket: TicketId,
        /// Its version.
        version: u32,
        /// What became of it.
        written: Written,
    },
    /// The web site, the API or the command line asks.
    Request(requests::Request),
    /// A call has broken off without giving anything back, or was never begun.
    Gone(CallId),
    /// A call that was left behind, and is ended, was never answered.
    Unanswered {
        /// Its Call-ID.
        call_id: String,
    },
    /// No new calls from now on.
    Rest,
}

/// What the hub is to do.
#[derive(Debug)]
pub(super) enum Deed {
    /// Tell a call.
    Tell(CallId, call::Input),
    /// Tell the board.
    Board(queue::Input),
    /// Tell the signalling task.
    Signal(ToSignalling),
}

impl Callbacks {
    /// A book of these rules, which has nothing yet; [`Self::start`] begins.
    pub(super) fn new(book: Book, trunks: Vec<sip::Trunk>, disk: Disk, chance: Chance) -> Self {
        Self {
            book,
            disk: disk.0,
            trunks,
            services: BTreeMap::new(),
            music: BTreeMap::new(),
            gone: BTreeSet::new(),
            pending: BTreeMap::new(),
            since: BTreeMap::new(),
            rings: BTreeMap::new(),
            recalls: BTreeMap::new(),
            requests: requests::Requests::default(),
            measures: metrics::Callbacks::default(),
            begun: 0,
            chance,
        }
    }

    /// Reads back what was promised, with the hours of every queue.
    pub(super) fn start(&mut self, directory: &Directory, tickets: Vec<Ticket>, board: &Board) -> Vec<Deed> {
        let mut deeds = self.renew(directory, board);
        self.tell_strays(&tickets);
        for ticket in tickets {
            deeds.extend(self.hear(Input::Restored(ticket), board));
        }
        deeds.extend(self.hear(Input::Ready, board));
        deeds
    }

    /// What is promised for times to come at a queue.
    pub(super) fn diary(&self, queue: &QueueName) -> Diary {
        self.book.diary(queue)
    }

    /// When [`Input::Tick`] is wanted at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.book.deadline()
    }

    /// Takes what another task says.
    pub(super) fn take(&mut self, message: ForBook, board: &Board) -> Vec<Deed> {
        match message {
            ForBook::Input(input) => {
                crash::heard(&input);
                self.hear(*input, board)
            }
            ForBook::Written { ticket, version, written: Written::Yes } => {
                self.hear(Input::Kept { ticket, version }, board)
            }
            ForBook::Written { ticket, version, written: Written::No } => {
                self.hear(Input::NotKept { ticket, version }, board)
            }
            ForBook::Written { ticket, written: Written::Overtaken, .. } => {
                self.hear(Input::Overtaken { ticket }, board)
            }
            ForBook::Request(request) => self.request(request, board),
            ForBook::Erase(number) => self.hear(Input::Erase { number }, board),
            ForBook::Gone(call) => self.gone(call, board),
            ForBook::Unanswered { call_id } => self.unanswered(&call_id, board),
            ForBook::Rest => self.hear(Input::Rest, board),
        }
    }

    /// Tells the book something; what follows comes out.
    pub(super) fn hear(&mut self, input: Input, board: &Board) -> Vec<Deed> {
        let now = clock::both();
        self.measures.heard(&input);
        if let Input::Ask(wish) = &input
            && !self.may_promise(wish)
        {
            let output = Output::Refused { asker: wish.asker, why: Refused::NoLine };
            return self.carry_out(now, output, board).into_iter().collect();
        }
        self.book.handle(now, input);
        let mut deeds = Vec::new();
        while let Some(output) = self.book.poll() {
            deeds.extend(self.carry_out(now, output, board));
        }
        deeds
    }

    fn carry_out(&mut self, now: Now, output: Output, board: &Board) -> Option<Deed> {
        self.measures.said(now.wall, &output);
        match output.asker() {
            Some(Asker::Call(call)) => return Some(Deed::Tell(call, call::Input::Book(output))),
            Some(Asker::Request(request)) => {
                self.answer(now, request, &output);
                return None;
            }
            None => {}
        }
        match output {
            Output::Arrived { call, since } => {
                self.since.insert(call, since);
                None
            }
            Output::Keep(ticket) => {
                let (id, version) = (ticket.id, ticket.version);
                let ended = ticket.ended.map(Reason::word);
                tracing::info!(ticket = %id, state = ticket.state.name(), ended, "callback");
                if self.disk.try_send(*ticket).is_err() {
                    // The disk is behind by as many tickets as its inbox holds: nothing may be promised.
                    self.book.handle(now, Input::NotKept { ticket: id, version });
                }
                None
            }
            Output::Join(line) => match line.from.filter(|call| board.rank(*call).is_some()) {
                Some(call) => {
                    self.pending.insert(call, line);
                    None
                }
                None => Some(Deed::Board(queue::Input::Join(join(now, line)))),
            },
            Output::Leave { ticket } => {
                self.pending.retain(|_, line| line.ticket != ticket);
                self.rings.remove(&ticket);
                self.recalls.remove(&ticket);
                Some(Deed::Board(queue::Input::Leave { who: ticket.into(), why: Left::WentOn }))
            }
            Output::Ring { ticket, agent, first } => Some(Deed::Signal(self.ring(ticket, agent, first))),
            Output::Dial { ticket, .. } | Output::Bridge { ticket, .. } | Output::Stop { ticket } => {
                let call = self.recalls.get(&ticket)?;
                Some(Deed::Tell(*call, call::Input::Book(output)))
            }
            Output::EndOld { ticket, number, attempt } => {
                ::metrics::counter!("svi_callbacks_interrupted_total").increment(1);
                let from = self.book.ticket(ticket).and_then(|t| self.services.get(&t.queue)).cloned();
                let DialogName { call_id, from_tag, branch, to_tag } = attempt.dialog;
                let name = InviteName { call_id, from_tag, branch };
                let (to, from) = (Target::Trunk(number.reveal().clone()), from.unwrap_or_default());
                Some(Deed::Signal(ToSignalling::Sip(sip::Command::EndStranded { to, from, name, to_tag })))
            }
            Output::Promise { .. }
            | Output::Refused { .. }
            | Output::Known { .. }
            | Output::Diary { .. }
            | Output::Cancelled { .. }
            | Output::TakesPlace { .. } => None,
        }
    }

    /// The call that rings the agent or the citizen, with names that nobody else has.
    fn ring(&mut self, ticket: Box<Ticket>, agent: AgentName, first: First) -> ToSignalling {
        self.begun += 1;
        let id = CallId(FIRST_RECALL + self.begun);
        self.recalls.insert(ticket.id, id);
        let ring = self.rings.remove(&ticket.id).unwrap_or(RING);
        let service = self.services.get(&ticket.queue).cloned().unwrap_or_default();
        let music = self.music.get(&ticket.queue).cloned().unwrap_or_default();
        let dialog = DialogName {
            call_id: self.chance.token(16),
            from_tag: self.chance.token(16),
            branch: sip::branch(&mut self.chance),
            to_tag: None,
        };
        ToSignalling::CallBack {
            id,
            order: Box::new(RecallOrder { ticket, agent, ring, first, music, dialog, service }),
        }
    }

    /// What the board says of a ticket.
    pub(super) fn board_says(&mut self, output: queue::Output, board: &Board) -> Vec<Deed> {
        match output {
            // The citizen has answered and waits: the call itself rings the next agent.
            queue::Output::Offer { who: Waiting::Ticket(ticket), .. }
                if self.book.turn(ticket) == Some(Turn::Calling) =>
            {
                let call = self.recalls.get(&ticket);
                call.map(|call| Deed::Tell(*call, call::Input::Queue(output))).into_iter().collect()
            }
            queue::Output::Offer { who: Waiting::Ticket(ticket), agent, ring } => {
                self.rings.insert(ticket, ring);
                self.hear(Input::Offered { ticket, agent }, board)
            }
            queue::Output::Withdraw { who: Waiting::Ticket(ticket), agent } => match self.recalls.get(&ticket) {
                Some(call) => {
                    let who = ticket.into();
                    vec![Deed::Tell(*call, call::Input::Queue(queue::Output::Withdraw { who, agent }))]
                }
                None => self.hear(Input::Missed { ticket, agent }, board),
            },
            queue::Output::Refused { who: Waiting::Ticket(ticket), .. }
            | queue::Output::TimedOut { who: Waiting::Ticket(ticket) } => self.hear(Input::NoPlace { ticket }, board),
            _ => Vec::new(),
        }
    }

    /// What a call tells the board, as the book wants it; and what is to be told after it.
    pub(super) fn overhear(&mut self, input: &mut queue::Input) -> Option<queue::Input> {
        let now = clock::both();
        match input {
            queue::Input::Join(join) => {
                let Waiting::Caller(call) = join.who else { return None };
                if let Some(since) = self.since.remove(&call) {
                    let since = back(now, since);
                    join.since = Some(join.since.map_or(since, |other| other.min(since)));
                }
                None
            }
            queue::Input::Leave { who: Waiting::Caller(call), why } => {
                let line = self.pending.remove(call);
                if let Left::Callback(ticket) = *why {
                    if line.as_ref().is_some_and(|line| line.ticket == ticket) {
                        return None;
                    }
                    // The ticket waits at home, or has a place of its own.
                    *why = Left::WentOn;
                }
                // Who was cut off before the promise was heard has asked all the same.
                line.map(|line| queue::Input::Join(join(now, line)))
            }
            // Nothing is told any more to a call whose ticket is over.
            queue::Input::TalkEnded { who: Waiting::Ticket(ticket), .. } if self.book.ticket(*ticket).is_none() => {
                self.recalls.remove(ticket);
                None
            }
            _ => None,
        }
    }

    fn unanswered(&mut self, call_id: &str, board: &Board) -> Vec<Deed> {
        let old = self.book.tickets().find_map(|ticket| {
            let attempt = ticket.attempts.iter().find(|attempt| attempt.dialog.call_id == call_id)?;
            Some(Input::OldUnanswered { ticket: ticket.id, nth: attempt.nth })
        });
        old.map_or_else(Vec::new, |input| self.hear(input, board))
    }

    /// A call has gone without a word.
    fn gone(&mut self, call: CallId, board: &Board) -> Vec<Deed> {
        let lost = self.recalls.iter().find(|(_, recall)| **recall == call).map(|(ticket, _)| *ticket);
        match lost {
            Some(ticket) => {
                self.recalls.remove(&ticket);
                let mut deeds = self.hear(Input::Lost { ticket }, board);
                if self.book.ticket(ticket).is_none() {
                    // The book has let go of it, and the agent is free.
                    deeds.push(Deed::Board(queue::Input::Leave { who: ticket.into(), why: Left::WentOn }));
                }
                deeds
            }
            None => Vec::new(),
        }
    }
}

fn join(now: Now, line: Line) -> queue::Join {
    let Line { ticket, queue, needs, priority, since, .. } = line;
    queue::Join { needs, priority, since: Some(back(now, since)), ..queue::Join::new(ticket, queue) }
}

/// A past moment of the wall's clock on the other one; what was before the start is the start.
fn back(now: Now, at: WallTime) -> Instant {
    let ago = Duration::from_millis(u64::try_from(now.wall.millis() - at.millis()).unwrap_or(0));
    Instant::from_start(now.mono.since_start().saturating_sub(ago))
}

/// The ids of the calls that are made for tickets; those for errands never get there.
const FIRST_RECALL: u64 = 1 << 41;
/// How long an agent is rung, where the board has not said it.
const RING: Duration = Duration::from_secs(20);
