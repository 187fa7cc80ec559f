//! The measures: a fold over the calls' events.
//!
//! Labels have few values by construction: services, queues and states are named in
//! files, endings in the code; no number, no call and no agent is a label.

mod callbacks;
mod media;

use std::collections::BTreeMap;
use std::sync::Arc;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

use crate::base::{CallId, Instant, Lifecycle, QueueName};
use crate::call::{CallEvent, Happened};
use crate::engine::Note;
use crate::queue::AgentState;
use crate::queue::wait::{Settled, WaitEnd};
use crate::sip::Fault;

pub use callbacks::Callbacks;
pub use media::{media, record};

/// A recorder that keeps what is measured. The shell makes it the process' one with
/// `metrics::set_global_recorder`, and calls its handle's `run_upkeep` every few
/// seconds: without it, histograms that nobody reads grow.
pub fn recorder() -> PrometheusRecorder {
    let own: [(&str, &[f64]); 3] = [
        (callbacks::DELAY, &callbacks::DELAYS),
        (media::SCORE, &media::SCORES),
        (media::ROUND_TRIP, &media::ROUND_TRIPS),
    ];
    let builder = own.into_iter().try_fold(PrometheusBuilder::new(), |builder, (name, buckets)| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)
    });
    let builder = builder.and_then(|builder| builder.set_buckets(&SECONDS));
    builder.expect("invariant: there are buckets").build_recorder()
}

/// A stranger tried a password or a number.
pub fn fault(fault: Fault) {
    counter!("svi_sip_faults_total", "fault" => fault.word()).increment(1);
}

/// A stranger tried too often.
pub fn banned() {
    counter!("svi_sip_bans_total").increment(1);
}

/// Whether a trunk answers.
pub fn trunk_up(name: &str, up: bool) {
    gauge!("svi_trunk_up", "trunk" => name.to_owned()).set(u8::from(up));
}

/// Whether we are registered with a trunk.
pub fn trunk_registered(name: &str, registered: bool) {
    gauge!("svi_trunk_registered", "trunk" => name.to_owned()).set(u8::from(registered));
}

/// A trunk is not asked any more whether it answers.
pub fn trunk_unasked(name: &str) {
    gauge!("svi_trunk_up", "trunk" => name.to_owned()).set(f64::NAN);
}

/// We register with a trunk no more.
pub fn trunk_unregistered(name: &str) {
    gauge!("svi_trunk_registered", "trunk" => name.to_owned()).set(f64::NAN);
}

/// Whether the name of a trunk is found.
pub fn trunk_found(name: &str, found: bool) {
    gauge!("svi_trunk_found", "trunk" => name.to_owned()).set(u8::from(found));
}

/// The name of a trunk is looked up no more.
pub fn trunk_unsought(name: &str) {
    gauge!("svi_trunk_found", "trunk" => name.to_owned()).set(f64::NAN);
}

/// A call has gone on by another way because a trunk has failed it.
pub fn trunk_passed(name: &str) {
    counter!("svi_trunk_failures_total", "trunk" => name.to_owned()).increment(1);
}

/// A call did not go out because of the caps.
pub fn capped() {
    counter!("svi_outgoing_capped_total").increment(1);
}

/// From an answer at once to the longest wait that anybody bears, in seconds.
const SECONDS: [f64; 13] = [1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0];

