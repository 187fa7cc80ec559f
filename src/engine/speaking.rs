use super::io::{Keys, Sound};
use super::machine::{Machine, Next, State};
use crate::base::{Digit, Now};
use crate::flow::StepId;
use crate::speech::Phrase;
use crate::speech::Sentence;

/// Something is said, then the flow goes on by itself.
#[derive(Debug)]
pub(super) struct Speaking {
    manner: Manner,
    then: Then,
}

/// What a key does to what is said; `0` leads to the agent from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// A key stops it, and is kept for the next step that wants one.
    Interruptible,
    /// It is heard to its end; keys are kept.
    ToTheEnd,
    /// It is the last that is said: `*` and `#` lead back from it, other keys mean nothing.
    Last,
}

/// Where it goes on after the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// To a step.
    Go(StepId),
    /// To the last menu; where there is none, a good-bye ends the call.
    LastMenu,
    /// The call ends.
    Hangup(&'static str),
}

impl Machine {
    pub(super) fn speak(&mut self, phrase: Phrase, manner: Manner, then: Then) -> Next {
        self.timers.clear();
        if phrase.is_empty() {
            return self.after(then);
        }
        let keys = match manner {
            Manner::Interruptible => Keys::Stop,
            Manner::ToTheEnd | Manner::Last => Keys::Ignore,
        };
        self.state = State::Speaking(Speaking { manner, then });
        self.out.play(Sound::Phrase(phrase), keys);
        Next::Stay
    }

    pub(super) fn spoken(&mut self, _now: Now) -> Next {
        let State::Speaking(Speaking { then, .. }) = &self.state else { return Next::Stay };
        let then = *then;
        self.after(then)
    }

    pub(super) fn speaking_key(&mut self, _now: Now, digit: Digit) -> Next {
        let State::Speaking(Speaking { manner, then }) = &self.state else { return Next::Stay };
        let (manner, then) = (*manner, *then);
        if manner == Manner::ToTheEnd && digit != Digit::ZERO {
            self.keep_ahead(digit);
            return Next::Stay;
        }
        if let Some(next) = self.global_key(digit) {
            return next;
        }
        if manner == Manner::Last {
            return Next::Stay;
        }
        self.keep_ahead(digit);
        self.out.interrupt();
        self.after(then)
    }

    pub(super) fn after(&mut self, then: Then) -> Next {
        match then {
            Then::Go(step) => Next::Go(step),
            Then::LastMenu => match self.menus.last() {
                Some(menu) => Next::Go(*menu),
                None => self.say_last(Sentence::Goodbye, "flow-end"),
            },
            Then::Hangup(why) => self.hang_up(why),
        }
    }
}
