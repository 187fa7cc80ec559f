//! The caller's place in a queue, and what the board says of it.

use std::time::Duration;

use super::Happened;
use super::machine::{Call, Phase};
use super::sides::Who;
use crate::base::{AgentName, Now, QueueName, Skill};
use crate::engine::{self, QueueNews};
use crate::queue::{self, Refused};

/// A queue that the caller was put into.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) queue: QueueName,
    pub(super) entered: Entered,
    /// The flow was told that a phone rings.
    pub(super) rung: bool,
}

/// Whether the board has told the caller's place.
///
/// Only then do its offers count: one that comes before was made for a place that the
/// caller has left meanwhile, and the board knows that too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// It was asked.
    Asked,
    /// It was asked for the place that the caller has had all the time: that is no news.
    Back,
    /// It has.
    Yes,
}

impl Call {
    pub(super) fn join(&mut self, now: Now, queue: QueueName, needs: Vec<Skill>, priority: u8) {
        self.queued = Some(Queued { queue: queue.clone(), entered: Entered::Asked, rung: false });
        let caller = self.incoming.from.as_ref().map(|number| number.reveal().into());
        self.note(|notes, number| notes.phones_in(number, &queue));
        // Who has talked with an agent and waits for another does not begin anew.
        let since = self.brief.since.filter(|_| self.recorder.has_talked());
        self.brief.since.get_or_insert(now.mono);
        let join = queue::Join { needs, priority, since, caller, ..queue::Join::new(self.id, queue) };
        self.board(queue::Input::Join(join));
    }

    /// Tells the flow when a phone begins to ring for the caller, and when none does any more.
    pub(super) fn tell_ringing(&mut self, now: Now) {
        let rings = !self.sides.is_empty() && !self.is_talking();
        let Some(queued) = self.queued.as_mut().filter(|queued| queued.rung != rings) else { return };
        queued.rung = rings;
        let news = if rings { QueueNews::Ringing } else { QueueNews::Still };
        self.tell_engine(now, engine::Input::Queue(news));
    }

    pub(super) fn leave_queue(&mut self, now: Now) {
        if self.queued.take().is_some() {
            self.board(queue::Input::Leave { who: self.id.into(), why: queue::Left::WentOn });
        }
        if !self.is_talking() {
            self.close_sides(now);
        }
    }

    pub(super) fn on_queue(&mut self, now: Now, news: queue::Output) {
        if !matches!(self.phase, Phase::Up(_)) {
            return;
        }
        match news {
            queue::Output::Joined { rank, .. } => self.on_joined(now, rank),
            queue::Output::Refused { .. } if self.is_handed_to_queue() => self.hand_back(now, 480),
            queue::Output::Refused { why, .. } => self.on_refused(now, why),
            queue::Output::TimedOut { .. } => self.out_of_queue(now, "too-long", QueueNews::TimedOut),
            queue::Output::Withdraw { agent, .. } => self.withdraw(now, &agent),
            queue::Output::Busy { agent, .. } => self.on_busy(now, &agent),
            queue::Output::Offer { agent, ring, .. } => self.on_offer(now, agent, ring),
            // A rank comes with the rest of the place.
            queue::Output::Rank { .. } | queue::Output::Agent { .. } => {}
        }
    }

    fn on_joined(&mut self, now: Now, rank: usize) {
        self.on_handed_to_queue(now);
        let Some(queued) = &mut self.queued else { return };
        let was = std::mem::replace(&mut queued.entered, Entered::Yes);
        let queue = queued.queue.clone();
        if was != Entered::Back {
            self.event(now, Happened::Joined { queue: queue.clone(), rank });
        }
        // Not before: who is sent away keeps the promise.
        self.note(|notes, number| notes.phoned_in(number, &queue));
        self.tell_engine(now, engine::Input::Queue(QueueNews::Joined { rank }));
    }

    fn on_refused(&mut self, now: Now, why: Refused) {
        let news = match why {
            Refused::Full => QueueNews::Full,
            Refused::Nobody | Refused::Paused | Refused::Closed | Refused::Unknown => QueueNews::Nobody,
        };
        self.out_of_queue(now, why.word(), news);
    }

    fn out_of_queue(&mut self, now: Now, why: &'static str, news: QueueNews) {
        // Somebody has answered meanwhile: the talk stands.
        if self.sides.taker().is_some() {
            return;
        }
        let Some(Queued { queue, .. }) = self.queued.take() else { return };
        self.handing = None;
        self.close_sides(now);
        self.event(now, Happened::Refused { queue, why });
        self.tell_engine(now, engine::Input::Queue(news));
    }

    /// Rings an agent, beside whoever rings already. An offer that has crossed the
    /// caller's leaving or another agent's answer is void, and the board knows of both.
    fn on_offer(&mut self, now: Now, agent: AgentName, ring: Duration) {
        if self.on_handing_offer(now, &agent, ring) {
            return;
        }
        let waits = self.queued.as_ref().is_some_and(|queued| queued.entered == Entered::Yes);
        if waits && self.sides.taker().is_none() && self.sides.to_agent(&agent).is_none() {
            self.ring(now, Who::Agent(agent), ring);
        }
    }

    /// The board wants an agent left alone; one who has the call meanwhile keeps it.
    fn withdraw(&mut self, now: Now, agent: &AgentName) {
        let rung = self.sides.to_agent(agent).filter(|side| side.is_rung()).map(|side| side.id);
        if let Some(leg) = rung {
            self.close_side(now, leg);
            self.event(now, Happened::Stopped { agent: agent.clone() });
            self.on_handing_missed(now, leg, 480);
        }
    }
}
