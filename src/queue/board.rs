use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::agent::{Agent, AgentEvent, AgentState, REST};
use super::line::{Line, Place};
use super::{Input, Output, Refused};
use crate::base::{AgentName, CallId, Instant, Lifecycle, QueueName};
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

/// Callers.
impl Board {
    fn join(&mut self, now: Instant, call: CallId, name: &QueueName) {
        let target = self.by_name.get(name).copied();
        if let (Some(rank), Some(caller)) = (self.rank(call), self.callers.get(&call))
            && target == Some(caller.queue)
        {
            self.out.push_back(Output::Joined { call, rank });
            return;
        }
        self.leave(now, call);
        let Some(queue) = target else {
            return self.out.push_back(Output::Refused { call, why: Refused::Unknown });
        };
        let q = &mut self.queues[queue];
        if q.logged_in == 0 {
            return self.out.push_back(Output::Refused { call, why: Refused::Nobody });
        }
        if q.line.len() >= q.rules.capacity {
            return self.out.push_back(Output::Refused { call, why: Refused::Full });
        }
        let place = Place(self.next_place);
        self.next_place += 1;
        q.line.insert(place, call);
        q.hoping.insert(place);
        let told = q.line.len();
        self.callers.insert(call, Caller { queue, place, told, stage: Stage::Hoping });
        self.out.push_back(Output::Joined { call, rank: told });
        self.seek_agent(now, call);
    }

    fn rejoin(&mut self, now: Instant, call: CallId, name: &QueueName) {
        let talking = self.callers.get(&call).filter(|caller| {
            matches!(caller.stage, Stage::Talking(_)) && self.by_name.get(name) == Some(&caller.queue)
        });
        let Some((queue, place)) = talking.map(|caller| (caller.queue, caller.place)) else {
            return self.join(now, call, name);
        };
        self.leave(now, call);
        let q = &mut self.queues[queue];
        if q.logged_in == 0 {
            return self.out.push_back(Output::Refused { call, why: Refused::Nobody });
        }
        q.line.insert(place, call);
        q.hoping.insert(place);
        let rank = q.line.rank(place);
        self.callers.insert(call, Caller { queue, place, told: rank, stage: Stage::Hoping });
        self.retell(queue, place);
        self.out.push_back(Output::Joined { call, rank });
        self.seek_agent(now, call);
    }

    fn leave(&mut self, now: Instant, call: CallId) {
        let Some(caller) = self.callers.remove(&call) else { return };
        match caller.stage {
            Stage::Hoping => self.step_out(&caller),
            Stage::Offered(a) => {
                self.step_out(&caller);
                self.turn(a, AgentEvent::Withdrawn, now, Duration::ZERO);
                self.seek_caller(now, a);
            }
            Stage::Talking(a) => {
                let wrap_up = self.queues[caller.queue].rules.wrap_up;
                self.turn(a, AgentEvent::TalkEnded, now, wrap_up);
            }
        }
    }

    fn answered(&mut self, now: Instant, call: CallId, agent: &AgentName) {
        let Some(Stage::Offered(a)) = self.stage(call).filter(|s| self.names(*s, agent)) else { return };
        let Some(mut caller) = self.callers.remove(&call) else { return };
        self.step_out(&caller);
        caller.stage = Stage::Talking(a);
        self.callers.insert(call, caller);
        self.turn(a, AgentEvent::Answered, now, Duration::ZERO);
    }

    fn missed(&mut self, now: Instant, call: CallId, agent: &AgentName) {
        let Some(Stage::Offered(a)) = self.stage(call).filter(|s| self.names(*s, agent)) else { return };
        let Some(caller) = self.callers.get_mut(&call) else { return };
        caller.stage = Stage::Hoping;
        let queue = caller.queue;
        self.queues[queue].hoping.insert(caller.place);
        self.turn(a, AgentEvent::Missed, now, REST);
        if self.queues[queue].logged_in == 0 {
            self.dismiss(queue);
        } else {
            self.seek_agent(now, call);
        }
    }

    /// Takes a caller out of the line; who stood behind has moved.
    fn step_out(&mut self, caller: &Caller) {
        let q = &mut self.queues[caller.queue];
        q.line.remove(caller.place);
        q.hoping.remove(&caller.place);
        self.retell(caller.queue, caller.place);
    }

    /// From this place on, ranks have moved.
    fn retell(&mut self, queue: usize, from: Place) {
        let telling = self.telling.entry(queue).or_insert(Telling { next: from, rank: None });
        if from <= telling.next {
            *telling = Telling { next: from, rank: None };
        }
    }

