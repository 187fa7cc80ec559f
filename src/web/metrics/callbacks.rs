//! The measures of callbacks: a fold over what the book hears and says.

use std::collections::BTreeMap;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::base::{TicketId, WallTime};
use crate::callback::{Input, Output, Reason, Ticket, TicketState};

/// From a minute to a week, in seconds: who asks in the evening is called in the morning.
pub(super) const DELAYS: [f64; 11] =
    [60.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0, 172_800.0, 604_800.0];
pub(super) const DELAY: &str = "svi_callback_delay_seconds";

pub(super) fn describe() {
    describe_counter!("svi_callbacks_asked_total", Unit::Count, "Callbacks that were asked for, by queue and way");
    describe_counter!("svi_callbacks_promised_total", Unit::Count, "Promises that were told: each was written down");
    describe_counter!("svi_callbacks_refused_total", Unit::Count, "Wishes and cancellations that were refused, by why");
    describe_counter!("svi_callback_attempts_total", Unit::Count, "Calls to citizens, by what came of them");
    describe_counter!("svi_callbacks_ended_total", Unit::Count, "Callbacks that are over, by why");
    describe_histogram!(DELAY, Unit::Seconds, "From the wish to the talk");
}

/// Counts what happens to callbacks.
#[derive(Debug, Default)]
pub struct Callbacks {
    /// The tickets whose end is not on the disk yet.
    seen: BTreeMap<TicketId, Seen>,
}

/// What of a ticket is counted.
#[derive(Debug)]
struct Seen {
    version: u32,
    attempts: usize,
    over: bool,
}

impl Seen {
    fn of(ticket: &Ticket) -> Self {
        Self { version: ticket.version, attempts: over(ticket).count(), over: ticket.state.is_over() }
    }
}

impl Callbacks {
    /// Takes what the book is told.
    pub fn heard(&mut self, input: &Input) {
        match input {
            Input::Ask(wish) => {
                let (queue, source) = (wish.queue.to_string(), wish.source.word());
                counter!("svi_callbacks_asked_total", "queue" => queue, "source" => source).increment(1);
            }
            // Counted before the restart.
            Input::Restored(ticket) if !ticket.state.is_over() => {
                self.seen.insert(ticket.id, Seen::of(ticket));
            }
            Input::Kept { ticket, version } if self.is_over(*ticket, *version) => drop(self.seen.remove(ticket)),
            Input::Overtaken { ticket } => drop(self.seen.remove(ticket)),
            _ => {}
        }
    }

    /// Takes what the book says.
    pub fn said(&mut self, now: WallTime, output: &Output) {
        match output {
            Output::Promise { .. } => counter!("svi_callbacks_promised_total").increment(1),
            Output::Refused { why, .. } => {
                counter!("svi_callbacks_refused_total", "why" => why.word()).increment(1);
            }
            Output::Keep(ticket) => self.keep(now, ticket),
            _ => {}
        }
    }

    fn is_over(&self, ticket: TicketId, version: u32) -> bool {
        self.seen.get(&ticket).is_some_and(|seen| seen.over && seen.version == version)
    }

    /// A version of a ticket; one that is written again is counted once.
    fn keep(&mut self, now: WallTime, ticket: &Ticket) {
        let before = self.seen.insert(ticket.id, Seen::of(ticket));
        if before.as_ref().is_some_and(|seen| seen.version == ticket.version) {
            return;
        }
        let counted = before.map_or(0, |seen| seen.attempts);
        let queue = ticket.queue.to_string();
        for outcome in over(ticket).skip(counted) {
            counter!("svi_callback_attempts_total", "queue" => queue.clone(), "outcome" => outcome).increment(1);
        }
        if ticket.state == TicketState::Connected {
            let delay = u64::try_from(now.millis() - ticket.asked.millis()).unwrap_or(0);
            histogram!(DELAY, "queue" => queue.clone()).record(Duration::from_millis(delay).as_secs_f64());
        }
        if ticket.state.is_over() {
            let why = ticket.ended.map_or("unknown", Reason::word);
            counter!("svi_callbacks_ended_total", "queue" => queue, "why" => why).increment(1);
        }
    }
}

