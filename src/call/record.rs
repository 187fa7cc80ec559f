use std::sync::Arc;

use serde::Serialize;

use super::event::{CallEvent, Ending};
use crate::base::{AgentName, CallId, PhoneNumber, Private, QueueName, WallTime};
use crate::media::LegStats;

/// The record of one call (CDR): a fold of its events.
///
/// It serializes without the caller's number; the store keeps that apart.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The call.
    pub call: CallId,
    /// The caller's Call-ID.
    pub sip_call_id: String,
    /// The service.
    pub service: Arc<str>,
    /// The flow.
    pub flow: Arc<str>,
    /// The dialled number.
    pub to: String,
    /// The caller's number, unless withheld.
    #[serde(skip)]
    pub from: Option<Private<PhoneNumber>>,
    /// When the INVITE came.
    pub started: WallTime,
    /// When it was answered.
    pub answered: Option<WallTime>,
    /// When it ended.
    pub ended: WallTime,
    /// The first time that the caller asked for an agent.
    pub asked_agent: Option<WallTime>,
    /// Whether that was in opening hours.
    pub asked_in_hours: bool,
    /// The last queue.
    pub queue: Option<QueueName>,
    /// The rank on entry.
    pub rank: Option<usize>,
    /// The ranks that were told, in order.
    pub told_ranks: Vec<usize>,
    /// The agent who answered.
    pub agent: Option<AgentName>,
    /// When the agent answered.
    pub connected: Option<WallTime>,
    /// Milliseconds from asking to a human's answer.
    pub wait_ms: Option<u64>,
    /// Milliseconds of talk.
    pub talk_ms: Option<u64>,
    /// How it ended.
    pub ending: Ending,
    /// The caller's media.
    pub media: Option<LegStats>,
    /// The story, one line per event, milliseconds since the start; no digit is in it.
    pub steps: Vec<StepLine>,
}

/// One line of a record's story.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepLine {
    /// Milliseconds since the call arrived.
    pub at_ms: u64,
    /// What happened, such as `step menu` or `connected amina`.
    pub what: String,
}

/// Folds events into a [`Record`]; filled in by `call`.
#[derive(Clone, Debug)]
pub struct Recorder {
    pub(super) events: Vec<CallEvent>,
}
