use crate::base::limits;

/// Counts how often a flow has gone on by itself, so that one that goes round is stopped.
#[derive(Clone, Debug, Default)]
pub(super) struct Rounds {
    /// Steps entered since the flow last waited for somebody.
    steps: usize,
    /// How often the bound was met since a human was last reached.
    stopped: u32,
    /// How often the closed truth was told since the caller last pressed a key.
    unheard: u32,
}

/// What the next step may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Run.
    Fine,
    /// The flow has gone round for the first time: the agent is the way out.
    GoneRound,
    /// The agent was no way out.
    GoneRoundAgain,
}

impl Rounds {
    /// A step is entered.
    pub(super) fn step(&mut self) -> Verdict {
        self.steps += 1;
        if self.steps <= limits::STEPS_WITHOUT_WAITING {
            return Verdict::Fine;
        }
        self.steps = 0;
        self.stopped += 1;
        if self.stopped == 1 { Verdict::GoneRound } else { Verdict::GoneRoundAgain }
    }

    /// The flow has waited for the caller.
    pub(super) fn waited(&mut self) {
        self.steps = 0;
    }

    /// The caller has pressed a key.
    pub(super) fn key(&mut self) {
        self.steps = 0;
        self.unheard = 0;
    }

    /// The caller has talked with a human.
    pub(super) fn talked(&mut self) {
        *self = Self::default();
    }

    /// Whether it is worth telling the closed truth: a line on which nobody has
    /// pressed a key is not told it for ever.
    pub(super) fn tell_truth(&mut self) -> bool {
        self.unheard += 1;
        self.unheard <= TRUTHS_UNHEARD
    }
}

/// How often the closed truth is told to a line that never answers by a key: the
/// menu has been heard at least as often in between.
const TRUTHS_UNHEARD: u32 = 3;
