use crate::base::transitions;

/// How far a call back is: the agent first, or from [`Self::Accepted`] on the citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecallStage {
    /// The agent's phone rings.
    Ringing,
    /// The agent hears whom to call and why.
    Briefed,
    /// The agent has accepted, or is kept free; the attempt is being written down.
    Accepted,
    /// The citizen's phone rings.
    Dialling,
    /// The citizen has answered first, and waits for an agent.
    Waiting,
    /// Both have answered; that is being written down.
    Answered,
    /// The two hear each other.
    Talking,
    /// Everything is given back.
    Over,
}

/// What moves a call back on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecallEvent {
    /// The agent picked up.
    AgentAnswered,
    /// The agent pressed 1.
    Accepted,
    /// The book lets the citizen be dialled.
    Dial,
    /// The citizen picked up.
    CitizenAnswered,
    /// The citizen picked up before any agent.
    Greeted,
    /// An agent has the call of who waits.
    AgentTook,
    /// The agent went before the two heard each other.
    AgentLost,
    /// The book lets the two hear each other.
    Bridge,
    /// Somebody or something ended it.
    Ended,
}

transitions! {
    RecallStage on RecallEvent
    states {
        Ringing = "ringing", Briefed = "briefed", Accepted = "accepted", Dialling = "dialling",
        Waiting = "waiting", Answered = "answered", Talking = "talking", Over = "over",
    }
    events {
        AgentAnswered = "agent-answered": Ringing => Briefed;
        Accepted = "accepted": Briefed => Accepted;
        Dial = "dial": Accepted => Dialling;
        CitizenAnswered = "citizen-answered": Dialling => Answered;
        Greeted = "greeted": Dialling => Waiting;
        AgentTook = "agent-took": Waiting => Answered;
        AgentLost = "agent-lost": Answered => Waiting;
        Bridge = "bridge": Answered => Talking;
        Ended = "ended": Ringing => Over, Briefed => Over, Accepted => Over, Dialling => Over, Waiting => Over, Answered => Over, Talking => Over;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{dot, grid};

    #[test]
    fn a_call_back_is_one_table() {
        insta::assert_snapshot!("recall_graph", dot::<RecallStage>());
        insta::assert_snapshot!("recall_grid", grid::<RecallStage>());
    }
}
