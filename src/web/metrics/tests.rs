use std::time::Duration;

use super::*;
use crate::base::Now;
use crate::call::{By, Ending};
use crate::queue::Missed;
use crate::queue::wait::{Outcome, Promise, WaitEnd};
use crate::speech::Wait;

/// What is measured after these events of call 1 and 2, each a second after the other.
fn measured(events: Vec<(u64, Happened)>) -> String {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        describe();
        let mut metrics = Metrics::default();
        for (second, (call, what)) in (0..).zip(events) {
            let at = Now::default() + Duration::from_secs(second);
            metrics.fold(&CallEvent { call: CallId(call), at, what });
        }
    });
    // Without the buckets, the words and the order of the exporter.
    let text = recorder.handle().render();
    let mut lines: Vec<_> = text.lines().filter(|l| l.starts_with("svi_") && !l.contains("_bucket")).collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn arrived() -> Happened {
    let (flow, service) = ("accueil".into(), "france-services".into());
    Happened::Arrived { flow, service, to: "100".into(), from: None, sip_call_id: "1@phone".into() }
}

fn joined(rank: usize) -> Happened {
    Happened::Joined { queue: "france-services/agents".into(), rank }
}

fn asked(open: bool) -> Happened {
    Happened::Flow(Note::AskedAgent { open })
}

fn ended() -> Happened {
    Happened::Ended(Ending { by: By::Caller, why: "hangup" })
}

#[test]
fn a_served_call_is_counted_from_end_to_end() {
    insta::assert_snapshot!(measured(vec![
        (1, arrived()),
        (1, asked(true)),
        (1, asked(true)),
        (1, joined(2)),
        (1, joined(1)),
        (1, Happened::Missed { agent: "amina".into(), why: Missed::NoAnswer }),
        (1, Happened::Connected { agent: "bruno".into() }),
        (1, Happened::TalkEnded { agent: "bruno".into(), by: By::Agent }),
        (1, ended()),
    ]), @r#"
    svi_agent_missed_total{why="no-answer"} 1
    svi_answered_by_agent_total{service="france-services"} 1
    svi_asked_agent_total{service="france-services"} 1
    svi_calls_active 0
    svi_calls_total{service="france-services",ending_by="caller",ending_why="hangup"} 1
    svi_queue_joined_total{queue="france-services/agents"} 1
    svi_queue_wait_seconds_count{queue="france-services/agents",outcome="answered"} 1
    svi_queue_wait_seconds_sum{queue="france-services/agents",outcome="answered"} 3
    svi_queue_waiting{queue="france-services/agents"} 0
    svi_talk_seconds_count{service="france-services"} 1
    svi_talk_seconds_sum{service="france-services"} 1
    "#);
}

#[test]
fn a_told_wait_is_counted_by_what_became_of_it() {
    let secs = Duration::from_secs;
    let promise = Promise { spoken: Wait::Under(2), rank: 1, expected: secs(80), low: secs(40), high: secs(110) };
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        let ends = [(60, WaitEnd::Answered), (200, WaitEnd::Answered), (30, WaitEnd::Left), (200, WaitEnd::Left)];
        for (waited, end) in ends {
            promised(&Outcome { promise, waited: secs(waited), end });
        }
    });
    let text = recorder.handle().render();
    let has = |line: &str| assert!(text.lines().any(|l| l == line), "{line} in {text}");
    has("svi_told_waits_total{outcome=\"kept\"} 1");
    has("svi_told_waits_total{outcome=\"longer\"} 2");
    has("svi_told_waits_total{outcome=\"left\"} 1");
    has("svi_told_wait_error_seconds_sum 140");
}

#[test]
fn who_hangs_up_while_waiting_has_abandoned() {
    insta::assert_snapshot!(measured(vec![(1, arrived()), (2, arrived()), (1, joined(1)), (2, joined(2)), (1, ended())]), @r#"
    svi_calls_active 1
    svi_calls_total{service="france-services",ending_by="caller",ending_why="hangup"} 1
    svi_queue_joined_total{queue="france-services/agents"} 2
    svi_queue_wait_seconds_count{queue="france-services/agents",outcome="abandoned"} 1
    svi_queue_wait_seconds_sum{queue="france-services/agents",outcome="abandoned"} 2
    svi_queue_waiting{queue="france-services/agents"} 1
    "#);
}

#[test]
fn who_is_sent_away_or_goes_on_waits_no_more() {
    let refused = Happened::Refused { queue: "france-services/agents".into(), why: "nobody" };
    let step = Happened::Flow(Note::Step { name: "message".into() });
    insta::assert_snapshot!(measured(vec![
        (1, arrived()),
        (2, arrived()),
        (1, joined(1)),
        (2, joined(2)),
        (1, refused),
        (2, step),
    ]), @r#"
    svi_calls_active 2
    svi_queue_joined_total{queue="france-services/agents"} 2
    svi_queue_refused_total{queue="france-services/agents",why="nobody"} 1
    svi_queue_wait_seconds_count{queue="france-services/agents",outcome="left"} 1
    svi_queue_wait_seconds_count{queue="france-services/agents",outcome="nobody"} 1
    svi_queue_wait_seconds_sum{queue="france-services/agents",outcome="left"} 2
    svi_queue_wait_seconds_sum{queue="france-services/agents",outcome="nobody"} 2
    svi_queue_waiting{queue="france-services/agents"} 0
    "#);
}

#[test]
fn who_asked_when_it_was_closed_does_not_count() {
    let text = measured(vec![
        (1, arrived()),
        (1, asked(false)),
        (1, asked(true)),
        (1, Happened::Connected { agent: "amina".into() }),
    ]);
    assert!(!text.contains("asked_agent") && !text.contains("answered_by_agent"), "{text}");
}

#[test]
fn a_talk_that_the_caller_ends_is_measured_too() {
    let text = measured(vec![(1, arrived()), (1, Happened::Connected { agent: "amina".into() }), (1, ended())]);
    assert!(text.contains(r#"svi_talk_seconds_sum{service="france-services"} 1"#), "{text}");
}

#[test]
fn agents_are_counted_by_state_and_never_named() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        agents([AgentState::Talking, AgentState::Talking, AgentState::Available].into_iter());
        agents([AgentState::Talking].into_iter());
    });
    let text = recorder.handle().render();
    assert!(text.contains(r#"svi_agents{state="talking"} 1"#) && text.contains(r#"{state="available"} 0"#), "{text}");
}
