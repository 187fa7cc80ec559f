use super::machine::{Machine, Next};
use super::speaking::{Manner, Then};
use super::words::{self as speech, Sentence};
use crate::base::Now;
use crate::flow::StepId;
use crate::service::Topic;

impl Machine {
    /// An agent is wanted and it is closed: to the step that the flow has for it,
    /// else the truth is told.
    pub(super) fn closed(&mut self, now: Now, step: Option<StepId>) -> Next {
        match step.or(self.program.closed) {
            Some(step) => Next::Go(step),
            None => self.tell_truth(now),
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
        phrase.append(self.facts(now, &[Topic::Hours, Topic::Contact]));
        // Without a menu to go back to, a stray key would cut the truth and end the call.
        let manner = if self.menus.is_empty() { Manner::Last } else { Manner::Interruptible };
        self.speak(phrase, manner, Then::LastMenu)
    }
}
