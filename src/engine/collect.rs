use std::sync::Arc;

use super::io::{Keys, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::question::Misses;
use crate::base::{Digit, Now, Private};
use crate::flow::{Collect, Fit, Miss, ReadBack, StepKind, Terminator};
use crate::speech::{self, Phrase, Sentence};

/// A number is typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Collecting {
    typed: Private<String>,
    stage: Stage,
    misses: Misses,
    /// The same, while the caller is asked whether it is right.
    unconfirmed: Misses,
}

#[cfg(test)]
impl Collecting {
    /// What it goes on with, the digits in the clear: for tests that try every way.
    pub(super) fn fingerprint(&self) -> String {
        format!("{} {self:?}", self.typed.reveal())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Its digits are typed.
    #[default]
    Typing,
    /// It has been said, and the caller says whether it is right.
    Confirming,
}

impl Machine {
    /// Asks for a number, unless its digits were typed ahead.
    pub(super) fn enter_collect(&mut self, now: Now, collect: &Collect) -> Next {
        self.state = State::Collecting(Collecting::default());
        self.begin_question(&collect.question);
        while let Some(digit) = self.ahead.pop_front() {
            let next = self.collect_key(now, digit);
            if next != Next::Stay {
                return next;
            }
        }
        let State::Collecting(collecting) = &self.state else { return Next::Stay };
        let asks = collecting.typed.reveal().is_empty() && !self.out.is_speaking();
        if asks { self.ask_number(now, collect, Phrase::default()) } else { Next::Stay }
    }

    pub(super) fn collect_key(&mut self, now: Now, digit: Digit) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        self.out.interrupt();
        self.timers.clear();
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        if collecting.stage == Stage::Confirming {
            return self.confirming_key(now, collect, digit);
        }
        let typed = collecting.typed.reveal_mut();
        match digit {
            _ if digit.number().is_some() => {
                typed.push(digit.as_char());
                if collect.form.is_full(typed) {
                    return self.collect_ended(now);
                }
            }
            _ if typed.is_empty() => return self.fixed_key(digit).unwrap_or(Next::Stay),
            Digit::HASH if collect.terminator == Terminator::Hash || typed == "0" => return self.collect_ended(now),
            Digit::STAR => {
                typed.pop();
                return self.say_what_is_left();
            }
            // It ends by its length, or by a pause.
            _ => {}
        }
        self.wait_for_digit(now, collect);
        Next::Stay
    }

