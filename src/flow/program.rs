mod answering;
mod left;

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::{Choose, Goto, Lookup, NumberForm, Question, QueueRules, Set, Variable};
use crate::base::{Digit, Language, Localized, PhoneNumber, QueueName, Skill};
use crate::diag::Span;
use crate::service::{Card, HoursKind, Topic};
use crate::speech::{self, Notice, Offered, Phrase};

pub use left::{Beep, Callback, Review, Survey, Taking, Voicemail};

/// A checked service: what `serve` and `simulate` run. It can only come from
/// [`super::load`], so nothing unchecked meets a caller.
#[derive(Clone, Debug)]
pub struct Service {
    /// The folder's name under `flows/`.
    pub name: Arc<str>,
    /// The one place where the service's facts live.
    pub card: Arc<Card>,
    /// The queues of `queues.yaml`.
    pub queues: Vec<Arc<QueueRules>>,
    /// The flows, each answering its numbers.
    pub flows: Vec<Arc<Program>>,
}

/// A step's place in [`Program::steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// A checked flow: every name is resolved, every default is filled in.
#[derive(Clone, Debug)]
pub struct Program {
    /// The flow's name.
    pub name: Arc<str>,
    /// The service's folder name.
    pub service: Arc<str>,
    /// The service's facts.
    pub card: Arc<Card>,
    /// The service's queues, for music and closing rules.
    pub queues: Vec<Arc<QueueRules>>,
    /// The numbers that it answers.
    pub numbers: Vec<PhoneNumber>,
    /// The language a call starts in.
    pub language: Language,
    /// The step a call starts at.
    pub start: StepId,
    /// The step that `0`, silence and despair lead to, from everywhere.
    pub agent: StepId,
    /// Where a caller is led who wants an agent when it is closed; without it the
    /// engine tells hours and contact, and offers the flow again.
    pub closed: Option<StepId>,
    /// When the call is answered, and begins to cost the caller something.
    pub answer: Answering,
    /// Keys that lead to a step from wherever a key has no other use, while something is said
    /// or one key is asked for.
    pub keys: Vec<(Digit, StepId)>,
    /// What a caller is told once, before the first queue.
    pub notice: Option<Notice>,
    /// What a call can keep, each at its [`super::VariableId`].
    pub variables: Vec<Variable>,
    /// All steps.
    pub steps: Vec<Step>,
}

/// When a call is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answering {
    /// Before the first word.
    #[default]
    AtOnce,
    /// Not before a step wants more of the caller than to listen: who only hears that it is
    /// closed is not charged for it.
    WhenNeeded,
}

impl Program {
    /// The step of an id.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0 as usize]
    }

    /// The name of a variable.
    pub fn variable(&self, id: super::VariableId) -> &str {
        &self.variables[id.0 as usize].name
    }

    /// Where a key of the header leads.
    pub fn key(&self, key: Digit) -> Option<StepId> {
        self.keys.iter().find(|(own, _)| *own == key).map(|(_, to)| *to)
    }

    /// The rules of a queue of this service.
    pub fn queue(&self, name: &QueueName) -> Option<&Arc<QueueRules>> {
        self.queues.iter().find(|q| q.name == *name)
    }
}

/// One step of a flow.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name that the admin gave it.
    pub name: Arc<str>,
    /// Where it is written.
    pub span: Span,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Says something.
    Say(Say),
    /// Lets the caller choose by one key.
    Menu(Menu),
    /// Goes one way when open, another when closed.
    Hours(Hours),
    /// Tells facts of the card.
    Tell(Tell),
    /// Takes a typed number.
    Collect(Collect),
    /// Gives variables a value.
    Set(Set),
    /// Goes on by what is known of the call.
    Choose(Choose),
    /// Goes on elsewhere.
    Goto(Goto),
    /// Asks a server.
    Lookup(Lookup),
    /// Waits for an agent.
    Queue(Queue),
    /// Connects the caller to an outside number.
    Transfer(Transfer),
    /// Takes a message (parsed and checked; runs on calls from issue 5 on).
    Voicemail(Voicemail),
    /// Asks for a call back.
    Callback(Callback),
    /// Asks how it was.
    Survey(Survey),
    /// Ends the call.
    Hangup(Hangup),
}

/// `say:` a text, `then:` a step.
#[derive(Clone, Debug)]
pub struct Say {
    /// What is said.
    pub text: Localized,
    /// Whether a key stops it.
    pub barge_in: BargeIn,
    /// Where it goes on.
    pub then: StepId,
}

/// Whether a key stops a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BargeIn {
    /// The first key stops it.
    Allowed,
    /// It is heard to its end; keys pressed meanwhile are kept for the next step.
    Refused,
}

/// `menu:` choices by one key. Its lines are spoken in order, the agent's last.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Said before the choices.
    pub ask: Option<Localized>,
    /// The choices.
    pub choices: Vec<Choice>,
    /// How long the caller may think after the last word.
    pub patience: Duration,
    /// How it is asked, and asked again; then the agent is called.
    pub question: Question,
}

/// One choice of a menu.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The key.
    pub key: Digit,
    /// The purpose, spoken before the key.
    pub purpose: Localized,
    /// The language that this choice speaks and switches to, if it is a choice of language.
    pub language: Option<Language>,
    /// Where it leads.
    pub go: StepId,
}

