//! New rules while callers wait.

use std::sync::Arc;

use super::{Board, Caller};
use crate::base::Instant;
use crate::flow::QueueRules;
use crate::queue::Waiting;
use crate::queue::agent::{AgentState, Membership};
use crate::queue::lane::{Queue, Spot};

impl Board {
    /// Goes by these rules from now on. Who waits keeps the place and the deadlines; who
    /// is rung or talks is left alone; a queue that is gone serves who waits in it.
    pub(super) fn rules(&mut self, now: Instant, queues: Vec<Arc<QueueRules>>) {
        for a in 0..self.agents.len() {
            self.unlist(a);
        }
        for queue in &mut self.queues {
            queue.listed = false;
        }
        for rules in queues {
            match self.by_name.get(&rules.name) {
                Some(q) => {
                    let queue = &mut self.queues[*q];
                    (queue.rules, queue.listed) = (rules, true);
                }
                None => {
                    self.by_name.insert(rules.name.clone(), self.queues.len());
                    self.queues.push(Queue::new(rules));
                }
            }
        }
        self.staff();
        self.claim_anew();
        for queue in 0..self.queues.len() {
            for lane in 0..self.queues[queue].lanes.len() {
                self.dismiss_lane(now, Spot { queue, lane });
            }
        }
        for a in 0..self.agents.len() {
            self.seek_caller(now, a);
        }
    }

    /// Gives every queue its agents, and every agent the queues.
    fn staff(&mut self) {
        let mut before: Vec<Vec<Membership>> =
            self.agents.iter_mut().map(|agent| std::mem::take(&mut agent.memberships)).collect();
        for q in 0..self.queues.len() {
            let queue = &mut self.queues[q];
            queue.members.clear();
            for lane in &mut queue.lanes {
                (lane.here, lane.ready) = (0, 0);
            }
            if !queue.listed && queue.arrivals.is_empty() {
                continue;
            }
            let rules = Arc::clone(&queue.rules);
            for member in &rules.members {
                let a = self.agent(member.agent.clone());
                if self.agents[a].membership(q).is_some() {
                    continue;
                }
                let old = before.get_mut(a).and_then(|old| old.extract_if(.., |m| m.queue == q).next());
                let (rung, answered) = old.map_or((0, 0), |old| (old.rung, old.answered));
                self.agents[a].memberships.push(Membership {
                    queue: q,
                    priority: member.priority,
                    skills: member.skills.clone(),
                    wrap_up: member.wrap_up,
                    lanes: Vec::new(),
                    rung,
                    answered,
                    listed: None,
                });
                self.queues[q].members.push(a);
                for lane in 0..self.queues[q].lanes.len() {
                    self.serve(a, Spot { queue: q, lane });
                }
            }
        }
        for a in 0..self.agents.len() {
            if self.agents[a].state == AgentState::Available {
                self.list(a);
            }
        }
    }

    /// Who rings everybody now, or no longer, has another claim.
    fn claim_anew(&mut self) {
        for lane in self.queues.iter_mut().flat_map(|queue| &mut queue.lanes) {
            lane.seeking.clear();
        }
        let waiting: Vec<(Waiting, Caller)> = std::mem::take(&mut self.callers).into_iter().collect();
        for (who, caller) in waiting {
            for spot in &caller.spots {
                self.claim(who, &caller, *spot);
            }
            self.callers.insert(who, caller);
        }
    }
}
