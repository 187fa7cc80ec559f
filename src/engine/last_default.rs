//! What comes where the flow says nothing of how it goes on.

use super::machine::{Machine, Next};
use super::speaking::{Manner, Then};
use crate::base::Now;
use crate::service::Topic;
use crate::speech::{self, Phrase, Sentence};

impl Machine {
    /// Something that was offered could not be done, and the flow has no step for that: in
    /// opening hours the agent, unless the caller was led to one in this call already; else
    /// another contact, when it is closed the hours too, and a good-bye.
    pub(super) fn last_default(&mut self, now: Now, mut before: Phrase) -> Next {
        if self.is_open(now) && !self.agent_tried {
            return self.speak(before, Manner::Interruptible, Then::Agent);
        }
        let topics = if self.is_open(now) { &[Topic::Contact][..] } else { &[Topic::Hours, Topic::Contact] };
        before.append(self.facts(now, topics));
        before.append(speech::sentence(self.language, Sentence::Goodbye));
        self.speak(before, Manner::Last, Then::Hangup("flow-end"))
    }
}
