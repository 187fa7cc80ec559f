use std::sync::Arc;
use std::time::Duration;

use crate::base::{AgentName, PhoneNumber, Private};
use crate::callback::{DialogName, First, Ticket};
use crate::sip::Identity;

/// Whom to call for whom.
#[derive(Clone, Debug)]
pub struct RecallOrder {
    /// The promise.
    pub ticket: Box<Ticket>,
    /// Who calls.
    pub agent: AgentName,
    /// How long the agent's phone rings.
    pub ring: Duration,
    /// Who is called first.
    pub first: First,
    /// What a citizen hears who waits for the agent.
    pub music: Arc<str>,
    /// How the citizen's dialog is called.
    pub dialog: DialogName,
    /// Who is presented to both: the service.
    pub service: Identity,
}

impl RecallOrder {
    /// The service as it is presented: its number and its name.
    pub fn presented(number: Option<&PhoneNumber>, name: &str) -> Identity {
        Identity { user: number.map(|n| Private::new(n.as_str().to_owned())), display: Some(name.to_owned()) }
    }
}
