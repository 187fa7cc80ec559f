use std::sync::Arc;
use std::time::Duration;

use super::io::{Keys, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use crate::base::{Digit, Now};
use crate::flow::{StepKind, Survey};
use crate::speech::{self, Sentence};

/// A mark is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asking {
    /// How often the caller gave none, by silence or by a wrong key.
    missed: u32,
}

impl Machine {
    /// Asks for one key from 1 to the highest mark. Keys typed before are no answer.
    pub(super) fn enter_survey(&mut self, survey: &Survey) -> Next {
        self.ahead.clear();
        self.state = State::Asking(Asking::default());
        self.ask_mark(survey, None)
    }

    pub(super) fn survey_heard(&mut self, now: Now) -> Next {
        self.timers.set(Timer::Patience, now.mono + self.patience(PATIENCE));
        Next::Stay
    }

    pub(super) fn survey_key(&mut self, digit: Digit) -> Next {
        self.timers.clear();
        self.out.interrupt();
        let program = Arc::clone(&self.program);
        let step = program.step(self.step);
        let StepKind::Survey(survey) = &step.kind else { return Next::Stay };
        if let Some(mark) = digit.number().filter(|mark| (1..=survey.scale).contains(mark)) {
            self.out.note(Note::Mark { name: Arc::clone(&step.name), mark });
            return self.on_or_goodbye(survey.then);
        }
        self.global_key(digit).unwrap_or_else(|| self.mark_missed(Sentence::WrongKey))
    }

    pub(super) fn survey_silence(&mut self) -> Next {
        self.mark_missed(Sentence::Silence)
    }

    /// Nobody has to give a mark: it is asked for once more, then the flow goes on.
    fn mark_missed(&mut self, why: Sentence) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Survey(survey) = &program.step(self.step).kind else { return Next::Stay };
        let State::Asking(asking) = &mut self.state else { return Next::Stay };
        asking.missed += 1;
        if asking.missed > 1 {
            return self.on_or_goodbye(survey.then);
        }
        self.ask_mark(survey, Some(why))
    }

    fn ask_mark(&mut self, survey: &Survey, before: Option<Sentence>) -> Next {
        let mut phrase = before.map(|s| speech::sentence(self.language, s)).unwrap_or_default();
        phrase.append(self.words(&survey.ask));
        self.out.play(Sound::Phrase(phrase), Keys::Stop);
        Next::Stay
    }
}

/// How long a caller may think about a mark.
const PATIENCE: Duration = Duration::from_secs(6);
