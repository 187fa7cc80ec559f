//! Relay services for deaf callers: they type or sign what they hear.

use std::time::Duration;

use super::machine::Machine;
use crate::base::PhoneNumber;

impl Machine {
    /// Whether a relay service for deaf callers calls: it can't hear a menu out.
    pub(super) fn is_relayed(&self) -> bool {
        let Some(caller) = self.caller.as_ref().map(PhoneNumber::international) else { return false };
        self.program.card.relay.numbers.iter().any(|relay| relay.international() == caller)
    }

    /// A time to think, longer for who hears through somebody else.
    pub(super) fn patience(&self, patience: Duration) -> Duration {
        if self.is_relayed() { patience * RELAYED } else { patience }
    }
}

/// A relay service types or signs what it hears, and what is answered.
const RELAYED: u32 = 3;
