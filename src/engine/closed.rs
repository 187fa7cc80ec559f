use super::machine::{Machine, Next};
use super::speaking::{Manner, Then};
use crate::base::Now;
use crate::flow::{Queue, StepId};
use crate::service::Topic;
use crate::speech::{self, Phrase, Sentence};

impl Machine {
    /// An agent is wanted and it is closed: to the step that the flow has for it,
    /// else the truth is told.
    pub(super) fn closed(&mut self, now: Now, step: Option<StepId>) -> Next {
        match step.or(self.program.closed) {
            Some(step) => Next::Go(step),
            None => self.tell_truth(now),
        }
    }

    /// It closed while the caller waited, who is told so before anything else.
    pub(super) fn closed_while_waiting(&mut self, now: Now, step: Option<StepId>) -> Next {
        let phrase = speech::sentence(self.language, Sentence::ClosedWhileWaiting);
        self.closed_after_words_of(now, step, phrase)
    }

    /// No callback was noted at closing time: another way is told.
    pub(super) fn closed_after_offer(&mut self, now: Now, queue: &Queue, before: Phrase) -> Next {
        self.closed_after_words_of(now, queue.closed, before)
    }

    fn closed_after_words_of(&mut self, now: Now, step: Option<StepId>, mut phrase: Phrase) -> Next {
        match step.or(self.program.closed) {
            Some(step) => self.speak(phrase, Manner::Interruptible, Then::Go(step)),
            None => {
                phrase.append(self.facts(now, CLOSED_FACTS));
                self.speak_truth(phrase)
            }
        }
    }

    /// Tells that it is closed, the hours and another contact, then goes back to the
    /// last menu. Each `0` is answered so, however often; a line on which nobody
    /// presses anything is left with a good-bye in the end.
    fn tell_truth(&mut self, now: Now) -> Next {
        if !self.rounds.tell_truth() {
            return self.say_last(Sentence::Goodbye, "flow-end");
        }
        let mut phrase = speech::open_state(self.language, &self.program.card.phone_hours, now.wall);
        phrase.append(self.facts(now, CLOSED_FACTS));
        self.speak_truth(phrase)
    }

    fn speak_truth(&mut self, phrase: Phrase) -> Next {
        // A stray key must not cost the truth; `*` leads back from it.
        self.speak(phrase, Manner::Last, Then::LastMenu)
    }
}

/// What a caller is owed who wants an agent when it is closed.
const CLOSED_FACTS: &[Topic] = &[Topic::Hours, Topic::Contact];
