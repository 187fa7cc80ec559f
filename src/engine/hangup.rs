use super::machine::{Machine, Next};
use super::speaking::{Manner, Then};
use crate::base::Now;
use crate::flow::Hangup;

impl Machine {
    /// Says a last text, if there is one, and ends the call.
    pub(super) fn enter_hangup(&mut self, _now: Now, hangup: &Hangup) -> Next {
        let phrase = hangup.text.as_ref().map(|text| self.words(text)).unwrap_or_default();
        self.speak(phrase, Manner::Last, Then::Hangup("flow-end"))
    }
}
