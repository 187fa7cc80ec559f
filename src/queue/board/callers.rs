//! What happens to callers.

use std::time::Duration;

use super::{Board, Caller, Kept, KeptBy, Stage, Timer};
use crate::base::{AgentName, Instant, QueueName, Skill, limits};
use crate::queue::agent::AgentEvent;
use crate::queue::lane::Spot;
use crate::queue::line::Place;
use crate::queue::{Join, Left, Output, Parted, Refused, Waiting};

impl Board {
    pub(super) fn join(&mut self, now: Instant, mut join: Join) {
        let who = join.who;
        let queue = self.by_name.get(&join.queue).copied();
        if let (Some(rank), Some(caller)) = (self.rank(who), self.callers.get(&who))
            && queue == Some(caller.queue)
        {
            return self.out.push_back(Output::Joined { who, rank });
        }
        self.leave(now, who, Left::WentOn);
        let Some(queue) = queue else {
            return self.out.push_back(Output::Refused { who, why: Refused::Unknown });
        };
        join.needs.sort_unstable();
        join.needs.dedup();
        let spot = match self.admit(who, queue, &join.needs) {
            Ok(spot) => spot,
            Err(why) => match self.elsewhere(who, queue, &join.needs, why) {
                Some(spot) => spot,
                None => return self.out.push_back(Output::Refused { who, why }),
            },
        };
        let (place, arrived) = self.place(now, queue, &join);
        let caller = Caller {
            queue,
            place,
            arrived,
            needs: join.needs,
            key: join.caller,
            spots: vec![spot],
            stage: Stage::Seeking,
            overflow: None,
            longest: None,
            overdue: false,
        };
        self.settle(now, who, caller);
    }

    /// The queue that helps at once where the caller's own can't take anybody.
    fn elsewhere(&mut self, who: Waiting, queue: usize, needs: &[Skill], why: Refused) -> Option<Spot> {
        match why {
            Refused::Full | Refused::Nobody | Refused::Paused => {
                let to = self.queues[queue].rules.overflow.as_ref()?.to.clone();
                self.admit(who, *self.by_name.get(&to)?, needs).ok()
            }
            Refused::Closed | Refused::Unknown => None,
        }
    }

    /// The caller's place: the one that was left a short while ago, if it is the better one.
    fn place(&mut self, now: Instant, queue: usize, join: &Join) -> (Place, Instant) {
        let level = self.queues[queue].rules.level;
        let arrived = join.since.unwrap_or(now);
        let fresh = Place::new(arrived, level.saturating_mul(join.priority.into()), self.arrived);
        self.arrived += 1;
        let by = join.caller.map_or(KeptBy::Call(join.who), KeptBy::Number);
        match self.kept.take(by) {
            Some((left, kept))
                if kept.queue == queue && now.since(left) <= limits::PLACE_KEPT && kept.place < fresh =>
            {
                (kept.place, kept.arrived.min(arrived))
            }
            _ => (fresh, arrived),
        }
    }

    /// Lets a caller wait, and gives the caller an agent who is free.
    fn settle(&mut self, now: Instant, who: Waiting, caller: Caller) {
        self.step_in(who, caller);
        self.wind(now, who);
        if let Some(rank) = self.rank(who) {
            self.out.push_back(Output::Joined { who, rank });
        }
        self.seek_agent(now, who);
    }

    pub(super) fn rejoin(&mut self, now: Instant, who: Waiting, queue: QueueName, why: Parted) {
        let asked = self.by_name.get(&queue).copied();
        let Some(Stage::Talking(a)) =
            self.callers.get(&who).filter(|caller| asked == Some(caller.queue)).map(|caller| caller.stage.clone())
        else {
            return self.join(now, Join::new(who, queue));
        };
        let Some(mut caller) = self.callers.remove(&who) else { return };
        match why {
            Parted::Vanished => self.end_talk(now, a),
            Parted::Declined(why) => self.decline(now, a, why),
        }
        // Who is rung for the caller meanwhile rings on.
        caller.stage = self.handed_to(who).map_or(Stage::Seeking, |rung| Stage::Rung(vec![rung]));
        let why = caller.spots.first().and_then(|spot| self.hopeless(who, *spot));
        caller.spots.retain(|spot| self.hopeless(who, *spot).is_none());
        if let (Some(why), true) = (why, caller.spots.is_empty()) {
            match self.elsewhere(who, caller.queue, &caller.needs, why) {
                Some(spot) => caller.spots.push(spot),
                None => {
                    self.hand_no_more(now, who);
                    return self.out.push_back(Output::Refused { who, why });
                }
            }
        }
        self.settle(now, who, caller);
    }

    pub(super) fn leave(&mut self, now: Instant, who: Waiting, why: Left) {
        let Some(mut caller) = self.callers.remove(&who) else { return };
        self.unwind(who, &mut caller);
        let rung = match caller.stage {
            Stage::Talking(a) => {
                self.hand_no_more(now, who);
                if let Some(key) = caller.key {
                    self.affinities.put(now, key, self.agents[a].name.clone());
                }
                self.end_talk(now, a);
                return self.seek_caller(now, a);
            }
            Stage::Seeking => Vec::new(),
            Stage::Rung(ref rung) => rung.clone(),
        };
        self.step_out(who, &caller);
        self.remember(now, who, &caller, why);
        for a in &rung {
            self.turn(*a, AgentEvent::Withdrawn, now, Duration::ZERO);
        }
        if let Left::Callback(ticket) = why {
            self.leave(now, ticket.into(), Left::WentOn);
            self.step_in(ticket.into(), Caller { stage: Stage::Seeking, overdue: false, ..caller });
        }
        for a in rung {
            self.seek_caller(now, a);
        }
        // The agent who rang may be for an earlier caller, and another one be free for this place.
        if let Left::Callback(ticket) = why {
            self.seek_agent(now, ticket.into());
        }
    }

