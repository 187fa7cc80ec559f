use super::machine::{Machine, Next};
use super::speaking::{Manner, Then};
use crate::base::{Localized, Now};
use crate::flow::{BargeIn, Say};
use crate::speech::Phrase;

impl Machine {
    /// Says a text. Keys typed ahead pass it by, as they would have stopped it.
    pub(super) fn enter_say(&mut self, _now: Now, say: &Say) -> Next {
        let manner = match say.barge_in {
            BargeIn::Allowed => Manner::Interruptible,
            BargeIn::Refused => Manner::ToTheEnd,
        };
        if manner == Manner::Interruptible && !self.ahead.is_empty() {
            return Next::Go(say.then);
        }
        let phrase = self.words(&say.text);
        self.speak(phrase, manner, Then::Go(say.then))
    }

    /// An admin's text in the caller's language, or in the one that it was written in.
    pub(super) fn words(&self, text: &Localized) -> Phrase {
        let words = text.get(self.language);
        if words.trim().is_empty() {
            return Phrase::default();
        }
        Phrase::one(text.language(self.language), words.clone())
    }
}