/// What came of each attempt that is over.
fn over(ticket: &Ticket) -> impl Iterator<Item = &'static str> {
    ticket.attempts.iter().filter_map(|attempt| attempt.outcome).map(crate::callback::Outcome::word)
}

#[cfg(test)]
mod tests {
    use super::super::recorder;
    use super::*;
    use crate::base::{Language, PhoneNumber, Private};
    use crate::callback::{Asker, Attempt, DialogName, Outcome, Refused, Source, When};

    fn ticket() -> Ticket {
        let at = WallTime::from_millis(1_000_000);
        Ticket {
            id: TicketId(1),
            version: 0,
            state: TicketState::Asked,
            number: Private::new(PhoneNumber::parse("+33612345678").unwrap()),
            queue: "s/agents".into(),
            needs: Vec::new(),
            priority: 0,
            language: Language::Fr,
            source: Source::Queue,
            reason: Private::new(None),
            message: None,
            code: Private::new(None),
            asked: at,
            since: at,
            when: When::Soon,
            due: at,
            attempts: Vec::new(),
            redialled: 0,
            ended: None,
        }
    }

    fn attempt(nth: u32, outcome: Option<Outcome>) -> Attempt {
        let dialog = DialogName { call_id: "c".into(), from_tag: "f".into(), branch: "b".into(), to_tag: None };
        Attempt { nth, at: WallTime::from_millis(1_000_000), agent: "amina".into(), dialog, outcome }
    }

    #[test]
    fn each_attempt_and_each_end_is_counted_once_however_often_it_is_written() {
        let recorder = recorder();
        metrics::with_local_recorder(&recorder, || {
            let mut callbacks = Callbacks::default();
            let asker = Asker::Request(1);
            let connected = WallTime::from_millis(1_000_000 + 90_000);
            let mut keep = |ticket: Ticket| {
                let kept = Input::Kept { ticket: ticket.id, version: ticket.version };
                let output = Output::Keep(Box::new(ticket));
                // The first time the disk was full.
                callbacks.said(connected, &output);
                callbacks.said(connected, &output);
                callbacks.heard(&kept);
            };
            keep(ticket());
            let busy = vec![attempt(1, Some(Outcome::Busy))];
            keep(Ticket { version: 1, state: TicketState::Retry, attempts: busy.clone(), ..ticket() });
            let second = [busy.clone(), vec![attempt(2, None)]].concat();
            keep(Ticket { version: 2, state: TicketState::Connected, attempts: second, ..ticket() });
            let talked = [busy, vec![attempt(2, Some(Outcome::Talked))]].concat();
            let (state, ended) = (TicketState::Done, Some(Reason::Talked));
            keep(Ticket { version: 3, state, attempts: talked, ended, ..ticket() });
            callbacks.said(connected, &Output::Promise { asker, ticket: TicketId(1), when: When::Soon });
            callbacks.said(connected, &Output::Refused { asker, why: Refused::TooOften });
            assert!(callbacks.seen.is_empty(), "what is over and written down is forgotten");
            // After a restart, what was counted before is not counted again.
            let retry = vec![attempt(1, Some(Outcome::Busy))];
            let restored = Ticket { id: TicketId(2), version: 4, attempts: retry, ..ticket() };
            callbacks.heard(&Input::Restored(restored.clone()));
            callbacks.said(connected, &Output::Keep(Box::new(Ticket { version: 5, ..restored })));
        });
        let text = recorder.handle().render();
        for line in [
            "svi_callback_attempts_total{queue=\"s/agents\",outcome=\"busy\"} 1",
            "svi_callback_attempts_total{queue=\"s/agents\",outcome=\"talked\"} 1",
            "svi_callbacks_ended_total{queue=\"s/agents\",why=\"talked\"} 1",
            "svi_callbacks_promised_total 1",
            "svi_callbacks_refused_total{why=\"too-often\"} 1",
            "svi_callback_delay_seconds_sum{queue=\"s/agents\"} 90",
            "svi_callback_delay_seconds_bucket{queue=\"s/agents\",le=\"300\"} 1",
            "svi_callback_delay_seconds_bucket{queue=\"s/agents\",le=\"604800\"} 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}:\n{text}");
        }
    }
}