/// Says what each measure means; to be called once after the recorder was installed.
pub fn describe() {
    describe_gauge!("svi_calls_active", Unit::Count, "Calls in progress");
    gauge!("svi_calls_active").set(0);
    describe_counter!("svi_calls_total", Unit::Count, "Calls that have ended, by whom and why");
    describe_counter!("svi_asked_agent_total", Unit::Count, "Calls that asked for an agent in opening hours");
    describe_counter!(
        "svi_answered_by_agent_total",
        Unit::Count,
        "Those that an agent answered: the taux de décroché is this by svi_asked_agent_total"
    );
    describe_gauge!("svi_queue_waiting", Unit::Count, "Callers who wait in a queue");
    describe_counter!("svi_queue_joined_total", Unit::Count, "Callers who joined a queue");
    describe_counter!("svi_queue_refused_total", Unit::Count, "Callers whom a queue did not take or gave back");
    describe_histogram!(
        "svi_queue_wait_seconds",
        Unit::Seconds,
        "How long callers waited in a queue, by what came of it"
    );
    describe_histogram!("svi_talk_seconds", Unit::Seconds, "How long callers and agents talked");
    describe_gauge!("svi_agents", Unit::Count, "Agents, by what they are doing");
    describe_counter!("svi_agent_missed_total", Unit::Count, "Rings that an agent did not answer, by why");
    media::describe();
    describe_counter!(
        "svi_told_waits_total",
        Unit::Count,
        "Waits that callers were told: kept, longer than told, or left before"
    );
    describe_histogram!(
        "svi_told_wait_error_seconds",
        Unit::Seconds,
        "How far the expected wait was from the real one, of callers who were answered"
    );
    describe_counter!("svi_messages_total", Unit::Count, "Messages that were kept");
    describe_counter!("svi_no_message_total", Unit::Count, "Callers whose message was not taken or kept, by why");
    describe_counter!("svi_mails_total", Unit::Count, "Mails about messages: sent, to be tried again, or given up");
    describe_counter!("svi_web_callbacks_asked_total", Unit::Count, "Callbacks asked for on the web");
    describe_counter!("svi_web_callbacks_promised_total", Unit::Count, "Those that were promised");
    describe_counter!("svi_web_callbacks_refused_total", Unit::Count, "Those that were not, by why");
    callbacks::describe();
    describe_gauge!("svi_sip_connections", Unit::Count, "Connections for SIP, over TCP and TLS");
    describe_counter!("svi_sip_connections_refused_total", Unit::Count, "Those that there was no room for, by why");
    describe_counter!("svi_refused_total", Unit::Count, "Calls refused before a flow began, by why");
    describe_counter!("svi_sip_faults_total", Unit::Count, "Passwords and numbers that strangers tried, by which");
    describe_counter!("svi_sip_bans_total", Unit::Count, "Sources that are heard no more for a while");
    describe_gauge!("svi_trunk_up", Unit::Count, "Whether a trunk that is asked answers: 1, or 0");
    describe_gauge!("svi_trunk_found", Unit::Count, "Whether the name of a trunk is found: 1, or 0");
    describe_gauge!("svi_trunk_registered", Unit::Count, "Whether we are registered with a trunk: 1, or 0");
    describe_counter!(
        "svi_trunk_failures_total",
        Unit::Count,
        "Calls that went on by another way, by the trunk that failed them"
    );
    describe_counter!("svi_outgoing_capped_total", Unit::Count, "Calls that did not go out because of the caps");
    describe_counter!("svi_not_counted_total", Unit::Count, "Events that these measures have missed");
    describe_counter!("svi_flows_reloads_total", Unit::Count, "Reloads of the flows, by what they came to");
    describe_gauge!(
        "svi_flows_version",
        Unit::Count,
        "The version of the flows that runs; 0 where it could not be kept"
    );
    describe_gauge!("svi_flows_differ", Unit::Count, "Whether the flows on the disk are not what runs: 1, or 0");
    describe_gauge!("svi_store_up", Unit::Count, "Whether the database keeps what it is given: 1, or 0");
    describe_counter!("svi_store_failures_total", Unit::Count, "Times that the database began to fail, by why");
    describe_counter!("svi_records_dropped_total", Unit::Count, "Records that could not be kept");
}

/// Counts what happens.
#[derive(Debug, Default)]
pub struct Metrics {
    calls: BTreeMap<CallId, Open>,
    waiting: BTreeMap<QueueName, u32>,
}

/// A call in progress.
#[derive(Debug)]
struct Open {
    service: Arc<str>,
    waits: Option<(QueueName, Instant)>,
    talks: Option<Instant>,
    asked: Asked,
}

/// Whether the caller counts for the taux de décroché.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    NotYet,
    /// Asked when it was closed first: does not count.
    Closed,
    Open,
    Answered,
}

impl Metrics {
    /// Takes one event of any call, in their order.
    pub fn fold(&mut self, event: &CallEvent) {
        let now = event.at.mono;
        if let Happened::Arrived { service, .. } = &event.what {
            let open = Open { service: service.clone(), waits: None, talks: None, asked: Asked::NotYet };
            self.calls.insert(event.call, open);
            return self.show_calls();
        }
        let Some(call) = self.calls.get_mut(&event.call) else { return };
        match &event.what {
            Happened::Flow(Note::AskedAgent { open }) => call.asked(*open),
            // Whoever is in another step has left the queue.
            Happened::Flow(Note::Step { .. }) => self.waited(event.call, now, "left"),
            Happened::Flow(Note::Promised) => self.waited(event.call, now, "callback"),
            Happened::Joined { queue, .. } => self.joined(event.call, now, queue),
            Happened::Refused { queue, why } => {
                counter!("svi_queue_refused_total", "queue" => queue.to_string(), "why" => *why).increment(1);
                self.waited(event.call, now, why);
            }
            Happened::Missed { why, .. } => {
                counter!("svi_agent_missed_total", "why" => why.word()).increment(1);
            }
            Happened::Connected { .. } => {
                call.connected(now);
                self.waited(event.call, now, "answered");
            }
            Happened::TalkEnded { .. } => call.talked(now),
            Happened::Ended(ending) => {
                call.talked(now);
                let service = call.service.to_string();
                let (by, why) = (ending.by.word(), ending.why);
                counter!("svi_calls_total", "service" => service, "ending_by" => by, "ending_why" => why).increment(1);
                self.waited(event.call, now, "abandoned");
                self.calls.remove(&event.call);
                self.show_calls();
            }
            Happened::Flow(Note::NoMessage { why }) => counter!("svi_no_message_total", "why" => *why).increment(1),
            Happened::Flow(
                Note::Key { .. }
                | Note::Language(_)
                | Note::Collected { .. }
                | Note::Valued { .. }
                | Note::LookedUp { .. }
                | Note::Chose { .. }
                | Note::ToldRank { .. }
                | Note::ToldWait { .. }
                | Note::Noticed(_)
                | Note::Took { .. }
                | Note::NotPromised
                | Note::Mark { .. }
                | Note::MessageKept
                | Note::Trouble { .. },
            )
            | Happened::Arrived { .. }
            | Happened::Diverted { .. }
            | Happened::Reason { .. }
            | Happened::Answered
            | Happened::Heard { .. }
            | Happened::Ringing { .. }
            | Happened::Stopped { .. }
            | Happened::Watched { .. }
            | Happened::WatchEnded { .. }
            | Happened::Errand { .. }
            | Happened::Hold { .. }
            | Happened::Handing { .. }
            | Happened::Handed { .. }
            | Happened::HandingFailed { .. }
            | Happened::Transferring { .. }
            | Happened::Transferred
            | Happened::TransferFailed { .. } => {}
        }
    }

