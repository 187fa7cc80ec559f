//! Faults that tests put into the prover, to see that they are found.

use std::cell::Cell;

thread_local! {
    static IN: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// One thing that the prover gets wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `0` costs no key.
    ZeroIsFree,
    /// A number costs one key, however long it is.
    NumbersAreOneKey,
    /// An agent may be one key farther away than is allowed.
    OneKeyMore,
    /// An agent may be one millisecond of speech nearer than is allowed, and no more.
    OneMomentLess,
    /// The seconds of a silent caller are counted without the pauses.
    ForgetsPauses,
    /// A silent caller hears a menu once.
    MenusAreSaidOnce,
    /// A choice of language is no choice of language.
    ForgetsLanguages,
    /// The desk is always open.
    DeskIsOpen,
    /// The first condition always holds.
    ConditionsHold,
    /// It never closes in the middle of a call.
    NeverCloses,
    /// A full queue answers.
    FullIsAnswered,
    /// There is always somebody in a queue.
    ForgetsNobody,
    /// Nobody waits too long.
    ForgetsLong,
    /// There is always room for a message.
    MessagesAreTaken,
    /// What was asked again after a silence is not counted.
    SilenceCostsNothing,
    /// The notice before a queue takes no time.
    NoticeIsShort,
    /// An outside number always answers.
    TransfersAnswer,
    /// What is told when it is closed counts when it is cut short.
    CutIsTold,
    /// A telephone number is another way of contact.
    PhoneIsAnotherWay,
    /// What no key stops is stopped by a key.
    EverythingIsStopped,
    /// A run of speech ends where nothing is said between two texts.
    RunsEndAtHours,
    /// A round that ends in the middle of a step is no round.
    ForgetsRounds,
    /// A queue's own `closed:` is not looked at.
    ForgetsClosedOfQueue,
    /// One level of menus more is allowed.
    OneLevelMore,
    /// A callback can always be noted.
    CallbacksAreNoted,
    /// A key of the header leads nowhere.
    ForgetsHeaderKeys,
    /// A number is not read back.
    ReadsNothingBack,
    /// What is looked up is always found.
    LookupsSucceed,
    /// A server takes no time.
    AnswersComeAtOnce,
}

impl Fault {
    /// Every one.
    pub(crate) const ALL: [Self; 29] = [
        Self::ZeroIsFree,
        Self::NumbersAreOneKey,
        Self::OneKeyMore,
        Self::OneMomentLess,
        Self::ForgetsPauses,
        Self::MenusAreSaidOnce,
        Self::ForgetsLanguages,
        Self::DeskIsOpen,
        Self::ConditionsHold,
        Self::NeverCloses,
        Self::FullIsAnswered,
        Self::ForgetsNobody,
        Self::ForgetsLong,
        Self::MessagesAreTaken,
        Self::SilenceCostsNothing,
        Self::NoticeIsShort,
        Self::TransfersAnswer,
        Self::CutIsTold,
        Self::PhoneIsAnotherWay,
        Self::EverythingIsStopped,
        Self::RunsEndAtHours,
        Self::ForgetsRounds,
        Self::ForgetsClosedOfQueue,
        Self::OneLevelMore,
        Self::CallbacksAreNoted,
        Self::ForgetsHeaderKeys,
        Self::ReadsNothingBack,
        Self::LookupsSucceed,
        Self::AnswersComeAtOnce,
    ];

    /// Does this with the fault in.
    pub(crate) fn during<T>(self, what: impl FnOnce() -> T) -> T {
        IN.set(Some(self));
        let done = what();
        IN.set(None);
        done
    }
}

/// Whether this fault is in.
pub(super) fn is_in(fault: Fault) -> bool {
    IN.get() == Some(fault)
}
