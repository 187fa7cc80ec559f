//! What happens to agents.

use std::time::Duration;

use super::{Board, Stage};
use crate::base::{AgentName, CallId, Instant, Lifecycle};
use crate::queue::Output;
use crate::queue::agent::{AgentEvent, AgentState};

impl Board {
    pub(super) fn reach(&mut self, now: Instant, name: &AgentName, event: AgentEvent) {
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
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((at, a)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.turn(a, AgentEvent::Rested, at, Duration::ZERO);
            self.seek_caller(now, a);
        }
    }

    /// Gives a free agent the caller who has waited longest in the agent's queues.
    pub(super) fn seek_caller(&mut self, now: Instant, a: usize) {
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
    pub(super) fn seek_agent(&mut self, now: Instant, call: CallId) {
        let Some(caller) = self.callers.get(&call) else { return };
        if let Some((_, a)) = self.queues[caller.queue].free.first().copied() {
            self.offer(now, call, a);
        }
    }

    pub(super) fn offer(&mut self, now: Instant, call: CallId, a: usize) {
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
    pub(super) fn turn(&mut self, a: usize, event: AgentEvent, at: Instant, peace: Duration) {
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
