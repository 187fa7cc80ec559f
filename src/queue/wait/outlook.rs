//! The near future of the queues, drawn many times from what has been learned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::draw::Draw;
use super::floor::{Doing, Floor, Waiter, Who};
use super::law::LogNormal;
use super::lengths::Known;
use super::patience::Hazards;
use crate::base::Instant;

/// What is known of one queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLaws {
    /// How long its talks last.
    pub(super) talk: Known,
    /// From an agent's first ring to the answer.
    pub(super) ring: LogNormal,
    /// From the talk's end to being free again, in seconds.
    pub(super) wrap_up: f64,
    /// When its callers leave.
    pub(super) hazards: Hazards,
}

/// What is known of pauses.
#[derive(Clone, Copy, Debug)]
pub(super) struct PauseLaws {
    /// How long they last.
    pub(super) length: Known,
    /// How many follow a handled call.
    pub(super) share: f64,
}

/// The time from the look until each rank of each queue is answered, in many drawn
/// futures.
///
/// A future is the queue played on from the floor as it is: every running talk gets the
/// rest that its age leaves it, every caller ahead may lose patience before being served,
/// agents go on pauses and come back, an agent of several queues takes whoever stands
/// first in any of them. Later arrivals stand behind and change nothing for those ahead.
/// How little is known of the mean talk is part of it: each future has talks that are all a
/// little longer or shorter. What one future costs grows with the callers and agents, so a
/// crowd gets fewer futures, whose waits also differ less.
#[derive(Clone, Debug)]
pub(super) struct Outlook {
    pub(super) drawn: Instant,
    fans: Vec<Fan>,
}

/// The waits of one queue, all futures of rank 1, then all of rank 2 …; the last rank is
/// that of the next to join.
#[derive(Clone, Debug)]
struct Fan {
    futures: usize,
    waits: Vec<f32>,
}

impl Outlook {
    pub(super) fn draw(now: Instant, floor: &Floor, laws: &[QueueLaws], pauses: &PauseLaws) -> Self {
        let crowd = floor.servers.len() + floor.lines.iter().map(Vec::len).sum::<usize>();
        // Pairs, because each future has its mirror image.
        let futures = (STEPS / crowd.max(1)).clamp(FEWEST, MOST) / 2 * 2;
        let fan = |line: &Vec<Waiter>| Fan { futures, waits: vec![HORIZON as f32; (line.len() + 1) * futures] };
        let mut fans: Vec<Fan> = floor.lines.iter().map(fan).collect();
        let mut play = Play::new(now, floor, laws, pauses);
        for future in 0..futures {
            play.run(future, &mut fans);
        }
        Self { drawn: now, fans }
    }

    /// The drawn waits from `now` on of the rank (from 1) of a queue, in order, seconds.
    pub(super) fn waits(&self, now: Instant, queue: usize, rank: usize) -> Vec<f64> {
        let Some(fan) = self.fans.get(queue) else { return Vec::new() };
        let last = fan.waits.len() / fan.futures;
        let at = rank.clamp(1, last) - 1;
        let age = now.since(self.drawn).as_secs_f64();
        let row = &fan.waits[at * fan.futures..(at + 1) * fan.futures];
        let mut waits: Vec<f64> = row.iter().map(|wait| (f64::from(*wait) - age).max(0.0)).collect();
        waits.sort_unstable_by(f64::total_cmp);
        waits
    }
}

/// The play of one future after the other, and what they share.
struct Play<'a> {
    now: Instant,
    floor: &'a Floor,
    laws: &'a [QueueLaws],
    pauses: &'a PauseLaws,
    /// For each queue, the hazard that each waiter has lived through.
    endured: Vec<Vec<f64>>,
    /// Who is free when: the bits of the seconds from now, which sort as the seconds do.
    agents: BinaryHeap<Reverse<(u64, usize)>>,
    /// For each queue, how many have had their turn, the next to join included.
    turns: Vec<usize>,
    /// This future's law of talks, for each queue.
    talks: Vec<LogNormal>,
}

impl<'a> Play<'a> {
    fn new(now: Instant, floor: &'a Floor, laws: &'a [QueueLaws], pauses: &'a PauseLaws) -> Self {
        let endured = |(line, laws): (&Vec<Waiter>, &QueueLaws)| {
            line.iter().map(|w| laws.hazards.sum_to(now.since(w.since).as_secs_f64())).collect()
        };
        Self {
            now,
            floor,
            laws,
            pauses,
            endured: floor.lines.iter().zip(laws).map(endured).collect(),
            agents: BinaryHeap::with_capacity(floor.servers.len()),
            turns: Vec::new(),
            talks: Vec::new(),
        }
    }

