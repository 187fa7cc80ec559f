//! The limit: futures drawn from the true laws, the present staff and the elapsed times,
//! without the future.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use svi::base::Chance;

use super::laws::unit;
use super::scenario::{RING, Scenario, WRAP_UP};
use super::truth::{AgentTruth, CallerTruth, Doing};

/// What the oracle expects of a wait.
#[derive(Clone, Copy, Debug)]
pub struct Foretold {
    pub mean: f64,
    /// One wait in ten is longer.
    pub high: f64,
}

/// The wait of the last caller of a queue: everyone who waits is given in order of arrival.
pub fn foretell(
    scenario: &Scenario,
    now: f64,
    agents: &[AgentTruth],
    waiting: &[&CallerTruth],
    queue: usize,
    chance: &mut Chance,
) -> Foretold {
    let mut waits: Vec<f64> =
        (0..FUTURES).map(|_| Future { scenario, now, agents, chance }.play(waiting, queue)).collect();
    waits.sort_unstable_by(f64::total_cmp);
    Foretold { mean: waits.iter().sum::<f64>() / FUTURES as f64, high: waits[FUTURES * 9 / 10] }
}

struct Future<'a> {
    scenario: &'a Scenario,
    now: f64,
    agents: &'a [AgentTruth],
    chance: &'a mut Chance,
}

impl Future<'_> {
    /// Serves one caller after the other, each by the agent who can first, until the last
    /// one of the queue has an agent.
    fn play(&mut self, waiting: &[&CallerTruth], queue: usize) -> f64 {
        let last = waiting.iter().rposition(|w| w.queue == queue).expect("the caller asks");
        let mut free: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        for (a, agent) in self.agents.iter().enumerate() {
            if let Some(at) = self.first_free(agent) {
                free.push(Reverse((at.to_bits(), a)));
            }
        }
        let mut served = vec![false; waiting.len()];
        let mut from = 0;
        while let Some(Reverse((bits, a))) = free.pop() {
            let at = f64::from_bits(bits);
            while served.get(from).is_some_and(|s| *s) {
                from += 1;
            }
            let mine = |i: &usize| !served[*i] && self.agents[a].queues.contains(&waiting[*i].queue);
            let Some(next) = (from..waiting.len()).find(mine) else { continue };
            let ring = self.ring(0.0);
            if next == last {
                return at + ring;
            }
            served[next] = true;
            let caller = waiting[next];
            let truth = &self.scenario.queues[caller.queue];
            let stays = truth.patience.rest(self.now - caller.joined, self.chance) > at;
            let busy = if stays { ring + truth.talk.draw(self.chance) + self.after() } else { 0.0 };
            free.push(Reverse(((at + busy).to_bits(), a)));
        }
        4.0 * 3600.0
    }

    fn first_free(&mut self, agent: &AgentTruth) -> Option<f64> {
        let now = self.now;
        Some(match agent.doing {
            Doing::Away => return None,
            Doing::Free => 0.0,
            Doing::Ringing { queue, since } => {
                let talk = self.scenario.queues[queue].talk.draw(self.chance);
                self.ring(now - since) + talk + self.after()
            }
            Doing::Talking { queue, since } => {
                self.scenario.queues[queue].talk.rest(now - since, self.chance) + self.after()
            }
            Doing::WrapUp { until } => (until - now).max(0.0),
            Doing::Break { since } => self.scenario.breaks.map_or(0.0, |(_, b)| b.rest(now - since, self.chance)),
        })
    }

    fn ring(&mut self, age: f64) -> f64 {
        let from = RING.0.max(age);
        from + (RING.1 - from).max(0.0) * unit(self.chance) - age
    }

    /// A wrap-up or a break.
    fn after(&mut self) -> f64 {
        match self.scenario.breaks {
            Some((_, length)) if unit(self.chance) < self.scenario.break_share() => length.draw(self.chance),
            Some(_) | None => WRAP_UP,
        }
    }
}

const FUTURES: usize = 200;
