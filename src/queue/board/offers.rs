//! Who is rung for whom.

use std::time::Duration;

use super::{Board, Caller, Stage, Timer};
use crate::base::{AgentName, Instant, Lifecycle, limits};
use crate::queue::agent::{AgentEvent, AgentState, Membership};
use crate::queue::lane::{Claim, Spot};
use crate::queue::line::micros;
use crate::queue::{Left, Missed, Output, Waiting};

impl Board {
    /// Gives a free agent the caller whose turn comes first in the agent's queues.
    pub(super) fn seek_caller(&mut self, now: Instant, a: usize) {
        let agent = &self.agents[a];
        if agent.state != AgentState::Available {
            return;
        }
        let first = |later: i64, spot: Spot| {
            let (claim, who) = self.queues[spot.queue].lanes[spot.lane].seeking.first_key_value()?;
            let mut claim: Claim = *claim;
            claim.place.at = claim.place.at.saturating_add(later);
            Some((claim, *who, spot))
        };
        let firsts = agent.memberships.iter().flat_map(|membership| {
            let later = self.later(membership);
            self.lanes_of(membership).filter_map(move |spot| first(later, spot))
        });
        if let Some((_, who, spot)) = firsts.min() {
            self.offer(now, who, a, spot);
        }
    }

    /// By how much later an agent takes the callers of a queue: one of second choice must
    /// have waited a level longer, so that none waits for ever.
    pub(super) fn later(&self, membership: &Membership) -> i64 {
        let level = micros(self.queues[membership.queue].rules.level);
        level.saturating_mul(i64::from(membership.priority) - 1)
    }

    /// Gives a caller the free agent whose turn it is, or every one of them.
    pub(super) fn seek_agent(&mut self, now: Instant, who: Waiting) {
        while let Some((a, spot)) = self.callers.get(&who).and_then(|caller| self.pick(now, who, caller)) {
            self.offer(now, who, a, spot);
        }
    }

    fn pick(&self, now: Instant, who: Waiting, caller: &Caller) -> Option<(usize, Spot)> {
        let wanted = || caller.spots.iter().filter(|spot| self.wants(who, caller, **spot).is_some());
        let known = wanted().find_map(|spot| Some((self.known(now, caller, *spot)?, *spot)));
        let lane = |spot: &Spot| &self.queues[spot.queue].lanes[spot.lane];
        known.or_else(|| wanted().find_map(|spot| Some((lane(spot).free.first()?.agent, *spot))))
    }

    /// The agent who spoke with this caller last, if that one is free and the queue wants it so.
    fn known(&self, now: Instant, caller: &Caller, spot: Spot) -> Option<usize> {
        let queue = &self.queues[spot.queue];
        let within = queue.rules.affinity?;
        let (at, agent) = self.affinities.get(caller.key?)?;
        let a = *self.by_agent.get(agent)?;
        let turn = self.agents[a].membership(spot.queue)?.listed?;
        (now.since(at) <= within && queue.lanes[spot.lane].free.contains(&turn)).then_some(a)
    }

    fn offer(&mut self, now: Instant, who: Waiting, a: usize, spot: Spot) {
        let Some(caller) = self.callers.get(&who) else { return };
        let mut rung = match &caller.stage {
            Stage::Rung(rung) => rung.clone(),
            Stage::Seeking | Stage::Talking(_) => Vec::new(),
        };
        rung.push(a);
        self.set_stage(who, Stage::Rung(rung));
        let ring = self.queues[spot.queue].rules.ring;
        self.agents[a].serving = Some((who, spot.queue));
        self.turn(a, AgentEvent::Offered, now, ring + GRACE);
        self.out.push_back(Output::Offer { who, agent: self.agents[a].name.clone(), ring });
    }

