//! What happens to callers.

use std::time::Duration;

use super::{Board, Caller, Stage, Telling};
use crate::base::{AgentName, CallId, Instant, QueueName};
use crate::queue::agent::{AgentEvent, REST};
use crate::queue::line::Place;
use crate::queue::{Output, Refused};

impl Board {
    pub(super) fn join(&mut self, now: Instant, call: CallId, name: &QueueName) {
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

    pub(super) fn rejoin(&mut self, now: Instant, call: CallId, name: &QueueName) {
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

    pub(super) fn leave(&mut self, now: Instant, call: CallId) {
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

    pub(super) fn answered(&mut self, now: Instant, call: CallId, agent: &AgentName) {
        let Some(Stage::Offered(a)) = self.stage(call).filter(|s| self.names(*s, agent)) else { return };
        let Some(mut caller) = self.callers.remove(&call) else { return };
        self.step_out(&caller);
        caller.stage = Stage::Talking(a);
        self.callers.insert(call, caller);
        self.turn(a, AgentEvent::Answered, now, Duration::ZERO);
    }

    pub(super) fn missed(&mut self, now: Instant, call: CallId, agent: &AgentName) {
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
    pub(super) fn step_out(&mut self, caller: &Caller) {
        let q = &mut self.queues[caller.queue];
        q.line.remove(caller.place);
        q.hoping.remove(&caller.place);
        self.retell(caller.queue, caller.place);
    }

    /// From this place on, ranks have moved.
    pub(super) fn retell(&mut self, queue: usize, from: Place) {
        let telling = self.telling.entry(queue).or_insert(Telling { next: from, rank: None });
        if from <= telling.next {
            *telling = Telling { next: from, rank: None };
        }
    }

    /// Tells everyone for whom nobody is rung that nobody is there any more.
    pub(super) fn dismiss(&mut self, queue: usize) {
        while let Some(place) = self.queues[queue].hoping.first().copied() {
            let Some((_, call)) = self.queues[queue].line.from(place) else { return };
            let Some(caller) = self.callers.remove(&call) else { return };
            self.step_out(&caller);
            self.out.push_back(Output::Nobody { call });
        }
    }

    pub(super) fn tell_a_rank(&mut self) -> Option<Output> {
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