    fn remember(&mut self, now: Instant, who: Waiting, caller: &Caller, why: Left) {
        match (why, who) {
            (Left::Ended, Waiting::Caller(_)) => self.queues[caller.queue].window.abandoned(now),
            (Left::Ended, Waiting::Ticket(_)) | (Left::WentOn, _) => {}
            (Left::Callback(_), _) => return,
        }
        let by = caller.key.map_or(KeptBy::Call(who), KeptBy::Number);
        self.kept.put(now, by, Kept { queue: caller.queue, place: caller.place, arrived: caller.arrived });
    }

    pub(super) fn talk_ended(&mut self, now: Instant, who: Waiting, agent: &AgentName) {
        let talking = self.callers.get(&who).and_then(|caller| match caller.stage {
            Stage::Talking(a) if self.agents[a].name == *agent => Some(a),
            Stage::Talking(_) | Stage::Seeking | Stage::Rung(_) => None,
        });
        if talking.is_some() {
            self.leave(now, who, Left::Ended);
        }
    }

    pub(super) fn end_talk(&mut self, now: Instant, a: usize) {
        let agent = &mut self.agents[a];
        (agent.missed, agent.unreached) = (0, 0);
        let Some((_, queue)) = agent.serving else { return };
        let own = agent.membership(queue).and_then(|m| m.wrap_up);
        let wrap_up = own.unwrap_or(self.queues[queue].rules.wrap_up);
        self.turn(a, AgentEvent::TalkEnded, now, wrap_up);
    }

    /// Lets a caller wait in a second queue too, with the same arrival: who leaves the
    /// first one would make its next free agent useless.
    pub(super) fn overflow_due(&mut self, now: Instant, who: Waiting) {
        let Some(mut caller) = self.callers.remove(&who) else { return };
        caller.overflow = None;
        if let Some(overflow) = self.queues[caller.queue].rules.overflow.clone() {
            let to = self.by_name.get(&overflow.to).copied();
            match to.map(|to| self.admit(who, to, &caller.needs)) {
                Some(Ok(spot)) if !caller.spots.iter().any(|own| own.queue == spot.queue) => {
                    self.enter(who, &caller, spot);
                    caller.spots.push(spot);
                }
                Some(Ok(_)) | None => {}
                // It is full, or nobody is there: perhaps later.
                Some(Err(_)) => {
                    let again = now + overflow.after.max(SHORTEST_OVERFLOW);
                    caller.overflow = Some(again);
                    self.deadlines.insert((again, Timer::Overflow(who)));
                }
            }
        }
        self.callers.insert(who, caller);
        self.seek_agent(now, who);
    }

    pub(super) fn longest_due(&mut self, now: Instant, who: Waiting) {
        let Some(caller) = self.callers.get_mut(&who) else { return };
        caller.longest = None;
        match caller.stage {
            // Who hears the phone ring is not sent away.
            Stage::Rung(_) => caller.overdue = true,
            Stage::Seeking => {
                self.leave(now, who, Left::WentOn);
                self.out.push_back(Output::TimedOut { who });
            }
            Stage::Talking(_) => {}
        }
    }

    /// Sends away who waits in a lane where there is nothing to hope for, unless there
    /// is in another lane or queue.
    pub(super) fn dismiss_lane(&mut self, now: Instant, spot: Spot) {
        let lane = &self.queues[spot.queue].lanes[spot.lane];
        if lane.ready > 0 {
            return;
        }
        let waiting: Vec<Waiting> = lane.seeking.iter().filter(|(claim, _)| !claim.rung).map(|(_, who)| *who).collect();
        for who in waiting {
            self.dismiss(now, who);
        }
    }

    /// Sends a caller away for whom no phone rings and no agent can be hoped for, or to
    /// the queue that helps.
    pub(super) fn dismiss(&mut self, now: Instant, who: Waiting) {
        let Some(caller) = self.callers.get(&who).filter(|caller| caller.stage == Stage::Seeking) else { return };
        let mut whys = caller.spots.iter().map(|spot| self.hopeless(who, *spot));
        let Some(Some(why)) = whys.next().filter(|_| whys.all(|why| why.is_some())) else { return };
        let (queue, needs) = (caller.queue, caller.needs.clone());
        let Some(mut caller) = self.callers.remove(&who) else { return };
        self.step_out(who, &caller);
        match self.elsewhere(who, queue, &needs, why) {
            Some(spot) => {
                caller.spots = vec![spot];
                self.step_in(who, caller);
                self.seek_agent(now, who);
            }
            None => {
                self.unwind(who, &mut caller);
                self.out.push_back(Output::Refused { who, why });
            }
        }
    }
}

/// A queue that could not help is not asked again sooner.
const SHORTEST_OVERFLOW: Duration = Duration::from_secs(10);
