use crate::base::transitions;

/// How far a call is, as the console and the table show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallState {
    /// The INVITE is here, the media port is being opened.
    Arriving,
    /// 200 with our offer is out (late offer).
    Offering,
    /// The caller is in the flow, or waits in a queue.
    Flow,
    /// Phones ring for the caller, or an agent is told who it is; the caller hears on.
    Ringing,
    /// The caller hears an agent or an outside number.
    Talking,
    /// Everything is being given back.
    Closing,
    /// The record is written.
    Over,
}

/// What moves a call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallTurn {
    /// Our own offer went out.
    Offered,
    /// Both directions of the caller's media are known.
    Answered,
    /// The first leg beside the caller's was opened.
    Rings,
    /// The last of them could not be had.
    Missed,
    /// The caller and one of them hear each other.
    Connected,
    /// It has gone, the caller is still there.
    Released,
    /// The call ends, whoever ended it.
    Ended,
    /// The media figures are in, or will not come.
    Recorded,
}

transitions! {
    CallState on CallTurn
    states {
        Arriving = "arriving",
        Offering = "offering",
        Flow = "flow",
        Ringing = "ringing",
        Talking = "talking",
        Closing = "closing",
        Over = "over",
    }
    events {
        Offered = "offered": Arriving => Offering;
        Answered = "answered": Arriving => Flow, Offering => Flow;
        Rings = "rings": Flow => Ringing;
        Missed = "missed": Ringing => Flow;
        Connected = "connected": Ringing => Talking;
        Released = "released": Talking => Flow;
        Ended = "ended": Arriving => Closing, Offering => Closing, Flow => Closing, Ringing => Closing, Talking => Closing;
        Recorded = "recorded": Closing => Over;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{dot, grid};

    #[test]
    fn the_call_s_life_is_one_table() {
        insta::assert_snapshot!("call_graph", dot::<CallState>());
        insta::assert_snapshot!("call_grid", grid::<CallState>());
    }
}
