//! One drawn future after the other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::draw::Draw;
use super::law::LogNormal;
use super::lengths::Known;
use super::outlook::{HORIZON, PauseLaws, QueueLaws};
use crate::base::Instant;
use crate::queue::{AgentState, AgentView, LineView, Serves, Then, View, Waiting};

/// Plays the board on from where it is.
pub(super) struct Play<'a> {
    view: &'a View,
    laws: &'a [QueueLaws],
    pauses: &'a PauseLaws,
    starts: Vec<Start>,
    lines: Vec<Vec<Stand>>,
    /// Who is free when: the bits of the seconds from now, which sort as the seconds do.
    agents: BinaryHeap<Reverse<(u64, usize)>>,
    /// For each line, how many have had their turn, the next to join included.
    turns: Vec<usize>,
    /// This future's law of talks, for each line.
    talks: Vec<LogNormal>,
    /// By how much this future's callers leave sooner than expected, for each line.
    haste: Vec<f64>,
    /// Who of two lines has had a turn in this future.
    served: Vec<(usize, usize)>,
}

/// Where an agent is at the start; seconds.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Free after so long.
    In(f64),
    /// Rung for so long, for a caller of this line.
    Ringing { line: usize, age: f64, then: Then },
    /// In a talk for so long, with a caller of this line.
    Talking { line: usize, age: f64, then: Then },
    /// On a pause for so long.
    Paused { age: f64 },
}

/// A waiter of a line.
#[derive(Clone, Debug)]
struct Stand {
    claim: i64,
    place: u64,
    /// How long the caller has stood, in seconds; a callback never leaves.
    stood: Option<f64>,
    /// The hazard lived through until now.
    endured: f64,
    /// The same caller in another line.
    twin: Option<(usize, usize)>,
}

impl<'a> Play<'a> {
    pub(super) fn new(now: Instant, view: &'a View, laws: &'a [QueueLaws], pauses: &'a PauseLaws) -> Self {
        let mut lines: Vec<Vec<Stand>> =
            view.lines.iter().zip(laws).map(|(line, laws)| stands(now, line, laws)).collect();
        let mut seen: BTreeMap<Waiting, (usize, usize)> = BTreeMap::new();
        for (i, line) in view.lines.iter().enumerate() {
            for (at, waiter) in line.waiting.iter().enumerate() {
                if let Some(twin) = seen.insert(waiter.who, (i, at)) {
                    lines[i][at].twin = Some(twin);
                    lines[twin.0][twin.1].twin = Some((i, at));
                }
            }
        }
        Self {
            view,
            laws,
            pauses,
            starts: view.agents.iter().map(|agent| start(now, view, agent)).collect(),
            lines,
            agents: BinaryHeap::with_capacity(view.agents.len()),
            turns: Vec::new(),
            talks: Vec::new(),
            haste: Vec::new(),
            served: Vec::new(),
        }
    }

    /// Agents of a line who are on no pause and not about to go.
    pub(super) fn at_work(&self, line: usize) -> usize {
        let here = |(agent, start): &(&AgentView, &Start)| {
            let serves = agent.lines.iter().any(|serves| serves.line == line);
            serves && agent.then == Then::GoesOn && !matches!(start, Start::Paused { .. })
        };
        self.view.agents.iter().zip(&self.starts).filter(here).count()
    }

    /// Plays one future; `answer` is told each line's place and its wait in seconds.
    pub(super) fn run(&mut self, mut draw: Draw, mut answer: impl FnMut(usize, usize, f64)) {
        self.turns.clear();
        self.turns.resize(self.lines.len(), 0);
        self.served.clear();
        self.talks.clear();
        self.haste.clear();
        for laws in self.laws {
            let Known { law, error, .. } = laws.talk;
            self.talks.push(LogNormal { mu: law.mu + shift(error, &mut draw), ..law });
            self.haste.push(shift(laws.hazards.error, &mut draw).exp());
        }
        self.agents.clear();
        for agent in 0..self.starts.len() {
            let free = self.first_free(self.starts[agent], &mut draw);
            self.agents.push(Reverse((free.to_bits(), agent)));
        }
        let mut open = self.lines.len();
        while let Some(Reverse((bits, agent))) = self.agents.pop().filter(|_| open > 0) {
            let free = f64::from_bits(bits);
            if free >= HORIZON {
                return;
            }
            let unit = draw.unit();
            let Some((line, at)) = self.next_caller(agent) else {
                open -= self.reach_the_end(agent, |laws| free + laws.ring.exceeded_by(unit), &mut answer);
                continue;
            };
            self.turns[line] += 1;
            let twin = self.lines[line][at].twin;
            let mut busy = 0.0;
            if twin.is_none_or(|twin| !self.served.contains(&twin)) {
                let ring = self.laws[line].ring.exceeded_by(unit);
                answer(line, at, free + ring);
                if let Some((other, there)) = twin {
                    self.served.push((line, at));
                    answer(other, there, free + ring);
                }
                if self.is_there(line, at, free, &mut draw) {
                    busy = ring + self.talk(line, &mut draw);
                }
            }
            self.agents.push(Reverse(((free + busy).to_bits(), agent)));
        }
    }

