use super::machine::{Machine, Next};
use crate::base::{Language, Localized, Now};
use crate::flow::{self, BargeIn, Say};
use crate::speech::Phrase;

impl Machine {
    /// Says a text. Keys typed ahead pass it by, as they would have stopped it.
    pub(super) fn enter_say(&mut self, now: Now, say: &Say) -> Next {
        if say.barge_in == BargeIn::Allowed && !self.ahead.is_empty() {
            return Next::Go(say.then);
        }
        let phrase = self.words(&say.text);
        self.speak_text(now, phrase, (say.barge_in, say.then))
    }

    /// An admin's text in the caller's language, or in the one that it was written in.
    pub(super) fn words(&self, text: &Localized) -> Phrase {
        self.words_in(self.language, text)
    }

    /// An admin's text in a language, or in the one that it was written in, with what its
    /// variables hold.
    pub(super) fn words_in(&self, language: Language, text: &Localized) -> Phrase {
        let words = text.get(language);
        if words.trim().is_empty() {
            return Phrase::default();
        }
        flow::spoken(words, text.language(language), |name| self.value_named(name))
    }
}
