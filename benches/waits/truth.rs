//! What every agent and caller really does.

/// An agent of the centre.
#[derive(Clone, Debug)]
pub struct AgentTruth {
    pub queues: Vec<usize>,
    pub doing: Doing,
    /// Gone for now as soon as the talk ends.
    pub leaving: bool,
}

/// What an agent does; times in seconds from the opening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doing {
    Free,
    Ringing { queue: usize, since: f64 },
    Talking { queue: usize, since: f64 },
    WrapUp { until: f64 },
    Break { since: f64 },
    Away,
}

/// A caller in the line.
#[derive(Clone, Debug)]
pub struct CallerTruth {
    pub queue: usize,
    pub joined: f64,
    /// The agent who is rung, and when the answer will come.
    pub rung: Option<(usize, f64)>,
    /// What was predicted for this one, by its place in the results.
    pub sample: Option<usize>,
}

impl AgentTruth {
    pub fn at_work(&self) -> bool {
        !matches!(self.doing, Doing::Break { .. } | Doing::Away)
    }
}
