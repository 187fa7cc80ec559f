//! One day of a call centre on the very board, estimator and all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use svi::base::{AgentName, CallId, Chance, Instant, QueueName};
use svi::flow::{Member, QueueRules};
use svi::queue::wait::{Estimator, Lesson, Promise, Telling, WaitEnd};
use svi::queue::{AgentState, Board, Input, Join, Left, Output, Waiting};

use super::laws::{exponential, unit};
use super::oracle::{Foretold, foretell};
use super::rivals::{METHODS, ORACLE, Rivals, SVI};
use super::scenario::{DAY, History, RING, Scenario, WRAP_UP};
use super::truth::{AgentTruth, CallerTruth, Doing};

/// What was predicted for one caller on joining, and what came of it.
#[derive(Clone, Debug)]
pub struct Sample {
    at: f64,
    /// Seconds since somebody came or went for the day.
    pub since_change: f64,
    /// How many had been served in this queue.
    pub served: usize,
    pub expected: [f64; METHODS.len()],
    pub promise: Option<Promise>,
    pub oracle_high: f64,
    /// What was told later: how long after joining, and what.
    pub later: Vec<(f64, Promise)>,
    /// Tellings that said nothing, because the wait had become longer.
    pub silent: usize,
    /// The wait that the caller had, or would have had by staying.
    pub waited: Option<f64>,
}

/// A day that runs.
pub struct Centre<'a> {
    scenario: &'a Scenario,
    board: Board,
    estimator: Estimator,
    now: f64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    chance: Chance,
    /// The oracle's own, so that asking it changes nothing.
    oracle: Chance,
    agents: Vec<AgentTruth>,
    waiting: BTreeMap<u64, CallerTruth>,
    talking: BTreeMap<u64, Talk>,
    /// Who left, but is still followed in thought: queue and sample.
    ghosts: BTreeMap<u64, (usize, usize)>,
    rivals: Vec<Rivals>,
    joined: u64,
    /// When somebody last came or went for the day.
    changed: f64,
    /// Callers who had to wait, for each queue.
    measurable: Vec<usize>,
    samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
struct Talk {
    queue: usize,
    agent: usize,
    rung: f64,
    since: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival(usize),
    Leaves(u64),
    Answers(u64, usize),
    TalkEnds(u64),
    BreakEnds(usize),
    Shift(usize),
    Tell(u64),
    Minute,
}

impl<'a> Centre<'a> {
    fn new(scenario: &'a Scenario, seed: u64) -> Self {
        let mut chance = Chance::seeded(seed);
        let oracle = chance.split();
        let rules = |queue: usize| {
            let members = (0..scenario.agents.len()).filter(|a| scenario.agents[*a].contains(&queue));
            let members = members.map(|a| Member::from(agent_name(a))).collect();
            let wrap_up = Duration::from_secs_f64(WRAP_UP);
            Arc::new(QueueRules { wrap_up, capacity: 100_000, ..QueueRules::new(queue_name(queue), members) })
        };
        let queues = scenario.queues.len();
        let agent = |queues: &Vec<usize>| AgentTruth { queues: queues.clone(), doing: Doing::Free, leaving: false };
        Self {
            scenario,
            board: Board::new((0..queues).map(rules).collect()),
            estimator: Estimator::new(),
            now: 0.0,
            events: BinaryHeap::new(),
            scheduled: 0,
            chance,
            oracle,
            agents: scenario.agents.iter().map(agent).collect(),
            waiting: BTreeMap::new(),
            talking: BTreeMap::new(),
            ghosts: BTreeMap::new(),
            rivals: vec![Rivals::default(); queues],
            joined: 0,
            changed: f64::NEG_INFINITY,
            measurable: vec![0; queues],
            samples: Vec::new(),
        }
    }

    /// A day of a scenario, after another day when it has a history.
    pub fn day(scenario: &'a Scenario, seed: u64) -> Vec<Sample> {
        let mut centre = Self::new(scenario, seed);
        if scenario.history == History::ADay {
            let mut before = Self::new(scenario, seed + BEFORE);
            before.run();
            centre.estimator = before.estimator;
        }
        centre.run();
        centre.samples
    }

