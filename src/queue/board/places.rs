//! Places in the lanes: getting in, getting out, ranks.

use super::{Board, Caller, Stage, Timer};
use crate::base::{Instant, Skill, limits};
use crate::flow::{Strategy, WhenEmpty};
use crate::queue::agent::Membership;
use crate::queue::lane::{Claim, Lane, Spot};
use crate::queue::{Refused, Waiting};

impl Board {
    /// Where somebody with these needs would wait in a queue.
    pub(super) fn admit(&mut self, who: Waiting, queue: usize, needs: &[Skill]) -> Result<Spot, Refused> {
        if !self.queues[queue].listed {
            return Err(Refused::Closed);
        }
        let spot = Spot { queue, lane: self.lane(queue, needs) };
        if let Some(why) = self.hopeless(who, spot) {
            return Err(why);
        }
        let q = &self.queues[queue];
        // Tickets have no line that they hold: how many there are is the book's to say.
        match who {
            Waiting::Caller(_) if q.callers >= q.rules.capacity => Err(Refused::Full),
            Waiting::Caller(_) | Waiting::Ticket(_) => Ok(spot),
        }
    }

    /// Why somebody should not wait there, if so. A citizen who was promised a callback
    /// waits at home, until there is an agent again.
    pub(super) fn hopeless(&self, who: Waiting, spot: Spot) -> Option<Refused> {
        if matches!(who, Waiting::Ticket(_)) {
            return None;
        }
        let q = &self.queues[spot.queue];
        let lane = &q.lanes[spot.lane];
        let why = match (lane.ready, lane.here) {
            (0, 0) => Refused::Nobody,
            (0, _) => Refused::Paused,
            _ => return None,
        };
        match (q.rules.when_empty, why) {
            (WhenEmpty::Wait, _) | (WhenEmpty::WaitForPause, Refused::Paused) => None,
            (WhenEmpty::Refuse | WhenEmpty::WaitForPause, why) => Some(why),
        }
    }

    /// The lane of these needs, made when nobody has had them before.
    fn lane(&mut self, queue: usize, needs: &[Skill]) -> usize {
        let q = &mut self.queues[queue];
        if let Some(lane) = q.lanes.iter().position(|lane| lane.needs == needs) {
            return lane;
        }
        let spot = Spot { queue, lane: q.lanes.len() };
        q.lanes.push(Lane { needs: needs.to_vec(), ..Lane::default() });
        for i in 0..q.members.len() {
            let a = self.queues[queue].members[i];
            self.serve(a, spot);
        }
        spot.lane
    }

    /// Counts an agent in to a lane, if the agent meets its needs.
    pub(super) fn serve(&mut self, a: usize, spot: Spot) {
        let agent = &mut self.agents[a];
        let (here, ready) = (agent.is_here(), agent.is_ready());
        let lane = &mut self.queues[spot.queue].lanes[spot.lane];
        let Some(membership) = agent.membership_mut(spot.queue) else { return };
        if !lane.is_served_by(&membership.skills) {
            return;
        }
        membership.lanes.push(spot.lane);
        lane.here += usize::from(here);
        lane.ready += usize::from(ready);
        lane.free.extend(membership.listed);
    }

    /// Puts a caller into the lanes of the caller's spots.
    pub(super) fn step_in(&mut self, who: Waiting, caller: Caller) {
        for spot in &caller.spots {
            self.enter(who, &caller, *spot);
        }
        self.callers.insert(who, caller);
    }

    pub(super) fn enter(&mut self, who: Waiting, caller: &Caller, spot: Spot) {
        let queue = &mut self.queues[spot.queue];
        if queue.arrivals.insert((caller.arrived, who)) {
            queue.callers += usize::from(matches!(who, Waiting::Caller(_)));
        }
        queue.lanes[spot.lane].line.insert(caller.place, who);
        self.claim(who, caller, spot);
    }

    /// Takes a caller out of every lane.
    pub(super) fn step_out(&mut self, who: Waiting, caller: &Caller) {
        for spot in &caller.spots {
            self.disclaim(caller, *spot);
            let queue = &mut self.queues[spot.queue];
            if queue.arrivals.remove(&(caller.arrived, who)) {
                queue.callers -= usize::from(matches!(who, Waiting::Caller(_)));
            }
            queue.lanes[spot.lane].line.remove(caller.place);
        }
    }