    pub(super) fn collect_heard(&mut self, now: Now) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        let State::Collecting(collecting) = &self.state else { return Next::Stay };
        if collecting.stage == Stage::Typing && !collecting.typed.reveal().is_empty() {
            self.wait_for_digit(now, collect);
        } else {
            self.timers.set(Timer::Patience, now.mono + self.patience(collect.patience));
        }
        Next::Stay
    }

    pub(super) fn collect_silence(&mut self, now: Now) -> Next {
        match &self.state {
            State::Collecting(Collecting { stage: Stage::Confirming, .. }) => self.confirm_missed(Miss::Silence),
            _ => self.number_missed(now, Miss::Silence, Sentence::Silence),
        }
    }

    /// The entry has ended, by `#`, by its length or by a pause.
    pub(super) fn collect_ended(&mut self, now: Now) -> Next {
        self.timers.clear();
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        let typed = collecting.typed.reveal().as_str();
        if typed == "0" {
            self.note_key(Digit::ZERO);
            return Next::Agent;
        }
        match (collect.form.fit(typed), collect.read_back) {
            (Fit::Right, ReadBack::No) => self.take_number(collect),
            (Fit::Right, ReadBack::Yes) => {
                collecting.stage = Stage::Confirming;
                // What was typed behind a number is no answer to whether it is right.
                self.ahead.clear();
                self.say_number(Phrase::default())
            }
            (Fit::Short, _) => self.number_missed(now, Miss::Wrong, Sentence::WrongNumberTyped),
            (Fit::Wrong, _) => self.number_missed(now, Miss::Wrong, Sentence::WrongNumber),
        }
    }

    fn confirming_key(&mut self, now: Now, collect: &Collect, digit: Digit) -> Next {
        match digit.number() {
            Some(1) => {
                self.note_key(digit);
                self.take_number(collect)
            }
            Some(2) => {
                self.note_key(digit);
                self.begin_again();
                self.ask_number(now, collect, Phrase::default())
            }
            None if digit == Digit::STAR => {
                self.note_key(digit);
                self.begin_again();
                let deleted = speech::sentence(self.language, Sentence::Deleted);
                self.ask_number(now, collect, deleted)
            }
            None => {
                self.note_key(digit);
                self.say_number(Phrase::default())
            }
            Some(0) => self.fixed_key(digit).unwrap_or(Next::Stay),
            Some(_) => {
                self.note_key(digit);
                self.confirm_missed(Miss::Wrong)
            }
        }
    }

    fn take_number(&mut self, collect: &Collect) -> Next {
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        let digits = std::mem::take(&mut collecting.typed);
        self.keep_typed(&collect.name, digits.reveal());
        self.out.note(Note::Collected { name: Arc::clone(&collect.name), digits });
        Next::Go(collect.then)
    }

    fn begin_again(&mut self) {
        if let State::Collecting(collecting) = &mut self.state {
            collecting.stage = Stage::Typing;
            collecting.typed.reveal_mut().clear();
        }
    }

    /// The number as it is, and the keys that take it or change it.
    fn say_number(&mut self, mut before: Phrase) -> Next {
        let State::Collecting(collecting) = &self.state else { return Next::Stay };
        before.append(speech::typed_back(self.language, collecting.typed.reveal()));
        self.out.play(Sound::Phrase(before), Keys::Stop);
        Next::Stay
    }

    /// What `*` has left of the number.
    fn say_what_is_left(&mut self) -> Next {
        let State::Collecting(collecting) = &self.state else { return Next::Stay };
        let phrase = match collecting.typed.reveal().as_str() {
            "" => speech::sentence(self.language, Sentence::Deleted),
            left => speech::digits(self.language, left),
        };
        self.out.play(Sound::Phrase(phrase), Keys::Stop);
        Next::Stay
    }

    /// Nothing was typed, or nothing of use: that is said, and it is asked for again.
    fn number_missed(&mut self, now: Now, miss: Miss, ours: Sentence) -> Next {
        self.ahead.clear();
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        let nth = collecting.misses.count(miss);
        let ours = if miss == Miss::Silence && nth > 1 { Sentence::SilenceAgain } else { ours };
        let Some(before) = self.words_of_miss(&collect.question, (miss, nth), ours) else { return Next::Agent };
        self.begin_again();
        self.ask_number(now, collect, before)
    }

    /// The caller does not say whether the number is right.
    fn confirm_missed(&mut self, miss: Miss) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Collect(collect) = &program.step(self.step).kind else { return Next::Stay };
        let State::Collecting(collecting) = &mut self.state else { return Next::Stay };
        let nth = collecting.unconfirmed.count(miss);
        if collect.question.is_enough(miss, nth) {
            return Next::Agent;
        }
        let words = if miss == Miss::Silence { Sentence::Silence } else { Sentence::WrongKey };
        self.say_number(speech::sentence(self.language, words))
    }

    /// The whole question; behind other words, the short one.
    fn ask_number(&mut self, now: Now, collect: &Collect, mut before: Phrase) -> Next {
        let short = collect.question.again.as_ref().filter(|_| !before.is_empty());
        before.append(self.words(short.unwrap_or(&collect.ask)));
        self.play_words(now, before, collect.question.barge_in);
        Next::Stay
    }

    fn wait_for_digit(&mut self, now: Now, collect: &Collect) {
        self.timers.set(Timer::NextDigit, now.mono + self.patience(collect.between));
    }
}
