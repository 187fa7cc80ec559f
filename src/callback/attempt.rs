use serde::{Deserialize, Serialize};

use crate::base::{AgentName, WallTime};

/// One call to a citizen. It is written down before the INVITE leaves, so that the
/// dialog can be ended after a crash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub nth: u32,
    /// When.
    pub at: WallTime,
    /// The agent it is for.
    pub agent: AgentName,
    /// The SIP dialog.
    pub dialog: DialogName,
    /// What became of it, once that is known.
    pub outcome: Option<Outcome>,
}

/// What names a SIP dialog and its INVITE: enough for a CANCEL, and with the peer's tag for
/// a BYE (RFC 3261, sections 9.1 and 15.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogName {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub from_tag: String,
    /// The branch of the INVITE's topmost Via.
    pub branch: String,
    /// The peer's tag, once a response had one.
    pub to_tag: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Citizen and agent talked.
    Talked,
    /// The line was engaged.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The call was declined.
    Refused,
    /// The number is not in service.
    OutOfService,
    /// An answering machine took it: the agent said so by a key.
    Machine,
    /// The network could not place the call.
    Unreachable,
    /// The agent hung up first, or the citizen phoned in: nobody let it ring out.
    Stopped,
    /// The service was interrupted meanwhile.
    Interrupted,
    /// As many calls as may be were out already: nobody was called.
    NoLine,
}

impl Outcome {
    /// What a final SIP status says of the citizen's phone.
    pub fn of_status(status: u16) -> Self {
        match status {
            486 | 600 => Self::Busy,
            408 | 480 | 487 => Self::NoAnswer,
            403 | 603 | 607 | 608 => Self::Refused,
            404 | 410 | 484 | 604 => Self::OutOfService,
            _ => Self::Unreachable,
        }
    }

    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Talked => "talked",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Refused => "refused",
            Self::OutOfService => "out-of-service",
            Self::Machine => "machine",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::NoLine => "no-line",
        }
    }

    /// Whether it uses up one of the citizen's attempts.
    pub fn counts(self) -> bool {
        !matches!(self, Self::Stopped | Self::Interrupted | Self::NoLine)
    }

    /// Whether another attempt may fare better.
    pub fn may_change(self) -> bool {
        self != Self::OutOfService
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_became_of_the_phone_and_a_dead_number_is_not_tried_again() {
        let cases: [(&[u16], Outcome); 5] = [
            (&[486, 600], Outcome::Busy),
            (&[408, 480, 487], Outcome::NoAnswer),
            (&[403, 603, 607, 608], Outcome::Refused),
            (&[404, 410, 484, 604], Outcome::OutOfService),
            (&[488, 500, 502, 503, 504], Outcome::Unreachable),
        ];
        for (statuses, outcome) in cases {
            for status in statuses {
                assert_eq!(Outcome::of_status(*status), outcome, "{status}");
            }
            assert_eq!(outcome.may_change(), outcome != Outcome::OutOfService);
        }
    }
}