    pub(super) fn answered(&mut self, now: Instant, who: Waiting, agent: &AgentName) {
        let Some(a) = self.by_agent.get(agent).copied() else { return };
        let stage = self.callers.get(&who).map(|caller| caller.stage.clone());
        let rung = match stage {
            Some(Stage::Rung(rung)) => rung,
            // The ringing was given up here, but the call knows better.
            Some(Stage::Seeking) => Vec::new(),
            Some(Stage::Talking(_)) | None => return,
        };
        let Some(mut caller) = self.callers.remove(&who) else { return };
        self.step_out(who, &caller);
        self.unwind(who, &mut caller);
        let stopped: Vec<usize> = rung.into_iter().filter(|other| *other != a).collect();
        for other in &stopped {
            self.withdraw(now, who, *other);
        }
        let other = self.take_from_another(now, who, a);
        // With two talks at one phone the board follows the first; the caller is served in any case.
        if self.agents[a].state != AgentState::Talking {
            self.talk(now, who, a, caller);
        }
        for a in stopped {
            self.seek_caller(now, a);
        }
        if let Some(other) = other {
            self.dismiss(now, other);
            self.seek_agent(now, other);
        }
    }

    pub(super) fn talk(&mut self, now: Instant, who: Waiting, a: usize, mut caller: Caller) {
        self.queues[caller.queue].window.answered(now);
        let agent = &mut self.agents[a];
        agent.answered = Some(now);
        let queue = caller.spots.iter().map(|spot| spot.queue).find(|q| agent.membership(*q).is_some());
        if let Some(membership) = queue.and_then(|queue| agent.membership_mut(queue)) {
            membership.answered += 1;
        }
        agent.serving = Some((who, queue.unwrap_or(caller.queue)));
        self.count_ringing(a);
        caller.stage = Stage::Talking(a);
        caller.overdue = false;
        self.callers.insert(who, caller);
        self.turn(a, AgentEvent::Answered, now, Duration::ZERO);
    }

    /// The agent has had a turn in the queue that the phone rang for.
    fn count_ringing(&mut self, a: usize) {
        let agent = &mut self.agents[a];
        if let Some(membership) = agent.serving.and_then(|(_, queue)| agent.membership_mut(queue)) {
            let queue = &mut self.queues[membership.queue];
            queue.rung += 1;
            membership.rung = queue.rung;
        }
    }

    /// The call owns the phones, so its word is the truth: who answered late is no
    /// longer rung for another caller.
    pub(super) fn take_from_another(&mut self, now: Instant, who: Waiting, a: usize) -> Option<Waiting> {
        let (other, _) = self.agents[a].serving.filter(|(other, _)| *other != who)?;
        if self.agents[a].state != AgentState::Ringing {
            return None;
        }
        self.out.push_back(Output::Withdraw { who: other, agent: self.agents[a].name.clone() });
        self.ring_less(now, other, a);
        Some(other)
    }

    pub(super) fn missed(&mut self, now: Instant, who: Waiting, agent: &AgentName, why: Missed) {
        let Some(a) = self.by_agent.get(agent).copied() else { return };
        let rung = self.callers.get(&who).is_some_and(|caller| match &caller.stage {
            Stage::Rung(rung) => rung.contains(&a),
            Stage::Talking(_) => self.handed_to(who) == Some(a),
            Stage::Seeking => false,
        });
        if rung {
            self.miss(now, who, a, why);
        }
    }

    fn miss(&mut self, now: Instant, who: Waiting, a: usize, why: Missed) {
        let queue = self.agents[a].serving.map(|(_, queue)| queue);
        self.count_ringing(a);
        let rest = self.agents[a].rest_after(why);
        self.turn(a, AgentEvent::Missed, now, rest);
        self.ring_less(now, who, a);
        self.pause_perhaps(now, a, queue);
        self.dismiss(now, who);
        self.seek_agent(now, who);
    }

    /// Who rests because the phone could not be had rests as long as the phone wants.
    pub(super) fn leave_alone(&mut self, now: Instant, agent: &AgentName, at_least: Duration) {
        let Some(a) = self.by_agent.get(agent).copied() else { return };
        let until = now + at_least.min(limits::REST_ASKED);
        let own = &mut self.agents[a];
        let before = own.until.filter(|before| own.state == AgentState::Resting && *before < until);
        if let Some(before) = before {
            own.until = Some(until);
            self.deadlines.remove(&(before, Timer::Agent(a)));
            self.deadlines.insert((until, Timer::Agent(a)));
        }
    }

