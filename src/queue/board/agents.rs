//! What happens to agents.

use std::sync::Arc;
use std::time::Duration;

use super::Board;
use crate::base::{AgentName, Instant};
use crate::flow::Strategy;
use crate::queue::Output;
use crate::queue::agent::{Agent, AgentEvent, AgentState};
use crate::queue::lane::{Spot, Turn};

impl Board {
    /// A phone can be reached: also of who is no member of a queue, but may become one.
    pub(super) fn reached(&mut self, now: Instant, name: AgentName) {
        let a = self.agent(name);
        self.agents[a].unreached = 0;
        self.come(now, a, |agent| agent.reachable = true);
        // A phone that is there again need not wait for the end of its rest.
        if self.agents[a].state == AgentState::Resting && self.agents[a].missed == 0 {
            self.free(now, a);
        }
    }

    pub(super) fn unreached(&mut self, now: Instant, name: &AgentName) {
        if let Some(a) = self.by_agent.get(name).copied() {
            self.go(now, a, |agent| agent.reachable = false);
        }
    }

    pub(super) fn log_in(&mut self, now: Instant, name: &AgentName) {
        let a = self.agent(name.clone());
        self.come(now, a, |agent| (agent.logged_in, agent.pause) = (true, None));
    }

    pub(super) fn log_out(&mut self, now: Instant, name: &AgentName) {
        let a = self.agent(name.clone());
        self.stop_ringing(now, a, |agent| (agent.logged_in, agent.pause) = (false, None));
    }

    pub(super) fn pause(&mut self, now: Instant, name: &AgentName, reason: Arc<str>) {
        if let Some(a) = self.by_agent.get(name).copied() {
            self.put_on_pause(now, a, reason);
        }
    }

    pub(super) fn put_on_pause(&mut self, now: Instant, a: usize, reason: Arc<str>) {
        self.stop_ringing(now, a, |agent| agent.pause = Some(reason));
    }

    pub(super) fn resume(&mut self, now: Instant, name: &AgentName) {
        if let Some(a) = self.by_agent.get(name).copied() {
            self.come(now, a, |agent| agent.pause = None);
        }
    }

    /// The agent is ready before the wrap-up or the rest is over.
    pub(super) fn cut_short(&mut self, now: Instant, name: &AgentName) {
        if let Some(a) = self.by_agent.get(name).copied() {
            self.free(now, a);
        }
    }

    fn free(&mut self, now: Instant, a: usize) {
        self.turn(a, AgentEvent::Rested, now, Duration::ZERO);
        self.seek_caller(now, a);
    }

    /// The agent is more there than before.
    fn come(&mut self, now: Instant, a: usize, change: impl FnOnce(&mut Agent)) {
        let was_here = self.agents[a].is_here();
        let told = self.shown(a);
        self.set(a, change);
        if !was_here && self.agents[a].is_here() {
            self.catch_up(a);
            self.turn(a, AgentEvent::Up, now, Duration::ZERO);
        }
        if self.agents[a].pause.is_none() {
            self.turn(a, AgentEvent::Resumed, now, Duration::ZERO);
        }
        self.tell_pause(a, &told);
        self.seek_caller(now, a);
    }

    /// The agent is less there than before; a ringing or a talk is left alone.
    fn go(&mut self, now: Instant, a: usize, change: impl FnOnce(&mut Agent)) {
        let told = self.shown(a);
        self.set(a, change);
        let event = if self.agents[a].is_here() { AgentEvent::Paused } else { AgentEvent::Down };
        self.turn(a, event, now, Duration::ZERO);
        self.tell_pause(a, &told);
        self.dismiss_where_last(now, a);
    }

    fn shown(&self, a: usize) -> (AgentState, Option<Arc<str>>) {
        (self.agents[a].state, self.agents[a].pause.clone())
    }

