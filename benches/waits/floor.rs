//! What the estimator is shown of a centre.

use svi::queue::wait::{Doing as Seen, Floor, Server, Waiter, Who};

use super::centre::{Centre, instant};
use super::truth::{AgentTruth, Doing};

impl Centre<'_> {
    /// Shows the estimator the floor as it is now.
    pub(super) fn look(&mut self) {
        let now = instant(self.now);
        if self.estimator.looked().is_some_and(|at| now.since(at) < FRESH) {
            return;
        }
        let mut lines = vec![Vec::new(); self.scenario.queues.len()];
        for (id, caller) in self.waiting.iter().filter(|(_, caller)| caller.rung.is_none()) {
            lines[caller.queue].push(Waiter { place: *id, since: instant(caller.joined), who: Who::Caller });
        }
        let floor = Floor { servers: self.agents.iter().filter_map(server).collect(), lines };
        self.estimator.look(now, &floor);
    }
}

fn server(agent: &AgentTruth) -> Option<Server> {
    let doing = match agent.doing {
        Doing::Free => Seen::Free,
        Doing::Ringing { queue, since } => Seen::Ringing { queue, since: instant(since) },
        Doing::Talking { queue, since } => Seen::Talking { queue, since: instant(since) },
        Doing::WrapUp { until } => Seen::Until(instant(until)),
        Doing::Break { since } => Seen::Paused { since: instant(since), back: None },
        Doing::Away => return None,
    };
    Some(Server { queues: agent.queues.clone(), doing })
}

const FRESH: std::time::Duration = std::time::Duration::from_millis(1);
