use super::io::{Keys, Sound};
use super::machine::{Machine, Next, State};
use crate::base::{Digit, Now};
use crate::flow::{BargeIn, StepId};
use crate::speech::Phrase;
use crate::speech::Sentence;

/// Something is said, then the flow goes on by itself.
#[derive(Clone, Debug)]
pub(super) struct Speaking {
    manner: Manner,
    then: Then,
}

/// What a key does to what is said; `0` leads to the agent from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// A key stops it, and is kept for the next step that wants one.
    Interruptible,
    /// It is the last that is said: `*` and `#` lead back from it, other keys mean nothing.
    Last,
}

/// Where it goes on after the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// To a step.
    Go(StepId),
    /// To the agent.
    Agent,
    /// To the last menu; where there is none, a good-bye ends the call.
    LastMenu,
    /// The call ends.
    Hangup(&'static str),
}

impl Machine {
    pub(super) fn speak(&mut self, phrase: Phrase, manner: Manner, then: Then) -> Next {
        self.timers.clear();
        self.deaf = false;
        if phrase.is_empty() {
            return self.after(then);
        }
        let keys = match manner {
            Manner::Interruptible => Keys::Stop,
            Manner::Last => Keys::Ignore,
        };
        self.state = State::Speaking(Speaking { manner, then });
        self.out.play(Sound::Phrase(phrase), keys);
        Next::Stay
    }

    /// Says a text of the flow; where no key stops it, keys are kept for the next step.
    pub(super) fn speak_text(&mut self, now: Now, phrase: Phrase, (barge_in, then): (BargeIn, StepId)) -> Next {
        self.timers.clear();
        if phrase.is_empty() {
            return Next::Go(then);
        }
        self.state = State::Speaking(Speaking { manner: Manner::Interruptible, then: Then::Go(then) });
        self.play_words(now, phrase, barge_in);
        Next::Stay
    }

    /// Keys that were pressed meanwhile stop it now, and are kept.
    pub(super) fn cut_speech(&mut self) -> Next {
        let State::Speaking(Speaking { then, .. }) = &self.state else { return Next::Stay };
        let then = *then;
        self.out.interrupt();
        self.after(then)
    }

    pub(super) fn spoken(&mut self, _now: Now) -> Next {
        let State::Speaking(Speaking { then, .. }) = &self.state else { return Next::Stay };
        let then = *then;
        self.after(then)
    }

    pub(super) fn speaking_key(&mut self, now: Now, digit: Digit) -> Next {
        let State::Speaking(Speaking { manner, then }) = &self.state else { return Next::Stay };
        let (manner, then) = (*manner, *then);
        if !self.is_wanted_next(now, then, digit)
            && let Some(next) = self.global_key(digit)
        {
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
            Then::Agent => Next::Agent,
            Then::LastMenu => match self.menus.last() {
                Some(menu) => Next::Go(*menu),
                None => self.say_last(Sentence::Goodbye, "flow-end"),
            },
            Then::Hangup(why) => self.hang_up(why),
        }
    }
}
