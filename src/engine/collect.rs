use std::sync::Arc;

use super::io::{Keys, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use crate::base::{Digit, Now, Private, limits};
use crate::flow::{Collect, StepKind};
use crate::speech::{self, Sentence};

/// A number is typed.
#[derive(Debug, Default)]
pub(super) struct Collecting {
    typed: String,
    silences: u32,
    wrong: u32,
}

impl Machine {
    /// Asks for a number, unless its digits were typed ahead.
    pub(super) fn enter_collect(&mut self, now: Now, collect: &Collect) -> Next {
        self.state = State::Collecting(Collecting::default());
        while let Some(digit) = self.ahead.pop_front() {
            let next = self.collect_key(now, digit);
            if next != Next::Stay {
                return next;
            }
        }
        let State::Collecting(collecting) = &self.state else { return Next::Stay };
        if collecting.typed.is_empty() && !self.out.is_speaking() { self.ask_number(collect, None) } else { Next::Stay }
    }

    pub(super) fn collect_key(&mut self, now: Now, digit: Digit) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        self.out.interrupt();
        self.timers.clear();
        let between = self.patience(collect.between);
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        if digit.number().is_some() {
            collecting.typed.push(digit.as_char());
            if collecting.typed.len() >= collect.at_most.min(limits::COLLECTED_DIGITS) {
                return self.collect_ended();
            }
            self.timers.set(Timer::NextDigit, now.mono + between);
            return Next::Stay;
        }
        if collecting.typed.is_empty() {
            return self.global_key(digit).unwrap_or(Next::Stay);
        }
        if digit == Digit::HASH {
            return self.collect_ended();
        }
        collecting.typed.clear();
        let deleted = speech::sentence(self.language, Sentence::Deleted);
        self.out.play(Sound::Phrase(deleted), Keys::Stop);
        Next::Stay
    }

    pub(super) fn collect_heard(&mut self, now: Now) -> Next {
        if let StepKind::Collect(collect) = &self.program.step(self.step).kind {
            self.timers.set(Timer::Patience, now.mono + self.patience(collect.patience));
        }
        Next::Stay
    }

    pub(super) fn collect_silence(&mut self) -> Next {
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        collecting.silences += 1;
        if collecting.silences > SILENCES {
            return Next::Agent;
        }
        self.ask_again(Sentence::Silence)
    }

    /// The entry has ended, by `#`, by its length or by a pause.
    pub(super) fn collect_ended(&mut self) -> Next {
        self.timers.clear();
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        let typed = std::mem::take(&mut collecting.typed);
        if typed == "0" {
            self.note_key(Digit::ZERO);
            return Next::Agent;
        }
        if typed.len() >= collect.at_least {
            self.keep_typed(&collect.name, &typed);
            self.out.note(Note::Collected { name: Arc::clone(&collect.name), digits: Private::new(typed) });
            return Next::Go(collect.then);
        }
        collecting.wrong += 1;
        if collecting.wrong >= WRONG_ENTRIES {
            return Next::Agent;
        }
        self.ask_again(Sentence::WrongNumberTyped)
    }

    fn ask_again(&mut self, why: Sentence) -> Next {
        self.ahead.clear();
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        self.ask_number(collect, Some(why))
    }

    fn ask_number(&mut self, collect: &Collect, before: Option<Sentence>) -> Next {
        let mut phrase = before.map(|s| speech::sentence(self.language, s)).unwrap_or_default();
        phrase.append(self.words(&collect.ask));
        self.out.play(Sound::Phrase(phrase), Keys::Stop);
        Next::Stay
    }
}

/// How often a silent caller is asked again before the agent is called.
const SILENCES: u32 = 1;
/// How many wrong entries before the agent is called.
const WRONG_ENTRIES: u32 = 2;
