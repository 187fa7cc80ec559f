//! What callers do in their calls.

use clap::ValueEnum;
use rand::Rng;
use rand::rngs::StdRng;

use crate::clock::{MS, Nanos, SECOND};

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Life {
    /// Listens until the end.
    Stay,
    /// Presses 1 in the menu, waits in the queue, hangs up, calls again.
    Ivr,
    /// Listens; who came first leaves from time to time.
    Head,
    /// Random keys, holds and hang-ups.
    Soak,
}

/// One thing that a caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Calls (again).
    Call,
    /// Presses this key, or any.
    Key(Option<u8>),
    /// Puts the call on hold.
    Hold,
    /// Takes it back.
    Resume,
    /// Hangs up.
    HangUp,
    /// Who came first leaves: nobody's own.
    Head,
}

impl Life {
    /// What is planned when a call is answered: after how long, and what.
    pub(crate) fn begin(self, chance: &mut StdRng) -> Vec<(Nanos, Act)> {
        match self {
            Self::Stay | Self::Head => Vec::new(),
            Self::Ivr => {
                vec![(between(chance, 1_000, 4_000), Act::Key(Some(1))), (between(chance, 12_000, 18_000), Act::HangUp)]
            }
            Self::Soak => vec![
                (about(chance, 6), Act::Key(None)),
                (about(chance, 40), Act::Hold),
                (3 * SECOND + about(chance, 60), Act::HangUp),
            ],
        }
    }

    /// What is planned when something was done.
    pub(crate) fn next(self, done: Act, chance: &mut StdRng) -> Option<(Nanos, Act)> {
        match (self, done) {
            (Self::Soak, Act::Key(_)) => Some((500 * MS + about(chance, 6), Act::Key(None))),
            (Self::Soak, Act::Hold) => Some((between(chance, 1_000, 5_000), Act::Resume)),
            (Self::Soak, Act::Resume) => Some((SECOND + about(chance, 40), Act::Hold)),
            _ => None,
        }
    }

    /// After how long a caller whose call is over calls again.
    pub(crate) fn again(self, chance: &mut StdRng) -> Option<Nanos> {
        match self {
            Self::Stay => None,
            Self::Head => Some(100 * MS),
            Self::Ivr | Self::Soak => Some(between(chance, 200, 2_000)),
        }
    }
}

/// Evenly between two numbers of milliseconds.
fn between(chance: &mut StdRng, from: Nanos, to: Nanos) -> Nanos {
    chance.random_range(from * MS..to * MS)
}

/// As long between as chance has it, with this mean in seconds and at most four times it.
fn about(chance: &mut StdRng, mean: Nanos) -> Nanos {
    let even: f64 = chance.random_range(0.02..1.0);
    ((-even.ln() * (mean * SECOND) as f64) as Nanos).min(4 * mean * SECOND)
}