    /// Moves a waiting caller on to another stage.
    pub(super) fn set_stage(&mut self, who: Waiting, stage: Stage) {
        let Some(mut caller) = self.callers.remove(&who) else { return };
        for spot in &caller.spots {
            self.disclaim(&caller, *spot);
        }
        caller.stage = stage;
        for spot in &caller.spots {
            self.claim(who, &caller, *spot);
        }
        self.callers.insert(who, caller);
    }

    /// Lists what a caller wants in a lane, as the stage has it.
    pub(super) fn claim(&mut self, who: Waiting, caller: &Caller, spot: Spot) {
        let wants = self.wants(who, caller, spot);
        let lane = &mut self.queues[spot.queue].lanes[spot.lane];
        if let Some(claim) = wants {
            lane.seeking.insert(claim, who);
        }
        if matches!(caller.stage, Stage::Rung(_)) {
            lane.rung.insert(caller.place);
        }
    }

    fn disclaim(&mut self, caller: &Caller, spot: Spot) {
        let lane = &mut self.queues[spot.queue].lanes[spot.lane];
        for rung in [false, true] {
            lane.seeking.remove(&Claim { rung, place: caller.place });
        }
        lane.rung.remove(&caller.place);
    }

    /// The caller's claim to an agent of this lane, if there is one. For a callback one agent is
    /// rung at a time: there is nobody yet who could wait for the first of several.
    pub(super) fn wants(&self, who: Waiting, caller: &Caller, spot: Spot) -> Option<Claim> {
        let strategy = self.queues[spot.queue].rules.strategy;
        let rung = match &caller.stage {
            Stage::Seeking => false,
            Stage::Rung(agents)
                if strategy == Strategy::RingAll
                    && agents.len() < limits::RUNG_AT_ONCE
                    && matches!(who, Waiting::Caller(_)) =>
            {
                true
            }
            Stage::Rung(_) | Stage::Talking(_) => return None,
        };
        Some(Claim { rung, place: caller.place })
    }

    /// A waiting caller's rank, from 1: one more than those of the same queue who come
    /// before, callbacks included. Who waits in two queues has the better rank.
    pub fn rank(&self, who: impl Into<Waiting>) -> Option<usize> {
        let caller = self.callers.get(&who.into())?;
        let ahead = |spot: &Spot| -> usize {
            self.queues[spot.queue].lanes.iter().map(|lane| lane.line.ahead(caller.place)).sum()
        };
        match caller.stage {
            Stage::Seeking | Stage::Rung(_) => caller.spots.iter().map(ahead).min().map(|ahead| ahead + 1),
            Stage::Talking(_) => None,
        }
    }

    /// The lanes that an agent serves by this membership.
    pub(super) fn lanes_of(&self, membership: &Membership) -> impl Iterator<Item = Spot> {
        let queue = membership.queue;
        membership.lanes.iter().map(move |lane| Spot { queue, lane: *lane })
    }

    /// Sets a caller's deadlines, as the rules of the queue asked for have them now; a
    /// callback has none.
    pub(super) fn wind(&mut self, now: Instant, who: Waiting) {
        let Some(caller) = self.callers.get_mut(&who).filter(|_| matches!(who, Waiting::Caller(_))) else { return };
        let rules = &self.queues[caller.queue].rules;
        caller.longest = rules.max_wait.map(|wait| now + wait);
        caller.overflow = rules.overflow.as_ref().filter(|_| caller.spots.len() == 1).map(|o| now + o.after);
        self.deadlines.extend(caller.longest.map(|at| (at, Timer::Longest(who))));
        self.deadlines.extend(caller.overflow.map(|at| (at, Timer::Overflow(who))));
    }

    pub(super) fn unwind(&mut self, who: Waiting, caller: &mut Caller) {
        if let Some(at) = caller.longest.take() {
            self.deadlines.remove(&(at, Timer::Longest(who)));
        }
        if let Some(at) = caller.overflow.take() {
            self.deadlines.remove(&(at, Timer::Overflow(who)));
        }
    }
}
