//! `queues.yaml`.

use super::{AUDIO, CARD, FLOW, files, flow, load, shown};
use std::time::Duration;

use crate::base::{AgentName, Language};
use crate::flow::{AtClosing, Member, Overflow, QueueRules, StepKind, Strategy, WhenEmpty};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn queues(text: &str) -> crate::flow::Loaded {
    load("test", &files(CARD, text, FLOW), &AUDIO)
}

#[test]
fn every_key_is_read() {
    let text = "agents:
  strategy: round-robin
  members: [amina, { agent: bruno, priority: 2, skills: [en, fiscal], wrap_up: 2m }]
  ring: 15s
  wrap_up: 1m
  pause_after: 3
  music: calme
  capacity: 7
  at_closing: tell
  when_empty: wait-for-pause
  max_wait: 20m
  overflow: { to: renfort, after: 3m }
  affinity: 24h
  level: 90s
  languages: [en]
  whisper: false
  callbacks_per_hour: 4
renfort:
  members: [chloe]
  at_closing: serve
";
    let service = queues(text).service.unwrap();
    let rules = QueueRules::clone(&service.queues[0]);
    let bruno = Member {
        priority: 2,
        skills: vec!["en".into(), "fiscal".into()],
        wrap_up: Some(secs(120)),
        ..Member::from(AgentName::from("bruno"))
    };
    let expected = QueueRules {
        strategy: Strategy::RoundRobin,
        ring: secs(15),
        wrap_up: secs(60),
        pause_after: Some(3),
        music: "calme".into(),
        capacity: 7,
        at_closing: AtClosing::Tell,
        when_empty: WhenEmpty::WaitForPause,
        max_wait: Some(secs(1200)),
        overflow: Some(Overflow { to: "test/renfort".into(), after: secs(180) }),
        affinity: Some(secs(86_400)),
        level: secs(90),
        languages: vec![Language::En],
        whisper: Some(false),
        callbacks_per_hour: 4,
        ..QueueRules::new("test/agents".into(), vec![AgentName::from("amina").into(), bruno])
    };
    assert_eq!(rules, expected);
    assert_eq!(*service.queues[1], QueueRules::new("test/renfort".into(), vec![AgentName::from("chloe").into()]));
}

#[test]
fn each_word_of_a_rule_is_read() {
    let rules = |key: &str, word: &str| {
        let text = format!("agents:\n  members: [amina]\n  at_closing: serve\n  {key}: {word}\n");
        QueueRules::clone(&queues(&text).service.unwrap().queues[0])
    };
    for (word, strategy) in [
        ("longest-idle", Strategy::LongestIdle),
        ("least-recent", Strategy::LeastRecent),
        ("round-robin", Strategy::RoundRobin),
        ("fewest-calls", Strategy::FewestCalls),
        ("ring-all", Strategy::RingAll),
    ] {
        assert_eq!(rules("strategy", word).strategy, strategy);
    }
    for (word, rule) in
        [("refuse", WhenEmpty::Refuse), ("wait-for-pause", WhenEmpty::WaitForPause), ("wait", WhenEmpty::Wait)]
    {
        assert_eq!(rules("when_empty", word).when_empty, rule);
    }
}

#[test]
fn who_is_named_must_be_there() {
    insta::assert_snapshot!(shown(&queues(
        "agents:
  members: [amina, { agent: amina, priority: 2 }]
  at_closing: serve
  overflow: { to: suport, after: 2m }
  languages: [en]
support:
  members: [bruno]
  at_closing: serve
  overflow: { to: support, after: 2m }
"
    )));
}

#[test]
fn what_a_caller_needs_somebody_must_have() {
    let text = "agents:\n  members: [amina, { agent: bruno, skills: [fiscal, en] }]\n  at_closing: serve\n";
    let told = |step: &str| load("test", &files(CARD, text, &flow(&[("    queue: agents\n", step)])), &AUDIO);
    let service = told("    queue: agents\n    needs: [fiscal, en]\n    priority: 2\n").service.unwrap();
    let StepKind::Queue(queue) = &service.flows[0].step(service.flows[0].agent).kind else { panic!("a queue") };
    assert_eq!((queue.needs.as_slice(), queue.priority), (&["fiscal".into(), "en".into()][..], 2));
    insta::assert_snapshot!(shown(&told("    queue: agents\n    needs: [fiskal]\n")));
}

#[test]
fn its_faults_are_told_once() {
    insta::assert_snapshot!(shown(&queues(
        "agents:\n  membres: [amina]\n  ring: 20\n  strategy: random\n  at_closing: serve\nsupport:\n  members: amina\n  at_closing: tell\n  capacity: 0\n"
    )));
}