/// `hours:` open or closed.
#[derive(Clone, Debug)]
pub struct Hours {
    /// Which hours of the card.
    pub kind: HoursKind,
    /// Where it goes when open.
    pub open: StepId,
    /// Where it goes when closed.
    pub closed: StepId,
}

/// `tell:` facts of the card, `then:` a step.
#[derive(Clone, Debug)]
pub struct Tell {
    /// What is told, in order.
    pub topics: Vec<Topic>,
    /// Whether a key stops it.
    pub barge_in: BargeIn,
    /// Where it goes on.
    pub then: StepId,
}

/// `collect:` a number typed on the keypad.
#[derive(Clone, Debug)]
pub struct Collect {
    /// What is asked.
    pub ask: Localized,
    /// The name under which the digits are kept for the call.
    pub name: Arc<str>,
    /// What it has to look like; a number that can't be longer is ended.
    pub form: NumberForm,
    /// Whether `#` ends it.
    pub terminator: Terminator,
    /// Whether the caller hears it, and says whether it is right.
    pub read_back: ReadBack,
    /// How long the caller may think before the first digit.
    pub patience: Duration,
    /// How long between two digits.
    pub between: Duration,
    /// How it is asked, and asked again; then the agent is called.
    pub question: Question,
    /// Where it goes on.
    pub then: StepId,
}

/// What ends a typed number, besides its length and a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminator {
    /// The key `#`.
    Hash,
    /// Nothing.
    None,
}

/// Whether a typed number is said to who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// It counts as it is.
    No,
    /// It counts once the caller has heard it and said so by a key.
    Yes,
}

/// `queue:` waits for an agent.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Which queue.
    pub queue: QueueName,
    /// What the agent must be able to do.
    pub needs: Vec<Skill>,
    /// Levels above an ordinary caller; each is worth [`QueueRules::level`] of waiting.
    pub priority: u8,
    /// What is told, and how often.
    pub announce: Announce,
    /// Said in turn while the caller waits.
    pub comfort: Vec<Localized>,
    /// What is offered when it is busy.
    pub busy: Option<Busy>,
    /// Where it goes on after a talk with an agent; else the call ends.
    pub answered: Option<StepId>,
    /// Where it goes on when no agent is there.
    pub nobody: StepId,
    /// Where it goes on when the queue is full.
    pub full: StepId,
    /// Where it goes on after the queue's longest wait.
    pub long: StepId,
    /// Where it goes on when it is closed; the program's `closed` when not written.
    pub closed: Option<StepId>,
}

/// What is told to a waiting caller, each with the least time between two tellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The rank, when it has changed.
    pub rank: Option<Duration>,
    /// The expected wait, when it has changed.
    pub wait: Option<Duration>,
    /// The next comfort sentence.
    pub comfort: Duration,
    /// What is offered, while it is busy.
    pub offers: Duration,
}

impl Announce {
    /// Nothing of the place; comfort and offers as often as usual.
    pub const USUAL: Self = Self { rank: None, wait: None, comfort: COMFORT, offers: OFFERS };
    /// How often the rank is told, when the flow does not say.
    pub const RANK: Duration = Duration::from_secs(30);
    /// How often the wait is told, when the flow does not say.
    pub const WAIT: Duration = Duration::from_secs(60);
}

const COMFORT: Duration = Duration::from_secs(60);
const OFFERS: Duration = Duration::from_secs(120);

/// When a queue is busy, and what is offered by key then.
#[derive(Clone, Debug)]
pub struct Busy {
    /// From which expected wait on.
    pub when_wait: Option<Duration>,
    /// From how many waiting on, the caller included.
    pub when_waiting: Option<usize>,
    /// From which share of lately waiting callers on who hung up, in percent.
    pub when_abandoned: Option<u8>,
    /// The offers.
    pub offers: Vec<Offer>,
}

/// One offer to a caller who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The key.
    pub key: Digit,
    /// What it does.
    pub action: OfferAction,
    /// What it is for, where the flow says it in its own words.
    pub purpose: Option<Localized>,
}

impl Offer {
    /// The offer as it is spoken, purpose before key.
    pub fn line(&self, language: Language) -> Phrase {
        match &self.purpose {
            Some(purpose) => speech::menu_line(purpose.language(language), purpose.get(language), self.key),
            None => speech::offer_line(language, self.action.offered(), self.key),
        }
    }
}

/// What an offer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferAction {
    /// Calls the citizen back.
    Callback,
    /// Tells when it is quieter; the caller keeps the place.
    QuietHours,
    /// Leaves the queue for a step that takes a message.
    Message(StepId),
    /// Says to hold on; the caller keeps the place.
    Continue,
}

impl OfferAction {
    /// The word in flows and records.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::QuietHours => "quiet-hours",
            Self::Message(_) => "message",
            Self::Continue => "continue",
        }
    }

    fn offered(&self) -> Offered {
        match self {
            Self::Callback => Offered::Callback,
            Self::QuietHours => Offered::QuietHours,
            Self::Message(_) => Offered::Message,
            Self::Continue => Offered::Continue,
        }
    }
}

/// `transfer:` to an outside number through the trunk.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// The number.
    pub to: PhoneNumber,
    /// How long it rings.
    pub ring: Duration,
    /// Where it goes on when nobody answers there.
    pub failed: StepId,
    /// Where it goes on after the talk; else the call ends.
    pub then: Option<StepId>,
}

/// `hangup:` ends the call, with a last sentence.
#[derive(Clone, Debug)]
pub struct Hangup {
    /// Said before hanging up.
    pub text: Option<Localized>,
}
