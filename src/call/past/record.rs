use serde::Deserialize;

use super::story::{self, Stay, StayEnd};
use crate::base::{AgentName, QueueName, WallTime};
use crate::call::{By, Mark, StepLine, ToldWait};
use crate::queue::wait::{Outcome, Promise, WaitEnd};

/// A kept record, as far as something is learned from it. What it lacks, being older than
/// that, is empty.
#[derive(Clone, Debug, Deserialize)]
pub struct PastCall {
    /// The service.
    pub service: String,
    /// When the call came.
    pub started: WallTime,
    /// When it ended.
    pub ended: WallTime,
    /// When the caller first asked for an agent.
    #[serde(default)]
    pub asked_agent: Option<WallTime>,
    /// Whether that was in opening hours.
    #[serde(default)]
    pub asked_in_hours: bool,
    /// The last queue.
    #[serde(default)]
    pub queue: Option<QueueName>,
    /// The agent who answered.
    #[serde(default)]
    pub agent: Option<AgentName>,
    /// When an agent first answered.
    #[serde(default)]
    pub connected: Option<WallTime>,
    /// Milliseconds from asking to that answer.
    #[serde(default)]
    pub wait_ms: Option<u64>,
    /// Milliseconds of talk.
    #[serde(default)]
    pub talk_ms: Option<u64>,
    /// The waits that were told.
    #[serde(default)]
    pub told_waits: Vec<ToldWait>,
    /// The marks that the caller gave.
    #[serde(default)]
    pub survey: Vec<Mark>,
    /// How it ended.
    pub ending: PastEnding,
    /// The story.
    #[serde(default)]
    pub steps: Vec<StepLine>,
}

/// How a past call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct PastEnding {
    /// Who ended it.
    pub by: By,
}

impl PastCall {
    /// The stays in queues, in order.
    pub fn stays(&self) -> Vec<Stay> {
        story::stays(&self.steps)
    }

    /// The queue that the caller waited in last, or that did not take the caller.
    pub fn last_queue(&self) -> Option<QueueName> {
        self.queue.clone().or_else(|| story::refused_by(&self.steps))
    }

    /// The first wait that was told in each stay, and what became of it. The later ones of
    /// a stay are about the same wait, and would count it twice.
    pub fn first_promises(&self) -> Vec<(QueueName, Outcome)> {
        let mut promises = Vec::new();
        for stay in self.stays() {
            let mut told = self.told_waits.iter().filter(|told| (stay.joined_ms..=stay.ended_ms).contains(&told.at_ms));
            promises.extend(told.next().and_then(outcome).map(|outcome| (stay.queue, outcome)));
        }
        // A story that was erased has left what was told: in the last queue, for all that is known.
        if self.steps.is_empty() {
            let first = self.told_waits.first().and_then(outcome);
            promises.extend(self.queue.clone().zip(first));
        }
        promises
    }

    /// What became of everything that was told.
    pub fn promises(&self) -> impl Iterator<Item = Outcome> {
        self.told_waits.iter().filter_map(outcome)
    }

    /// Whether the caller hung up while waiting; where the story was erased, whether the
    /// caller hung up after having waited.
    pub fn has_given_up(&self) -> bool {
        let hung_up = match self.stays().last() {
            Some(stay) => stay.end == StayEnd::HungUp,
            None => self.steps.is_empty() && self.queue.is_some() && self.ending.by == By::Caller,
        };
        self.connected.is_none() && hung_up
    }

    /// The moment of a line of the story.
    pub(super) fn at(&self, ms: u64) -> WallTime {
        self.started + std::time::Duration::from_millis(ms)
    }
}

fn outcome(told: &ToldWait) -> Option<Outcome> {
    let ms = std::time::Duration::from_millis;
    let promise = Promise {
        spoken: told.spoken,
        rank: told.rank,
        expected: ms(told.expected_ms),
        low: ms(told.low_ms),
        high: ms(told.high_ms),
    };
    let end = if told.answered { WaitEnd::Answered } else { WaitEnd::Left };
    Some(Outcome { promise, waited: ms(told.waited_ms?), end })
}
