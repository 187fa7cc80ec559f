//! Who phones again before the promised call hears that it is noted, and can cancel it by key.

use std::time::Duration;

use super::io::{Action, BookAsk, BookNews, Keys, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::speaking::{Manner, Then};
use crate::base::{Digit, Now};
use crate::flow::{StepId, StepKind};
use crate::speech::{self, CallbackWords, Sentence};

/// What is known of the book of callbacks in this call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BookLine {
    /// The caller has asked for a call before, and was not reminded of it yet.
    pub(super) known: bool,
    /// Nothing could be noted: it is not offered again.
    pub(super) refused: bool,
    /// A call was offered outside a queue, and nobody answered.
    pub(super) silent: bool,
}

/// The caller is being reminded; then it goes on there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reminding {
    then: StepId,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Told,
    Asked,
}

impl Machine {
    /// Whether the caller is to be reminded before this step: where the flow first waits for the caller.
    pub(super) fn is_reminder_due(&self, kind: &StepKind) -> bool {
        self.book.known
            && self.lead.is_none()
            && matches!(kind, StepKind::Menu(_) | StepKind::Queue(_) | StepKind::Callback(_))
    }

    pub(super) fn remind(&mut self, then: StepId) -> Next {
        self.book.known = false;
        self.state = State::Reminding(Reminding { then, stage: Stage::Told });
        self.out.play(Sound::Phrase(speech::known_callback(self.language)), Keys::Stop);
        Next::Stay
    }

    pub(super) fn reminder_key(&mut self, now: Now, digit: Digit) -> Next {
        let State::Reminding(reminding) = &mut self.state else { return Next::Stay };
        if reminding.stage == Stage::Asked && digit != Digit::ZERO {
            self.keep_ahead(digit);
            return Next::Stay;
        }
        if digit.number() == Some(speech::CANCEL_KEY) {
            reminding.stage = Stage::Asked;
            self.note_key(digit);
            self.out.interrupt();
            self.timers.clear();
            self.timers.set(Timer::Book, now.mono + BOOK_WITHIN);
            self.out.push(Action::Book(BookAsk::Cancel));
            return Next::Stay;
        }
        let then = reminding.then;
        if let Some(next) = self.fixed_key(digit) {
            return if next == Next::Again { self.remind(then) } else { next };
        }
        self.keep_ahead(digit);
        Next::Go(then)
    }

    pub(super) fn reminder_heard(&mut self, now: Now) -> Next {
        self.timers.set(Timer::Patience, now.mono + self.patience(PATIENCE));
        Next::Stay
    }

    pub(super) fn reminder_over(&self) -> Next {
        match &self.state {
            State::Reminding(Reminding { then, .. }) => Next::Go(*then),
            _ => Next::Stay,
        }
    }

    /// The book has cancelled it, or could not.
    pub(super) fn reminder_answered(&mut self, news: BookNews) -> Next {
        let State::Reminding(Reminding { then, stage: Stage::Asked }) = self.state else { return Next::Stay };
        let phrase = match news {
            BookNews::Cancelled => speech::callback(self.language, CallbackWords::Cancelled),
            // The call that was asked for stands, or the book is only late: nothing is said of it.
            _ => speech::sentence(self.language, Sentence::TechnicalTrouble),
        };
        self.speak(phrase, Manner::Interruptible, Then::Go(then))
    }
}

/// The choice is short, and the flow waits behind it.
const PATIENCE: Duration = Duration::from_secs(2);
const BOOK_WITHIN: Duration = Duration::from_secs(3);
