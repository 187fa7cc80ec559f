//! What a busy queue offers by key.

use std::sync::Arc;
use std::time::Duration;

use super::io::{Action, Note};
use super::machine::{Machine, Next, State};
use super::waiting::Stage;
use crate::base::{Digit, Now};
use crate::flow::{Offer, OfferAction, Queue};
use crate::speech::{self, Phrase, Sentence};

impl Machine {
    /// The offers in words, while it is busy; nothing while it is not.
    pub(super) fn offer_words(&mut self, now: Now, queue: &Queue) -> Phrase {
        let mut phrase = Phrase::default();
        let Some(busy) = &queue.busy else { return phrase };
        if !matches!(&self.state, State::Waiting(waiting) if waiting.is_busy(busy)) {
            return phrase;
        }
        for offer in busy.offers.iter().filter(|offer| self.can_keep(now, offer)) {
            phrase.append(offer.line(self.language));
        }
        if let State::Waiting(waiting) = &mut self.state
            && !phrase.is_empty()
        {
            waiting.told.offers = true;
            waiting.due.offers = Some(now.mono + queue.announce.offers);
        }
        phrase
    }

    /// What a key offers now: from the first moment that it is busy, also before it is
    /// said and while something else is, and to the end once it was said.
    pub(super) fn offer_of_key<'q>(&self, now: Now, queue: &'q Queue, digit: Digit) -> Option<&'q Offer> {
        let State::Waiting(waiting) = &self.state else { return None };
        let busy = queue.busy.as_ref()?;
        // A key that was typed ahead of the queue, and came late, is no answer to an offer.
        let here = waiting.stage == Stage::Here && now.mono.since(waiting.since) >= TYPED_AHEAD;
        if !here || !(waiting.told.offers || waiting.is_busy(busy)) {
            return None;
        }
        busy.offers.iter().find(|offer| offer.key == digit && self.can_keep(now, offer))
    }

    /// Does what was offered.
    pub(super) fn take_offer(&mut self, now: Now, offer: &Offer) -> Next {
        self.note_key(offer.key);
        self.out.note(Note::Took { offer: offer.action.word() });
        match offer.action {
            OfferAction::QuietHours => {
                let phrase = self.quiet_words(now);
                self.say_waiting(phrase)
            }
            OfferAction::Message(step) => {
                self.out.push(Action::Leave);
                Next::Go(step)
            }
            OfferAction::Continue => {
                let phrase = speech::sentence(self.language, Sentence::Waiting);
                self.say_waiting(phrase)
            }
            OfferAction::Callback => self.take_callback(now),
        }
    }

    /// Nothing is offered that would not be done.
    fn can_keep(&self, now: Now, offer: &Offer) -> bool {
        match offer.action {
            OfferAction::QuietHours => !self.quiet_words(now).is_empty(),
            OfferAction::Message(_) | OfferAction::Continue => true,
            OfferAction::Callback => self.may_note(),
        }
    }

    fn quiet_words(&self, now: Now) -> Phrase {
        let State::Waiting(waiting) = &self.state else { return Phrase::default() };
        let learned = waiting.place.and_then(|place| place.quiet);
        speech::quiet(self.language, &Arc::clone(&self.program).card, learned, now.wall)
    }
}

/// Who typed ahead has stopped typing after this.
pub(super) const TYPED_AHEAD: Duration = Duration::from_secs(1);
