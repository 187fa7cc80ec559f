use std::sync::Arc;
use std::time::Duration;

use crate::base::limits::QUEUE_CAPACITY;
use crate::base::{AgentName, Language, QueueName, Skill};

/// How a queue behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRules {
    /// The full name, `service/queue`.
    pub name: QueueName,
    /// Which free agent is rung first.
    pub strategy: Strategy,
    /// Who answers, each agent once.
    pub members: Vec<Member>,
    /// How long an agent's phone rings before the next one is tried.
    pub ring: Duration,
    /// How long an agent is left in peace after a call.
    pub wrap_up: Duration,
    /// After how many callers in a row whom the agent let ring the agent is put on a
    /// pause; never, without.
    pub pause_after: Option<u32>,
    /// The name of the music file under `prompts/music`, without its ending.
    pub music: Arc<str>,
    /// How many may wait.
    pub capacity: usize,
    /// What happens to who joined before closing time.
    pub at_closing: AtClosing,
    /// What happens when no agent can be hoped for.
    pub when_empty: WhenEmpty,
    /// How long a caller waits at most, before the flow goes on.
    pub max_wait: Option<Duration>,
    /// Which other queue helps.
    pub overflow: Option<Overflow>,
    /// For how long a caller who phones again is given the agent of last time, if that one is free.
    pub affinity: Option<Duration>,
    /// How much waiting one level of priority is worth: of a caller, and of an agent's queue.
    pub level: Duration,
    /// Callers who chose one of these languages need an agent who has it as a skill.
    pub languages: Vec<Language>,
    /// Whether agents are told who it is before they hear a caller; as the settings say, without.
    pub whisper: Option<bool>,
    /// How many callbacks may be promised for each hour of a time that callers choose; three for each member.
    pub callbacks_per_hour: u32,
}

/// One agent of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub agent: AgentName,
    /// How early this agent's turn comes in this queue: 1 before 2.
    pub priority: u8,
    /// What the agent can do.
    pub skills: Vec<Skill>,
    /// The agent's own wrap-up time, in place of the queue's.
    pub wrap_up: Option<Duration>,
}

/// Which free agent is rung first, among those of the same priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The agent who has been free for longest.
    LongestIdle,
    /// The agent whose last answered caller is longest ago, however often on a pause since.
    LeastRecent,
    /// One after the other, whether they answered or not.
    RoundRobin,
    /// The agent who has answered fewest callers of this queue since logging in.
    FewestCalls,
    /// Every free agent at once; who answers first has the caller.
    RingAll,
}

/// What happens at closing time to callers who are waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtClosing {
    /// Who joined before closing is served.
    Serve,
    /// Who waits is told that it is closed and offered a callback.
    Callback,
    /// Who waits is told the hours and another contact.
    Tell,
}

/// What happens when no agent of the queue can be hoped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenEmpty {
    /// Nobody is let in while nobody is logged in or everyone is on a pause, and who waits is led on.
    Refuse,
    /// As [`Self::Refuse`], but who is on a pause is waited for.
    WaitForPause,
    /// Callers are let in and kept, whoever is there.
    Wait,
}

/// Which other queue's agents help a caller who has waited for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// The other queue.
    pub to: QueueName,
    /// After which wait; at once when the caller's own queue is full or has nobody.
    pub after: Duration,
}

impl QueueRules {
    /// A queue with the defaults of `queues.yaml`.
    pub fn new(name: QueueName, members: Vec<Member>) -> Self {
        let agents = u32::try_from(members.len()).unwrap_or(u32::MAX);
        Self {
            name,
            strategy: Strategy::LongestIdle,
            members,
            ring: RING,
            wrap_up: WRAP_UP,
            pause_after: None,
            music: MUSIC.into(),
            capacity: QUEUE_CAPACITY,
            at_closing: AtClosing::Serve,
            when_empty: WhenEmpty::Refuse,
            max_wait: None,
            overflow: None,
            affinity: None,
            level: LEVEL,
            languages: Vec::new(),
            whisper: None,
            callbacks_per_hour: agents.saturating_mul(CALLBACKS_PER_HOUR).max(1),
        }
    }
}

impl From<AgentName> for Member {
    fn from(agent: AgentName) -> Self {
        Self { agent, priority: 1, skills: Vec::new(), wrap_up: None }
    }
}

/// An agent's phone rings five times before the next one is tried.
pub(super) const RING: Duration = Duration::from_secs(20);
/// Time to write down what was said.
pub(super) const WRAP_UP: Duration = Duration::from_secs(30);
/// Half an agent's hour, at ten minutes for a call and what comes after it: the other half is for who phones.
const CALLBACKS_PER_HOUR: u32 = 3;
/// A level helps noticeably in a queue of a few minutes, and is outwaited by everybody else.
pub(super) const LEVEL: Duration = Duration::from_secs(60);
/// The music that comes with the program.
pub(super) const MUSIC: &str = "attente";
