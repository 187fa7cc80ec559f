//! Agents who hand their callers to one another.

use std::time::Duration;

use super::offers::GRACE;
use super::{Board, Stage};
use crate::base::{AgentName, Instant};
use crate::queue::agent::{AgentEvent, AgentState};
use crate::queue::{Join, Output, Refused, Waiting};

impl Board {
    /// The agent who talks with a caller wants another one to have the caller: that one is
    /// rung, if free. The talk stands until the other has answered.
    pub(super) fn hand(&mut self, now: Instant, who: Waiting, agent: &AgentName) {
        let talks = self.callers.get(&who).filter(|caller| matches!(caller.stage, Stage::Talking(_)));
        let free = |a: &usize| self.agents[*a].state == AgentState::Available;
        let to = self.by_agent.get(agent).copied().filter(free).filter(|_| self.handed_to(who).is_none());
        let (Some(caller), Some(to)) = (talks, to) else {
            return self.out.push_back(Output::Busy { who, agent: agent.clone() });
        };
        let queue = caller.queue;
        let ring = self.queues[queue].rules.ring;
        self.agents[to].serving = Some((who, queue));
        self.turn(to, AgentEvent::Offered, now, ring + GRACE);
        self.out.push_back(Output::Offer { who, agent: agent.clone(), ring });
    }

    /// The agent who talks with a caller sends the caller to a queue. Where it takes nobody the
    /// talk goes on.
    pub(super) fn send(&mut self, now: Instant, join: Join) {
        let talks = self.callers.get(&join.who).is_some_and(|caller| matches!(caller.stage, Stage::Talking(_)));
        let refused = match self.by_name.get(&join.queue).copied() {
            None => Some(Refused::Unknown),
            Some(queue) => self.admit(join.who, queue, &join.needs).err(),
        };
        match refused.filter(|_| talks) {
            Some(why) => self.out.push_back(Output::Refused { who: join.who, why }),
            None => self.join(now, join),
        }
    }

    /// The agent who is rung for a caller that another talks with.
    pub(super) fn handed_to(&self, who: Waiting) -> Option<usize> {
        let rung = |agent: &super::Agent| {
            agent.state == AgentState::Ringing && agent.serving.is_some_and(|(served, _)| served == who)
        };
        self.agents.iter().position(rung)
    }

    /// The other one has answered; the first may have gone before.
    pub(super) fn handed(&mut self, now: Instant, who: Waiting, agent: &AgentName) {
        let from = self.callers.get(&who).and_then(|caller| match caller.stage {
            Stage::Talking(from) => Some(from),
            Stage::Seeking | Stage::Rung(_) => None,
        });
        match (from, self.by_agent.get(agent).copied()) {
            (Some(from), Some(to)) => self.take_over(now, who, (from, to)),
            _ => self.answered(now, who, agent),
        }
    }

    /// The first is free for the wrap-up.
    fn take_over(&mut self, now: Instant, who: Waiting, (from, to): (usize, usize)) {
        if from == to || self.agents[to].state == AgentState::Talking {
            return;
        }
        let Some(caller) = self.callers.remove(&who) else { return };
        self.end_talk(now, from);
        if let Some(rung) = self.handed_to(who).filter(|rung| *rung != to) {
            self.withdraw(now, who, rung);
            self.seek_caller(now, rung);
        }
        let other = self.take_from_another(now, who, to);
        self.talk(now, who, to, caller);
        self.seek_caller(now, from);
        if let Some(other) = other {
            self.dismiss(now, other);
            self.seek_agent(now, other);
        }
    }

    /// The caller has gone, or waits again: who was rung meanwhile is not any more.
    pub(super) fn hand_no_more(&mut self, now: Instant, who: Waiting) {
        if let Some(rung) = self.handed_to(who) {
            self.turn(rung, AgentEvent::Withdrawn, now, Duration::ZERO);
            self.seek_caller(now, rung);
        }
    }
}
