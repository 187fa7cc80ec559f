//! Folds over records that were made up.

use serde_json::{Value, json};

use super::PastCall;

mod quiet;
mod restart;

/// Monday 23 November 2026, 9:00 in Paris.
pub(super) const MONDAY: i64 = 1_795_420_800_000;
pub(super) const DAY_S: i64 = 86_400;

/// A call that came so many seconds after [`MONDAY`], asked for an agent at once and waited
/// in `s/agents`.
pub(super) struct Made(Value);

impl Made {
    fn came(at: i64, seconds: i64) -> Value {
        let started = MONDAY + at * 1000;
        json!({
            "service": "s", "started": started, "ended": started + seconds * 1000, "asked_agent": started,
            "asked_in_hours": true, "queue": "s/agents", "ending": { "by": "caller", "why": "hangup" },
            "steps": [{ "at_ms": 0, "what": "joined s/agents at 1" }],
        })
    }

    /// Answered by an agent after `wait` seconds, who talked for `talk` seconds.
    pub(super) fn answered(at: i64, wait: i64, talk: i64, agent: &str) -> Self {
        let mut call = Self::came(at, wait + talk);
        call["agent"] = json!(agent);
        call["connected"] = json!(MONDAY + (at + wait) * 1000);
        call["wait_ms"] = json!(wait * 1000);
        call["talk_ms"] = json!(talk * 1000);
        Self(call)
            .step(wait, &format!("ringing {agent}"))
            .step(wait, &format!("connected {agent}"))
            .step(wait + talk, &format!("talk ended {agent}"))
            .step(wait + talk, "ended caller hangup")
    }

    /// Hung up after `wait` seconds.
    pub(super) fn lost(at: i64, wait: i64) -> Self {
        Self(Self::came(at, wait)).step(wait, "ended caller hangup")
    }

    fn step(mut self, at: i64, what: &str) -> Self {
        if let Some(steps) = self.0["steps"].as_array_mut() {
            steps.push(json!({ "at_ms": at * 1000, "what": what }));
        }
        self
    }

    /// Other values in its place.
    pub(super) fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }

    /// Told `spoken` on joining, having expected `low`, a mean and `high` seconds.
    pub(super) fn told(self, spoken: Value, [low, mean, high]: [i64; 3]) -> Self {
        let end = (self.0["ended"].as_i64().unwrap() - self.0["started"].as_i64().unwrap()) as u64;
        let waited = self.0["wait_ms"].as_u64();
        let told = json!([{
            "at_ms": 0, "rank": 1, "spoken": spoken, "expected_ms": mean * 1000, "low_ms": low * 1000,
            "high_ms": high * 1000, "waited_ms": waited.unwrap_or(end), "answered": waited.is_some(),
        }]);
        self.with("told_waits", told)
    }

    pub(super) fn call(self) -> PastCall {
        serde_json::from_value(self.0).unwrap()
    }
}

#[test]
fn a_record_without_what_came_later_is_read() {
    let old = json!({
        "service": "s", "started": MONDAY, "ended": MONDAY, "ending": { "by": "flow", "why": "flow-end" }, "to": "100",
    });
    let call: PastCall = serde_json::from_value(old).unwrap();
    assert!(call.stays().is_empty() && call.last_queue().is_none() && !call.has_given_up());
}

#[test]
fn a_story_that_was_erased_leaves_who_gave_up_and_what_was_told() {
    let told = || Made::lost(0, 60).told(json!({ "under": 5 }), [30, 60, 90]);
    let erased = told().with("steps", json!([])).call();
    assert!(erased.has_given_up());
    assert_eq!(erased.first_promises(), told().call().first_promises());
    assert!(!Made::answered(0, 5, 60, "amina").with("steps", json!([])).call().has_given_up());
}
