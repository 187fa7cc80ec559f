use std::sync::Arc;
use std::time::Duration;

use super::io::Note;
use super::machine::{Machine, Next, State, Timer};
use super::question::Misses;
use crate::base::{Digit, Localized, Now};
use crate::flow::{Miss, StepKind, Survey};
use crate::speech::{Phrase, Sentence};

/// A mark is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asking {
    misses: Misses,
}

impl Machine {
    /// Asks for one key from 1 to the highest mark.
    pub(super) fn enter_survey(&mut self, now: Now, survey: &Survey) -> Next {
        self.begin_question(&survey.question);
        self.state = State::Asking(Asking::default());
        self.ask_mark(now, survey, &survey.ask, Phrase::default())
    }

    pub(super) fn survey_heard(&mut self, now: Now) -> Next {
        self.timers.set(Timer::Patience, now.mono + self.patience(PATIENCE));
        Next::Stay
    }

    pub(super) fn survey_key(&mut self, now: Now, digit: Digit) -> Next {
        self.timers.clear();
        self.out.interrupt();
        let program = Arc::clone(&self.program);
        let step = program.step(self.step);
        let StepKind::Survey(survey) = &step.kind else { return Next::Stay };
        if let Some(mark) = digit.number().filter(|mark| (1..=survey.scale).contains(mark)) {
            self.out.note(Note::Mark { name: Arc::clone(&step.name), mark });
            return self.on_or_goodbye(survey.then);
        }
        self.global_key(digit).unwrap_or_else(|| self.mark_missed(now, Miss::Wrong))
    }

    pub(super) fn survey_silence(&mut self, now: Now) -> Next {
        self.mark_missed(now, Miss::Silence)
    }

    /// Nobody has to give a mark: once it was asked for often enough, for whatever reason, the
    /// flow goes on.
    fn mark_missed(&mut self, now: Now, miss: Miss) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Survey(survey) = &program.step(self.step).kind else { return Next::Stay };
        let State::Asking(asking) = &mut self.state else { return Next::Stay };
        let nth = asking.misses.count(miss);
        let often = survey.question.silences.max(survey.question.wrong.saturating_sub(1));
        if asking.misses.all() > often {
            return self.on_or_goodbye(survey.then);
        }
        let ours = match (miss, nth) {
            (Miss::Silence, 1) => Sentence::Silence,
            (Miss::Silence, _) => Sentence::SilenceAgain,
            (Miss::Wrong, _) => Sentence::WrongKey,
        };
        match self.words_of_miss(&survey.question, (miss, nth), ours) {
            Some(before) => self.ask_mark(now, survey, survey.question.again.as_ref().unwrap_or(&survey.ask), before),
            None => self.on_or_goodbye(survey.then),
        }
    }

    fn ask_mark(&mut self, now: Now, survey: &Survey, ask: &Localized, mut before: Phrase) -> Next {
        before.append(self.words(ask));
        self.play_words(now, before, survey.question.barge_in);
        Next::Stay
    }
}

/// How long a caller may think about a mark.
const PATIENCE: Duration = Duration::from_secs(6);
