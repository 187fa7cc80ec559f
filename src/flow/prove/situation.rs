use crate::base::{Digit, Language};
use crate::flow::StepId;
use crate::service::HoursKind;

/// Where a caller is, as far as it matters to what can come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow) struct Situation {
    /// The step that runs.
    pub(in crate::flow) step: StepId,
    /// How far it has come.
    pub(in crate::flow) moment: Moment,
    /// What the caller hears.
    pub(in crate::flow) language: Language,
    /// What the flow takes the phone hours to be.
    pub(in crate::flow) phone: Phone,
    /// How near a human has been.
    pub(in crate::flow) human: Human,
    /// What else is known of the call.
    pub(in crate::flow) facts: Facts,
}

/// A place inside a step at which something is heard, or something is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow) enum Moment {
    /// The step begins.
    Enter,
    /// It is asked again, after so many silences.
    Again(u8),
    /// It is asked again, after so many wrong answers.
    Wrong(u8),
    /// Of a number: it is read back, after so many silences.
    Confirm(u8),
    /// The last words, then the call ends.
    Goodbye,
    /// Of a queue: the notice, before the place is taken.
    Notice,
    /// Of a queue: in it.
    Waiting,
    /// Of a queue: out of it, for this reason.
    Out(World),
    /// Of a queue: it is closed, and the flow has no step for that.
    Truth,
    /// Of a transfer: nobody has answered.
    NotReached,
    /// Of a message: what to say is asked, the first or the second time.
    Asked(u8),
    /// Of a message: the caller speaks, the first or the second time.
    Spoken(u8),
    /// Of a message: it is kept.
    Kept,
    /// Of a message: the book is asked for a callback.
    Promising,
    /// A callback is promised.
    Promised,
    /// A callback could not be noted.
    NotNoted,
    /// Of a message: there is none, for this reason.
    NoMessage(World),
}

/// What the flow takes the phone hours to be. That it has closed is met where the flow
/// looks: at a `hours` step, at a queue, and while waiting in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow) enum Phone {
    /// It was open in this very moment.
    Open,
    /// It was open, and time has passed: it may be closed when the flow looks again.
    Since,
    /// It is closed.
    Closed,
}

/// How near a human has been in this call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::flow) enum Human {
    /// None was called.
    None,
    /// One was called: the caller was in a queue, or an outside number rang.
    Called,
    /// One has answered, or a callback is promised.
    Served,
}

/// What else matters of a call, each a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::flow) struct Facts(u16);

impl Facts {
    /// Nothing.
    pub(in crate::flow) const NONE: Self = Self(0);
    /// The opening hours were told since it was found closed.
    pub(in crate::flow) const HOURS: Self = Self(1);
    /// A web site or an e-mail address was told since it was found closed.
    pub(in crate::flow) const CONTACT: Self = Self(2);
    /// A menu was heard, which `*` leads back to.
    pub(in crate::flow) const MENU: Self = Self(4);
    /// The notice was heard.
    pub(in crate::flow) const NOTICED: Self = Self(8);
    /// A callback could not be noted in this call.
    pub(in crate::flow) const REFUSED: Self = Self(16);
    /// The caller's number is known and can be called back.
    pub(in crate::flow) const NUMBER: Self = Self(32);
    /// The caller is on the way to the agent, by `0` or by silence.
    pub(in crate::flow) const LEAD: Self = Self(64);

    /// A callback was offered to a caller who said nothing: the next time that is the end.
    pub(in crate::flow) const SILENT: Self = Self(512);

    /// The desk was open in this very moment.
    pub(in crate::flow) const DESK_OPEN: Self = Self(128);
    /// The desk was closed in this very moment.
    pub(in crate::flow) const DESK_CLOSED: Self = Self(256);
    /// What is only known of this very moment.
    pub(in crate::flow) const OF_THE_MOMENT: Self = Self(128 | 256);

    /// Whether all of these are there.
    pub(in crate::flow) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those.
    pub(in crate::flow) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These without those.
    pub(in crate::flow) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in both.
    pub(in crate::flow) fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Situation {
    /// Whether it is open as far as the flow has looked, and no human was called yet.
    pub(in crate::flow) fn is_before_agent(&self) -> bool {
        self.phone != Phone::Closed && self.human == Human::None
    }

    /// Whether the flow still leads to an agent where it says nothing of how it goes on.
    pub(in crate::flow) fn has_agent_left(&self) -> bool {
        self.is_before_agent()
    }

    /// Whether it is closed, and the caller is still owed the hours or another contact.
    pub(in crate::flow) fn is_owed(&self) -> bool {
        let told = self.facts.has(Facts::HOURS.with(Facts::CONTACT));
        self.phone == Phone::Closed && self.human != Human::Served && !told
    }
}

/// One way out of a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Move {
    /// Where it leads.
    pub(in crate::flow) to: To,
    /// What makes the call go there.
    pub(in crate::flow) by: By,
    /// The silence before it, behind the last word, in milliseconds.
    pub(in crate::flow) pause: u32,
}

/// Where a move leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum To {
    /// On.
    At(Situation),
    /// Back to the last menu, once the truth has been told.
    LastMenu,
    /// The call ends, with these told in the last words.
    End(Facts),
}

/// What makes a call go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum By {
    /// The caller does nothing.
    Nothing,
    /// The caller presses the key that was named, or `0`.
    Key(Digit),
    /// The caller types so many digits.
    Typed(u8),
    /// The caller asks for something that is no way to an agent, such as a callback.
    Keys,
    /// The caller presses a key that was not named here and leads elsewhere.
    Elsewhere(Digit),
    /// The caller presses keys that mean nothing here.
    Wrong,
    /// The caller has no say in it.
    World(World),
}

impl By {
    /// How many keys it takes.
    pub(in crate::flow) fn keys(self) -> usize {
        match self {
            Self::Nothing | Self::World(_) => 0,
            Self::Key(_) | Self::Keys | Self::Elsewhere(_) | Self::Wrong => 1,
            Self::Typed(n) => usize::from(n),
        }
    }
}

/// What happens without the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow) enum World {
    /// These hours say open.
    Open(HoursKind),
    /// These hours say closed.
    Closed(HoursKind),
    /// A condition decides: it may hold or not.
    Condition,
    /// What is looked up is found.
    Answers,
    /// It is not.
    NoAnswer,
    /// An agent, or an outside number, answers, and hangs up when all is said.
    Answered,
    /// No agent is there.
    Nobody,
    /// The queue is full.
    Full,
    /// The longest wait is over.
    Long,
    /// It closes while the caller waits.
    Closes,
    /// The outside number does not answer.
    NotAnswered,
    /// There is room for a message.
    Room,
    /// This number has left enough messages.
    Enough,
    /// There is no room for a message.
    NoRoom,
    /// A message is kept.
    Kept,
    /// Nothing is said.
    NothingSaid,
    /// A message could not be kept.
    NotKept,
    /// The book promises a callback.
    Promised,
    /// The book can't.
    NotNoted,
}
