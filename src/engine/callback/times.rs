//! Which times a caller can choose from.

use super::{Choice, Origin, Stage};
use crate::base::Now;
use crate::engine::machine::{Machine, Next, State};
use crate::service::slots;
use crate::speech::{self, CallbackWords, Phrase};

impl Machine {
    /// As soon as possible, or one of the quiet times to come.
    pub(super) fn choose_time(&mut self, now: Now) -> Next {
        self.find_times(now);
        match &self.state {
            State::Noting(noting) if noting.choices.len() == 1 => self.ask_book(now, noting.choices[0]),
            _ => self.ask_for_time(now, Phrase::default()),
        }
    }

    fn ask_for_time(&mut self, now: Now, before: Phrase) -> Next {
        if let State::Noting(noting) = &mut self.state {
            noting.stage = Stage::Choosing;
        }
        self.ask_for_callback(now, before)
    }

    fn find_times(&mut self, now: Now) {
        let open = self.is_open(now);
        let State::Noting(noting) = &mut self.state else { return };
        let place = noting.waiting.as_ref().and_then(|waiting| waiting.place);
        let learned = place.and_then(|place| place.quiet).map(|q| (q.weekday, q.from, q.to));
        let found = slots(&self.program.card, learned, now.wall, (SLOTS, &noting.diary));
        let soon = noting.origin != Origin::Closing && open || found.is_empty();
        noting.choices = soon.then_some(Choice::Soon).into_iter().chain(found.into_iter().map(Choice::Slot)).collect();
    }

    /// Others were quicker: the times that are left are told.
    pub(super) fn slot_taken(&mut self, now: Now) -> Next {
        self.find_times(now);
        self.ask_for_time(now, speech::callback(self.language, CallbackWords::SlotTaken))
    }
}

/// Times to choose from, beside as soon as possible.
const SLOTS: usize = speech::MOST_CHOICES as usize - 1;