    /// Nobody is left for this agent: whoever joined one of the lines now would be next.
    /// How many lines this is new for.
    fn reach_the_end(
        &mut self,
        agent: usize,
        wait: impl Fn(&QueueLaws) -> f64,
        answer: &mut impl FnMut(usize, usize, f64),
    ) -> usize {
        let mut reached = 0;
        for Serves { line, .. } in self.view.agents[agent].lines.iter().copied() {
            let end = self.lines[line].len();
            if self.turns[line] == end {
                answer(line, end, wait(&self.laws[line]));
                self.turns[line] += 1;
                reached += 1;
            }
        }
        reached
    }

    /// Who stands first in the lines of an agent.
    fn next_caller(&self, agent: usize) -> Option<(usize, usize)> {
        let first = |Serves { line, later }: &Serves| {
            let at = self.turns[*line];
            self.lines[*line].get(at).map(|stand| (stand.claim.saturating_add(*later), stand.place, *line, at))
        };
        self.view.agents[agent].lines.iter().filter_map(first).min().map(|(.., line, at)| (line, at))
    }

    /// Whether somebody is still there when the turn comes.
    fn is_there(&self, line: usize, at: usize, free: f64, draw: &mut Draw) -> bool {
        let stand = &self.lines[line][at];
        stand.stood.is_none_or(|stood| {
            let hazard = self.laws[line].hazards.sum_to(stood + free) - stand.endured;
            hazard * self.haste[line] < draw.exponential()
        })
    }

    /// How long an agent is taken by one caller from the answer on, a pause included.
    fn talk(&self, line: usize, draw: &mut Draw) -> f64 {
        self.talks[line].exceeded_by(draw.unit()) + self.after(line, draw)
    }

    /// From a talk's end until the agent is free again.
    fn after(&self, line: usize, draw: &mut Draw) -> f64 {
        let pause = if draw.unit() < self.pauses.share { self.pauses.length.law.exceeded_by(draw.unit()) } else { 0.0 };
        self.laws[line].wrap_up + pause
    }

    /// From the end of the present talk until the agent is free again.
    fn next(&self, line: usize, then: Then, draw: &mut Draw) -> f64 {
        match then {
            Then::GoesOn => self.after(line, draw),
            // The pause takes the place of the wrap-up.
            Then::Pauses => self.pauses.length.law.exceeded_by(draw.unit()),
            Then::Leaves => HORIZON,
        }
    }

    /// When an agent is free for the first time, in seconds from now.
    fn first_free(&self, start: Start, draw: &mut Draw) -> f64 {
        match start {
            Start::In(seconds) => seconds,
            Start::Ringing { line, age, then } => {
                let talk = rest(self.laws[line].ring, age, draw) + self.talks[line].exceeded_by(draw.unit());
                talk + self.next(line, then, draw)
            }
            Start::Talking { line, age, then } => rest(self.talks[line], age, draw) + self.next(line, then, draw),
            Start::Paused { age } => rest(self.pauses.length.law, age, draw),
        }
    }
}

fn stands(now: Instant, line: &LineView, laws: &QueueLaws) -> Vec<Stand> {
    let stand = |waiter: &crate::queue::WaiterView| {
        let stood = match waiter.who {
            Waiting::Caller(_) => Some(now.since(waiter.since).as_secs_f64()),
            Waiting::Ticket(_) => None,
        };
        let endured = stood.map_or(0.0, |stood| laws.hazards.sum_to(stood));
        Stand { claim: waiter.claim, place: waiter.place, stood, endured, twin: None }
    };
    line.waiting.iter().map(stand).collect()
}

fn start(now: Instant, view: &View, agent: &AgentView) -> Start {
    let age = now.since(agent.since).as_secs_f64();
    let left = agent.until.map_or(0.0, |until| until.since(now).as_secs_f64());
    let then = agent.then;
    let serving = agent.serving.as_ref().and_then(|queue| view.lines.iter().position(|line| line.queue == *queue));
    match (agent.state, serving) {
        (AgentState::Available, _) => Start::In(0.0),
        (AgentState::Ringing, Some(line)) => Start::Ringing { line, age, then },
        (AgentState::Talking, Some(line)) => Start::Talking { line, age, then },
        (AgentState::WrapUp | AgentState::Resting, _) if then != Then::Leaves => Start::In(left),
        (AgentState::Paused, _) => Start::Paused { age },
        // Going, gone, or with a caller of a queue that is no longer there.
        (AgentState::WrapUp | AgentState::Resting | AgentState::Ringing | AgentState::Talking, _)
        | (AgentState::Offline, _) => Start::In(HORIZON),
    }
}

/// The logarithm of a factor with mean one and this relative error.
fn shift(error: f64, draw: &mut Draw) -> f64 {
    error * draw.normal() - 0.5 * error * error
}

/// The rest of a length that has lasted for `age` seconds.
fn rest(law: LogNormal, age: f64, draw: &mut Draw) -> f64 {
    let survivors = law.survival(age);
    let unit = draw.unit();
    if survivors < RAREST {
        // Far beyond all that was learned, the rest is of the order of a tenth of the age.
        return -unit.ln() * age / 10.0;
    }
    (law.exceeded_by(unit * survivors) - age).max(0.0)
}

const RAREST: f64 = 1e-14;
