//! Lessons from the records, after a restart.

use super::estimator::Lesson;
use super::forecast::Forecast;
use super::score::Outcome;
use crate::base::QueueName;

/// Something that was learned before the service was restarted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Recalled {
    /// How long something lasted.
    Lesson(Lesson),
    /// The first wait that a caller was told, and what became of it.
    Promise(Outcome),
}

impl Forecast {
    /// Learns what is recalled of a queue; the oldest is to come first.
    pub fn recall(&mut self, queue: &QueueName, recalled: &Recalled) {
        match recalled {
            Recalled::Lesson(lesson) => self.estimator.learn(queue, *lesson),
            Recalled::Promise(outcome) => self.estimator.learn_promise(queue, outcome),
        }
    }
}
