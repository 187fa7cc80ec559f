use std::time::Duration;

use super::AgentState;
use crate::base::{AgentName, Instant, QueueName};

/// What one caller's wait depends on, at one moment: what an estimate is made from.
///
/// It is drawn up for one caller at a time, when that caller is to be told something:
/// it costs O(log n) in the callers and O(a) in the agents who serve them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The queue that the caller joined.
    pub queue: QueueName,
    /// Since when the caller waits: the arrival that the place in the line comes from.
    pub since: Instant,
    /// The rank that the caller may be told, from 1: callbacks ahead are counted.
    pub rank: usize,
    /// The lines whose callers are served by the same agents. The first one is the
    /// caller's own; a caller who has overflowed into a second queue has two own ones.
    pub lines: Vec<LineView>,
    /// Who may answer this caller: logged in, reachable, and not on a pause (nor asked
    /// for one that begins when the talk is over).
    pub agents: Vec<AgentView>,
    /// How many more could answer, but are on a pause.
    pub paused: usize,
}

/// One line of callers, as it stands before the viewed one: callers of the same queue
/// who need the same skills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineView {
    /// The line's queue.
    pub queue: QueueName,
    /// How many in it come before the viewed caller, those who are rung for included.
    pub ahead: usize,
    /// How many of those a phone already rings for.
    pub rung: usize,
    /// How many agents may answer this line, whether they may answer the viewed caller or not.
    pub agents: usize,
}

/// One agent, as far as an estimate cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// Who.
    pub agent: AgentName,
    /// What the agent is doing.
    pub state: AgentState,
    /// Since when.
    pub since: Instant,
    /// When it ends at the latest, if that is known: a wrap-up, a rest, a ringing.
    pub until: Option<Instant>,
    /// The queue of the caller in a talk or wrap-up, or who is rung for.
    pub serving: Option<QueueName>,
    /// Which of [`View::lines`] the agent answers, by their place in that list.
    pub lines: Vec<usize>,
}

/// A queue at one moment, for its busy rule, the metrics and the console. It costs O(log n).
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Who waits, those who are rung for and callbacks included.
    pub waiting: usize,
    /// How long the one who has waited longest has waited.
    pub longest: Duration,
    /// Agents who are logged in and reachable, paused or not.
    pub logged_in: usize,
    /// Agents whom a caller may hope for: those, but the paused.
    pub ready: usize,
    /// Agents who could be rung now.
    pub free: usize,
    /// Callers answered within the last half hour.
    pub answered: u32,
    /// Callers who hung up while they waited, within the last half hour.
    pub abandoned: u32,
}

impl Snapshot {
    /// The share of callers who hung up while they waited, within the last half hour;
    /// `None` while nobody was answered or hung up.
    pub fn abandoned_share(&self) -> Option<f64> {
        let all = self.answered + self.abandoned;
        (all > 0).then(|| f64::from(self.abandoned) / f64::from(all))
    }
}
