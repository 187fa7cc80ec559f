use std::sync::Arc;

use super::io::{Keys, Sound};
use super::machine::{Machine, Next, State, Timer};
use crate::base::{Digit, Now};
use crate::flow::{StepKind, Voicemail};
use crate::speech::Sentence;

/// A message is asked for, then spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recording {
    /// The caller hears what to say.
    Asked,
    /// The caller speaks.
    Running,
}

impl Machine {
    pub(super) fn enter_voicemail(&mut self, now: Now, voicemail: &Voicemail) -> Next {
        self.ahead.clear();
        self.state = State::Recording(Recording::Asked);
        let phrase = self.words(&voicemail.ask);
        if phrase.is_empty() {
            return self.voicemail_heard(now);
        }
        self.out.play(Sound::Phrase(phrase), Keys::Ignore);
        Next::Stay
    }

    /// The caller speaks from now on, until `#` or for as long as a message may be.
    pub(super) fn voicemail_heard(&mut self, now: Now) -> Next {
        if let StepKind::Voicemail(voicemail) = &self.program.step(self.step).kind {
            self.timers.set(Timer::Message, now.mono + voicemail.at_most);
            self.state = State::Recording(Recording::Running);
        }
        Next::Stay
    }

    pub(super) fn voicemail_key(&mut self, digit: Digit) -> Next {
        if digit == Digit::HASH && matches!(self.state, State::Recording(Recording::Running)) {
            self.note_key(digit);
            return self.voicemail_ended();
        }
        self.global_key(digit).unwrap_or(Next::Stay)
    }

    pub(super) fn voicemail_ended(&mut self) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Voicemail(voicemail) = &program.step(self.step).kind else { return Next::Stay };
        self.on_or_goodbye(voicemail.then)
    }

    /// On to a step; where there is none, a good-bye ends the call.
    pub(super) fn on_or_goodbye(&mut self, then: Option<crate::flow::StepId>) -> Next {
        match then {
            Some(step) => Next::Go(step),
            None => self.say_last(Sentence::Goodbye, "flow-end"),
        }
    }
}