    /// From the opening until nobody waits any more after closing.
    fn run(&mut self) {
        for agent in 0..self.agents.len() {
            self.feed(Input::AgentUp { agent: agent_name(agent) });
        }
        for (i, (at, ..)) in self.scenario.shifts.iter().enumerate() {
            self.schedule(*at, Event::Shift(i));
        }
        for queue in 0..self.scenario.queues.len() {
            self.next_arrival(queue);
        }
        self.schedule(0.0, Event::Minute);
        loop {
            let next = self.events.peek().map_or(f64::INFINITY, |Reverse((bits, ..))| f64::from_bits(*bits));
            let tick = self.board.deadline().map_or(f64::INFINITY, |at| at.since_start().as_secs_f64());
            if next.is_infinite() && tick.is_infinite() || next.min(tick) > 2.0 * DAY {
                return;
            }
            self.now = self.now.max(next.min(tick));
            if tick <= next {
                self.feed(Input::Tick);
            } else if let Some(Reverse((.., event))) = self.events.pop() {
                self.happens(event);
            }
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrival(queue) => {
                self.arrives(queue);
                self.next_arrival(queue);
            }
            Event::Leaves(call) => self.leaves(call),
            Event::Answers(call, agent) => self.answers(call, agent),
            Event::TalkEnds(call) => self.talk_ends(call),
            Event::BreakEnds(agent) => {
                if let Doing::Break { since } = self.agents[agent].doing {
                    self.estimator.learn_pause(seconds(self.now - since));
                    self.agents[agent].doing = Doing::Free;
                    self.feed(Input::Resume { agent: agent_name(agent) });
                }
            }
            Event::Shift(i) => self.shift(i),
            Event::Tell(call) => self.tell_again(call),
            Event::Minute => {
                for queue in 0..self.rivals.len() {
                    let share = |a: &AgentTruth| {
                        if a.at_work() && a.queues.contains(&queue) { 1.0 / a.queues.len() as f64 } else { 0.0 }
                    };
                    self.rivals[queue].minute(self.agents.iter().map(share).sum());
                }
                if self.now < DAY {
                    self.schedule(self.now + 60.0, Event::Minute);
                }
            }
        }
    }

    fn arrives(&mut self, queue: usize) {
        self.joined += 1;
        let call = self.joined;
        self.waiting.insert(call, CallerTruth { queue, joined: self.now, rung: None, sample: None });
        let patience = self.scenario.queues[queue].patience.draw(&mut self.chance);
        self.schedule(self.now + patience, Event::Leaves(call));
        self.feed(Input::Join(Join::new(CallId(call), queue_name(queue))));
        if self.waiting.get(&call).is_some_and(|caller| caller.rung.is_none()) {
            self.measurable[queue] += 1;
            if self.measurable[queue].is_multiple_of(self.scenario.stride) {
                self.measure(call, queue);
            }
        }
    }

    /// Asks everyone how long this caller will wait.
    fn measure(&mut self, call: u64, queue: usize) {
        let ahead: Vec<f64> = self
            .waiting
            .iter()
            .filter(|(id, caller)| **id < call && caller.queue == queue && caller.rung.is_none())
            .map(|(_, caller)| self.now - caller.joined)
            .collect();
        let logged_in = self.agents.iter().filter(|a| a.at_work() && a.queues.contains(&queue)).count();
        let mut expected = self.rivals[queue].expect(&ahead, logged_in);
        let hoping: Vec<&CallerTruth> = self.waiting.values().filter(|caller| caller.rung.is_none()).collect();
        let Foretold { mean, high } = foretell(self.scenario, self.now, &self.agents, &hoping, queue, &mut self.oracle);
        expected[ORACLE] = mean;
        let promise = self.tell(call);
        expected[SVI] = promise.map_or(f64::NAN, |p| p.expected.as_secs_f64());
        if self.samples.len().is_multiple_of(RETOLD) {
            self.schedule(self.now + 30.0, Event::Tell(call));
        }
        if let Some(caller) = self.waiting.get_mut(&call) {
            caller.sample = Some(self.samples.len());
        }
        self.samples.push(Sample {
            at: self.now,
            since_change: self.now - self.changed,
            served: self.rivals[queue].served,
            expected,
            promise,
            oracle_high: high,
            later: Vec::new(),
            silent: 0,
            waited: None,
        });
    }

