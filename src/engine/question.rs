//! How a question is asked, whichever step asks it: what a key does to it, and what is
//! said to who gives no answer.

use super::io::{Keys, Sound};
use super::machine::{Machine, Next, State, Timer};
use crate::base::{Digit, Now, limits};
use crate::flow::{BargeIn, Miss, Question, TypeAhead};
use crate::speech::{self, Phrase, Sentence};

/// How often the present question has had no answer, or one of no use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Misses {
    silences: u32,
    wrong: u32,
}

impl Misses {
    /// One more; answers how many of this kind there are now.
    pub(super) fn count(&mut self, miss: Miss) -> u32 {
        let count = match miss {
            Miss::Silence => &mut self.silences,
            Miss::Wrong => &mut self.wrong,
        };
        *count += 1;
        *count
    }

    /// How many of both kinds.
    pub(super) fn all(&self) -> u32 {
        self.silences + self.wrong
    }
}

impl Machine {
    /// Forgets the keys that were pressed before, where the question does not take them.
    pub(super) fn begin_question(&mut self, question: &Question) {
        if question.type_ahead == TypeAhead::Forgotten {
            self.ahead.clear();
        }
    }

    /// What is said before it is asked again; nothing once it was asked often enough. The
    /// flow's own words come before ours.
    pub(super) fn words_of_miss(
        &self,
        question: &Question,
        (miss, nth): (Miss, u32),
        ours: Sentence,
    ) -> Option<Phrase> {
        if question.is_enough(miss, nth) {
            return None;
        }
        Some(match question.words(miss, nth) {
            Some(own) => self.words(own),
            None => speech::sentence(self.language, ours),
        })
    }

    /// Plays words; where no key stops them, keys wait for their end.
    pub(super) fn play_words(&mut self, now: Now, phrase: Phrase, barge_in: BargeIn) {
        let keys = match barge_in {
            BargeIn::Allowed => Keys::Stop,
            BargeIn::Refused => Keys::Ignore,
        };
        self.deaf = barge_in == BargeIn::Refused;
        if self.deaf {
            self.timers.set(Timer::Listen, now.mono + limits::UNSTOPPABLE);
        }
        self.out.play(Sound::Phrase(phrase), keys);
    }

    /// A key while words are heard that none stops; answers whether it waits for their end.
    /// `0` never does, unless it may be the first digit of a number.
    pub(super) fn keeps_key(&mut self, digit: Digit) -> bool {
        let is_digit = matches!(self.state, State::Collecting(_));
        if !self.deaf || (digit == Digit::ZERO && !is_digit) {
            self.deaf = false;
            return false;
        }
        if self.takes_ahead() {
            self.keep_ahead(digit);
        }
        true
    }

    /// The words have lasted for as long as they may without a key stopping them.
    pub(super) fn listen(&mut self, now: Now) -> Next {
        self.deaf = false;
        match self.state {
            _ if self.ahead.is_empty() => Next::Stay,
            State::Speaking(_) => self.cut_speech(),
            _ => self.take_kept(now),
        }
    }

    /// Takes the keys that have waited for the end of the words, one after the other, until
    /// one leads on or asks again.
    pub(super) fn take_kept(&mut self, now: Now) -> Next {
        while !self.deaf
            && let Some(digit) = self.ahead.pop_front()
        {
            let next = self.key(now, digit);
            if next != Next::Stay {
                return next;
            }
        }
        Next::Stay
    }

    fn takes_ahead(&self) -> bool {
        let question = self.program.step(self.step).kind.question();
        question.is_none_or(|question| question.type_ahead == TypeAhead::Kept)
    }
}