    fn joined(&mut self, id: CallId, now: Instant, queue: &QueueName) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.waits.as_ref().is_some_and(|(known, _)| known == queue) {
            return;
        }
        let left = call.waits.replace((queue.clone(), now));
        counter!("svi_queue_joined_total", "queue" => queue.to_string()).increment(1);
        self.count_waiting(queue, 1);
        if let Some((queue, _)) = left {
            self.count_waiting(&queue, -1);
        }
    }

    /// The wait of a call, if it waits, has ended.
    fn waited(&mut self, id: CallId, now: Instant, outcome: &'static str) {
        let Some((queue, since)) = self.calls.get_mut(&id).and_then(|call| call.waits.take()) else { return };
        let seconds = now.since(since).as_secs_f64();
        histogram!("svi_queue_wait_seconds", "queue" => queue.to_string(), "outcome" => outcome).record(seconds);
        self.count_waiting(&queue, -1);
    }

    fn count_waiting(&mut self, queue: &QueueName, by: i32) {
        let waiting = self.waiting.entry(queue.clone()).or_default();
        *waiting = waiting.saturating_add_signed(by);
        gauge!("svi_queue_waiting", "queue" => queue.to_string()).set(*waiting);
    }

    fn show_calls(&self) {
        gauge!("svi_calls_active").set(u32::try_from(self.calls.len()).unwrap_or(u32::MAX));
    }
}

impl Open {
    fn asked(&mut self, open: bool) {
        if self.asked != Asked::NotYet {
            return;
        }
        self.asked = if open { Asked::Open } else { Asked::Closed };
        if open {
            counter!("svi_asked_agent_total", "service" => self.service.to_string()).increment(1);
        }
    }

    fn connected(&mut self, now: Instant) {
        self.talks = Some(now);
        if self.asked == Asked::Open {
            self.asked = Asked::Answered;
            counter!("svi_answered_by_agent_total", "service" => self.service.to_string()).increment(1);
        }
    }

    fn talked(&mut self, now: Instant) {
        if let Some(since) = self.talks.take() {
            let seconds = now.since(since).as_secs_f64();
            histogram!("svi_talk_seconds", "service" => self.service.to_string()).record(seconds);
        }
    }
}

/// Shows how many agents are in each state.
pub fn agents(states: impl Iterator<Item = AgentState>) {
    let mut counts = BTreeMap::new();
    states.for_each(|state| *counts.entry(state).or_insert(0_u32) += 1);
    for (state, name) in AgentState::STATES {
        gauge!("svi_agents", "state" => *name).set(counts.get(state).copied().unwrap_or(0));
    }
}

/// Tells how many connections for SIP there are.
pub fn sip_connections(count: usize) {
    gauge!("svi_sip_connections").set(count as f64);
}

/// Counts a connection for SIP that there was no room for: `full` in all, or of its `address`.
pub fn sip_connection_refused(why: &'static str) {
    counter!("svi_sip_connections_refused_total", "why" => why).increment(1);
}

/// Counts a call that was refused before a flow began: `full`, `busy` or `no-flow`.
pub fn refused(why: &'static str) {
    counter!("svi_refused_total", "why" => why).increment(1);
}

/// Counts what could not be counted, because too much waits to be.
pub fn not_counted() {
    counter!("svi_not_counted_total").increment(1);
}

/// Counts what became of a wait that a caller was told.
pub fn promised(Settled { queue, outcome }: &Settled) {
    let kept = match (outcome.end, outcome.is_longer()) {
        (_, true) => "longer",
        (WaitEnd::Answered, false) => "kept",
        (WaitEnd::Left, false) => "left",
    };
    counter!("svi_told_waits_total", "queue" => queue.to_string(), "outcome" => kept).increment(1);
    if outcome.end == WaitEnd::Answered {
        let error = outcome.waited.as_secs_f64() - outcome.promise.expected.as_secs_f64();
        histogram!("svi_told_wait_error_seconds", "queue" => queue.to_string()).record(error.abs());
    }
}

#[cfg(test)]
mod tests;