    /// What the estimator lets this caller be told, by the board as it is.
    fn tell(&mut self, call: u64) -> Option<Promise> {
        let standing = self.board.standing(CallId(call))?;
        let view = self.board.view(&standing.queue)?;
        self.estimator.look(instant(self.now), &view);
        match self.estimator.tell(instant(self.now), CallId(call), &standing) {
            Telling::Wait(promise) | Telling::FewerAgents(promise) => Some(promise),
            Telling::Nothing => None,
        }
    }

    fn tell_again(&mut self, call: u64) {
        let Some(CallerTruth { rung: None, sample: Some(sample), .. }) = self.waiting.get(&call).cloned() else {
            return;
        };
        match self.tell(call) {
            Some(promise) => {
                let after = self.now - self.samples[sample].at;
                self.samples[sample].later.push((after, promise));
            }
            None => self.samples[sample].silent += 1,
        }
        self.schedule(self.now + 30.0, Event::Tell(call));
    }

    fn answers(&mut self, call: u64, agent: usize) {
        if self.waiting.get(&call).and_then(|caller| caller.rung).is_none_or(|(rung, _)| rung != agent) {
            return;
        }
        let Some(caller) = self.waiting.remove(&call) else { return };
        let Doing::Ringing { since: rung, .. } = self.agents[agent].doing else { return };
        let waited = self.now - caller.joined;
        let queue = caller.queue;
        self.agents[agent].doing = Doing::Talking { queue, since: self.now };
        self.rivals[queue].answered(waited);
        self.estimator.learn(&queue_name(queue), Lesson::Ring(seconds(self.now - rung)));
        self.estimator.learn(&queue_name(queue), Lesson::Wait(seconds(waited), WaitEnd::Answered));
        self.estimator.ended(instant(self.now), CallId(call), WaitEnd::Answered);
        self.resolve(caller.sample, self.now);
        self.talking.insert(call, Talk { queue, agent, rung, since: self.now });
        let talk = self.scenario.queues[queue].talk.draw(&mut self.chance);
        self.schedule(self.now + talk, Event::TalkEnds(call));
        self.feed(Input::Answered { who: CallId(call).into(), agent: agent_name(agent) });
    }

    fn leaves(&mut self, call: u64) {
        let Some(caller) = self.waiting.remove(&call) else { return };
        let waited = self.now - caller.joined;
        self.rivals[caller.queue].left(waited);
        self.estimator.learn(&queue_name(caller.queue), Lesson::Wait(seconds(waited), WaitEnd::Left));
        self.estimator.ended(instant(self.now), CallId(call), WaitEnd::Left);
        match (caller.rung, caller.sample) {
            (Some((_, answer)), sample) => self.resolve(sample, answer),
            (None, Some(sample)) => {
                self.ghosts.insert(call, (caller.queue, sample));
            }
            (None, None) => {}
        }
        self.feed(Input::Leave { who: CallId(call).into(), why: Left::Ended });
    }

    fn talk_ends(&mut self, call: u64) {
        let Some(Talk { queue, agent, rung, since }) = self.talking.remove(&call) else { return };
        let talk = self.now - since;
        self.estimator.learn(&queue_name(queue), Lesson::Talk(seconds(talk)));
        self.rivals[queue].talked(talk, self.now - rung + WRAP_UP);
        let breaks = unit(&mut self.chance) < self.scenario.break_share();
        let others = self.agents.iter().filter(|a| a.at_work()).count() > 1;
        self.agents[agent].doing = Doing::WrapUp { until: self.now + WRAP_UP };
        self.feed(Input::TalkEnded { who: CallId(call).into(), agent: agent_name(agent) });
        if self.agents[agent].leaving {
            self.agents[agent].doing = Doing::Away;
            self.feed(Input::LogOut { agent: agent_name(agent) });
        } else if let Some((_, length)) = self.scenario.breaks.filter(|_| breaks && others) {
            self.agents[agent].doing = Doing::Break { since: self.now };
            self.estimator.learn_pause_begun();
            self.feed(Input::Pause { agent: agent_name(agent), reason: "break".into() });
            let back = self.now + length.draw(&mut self.chance);
            self.schedule(back, Event::BreakEnds(agent));
        }
    }

