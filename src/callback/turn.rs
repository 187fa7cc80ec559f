use crate::base::transitions;

/// Where a ticket stands while the service runs; nothing of it is written down, since a
/// start puts every open ticket where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// Its time has not come, or it is closed.
    Home,
    /// It has a place in its queue's line.
    Line,
    /// An agent is being rung for it, or kept free.
    Offered,
    /// An attempt is being made.
    Calling,
}

/// What moves a ticket on in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TurnEvent {
    /// Its time has come, and it is open.
    Due,
    /// It closes, or the ticket is over.
    Home,
    /// The board has an agent for it.
    Offered,
    /// The agent could not be had.
    Missed,
    /// The agent accepted.
    Accepted,
}

transitions! {
    Turn on TurnEvent
    states { Home = "home", Line = "line", Offered = "offered", Calling = "calling" }
    events {
        Due = "due": Home => Line;
        Home = "home": Line => Home, Offered => Home, Calling => Home;
        Offered = "offered": Line => Offered;
        Missed = "missed": Offered => Line;
        Accepted = "accepted": Offered => Calling;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{dot, grid};

    #[test]
    fn a_ticket_s_turn_is_one_table() {
        insta::assert_snapshot!("turn_graph", dot::<Turn>());
        insta::assert_snapshot!("turn_grid", grid::<Turn>());
    }
}
