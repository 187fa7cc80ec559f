use std::time::Duration;

use super::{AgentState, Waiting};
use crate::base::{AgentName, Instant, QueueName, Skill};

/// Queues that share agents, at one moment: what an estimate of their waits is made from.
///
/// It is drawn up when somebody is about to be told a wait, for all who wait at once: it
/// costs as much as there are callers and agents, and is no part of any event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The lines that the agents below serve, those of the queue that was asked for first.
    pub lines: Vec<LineView>,
    /// Everybody at work in them, also on a pause; who is rung and who talks even if the
    /// phone has gone meanwhile.
    pub agents: Vec<AgentView>,
}

/// The callers of one queue who need the same skills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineView {
    /// The line's queue.
    pub queue: QueueName,
    /// What its callers need.
    pub needs: Vec<Skill>,
    /// Those for whom no phone rings yet, in their order.
    pub waiting: Vec<WaiterView>,
}

/// Somebody who waits in a line; after an overflow, in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaiterView {
    /// Who: a caller, who may hang up, or a callback.
    pub who: Waiting,
    /// The claim to an agent, in microseconds: the arrival on the board's clock, less what
    /// a priority is worth. The smaller is served first.
    pub claim: i64,
    /// The order over all lines of the view, where claims are the same.
    pub place: u64,
    /// Since when.
    pub since: Instant,
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
    /// What comes after the present call.
    pub then: Then,
    /// Which of [`View::lines`] the agent answers.
    pub lines: Vec<Serves>,
}

/// What an agent does after the present call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Takes the next one.
    GoesOn,
    /// Goes on the pause that was asked for, and comes back.
    Pauses,
    /// Answers no more: logged out, or the phone has gone.
    Leaves,
}

/// A line that an agent answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serves {
    /// Its place in [`View::lines`].
    pub line: usize,
    /// By how much later the agent takes its callers than those of the first choice, in
    /// microseconds of waiting: by the agent's priority in the queue.
    pub later: i64,
}

impl From<usize> for Serves {
    /// A line of the first choice.
    fn from(line: usize) -> Self {
        Self { line, later: 0 }
    }
}

/// Where one caller stands. It costs O(log n).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The line's queue.
    pub queue: QueueName,
    /// The line's needs.
    pub needs: Vec<Skill>,
    /// The rank that the caller may be told, from 1: everybody of the queue counts who
    /// comes before, whatever they need, callbacks included.
    pub rank: usize,
    /// How many of the caller's own line come before for whom no phone rings yet.
    pub ahead: usize,
    /// Since when the caller waits.
    pub since: Instant,
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