    fn shift(&mut self, i: usize) {
        let (_, agent, present) = self.scenario.shifts[i];
        if self.now > 0.0 {
            self.changed = self.now;
        }
        self.agents[agent].leaving = !present;
        match (present, self.agents[agent].doing) {
            (true, Doing::Away) => {
                self.agents[agent].doing = Doing::Free;
                self.feed(Input::LogIn { agent: agent_name(agent) });
            }
            (false, Doing::Free | Doing::WrapUp { .. } | Doing::Break { .. }) => {
                self.agents[agent].doing = Doing::Away;
                self.feed(Input::LogOut { agent: agent_name(agent) });
            }
            _ => {}
        }
    }

    fn feed(&mut self, input: Input) {
        self.board.handle(instant(self.now), input);
        let mut free = Vec::new();
        while let Some(output) = self.board.poll() {
            match output {
                Output::Offer { who: Waiting::Caller(call), agent, .. } => {
                    let a = number(&agent);
                    free.retain(|f| *f != a);
                    self.offered(call.0, a);
                }
                Output::Agent { agent, state: AgentState::Available, .. } => {
                    let a = number(&agent);
                    if let Doing::WrapUp { .. } = self.agents[a].doing {
                        let queue = queue_name(self.agents[a].queues[0]);
                        self.estimator.learn(&queue, Lesson::WrapUp(seconds(WRAP_UP)));
                    }
                    self.agents[a].doing = Doing::Free;
                    free.push(a);
                }
                Output::Refused { who: Waiting::Caller(call), .. } => {
                    self.waiting.remove(&call.0);
                }
                _ => {}
            }
        }
        // An agent for whom nobody waits would have taken whoever left.
        for agent in free {
            self.lay_ghosts(agent, u64::MAX);
        }
    }

    fn offered(&mut self, call: u64, agent: usize) {
        let Some(caller) = self.waiting.get_mut(&call) else { return };
        let answer = self.now + RING.0 + (RING.1 - RING.0) * unit(&mut self.chance);
        caller.rung = Some((agent, answer));
        self.agents[agent].doing = Doing::Ringing { queue: caller.queue, since: self.now };
        self.schedule(answer, Event::Answers(call, agent));
        self.lay_ghosts(agent, call);
    }

    /// This agent would have been offered to those who stood before `call` and left.
    fn lay_ghosts(&mut self, agent: usize, call: u64) {
        let mine = |(_, (queue, _)): &(&u64, &(usize, usize))| self.agents[agent].queues.contains(queue);
        let laid: Vec<u64> = self.ghosts.range(..call).filter(mine).map(|(id, _)| *id).collect();
        for id in laid {
            if let Some((_, sample)) = self.ghosts.remove(&id) {
                self.resolve(Some(sample), self.now + f64::midpoint(RING.0, RING.1));
            }
        }
    }

    fn resolve(&mut self, sample: Option<usize>, at: f64) {
        if let Some(sample) = sample.and_then(|s| self.samples.get_mut(s)) {
            sample.waited = Some(at - sample.at);
        }
    }

    fn next_arrival(&mut self, queue: usize) {
        let truth = &self.scenario.queues[queue];
        let mut at = self.now;
        while at < DAY {
            at += exponential(&mut self.chance) / truth.peak();
            if at < DAY && unit(&mut self.chance) * truth.peak() < truth.rate_at(at) {
                return self.schedule(at, Event::Arrival(queue));
            }
        }
    }

    fn schedule(&mut self, at: f64, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((at.to_bits(), self.scheduled, event)));
    }
}

/// The second caller in so many measured is told again every 30 s.
const RETOLD: usize = 4;

/// The seed of the day before is so much greater: no measured day is its own past.
const BEFORE: u64 = 10_000;

fn queue_name(queue: usize) -> QueueName {
    QueueName::from(format!("q{queue}").as_str())
}

fn agent_name(agent: usize) -> AgentName {
    AgentName::from(format!("a{agent}").as_str())
}

fn number(agent: &AgentName) -> usize {
    agent.as_str()[1..].parse().expect("agents are numbered")
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.max(0.0))
}

fn instant(at: f64) -> Instant {
    Instant::from_start(seconds(at))
}
