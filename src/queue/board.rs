mod agents;
mod callers;
mod hand;
mod look;
mod offers;
mod places;
mod rules;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::agent::Agent;
use super::io::CallerKey;
use super::lane::{Queue, Spot};
use super::line::Place;
use super::recent::Recent;
use super::{Input, Output, Waiting};
use crate::base::{AgentName, Instant, QueueName, Skill, limits};
use crate::flow::QueueRules;

/// Every queue and every agent of the services: who waits at which rank, whose
/// phone rings for whom.
///
/// First in, first out within a queue, but for who has a priority, which is worth so
/// much waiting and no more; an agent of several queues is given the caller who has
/// waited longest in any of them, a queue of the agent's second choice being worth a
/// level less. A caller who was rung for in vain keeps the place. Nothing here rests on
/// a clock or a lock: see the contract in [`crate`].
///
/// An event costs O(log n) in the callers and agents. What costs more is rare: new rules
/// look at everything; an agent who logs in to a queue that goes by fewest calls, or a
/// need that no caller had before, at the members; a queue that its last agent leaves,
/// at those who wait. Nobody's rank is computed but for who asks.
#[derive(Debug)]
pub struct Board {
    queues: Vec<Queue>,
    by_name: BTreeMap<QueueName, usize>,
    agents: Vec<Agent>,
    by_agent: BTreeMap<AgentName, usize>,
    callers: BTreeMap<Waiting, Caller>,
    deadlines: BTreeSet<(Instant, Timer)>,
    arrived: u64,
    /// The places of who left, for a while.
    kept: Recent<KeptBy, Kept>,
    /// Which agent spoke with whom last.
    affinities: Recent<CallerKey, AgentName>,
    out: VecDeque<Output>,
}

/// Whom a place is kept for: the number, or where that is withheld, the call that may come back from a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum KeptBy {
    Number(CallerKey),
    Call(Waiting),
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    queue: usize,
    place: Place,
    arrived: Instant,
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A wrap-up or a rest is over; a ringing must be.
    Agent(usize),
    /// Another queue is to help.
    Overflow(Waiting),
    /// The caller has waited for as long as anybody does.
    Longest(Waiting),
}

#[derive(Debug)]
struct Caller {
    /// The queue that was asked for.
    queue: usize,
    place: Place,
    /// Since when the caller waits, before a call that was cut off included.
    arrived: Instant,
    needs: Vec<Skill>,
    key: Option<CallerKey>,
    /// Where the caller waits: in one lane, or in two after an overflow.
    spots: Vec<Spot>,
    stage: Stage,
    /// When another queue is asked to help, and when the caller has waited for too long.
    overflow: Option<Instant>,
    longest: Option<Instant>,
    /// The longest wait has passed while a phone rang: it is let ring.
    overdue: bool,
}

/// How far a caller is; the numbers are the agents' places in the board's list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Seeking,
    /// Phones ring, one at least.
    Rung(Vec<usize>),
    Talking(usize),
}

impl Board {
    /// A board for these queues; every member's phone is yet to be reached.
    pub fn new(queues: Vec<Arc<QueueRules>>) -> Self {
        let mut board = Self {
            queues: Vec::new(),
            by_name: BTreeMap::new(),
            agents: Vec::new(),
            by_agent: BTreeMap::new(),
            callers: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            arrived: 0,
            kept: Recent::new(limits::PLACES_KEPT),
            affinities: Recent::new(limits::AFFINITIES),
            out: VecDeque::new(),
        };
        board.rules(Instant::START, queues);
        board
    }

    /// Takes what happened; [`Board::poll`] has the consequences.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.expire(now);
        match input {
            Input::Join(join) => self.join(now, join),
            Input::Leave { who, why } => self.leave(now, who, why),
            Input::Ask { who } => {
                if let Some(rank) = self.rank(who) {
                    self.out.push_back(Output::Rank { who, rank });
                }
            }
            Input::Answered { who, agent } => self.answered(now, who, &agent),
            Input::Missed { who, agent, why } => self.missed(now, who, &agent, why),
            Input::TalkEnded { who, agent } => self.talk_ended(now, who, &agent),
            Input::Send(join) => self.send(now, join),
            Input::Handed { who, agent } => self.handed(now, who, &agent),
            Input::Hand { who, agent } => self.hand(now, who, &agent),
            Input::Rejoin { who, queue, why } => self.rejoin(now, who, queue, why),
            Input::AgentUp { agent } => self.reached(now, agent),
            Input::AgentDown { agent } => self.unreached(now, &agent),
            Input::LogIn { agent } => self.log_in(now, &agent),
            Input::LogOut { agent } => self.log_out(now, &agent),
            Input::Pause { agent, reason } => self.pause(now, &agent, reason),
            Input::Resume { agent } => self.resume(now, &agent),
            Input::Ready { agent } => self.cut_short(now, &agent),
            Input::LeaveAlone { agent, at_least } => self.leave_alone(now, &agent, at_least),
            Input::Rules(queues) => self.rules(now, queues),
            Input::Told { .. } | Input::Tick => {}
        }
        // A wrap-up of no time at all ends with the talk.
        self.expire(now);
    }

    /// The next consequence.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When a [`Input::Tick`] is wanted at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Does what is due, in its order.
    fn expire(&mut self, now: Instant) {
        while let Some((at, timer)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.pop_first();
            match timer {
                Timer::Agent(a) => self.agent_due(now, at, a),
                Timer::Overflow(who) => self.overflow_due(now, who),
                Timer::Longest(who) => self.longest_due(now, who),
            }
        }
    }
}
