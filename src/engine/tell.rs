use super::machine::{Machine, Next};
use super::speaking::{Manner, Then};
use crate::base::Now;
use crate::flow::Tell;
use crate::service::Topic;
use crate::speech;
use crate::speech::Phrase;

impl Machine {
    /// Tells facts of the card. Keys typed ahead don't pass it by: what it tells may
    /// be that nobody is there. Who is told the hours when it is closed hears that first.
    pub(super) fn enter_tell(&mut self, now: Now, tell: &Tell) -> Next {
        let mut phrase = Phrase::default();
        if tell.topics.contains(&Topic::Hours) && !self.is_open(now) {
            phrase.append(speech::open_state(self.language, &self.program.card.phone_hours, now.wall));
        }
        phrase.append(self.facts(now, &tell.topics));
        // When it is closed, a stray key must not cost the hours and lead to the goodbye.
        if self.is_open(now) {
            return self.speak_text(now, phrase, (tell.barge_in, tell.then));
        }
        self.speak(phrase, Manner::Last, Then::Go(tell.then))
    }

    pub(super) fn facts(&self, now: Now, topics: &[Topic]) -> Phrase {
        let mut phrase = Phrase::default();
        for topic in topics {
            phrase.append(speech::tell(self.language, &self.program.card, *topic, now.wall));
        }
        phrase
    }
}