    fn run(&mut self, future: usize, fans: &mut [Fan]) {
        let mut draw = Draw::of(future);
        self.turns.clear();
        self.turns.resize(self.floor.lines.len(), 0);
        self.talks.clear();
        for laws in self.laws {
            let Known { law, error, .. } = laws.talk;
            let shift = error * draw.normal() - 0.5 * error * error;
            self.talks.push(LogNormal { mu: law.mu + shift, ..law });
        }
        self.agents.clear();
        for agent in 0..self.floor.servers.len() {
            let free = self.first_free(agent, &mut draw);
            self.agents.push(Reverse((free.to_bits(), agent)));
        }
        let mut open = self.floor.lines.len();
        while open > 0 {
            let Some(Reverse((bits, agent))) = self.agents.pop() else { return };
            let free = f64::from_bits(bits);
            if free >= HORIZON {
                return;
            }
            match self.next_caller(agent) {
                Some((queue, at)) => {
                    let ring = self.laws[queue].ring.exceeded_by(draw.unit());
                    fans[queue].set(at, future, free + ring);
                    self.turns[queue] += 1;
                    let stays = self.stays(queue, at, free, &mut draw);
                    let busy = if stays { ring + self.talk(queue, &mut draw) } else { 0.0 };
                    self.agents.push(Reverse(((free + busy).to_bits(), agent)));
                }
                None => {
                    let ring = draw.unit();
                    open -= self.reach_the_end(agent, |laws| free + laws.ring.exceeded_by(ring), future, fans);
                }
            }
        }
    }

    /// Who stands first in the queues of an agent.
    fn next_caller(&self, agent: usize) -> Option<(usize, usize)> {
        let first = |queue: &usize| {
            let at = *self.turns.get(*queue)?;
            self.floor.lines[*queue].get(at).map(|waiter| (waiter.place, *queue, at))
        };
        self.floor.servers[agent].queues.iter().filter_map(first).min().map(|(_, queue, at)| (queue, at))
    }

    /// Nobody is left for this agent: whoever joined these queues now would be next. How
    /// many queues this is new for.
    fn reach_the_end(&mut self, agent: usize, wait: impl Fn(&QueueLaws) -> f64, future: usize, fans: &mut [Fan]) -> usize {
        let mut reached = 0;
        for queue in &self.floor.servers[agent].queues {
            let Some(line) = self.floor.lines.get(*queue) else { continue };
            if self.turns[*queue] == line.len() {
                fans[*queue].set(line.len(), future, wait(&self.laws[*queue]));
                self.turns[*queue] += 1;
                reached += 1;
            }
        }
        reached
    }

    /// Whether a waiter is still there when the turn comes.
    fn stays(&self, queue: usize, at: usize, free: f64, draw: &mut Draw) -> bool {
        let waiter = &self.floor.lines[queue][at];
        if waiter.who == Who::Callback {
            return true;
        }
        let stood = self.now.since(waiter.since).as_secs_f64() + free;
        self.laws[queue].hazards.sum_to(stood) - self.endured[queue][at] < draw.exponential()
    }

    /// How long an agent is taken by one caller from the answer on, a pause afterwards
    /// included.
    fn talk(&self, queue: usize, draw: &mut Draw) -> f64 {
        self.talks[queue].exceeded_by(draw.unit()) + self.after(queue, draw)
    }

    /// From a talk's end until the agent is free again.
    fn after(&self, queue: usize, draw: &mut Draw) -> f64 {
        let pause = if draw.unit() < self.pauses.share { self.pauses.length.law.exceeded_by(draw.unit()) } else { 0.0 };
        self.laws[queue].wrap_up + pause
    }

    /// When an agent is free for the first time, in seconds from now.
    fn first_free(&self, agent: usize, draw: &mut Draw) -> f64 {
        let age = |since| self.now.since(since).as_secs_f64();
        match self.floor.servers[agent].doing {
            Doing::Free => 0.0,
            Doing::Ringing { queue, since } if queue < self.laws.len() => {
                rest(self.laws[queue].ring, age(since), draw) + self.talk(queue, draw)
            }
            Doing::Talking { queue, since } if queue < self.laws.len() => {
                rest(self.talks[queue], age(since), draw) + self.after(queue, draw)
            }
            // Taken by a queue that isn't looked at.
            Doing::Ringing { .. } | Doing::Talking { .. } => HORIZON,
            Doing::Until(end) => end.since(self.now).as_secs_f64(),
            Doing::Paused { back: Some(back), .. } => back.since(self.now).as_secs_f64(),
            Doing::Paused { since, back: None } => rest(self.pauses.length.law, age(since), draw),
        }
    }
}

impl Fan {
    fn set(&mut self, at: usize, future: usize, wait: f64) {
        self.waits[at * self.futures + future] = wait.min(HORIZON) as f32;
    }
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

/// The steps of all futures together: about two milliseconds.
const STEPS: usize = 24_000;
const MOST: usize = 256;
const FEWEST: usize = 8;
/// Nobody is told of a wait beyond four hours.
const HORIZON: f64 = 4.0 * 3600.0;
const RAREST: f64 = 1e-14;