    /// A pause that begins, ends or has another reason, while the state stays, is told as
    /// well; a ringing is about to end by it.
    fn tell_pause(&mut self, a: usize, told: &(AgentState, Option<Arc<str>>)) {
        let (state, pause) = self.shown(a);
        if state == told.0 && state != AgentState::Ringing && pause != told.1 {
            self.tell_agent(a);
        }
    }

    /// The agent does not want to be rung: the caller who was given the agent is given another.
    fn stop_ringing(&mut self, now: Instant, a: usize, change: impl FnOnce(&mut Agent)) {
        let ringing = self.agents[a].serving.filter(|_| self.agents[a].state == AgentState::Ringing);
        self.go(now, a, change);
        if let Some((who, _)) = ringing {
            self.withdraw(now, who, a);
            self.ring_less(now, who, a);
            self.dismiss(now, who);
            self.seek_agent(now, who);
        }
    }

    fn dismiss_where_last(&mut self, now: Instant, a: usize) {
        let spots: Vec<Spot> = self.agents[a].memberships.iter().flat_map(|m| self.lanes_of(m)).collect();
        for spot in spots {
            self.dismiss_lane(now, spot);
        }
    }

    /// Changes what an agent is counted by, and the counts.
    fn set(&mut self, a: usize, change: impl FnOnce(&mut Agent)) {
        self.count(a, |n| *n -= 1);
        change(&mut self.agents[a]);
        self.count(a, |n| *n += 1);
    }

    fn count(&mut self, a: usize, by: impl Fn(&mut usize)) {
        let agent = &self.agents[a];
        for membership in &agent.memberships {
            for lane in &membership.lanes {
                let lane = &mut self.queues[membership.queue].lanes[*lane];
                if agent.is_here() {
                    by(&mut lane.here);
                }
                if agent.is_ready() {
                    by(&mut lane.ready);
                }
            }
        }
    }

    /// Who logs in has answered as few callers as the one with the fewest, not none: else
    /// all the next callers would be for one agent.
    fn catch_up(&mut self, a: usize) {
        for i in 0..self.agents[a].memberships.len() {
            let queue = self.agents[a].memberships[i].queue;
            let q = &self.queues[queue];
            if q.rules.strategy != Strategy::FewestCalls {
                continue;
            }
            let others = q.members.iter().filter(|other| **other != a).map(|other| &self.agents[*other]);
            let fewest = others.filter(|o| o.is_here()).filter_map(|o| Some(o.membership(queue)?.answered)).min();
            self.agents[a].memberships[i].answered = fewest.unwrap_or(0);
        }
    }

    /// Puts an agent into the lists of the free.
    pub(super) fn list(&mut self, a: usize) {
        for i in 0..self.agents[a].memberships.len() {
            let agent = &self.agents[a];
            let membership = &agent.memberships[i];
            let queue = &mut self.queues[membership.queue];
            let turn = Turn::new(queue.rules.strategy, agent, a, membership);
            for lane in &membership.lanes {
                queue.lanes[*lane].free.insert(turn);
            }
            self.agents[a].memberships[i].listed = Some(turn);
        }
    }

    /// Takes an agent out of the lists of the free.
    pub(super) fn unlist(&mut self, a: usize) {
        for membership in &mut self.agents[a].memberships {
            let Some(turn) = membership.listed.take() else { continue };
            for lane in &membership.lanes {
                self.queues[membership.queue].lanes[*lane].free.remove(&turn);
            }
        }
    }

    pub(super) fn tell_agent(&mut self, a: usize) {
        let agent = &self.agents[a];
        let told = Output::Agent { agent: agent.name.clone(), state: agent.state, pause: agent.pause.clone() };
        self.out.push_back(told);
    }

    /// The agent's place in the list.
    pub(super) fn agent(&mut self, name: AgentName) -> usize {
        if let Some(a) = self.by_agent.get(&name) {
            return *a;
        }
        let a = self.agents.len();
        self.by_agent.insert(name.clone(), a);
        self.agents.push(Agent::new(name));
        a
    }
}
