//! A callback as a step of the flow: asked for by who has no place in a queue.

use std::sync::Arc;

use super::callback::{Noting, Origin};
use super::machine::{Machine, Next, State};
use super::speaking::{Manner, Then};
use crate::base::{Now, QueueName, Skill};
use crate::flow::{Callback, StepKind};
use crate::speech::{self, Phrase, Sentence};

impl Machine {
    /// Asks by which number and when, unless that has failed in this call already.
    pub(super) fn enter_callback(&mut self, now: Now) -> Next {
        self.ahead.clear();
        self.state = State::Noting(Box::new(Noting::new(Origin::Step, None)));
        match self.may_note() {
            true => self.begin_noting(now, Phrase::default()),
            false => self.leave_callback(now, Phrase::default()),
        }
    }

    /// Who would call back: the queue, what the agent must be able to do, and the levels
    /// above an ordinary caller.
    pub(super) fn calls_back_from(&self) -> Option<(QueueName, Vec<Skill>, u8)> {
        let (queue, needs, priority) = match &self.program.step(self.step).kind {
            StepKind::Queue(queue) => (&queue.queue, &queue.needs, queue.priority),
            StepKind::Callback(callback) => (&callback.queue, &callback.needs, callback.priority),
            _ => return None,
        };
        Some((queue.clone(), self.needs(queue, needs), priority))
    }

    /// What comes after the promise.
    pub(super) fn callback_promised(&mut self, mut phrase: Phrase) -> Next {
        if let StepKind::Callback(Callback { then: Some(step), .. }) = self.program.step(self.step).kind {
            return self.speak(phrase, Manner::Interruptible, Then::Go(step));
        }
        phrase.append(speech::sentence(self.language, Sentence::Goodbye));
        self.speak(phrase, Manner::Last, Then::Hangup("callback"))
    }

    /// Nothing is noted, or wanted: this is said, and it goes on elsewhere, or by the last default.
    pub(super) fn leave_callback(&mut self, now: Now, before: Phrase) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Callback(callback) = &program.step(self.step).kind else { return Next::Stay };
        match callback.otherwise {
            Some(step) => self.speak(before, Manner::Interruptible, Then::Go(step)),
            None => self.last_default(now, before),
        }
    }

    /// The caller says nothing: once that leads on, the second time in a call to the end, so
    /// that an empty line does not go round for ever.
    pub(super) fn callback_unanswered(&mut self, now: Now) -> Next {
        if std::mem::replace(&mut self.book.silent, true) {
            return self.last_default(now, Phrase::default());
        }
        self.leave_callback(now, Phrase::default())
    }
}
