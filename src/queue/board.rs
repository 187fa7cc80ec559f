mod agents;
mod callers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::agent::{Agent, AgentEvent, AgentState};
use super::line::{Line, Place};
use super::{Input, Output};
use crate::base::{AgentName, CallId, Instant, QueueName};
use crate::flow::QueueRules;

/// Every queue and every agent of the services: who waits at which rank, whose
/// phone rings for whom.
///
/// First in, first out within a queue; the agent who has been free for longest is
/// rung, by one caller at a time; an agent of several queues is given the caller who
/// has waited longest in any of them. A caller who was rung for in vain keeps the
/// place. Nothing here rests on a clock or a lock: see the contract in [`crate`].
///
/// An event costs O(log n) in the callers and agents; telling the ranks that it
/// moved is left to [`Board::poll`], one caller at a time.
#[derive(Debug)]
pub struct Board {
    queues: Vec<Queue>,
    by_name: BTreeMap<QueueName, usize>,
    agents: Vec<Agent>,
    by_agent: BTreeMap<AgentName, usize>,
    callers: BTreeMap<CallId, Caller>,
    /// The ends of wrap-ups and rests.
    deadlines: BTreeSet<(Instant, usize)>,
    next_place: u64,
    out: VecDeque<Output>,
    /// The queues whose ranks have moved, and how far that has been told.
    telling: BTreeMap<usize, Telling>,
}

#[derive(Debug)]
struct Queue {
    rules: Arc<QueueRules>,
    /// Who waits, including who is rung for.
    line: Line,
    /// The places of those for whom nobody is rung. Empty, or `free` is: between
    /// two inputs nobody waits for an agent who is free.
    hoping: BTreeSet<Place>,
    /// The agents who can be rung, the longest idle first.
    free: BTreeSet<(Instant, usize)>,
    /// Members whom a caller may hope for.
    logged_in: usize,
}

#[derive(Debug)]
struct Caller {
    queue: usize,
    place: Place,
    /// The rank that the caller was told last.
    told: usize,
    stage: Stage,
}

/// How far a caller is; the number is the agent's place in the board's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Hoping,
    Offered(usize),
    Talking(usize),
}

/// From which place on ranks are still to be told.
#[derive(Debug)]
struct Telling {
    next: Place,
    /// The rank of `next`, when it is known without counting.
    rank: Option<usize>,
}

impl Board {
    /// A board for these queues; every member starts offline.
    pub fn new(queues: Vec<Arc<QueueRules>>) -> Self {
        let mut board = Self {
            queues: Vec::new(),
            by_name: BTreeMap::new(),
            agents: Vec::new(),
            by_agent: BTreeMap::new(),
            callers: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            next_place: 0,
            out: VecDeque::new(),
            telling: BTreeMap::new(),
        };
        for rules in queues {
            let q = board.queues.len();
            for name in &rules.members {
                let a = board.member(name);
                if !board.agents[a].queues.contains(&q) {
                    board.agents[a].queues.push(q);
                }
            }
            board.by_name.insert(rules.name.clone(), q);
            let (line, hoping, free) = Default::default();
            board.queues.push(Queue { rules, line, hoping, free, logged_in: 0 });
        }
        board
    }

    /// Takes what happened; [`Board::poll`] has the consequences.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.expire(now);
        match input {
            Input::Join { call, queue } => self.join(now, call, &queue),
            Input::Leave { call } => self.leave(now, call),
            Input::Answered { call, agent } => self.answered(now, call, &agent),
            Input::Missed { call, agent, why: _ } => self.missed(now, call, &agent),
            Input::TalkEnded { call, agent } => {
                if self.stage(call).is_some_and(|s| self.names(s, &agent) && matches!(s, Stage::Talking(_))) {
                    self.leave(now, call);
                }
            }
            Input::Rejoin { call, queue } => self.rejoin(now, call, &queue),
            Input::AgentUp { agent } => self.reach(now, &agent, AgentEvent::Up),
            Input::AgentDown { agent } => self.reach(now, &agent, AgentEvent::Down),
            Input::Tick => {}
        }
        // A wrap-up of no time at all ends with the talk.
        self.expire(now);
    }

    /// The next consequence. Ranks come last, each caller's at most once, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front().or_else(|| self.tell_a_rank())
    }

    /// When a [`Input::Tick`] is wanted at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// How many wait in a queue, including those who are rung for.
    pub fn waiting(&self, queue: &QueueName) -> usize {
        self.queue(queue).map_or(0, |q| q.line.len())
    }

    /// A waiting caller's rank, from 1.
    pub fn rank(&self, call: CallId) -> Option<usize> {
        let caller = self.callers.get(&call)?;
        match caller.stage {
            Stage::Hoping | Stage::Offered(_) => Some(self.queues[caller.queue].line.rank(caller.place)),
            Stage::Talking(_) => None,
        }
    }

    /// Every agent and what they are doing, by name.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentName, AgentState)> {
        self.by_agent.iter().map(|(name, a)| (name, self.agents[*a].state))
    }

    /// Every queue, by name.
    pub fn queues(&self) -> impl Iterator<Item = &QueueName> {
        self.by_name.keys()
    }

    /// How many agents of a queue could be rung now.
    pub fn free_agents(&self, queue: &QueueName) -> usize {
        self.queue(queue).map_or(0, |q| q.free.len())
    }

    /// How many agents of a queue a caller may hope for: free, busy or resting.
    pub fn logged_in(&self, queue: &QueueName) -> usize {
        self.queue(queue).map_or(0, |q| q.logged_in)
    }

    fn queue(&self, name: &QueueName) -> Option<&Queue> {
        self.by_name.get(name).map(|q| &self.queues[*q])
    }

    fn stage(&self, call: CallId) -> Option<Stage> {
        self.callers.get(&call).map(|caller| caller.stage)
    }

    /// Whether a stage is about the agent of this name.
    fn names(&self, stage: Stage, agent: &AgentName) -> bool {
        match stage {
            Stage::Hoping => false,
            Stage::Offered(a) | Stage::Talking(a) => self.agents[a].name == *agent,
        }
    }

    fn member(&mut self, name: &AgentName) -> usize {
        if let Some(a) = self.by_agent.get(name) {
            return *a;
        }
        let a = self.agents.len();
        self.by_agent.insert(name.clone(), a);
        self.agents.push(Agent {
            name: name.clone(),
            state: AgentState::Offline,
            queues: Vec::new(),
            idle_since: Instant::START,
            until: None,
        });
        a
    }
}
