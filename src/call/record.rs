use std::sync::Arc;

use serde::Serialize;

use super::event::{By, CallEvent, Ending, Happened};
use crate::base::{AgentName, CallId, Now, PhoneNumber, Private, QueueName, WallTime, limits};
use crate::engine::Note;
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

/// Folds a call's events into its [`Record`].
#[derive(Clone, Debug)]
pub struct Recorder {
    record: Record,
    began: Now,
    asked: Option<Now>,
    connected: Option<Now>,
}

impl Recorder {
    /// A record that begins now.
    pub fn new(call: CallId, now: Now) -> Self {
        let record = Record {
            call,
            sip_call_id: String::new(),
            service: "".into(),
            flow: "".into(),
            to: String::new(),
            from: None,
            started: now.wall,
            answered: None,
            ended: now.wall,
            asked_agent: None,
            asked_in_hours: false,
            queue: None,
            rank: None,
            told_ranks: Vec::new(),
            agent: None,
            connected: None,
            wait_ms: None,
            talk_ms: None,
            ending: Ending { by: By::Us, why: "panic" },
            media: None,
            steps: Vec::new(),
        };
        Self { record, began: now, asked: None, connected: None }
    }

    /// Takes the next event.
    pub fn push(&mut self, event: &CallEvent) {
        let record = &mut self.record;
        match &event.what {
            Happened::Arrived { flow, service, to, from, sip_call_id } => {
                record.flow = Arc::clone(flow);
                record.service = Arc::clone(service);
                record.to.clone_from(to);
                record.from.clone_from(from);
                record.sip_call_id.clone_from(sip_call_id);
            }
            Happened::Answered => record.answered = Some(event.at.wall),
            Happened::Flow(Note::AskedAgent { open }) => {
                record.asked_in_hours |= open;
                if self.asked.is_none() {
                    self.asked = Some(event.at);
                    record.asked_agent = Some(event.at.wall);
                }
            }
            Happened::Flow(Note::ToldRank { rank }) if record.told_ranks.len() < TOLD_RANKS => {
                record.told_ranks.push(*rank);
            }
            Happened::Joined { queue, rank } => {
                record.queue = Some(queue.clone());
                record.rank.get_or_insert(*rank);
            }
            Happened::Connected { agent } => {
                record.agent = Some(agent.clone());
                self.connected = Some(event.at);
                if record.connected.is_none() {
                    record.connected = Some(event.at.wall);
                    record.wait_ms = self.asked.map(|asked| millis(asked, event.at));
                }
            }
            Happened::TalkEnded { .. } => {
                if let Some(connected) = self.connected.take() {
                    *record.talk_ms.get_or_insert(0) += millis(connected, event.at);
                }
            }
            Happened::Flow(_)
            | Happened::Heard { .. }
            | Happened::Refused { .. }
            | Happened::Ringing { .. }
            | Happened::Missed { .. }
            | Happened::Stopped { .. }
            | Happened::Watched { .. }
            | Happened::WatchEnded { .. }
            | Happened::Errand { .. }
            | Happened::Hold { .. }
            | Happened::Transferring { .. }
            | Happened::Transferred
            | Happened::TransferFailed { .. }
            | Happened::Ended(_) => {}
        }
        self.line(event);
    }

    /// Whether the caller has heard an agent.
    pub fn has_talked(&self) -> bool {
        self.record.connected.is_some()
    }

    /// The record of the call that has ended.
    pub fn record(&self, now: Now, ending: Ending, media: Option<LegStats>) -> Record {
        Record { ended: now.wall, ending, media, ..self.record.clone() }
    }

    /// Adds the event to the story. A story that is too long keeps its start and its end.
    fn line(&mut self, event: &CallEvent) {
        let Some(what) = event.what.story() else { return };
        let steps = &mut self.record.steps;
        if steps.len() >= limits::EVENTS_PER_CALL {
            steps.remove(limits::EVENTS_PER_CALL / 2);
        }
        steps.push(StepLine { at_ms: millis(self.began, event.at), what });
    }
}

fn millis(from: Now, to: Now) -> u64 {
    u64::try_from(to.mono.since(from.mono).as_millis()).unwrap_or(u64::MAX)
}

/// Ranks kept in one record: a caller hears one each 30 s, so this is an hour and a half.
const TOLD_RANKS: usize = 180;