    /// The agent answered and then did not take the caller: no talk, no wrap-up, and no
    /// turn fewer for the others.
    pub(super) fn decline(&mut self, now: Instant, a: usize, why: Missed) {
        let queue = self.agents[a].serving.map(|(_, queue)| queue);
        if let Some(membership) = queue.and_then(|queue| self.agents[a].membership_mut(queue)) {
            membership.answered = membership.answered.saturating_sub(1);
        }
        let rest = self.agents[a].rest_after(why);
        self.turn(a, AgentEvent::Missed, now, rest);
        self.pause_perhaps(now, a, queue);
    }

    /// Who has let too many callers ring in a row is put on a pause.
    fn pause_perhaps(&mut self, now: Instant, a: usize, queue: Option<usize>) {
        let most = queue.and_then(|queue| self.queues[queue].rules.pause_after);
        if most.is_some_and(|most| self.agents[a].missed >= most) {
            self.agents[a].missed = 0;
            self.put_on_pause(now, a, UNANSWERED.into());
        }
    }

    /// Stops ringing an agent who has done nothing wrong.
    pub(super) fn withdraw(&mut self, now: Instant, who: Waiting, a: usize) {
        self.out.push_back(Output::Withdraw { who, agent: self.agents[a].name.clone() });
        self.turn(a, AgentEvent::Withdrawn, now, Duration::ZERO);
    }

    /// One phone less rings for a caller, who has waited too long by now perhaps.
    pub(super) fn ring_less(&mut self, now: Instant, who: Waiting, a: usize) {
        let Some(caller) = self.callers.get(&who) else { return };
        let Stage::Rung(rung) = &caller.stage else { return };
        let rung: Vec<usize> = rung.iter().copied().filter(|other| *other != a).collect();
        let overdue = rung.is_empty() && caller.overdue;
        self.set_stage(who, if rung.is_empty() { Stage::Seeking } else { Stage::Rung(rung) });
        if overdue {
            self.leave(now, who, Left::WentOn);
            self.out.push_back(Output::TimedOut { who });
        }
    }

    /// Who rings an agent of whom the call tells nothing any more is given up.
    pub(super) fn agent_due(&mut self, now: Instant, at: Instant, a: usize) {
        self.agents[a].until = None;
        match (self.agents[a].state, self.agents[a].serving) {
            (AgentState::Ringing, Some((who, _))) => {
                self.out.push_back(Output::Withdraw { who, agent: self.agents[a].name.clone() });
                self.miss(now, who, a, Missed::NoAnswer);
            }
            _ => {
                self.turn(a, AgentEvent::Rested, at, Duration::ZERO);
                self.seek_caller(now, a);
            }
        }
    }

    /// Moves an agent along the table and keeps the queues' lists true: the one place
    /// where a state changes. `lasting` is how long a wrap-up, rest or ringing lasts.
    pub(super) fn turn(&mut self, a: usize, event: AgentEvent, at: Instant, lasting: Duration) {
        let agent = &self.agents[a];
        let was = agent.state;
        let Some(mut state) = was.on(event) else { return };
        // What was kept until now takes effect where it means something.
        let kept = [(!agent.is_here(), AgentEvent::Down), (agent.pause.is_some(), AgentEvent::Paused)];
        for (is, event) in kept {
            state = state.on(event).filter(|_| is).unwrap_or(state);
        }
        self.unlist(a);
        let agent = &mut self.agents[a];
        if let Some(until) = agent.until.take() {
            self.deadlines.remove(&(until, Timer::Agent(a)));
        }
        (agent.state, agent.since) = (state, at);
        match state {
            AgentState::WrapUp | AgentState::Resting | AgentState::Ringing => {
                agent.until = Some(at + lasting);
                self.deadlines.insert((at + lasting, Timer::Agent(a)));
            }
            AgentState::Available => {
                agent.serving = None;
                // A caller who left before the answer does not cost the agent the turn.
                if event != AgentEvent::Withdrawn {
                    agent.idle_since = at;
                }
                self.list(a);
            }
            AgentState::Offline | AgentState::Paused => agent.serving = None,
            AgentState::Talking => {}
        }
        self.tell_agent(a);
    }
}

/// A call that is alive has told what became of a ringing by then.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// Why an agent who let too many callers ring is on a pause.
const UNANSWERED: &str = "unanswered";