    /// Tells everyone for whom nobody is rung that nobody is there any more.
    fn dismiss(&mut self, queue: usize) {
        while let Some(place) = self.queues[queue].hoping.first().copied() {
            let Some((_, call)) = self.queues[queue].line.from(place) else { return };
            let Some(caller) = self.callers.remove(&call) else { return };
            self.step_out(&caller);
            self.out.push_back(Output::Nobody { call });
        }
    }

    fn tell_a_rank(&mut self) -> Option<Output> {
        while let Some((queue, telling)) = self.telling.iter_mut().next() {
            let line = &self.queues[*queue].line;
            let Some((place, call)) = line.from(telling.next) else {
                let queue = *queue;
                self.telling.remove(&queue);
                continue;
            };
            let rank = telling.rank.unwrap_or_else(|| line.rank(place));
            *telling = Telling { next: Place(place.0 + 1), rank: Some(rank + 1) };
            if let Some(caller) = self.callers.get_mut(&call).filter(|caller| caller.told != rank) {
                caller.told = rank;
                return Some(Output::Rank { call, rank });
            }
        }
        None
    }
}

/// Agents.
impl Board {
    fn reach(&mut self, now: Instant, name: &AgentName, event: AgentEvent) {
        // Who is registered without being a member of any queue is nobody's agent here.
        let Some(a) = self.by_agent.get(name).copied() else { return };
        self.turn(a, event, now, Duration::ZERO);
        self.seek_caller(now, a);
        for i in 0..self.agents[a].queues.len() {
            let queue = self.agents[a].queues[i];
            if self.queues[queue].logged_in == 0 {
                self.dismiss(queue);
            }
        }
    }

    /// Ends the wrap-ups and rests that are over, in their order.
    fn expire(&mut self, now: Instant) {
        while let Some((at, a)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.turn(a, AgentEvent::Rested, at, Duration::ZERO);
            self.seek_caller(now, a);
        }
    }

    /// Gives a free agent the caller who has waited longest in the agent's queues.
    fn seek_caller(&mut self, now: Instant, a: usize) {
        let agent = &self.agents[a];
        if agent.state != AgentState::Available {
            return;
        }
        let oldest = |q: &usize| self.queues[*q].hoping.first().map(|place| (*place, *q));
        let Some((place, queue)) = agent.queues.iter().filter_map(oldest).min() else { return };
        if let Some((_, call)) = self.queues[queue].line.from(place) {
            self.offer(now, call, a);
        }
    }

    /// Gives a caller the agent who has been free for longest.
    fn seek_agent(&mut self, now: Instant, call: CallId) {
        let Some(caller) = self.callers.get(&call) else { return };
        if let Some((_, a)) = self.queues[caller.queue].free.first().copied() {
            self.offer(now, call, a);
        }
    }

    fn offer(&mut self, now: Instant, call: CallId, a: usize) {
        let Some(caller) = self.callers.get_mut(&call) else { return };
        caller.stage = Stage::Offered(a);
        let queue = &mut self.queues[caller.queue];
        queue.hoping.remove(&caller.place);
        let ring = queue.rules.ring;
        self.turn(a, AgentEvent::Offered, now, Duration::ZERO);
        self.out.push_back(Output::Offer { call, agent: self.agents[a].name.clone(), ring });
    }

    /// Moves an agent along the table and keeps the queues' lists true: the one
    /// place where a state changes. `peace` is how long a wrap-up or rest lasts.
    fn turn(&mut self, a: usize, event: AgentEvent, at: Instant, peace: Duration) {
        let agent = &mut self.agents[a];
        let was = agent.state;
        let Some(state) = was.on(event) else { return };
        agent.state = state;
        let was_free = (agent.idle_since, a);
        if let Some(until) = agent.until.take() {
            self.deadlines.remove(&(until, a));
        }
        match state {
            AgentState::WrapUp | AgentState::Resting => {
                agent.until = Some(at + peace);
                self.deadlines.insert((at + peace, a));
            }
            // A caller who left before the answer does not cost the agent the turn.
            AgentState::Available if event != AgentEvent::Withdrawn => agent.idle_since = at,
            AgentState::Available
            | AgentState::Offline
            | AgentState::Ringing
            | AgentState::RingingGone
            | AgentState::Talking
            | AgentState::TalkingGone => {}
        }
        for q in &agent.queues {
            let queue = &mut self.queues[*q];
            queue.free.remove(&was_free);
            if state == AgentState::Available {
                queue.free.insert((agent.idle_since, a));
            }
            queue.logged_in -= usize::from(was.logged_in());
            queue.logged_in += usize::from(state.logged_in());
        }
        self.out.push_back(Output::Agent { agent: agent.name.clone(), state: state.name() });
    }
}
