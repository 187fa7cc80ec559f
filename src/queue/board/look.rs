//! What can be seen of the board.

use std::collections::BTreeSet;

use super::Board;
use crate::base::{AgentName, Instant, QueueName};
use crate::queue::agent::AgentState;
use crate::queue::lane::{Queue, Spot};
use crate::queue::{AgentView, LineView, Serves, Snapshot, Standing, Then, View, WaiterView, Waiting};

impl Board {
    /// How many wait in a queue, including those who are rung for, and callbacks.
    pub fn waiting(&self, queue: &QueueName) -> usize {
        self.queue(queue).map_or(0, |q| q.arrivals.len())
    }

    /// Every agent of a queue and what they are doing, by name.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentName, AgentState)> {
        let all = self.by_agent.iter().map(|(name, a)| (name, &self.agents[*a]));
        all.filter(|(_, agent)| !agent.memberships.is_empty()).map(|(name, agent)| (name, agent.state))
    }

    /// Every queue that callers may join, or wait in, by name.
    pub fn queues(&self) -> impl Iterator<Item = &QueueName> {
        let all = self.by_name.iter().map(|(name, q)| (name, &self.queues[*q]));
        all.filter(|(_, queue)| queue.listed || !queue.arrivals.is_empty()).map(|(name, _)| name)
    }

    /// A queue at this moment.
    pub fn snapshot(&self, queue: &QueueName, now: Instant) -> Option<Snapshot> {
        let queue = self.queue(queue)?;
        let lane = &queue.lanes[0];
        let (answered, abandoned) = queue.window.counts(now);
        Some(Snapshot {
            waiting: queue.arrivals.len(),
            longest: queue.arrivals.first().map_or_else(Default::default, |(arrived, _)| now.since(*arrived)),
            logged_in: lane.here,
            ready: lane.ready,
            free: lane.free.len(),
            answered,
            abandoned,
        })
    }

    /// Where a waiting caller stands; in the first line, if there are two.
    pub fn standing(&self, who: impl Into<Waiting>) -> Option<Standing> {
        let who = who.into();
        let rank = self.rank(who)?;
        let caller = self.callers.get(&who)?;
        let spot = caller.spots.first()?;
        let lane = &self.queues[spot.queue].lanes[spot.lane];
        Some(Standing {
            queue: self.queues[spot.queue].rules.name.clone(),
            needs: lane.needs.clone(),
            rank,
            ahead: lane.line.ahead(caller.place) - lane.rung.range(..caller.place).count(),
            since: caller.arrived,
        })
    }

    /// A queue with all that share agents with it, directly or by others.
    pub fn view(&self, queue: &QueueName) -> Option<View> {
        let first = *self.by_name.get(queue)?;
        let (mut spots, mut agents) = (self.lanes(first), Vec::new());
        let (mut queues, mut seen) = (vec![first], BTreeSet::new());
        while let Some(queue) = queues.pop() {
            for a in self.queues[queue].members.iter().copied().filter(|a| seen.insert(*a)) {
                for spot in self.agents[a].memberships.iter().flat_map(|m| self.lanes(m.queue)) {
                    if !spots.contains(&spot) {
                        spots.push(spot);
                        queues.push(spot.queue);
                    }
                }
                agents.push(a);
            }
        }
        Some(View {
            lines: spots.iter().zip(self.waiters(&spots)).map(|(spot, waiting)| self.line(*spot, waiting)).collect(),
            agents: agents.into_iter().filter_map(|a| self.agent_view(a, &spots)).collect(),
        })
    }

    fn lanes(&self, queue: usize) -> Vec<Spot> {
        (0..self.queues[queue].lanes.len()).map(|lane| Spot { queue, lane }).collect()
    }

    fn line(&self, spot: Spot, waiting: Vec<WaiterView>) -> LineView {
        let queue = &self.queues[spot.queue];
        LineView { queue: queue.rules.name.clone(), needs: queue.lanes[spot.lane].needs.clone(), waiting }
    }

    /// Who waits in each of these lanes, with the order over all of them.
    fn waiters(&self, spots: &[Spot]) -> Vec<Vec<WaiterView>> {
        let mut all = Vec::new();
        for (line, spot) in spots.iter().enumerate() {
            let seeking = &self.queues[spot.queue].lanes[spot.lane].seeking;
            all.extend(seeking.iter().filter(|(claim, _)| !claim.rung).map(|(claim, who)| (claim.place, line, *who)));
        }
        all.sort_unstable_by_key(|(place, ..)| *place);
        let mut lines = vec![Vec::new(); spots.len()];
        for (order, (place, line, who)) in (0..).zip(all) {
            let since = self.callers.get(&who).map(|caller| caller.arrived);
            lines[line].extend(since.map(|since| WaiterView { who, claim: place.at, place: order, since }));
        }
        lines
    }

    fn agent_view(&self, a: usize, spots: &[Spot]) -> Option<AgentView> {
        let agent = &self.agents[a];
        let busy = matches!(agent.state, AgentState::Talking | AgentState::Ringing);
        (agent.is_here() || busy).then(|| AgentView {
            agent: agent.name.clone(),
            state: agent.state,
            since: agent.since,
            until: agent.until,
            serving: agent.serving.map(|(_, q)| self.queues[q].rules.name.clone()),
            then: match (agent.is_here(), agent.is_ready()) {
                (true, false) if busy => Then::Pauses,
                (false, _) if busy => Then::Leaves,
                _ => Then::GoesOn,
            },
            lines: agent
                .memberships
                .iter()
                .flat_map(|m| self.lanes_of(m).map(|own| (own, self.later(m))))
                .filter_map(|(own, later)| Some(Serves { line: spots.iter().position(|spot| *spot == own)?, later }))
                .collect(),
        })
    }

    fn queue(&self, name: &QueueName) -> Option<&Queue> {
        self.by_name.get(name).map(|q| &self.queues[*q])
    }
}
