//! What the estimate promises: on floors whose waits are known by hand, and on any floor.

use std::time::Duration;

use proptest::prelude::*;

use super::law::LogNormal;
use super::lengths::Known;
use super::outlook::{HORIZON, Outlook, PauseLaws, QueueLaws};
use super::patience::{Hazards, WaitEnd};
use super::{Estimator, Lesson, Telling};
use crate::base::{AgentName, CallId, Instant, TicketId};
use crate::queue::{AgentState, AgentView, LineView, Serves, Standing, Then, View, WaiterView, Waiting};
use crate::speech::Wait;

const NOW: u64 = 10_000;

fn at(seconds: u64) -> Instant {
    Instant::from_start(Duration::from_secs(seconds))
}

/// Talks of 300 s, four seconds of ringing, half a minute of wrap-up.
fn laws(sigma: f64, leaving: f64) -> QueueLaws {
    let talk = Known { law: LogNormal::with_mean(300.0, sigma), error: 0.0, evidence: 1000.0 };
    QueueLaws { talk, ring: LogNormal::with_mean(4.0, 0.02), wrap_up: 30.0, hazards: Hazards::constant(leaving) }
}

fn pauses(share: f64) -> PauseLaws {
    let length = Known { law: LogNormal::with_mean(600.0, 0.5), error: 0.0, evidence: 100.0 };
    PauseLaws { length, share }
}

fn agent(state: AgentState, since: u64, until: Option<u64>, lines: &[usize]) -> AgentView {
    let serving = matches!(state, AgentState::Talking | AgentState::Ringing | AgentState::WrapUp);
    AgentView {
        agent: AgentName::from("amina"),
        state,
        since: at(since),
        until: until.map(at),
        serving: serving.then(|| "q0".into()),
        then: Then::GoesOn,
        lines: lines.iter().copied().map(Serves::from).collect(),
    }
}

/// An agent of the first line who is free after so many seconds.
fn free_in(seconds: u64) -> AgentView {
    agent(AgentState::WrapUp, NOW, Some(NOW + seconds), &[0])
}

fn line(n: usize, waiting: Vec<WaiterView>) -> LineView {
    LineView { queue: format!("q{n}").as_str().into(), needs: Vec::new(), waiting }
}

/// Claims in the order of the places, a second apart.
fn claim(place: u64) -> i64 {
    place.cast_signed() * 1_000_000
}

fn callback(place: u64) -> WaiterView {
    WaiterView { who: Waiting::Ticket(TicketId(place)), claim: claim(place), place, since: at(NOW - 60) }
}

fn caller(place: u64) -> WaiterView {
    WaiterView { who: Waiting::Caller(CallId(place)), claim: claim(place), place, since: at(NOW - 60) }
}

fn stands(n: usize, ahead: usize) -> Standing {
    let queue = format!("q{n}").as_str().into();
    Standing { queue, needs: Vec::new(), rank: ahead + 1, ahead, since: at(NOW - 60) }
}

/// The mean wait behind so many in a line.
fn mean(view: &View, laws: QueueLaws, share: f64, of: usize, ahead: usize) -> f64 {
    let outlook = Outlook::draw(at(NOW), view, &vec![laws; view.lines.len()], &pauses(share));
    let waits = outlook.waits(at(NOW), outlook.fan(&stands(of, ahead)).unwrap(), ahead);
    waits.iter().sum::<f64>() / waits.len() as f64
}

fn near(a: f64, b: f64, by: f64) -> bool {
    (a / b - 1.0).abs() < by
}

#[test]
fn callbacks_ahead_of_one_agent_take_a_call_each() {
    // In the k-th turn: 20 s of wrap-up left, k − 1 cycles of 4 + 300 + 30 s, and a ring.
    let view = View { lines: vec![line(0, (0..4).map(callback).collect())], agents: vec![free_in(20)] };
    for k in 0..=4 {
        let expected = 20.0 + 334.0 * k as f64 + 4.0;
        let mean = mean(&view, laws(0.5, 0.0), 0.0, 0, k);
        assert!(near(mean, expected, 0.03), "{k}: {mean}, not {expected}");
    }
}

#[test]
fn callers_ahead_leave_while_they_wait() {
    // Who stands ahead is there after 300 s with e^(−300/600) = 0.6065: the next is answered
    // at 300 + 4 + 0.6065 · 334.
    let view = View { lines: vec![line(0, vec![caller(0), caller(1)])], agents: vec![free_in(300)] };
    let expected = 304.0 + 0.6065 * 334.0;
    let mean = mean(&view, laws(0.3, 1.0 / 600.0), 0.0, 0, 1);
    assert!(near(mean, expected, 0.05), "{mean}, not {expected}");
}

#[test]
fn of_many_busy_agents_the_first_is_free_soon() {
    // Fifty talks with σ = 0.3 that began just now: the mean of the smallest of 50 standard
    // normals is −2.2491 (Harter, Biometrika 48, 1961), and 286.8 · e^(−0.3 · 2.2491) = 146 s,
    // a little more by the spread of the smallest; then wrap-up and a ring.
    let agents = vec![agent(AgentState::Talking, NOW, None, &[0]); 50];
    let view = View { lines: vec![line(0, vec![callback(0)])], agents };
    let mean = mean(&view, laws(0.3, 0.0), 0.0, 0, 0);
    assert!(near(mean, 146.0 + 1.5 + 34.0, 0.03), "{mean}");
}

#[test]
fn a_talk_that_has_lasted_is_nearer_to_its_end() {
    let wait = |began: u64| {
        let agents = vec![agent(AgentState::Talking, NOW - began, None, &[0])];
        mean(&View { lines: vec![line(0, vec![callback(0)])], agents }, laws(0.3, 0.0), 0.0, 0, 0)
    };
    // After the median (286.8 s) E(T) is 300 · Φ(0.3)/0.5 = 370.7 s: 84 s are left.
    assert!(near(wait(287), 84.0 + 34.0, 0.06), "{}", wait(287));
    assert!(wait(60) > wait(200) && wait(200) > wait(287));
}

#[test]
fn a_pause_after_every_call_makes_the_next_wait_for_it() {
    let view = View { lines: vec![line(0, vec![callback(0), callback(1)])], agents: vec![free_in(0)] };
    let mean = mean(&view, laws(0.3, 0.0), 1.0, 0, 1);
    assert!(near(mean, 334.0 + 600.0 + 4.0, 0.04), "{mean}");
}

#[test]
fn an_agent_of_two_lines_takes_who_stands_first_in_any() {
    let shared = AgentView { lines: vec![0.into(), 1.into()], ..free_in(10) };
    let lines = vec![line(0, vec![callback(0), callback(2)]), line(1, vec![callback(1)])];
    let view = View { lines, agents: vec![shared] };
    let mean = |of, ahead| mean(&view, laws(0.5, 0.0), 0.0, of, ahead);
    assert!(near(mean(0, 0), 14.0, 0.05));
    assert!(near(mean(1, 0), 14.0 + 334.0, 0.05), "{}", mean(1, 0));
    assert!(near(mean(0, 1), 14.0 + 2.0 * 334.0, 0.05));
}

#[test]
fn who_waits_in_two_lines_takes_one_turn() {
    let own = |line: usize, seconds: u64| AgentView { lines: vec![line.into()], ..free_in(seconds) };
    let both = |place| WaiterView { place, claim: claim(place), ..callback(7) };
    let lines = vec![line(0, vec![both(0), callback(2)]), line(1, vec![both(1), callback(3)])];
    let view = View { lines, agents: vec![own(0, 50), own(1, 10)] };
    let mean = |of, ahead| mean(&view, laws(0.5, 0.0), 0.0, of, ahead);
    assert!(near(mean(0, 0), 14.0, 0.05), "the other line is quicker");
    assert!(near(mean(0, 1), 54.0, 0.05), "and the turn here is the next one's: {}", mean(0, 1));
    assert!(near(mean(1, 1), 14.0 + 334.0, 0.05), "{}", mean(1, 1));
}

#[test]
fn an_agent_who_is_about_to_go_serves_nobody_more() {
    let going = AgentView { then: Then::Leaves, ..agent(AgentState::Talking, NOW - 100, None, &[0]) };
    let view = View { lines: vec![line(0, vec![callback(0)])], agents: vec![going] };
    assert!(near(mean(&view, laws(0.5, 0.0), 0.0, 0, 0), HORIZON, 1e-6));
}

#[test]
fn an_agent_who_asked_for_a_pause_comes_back_after_it() {
    let going = AgentView { then: Then::Pauses, ..agent(AgentState::Talking, NOW, None, &[0]) };
    let view = View { lines: vec![line(0, vec![callback(0)])], agents: vec![going] };
    let mean = mean(&view, laws(0.3, 0.0), 0.0, 0, 0);
    assert!(near(mean, 300.0 + 600.0 + 4.0, 0.04), "a talk, a pause, a ringing: {mean}");
}

#[test]
fn a_line_of_second_choice_waits_until_its_caller_has_waited_a_level_longer() {
    let lines = || vec![line(0, vec![callback(30)]), line(1, vec![callback(0)])];
    let waits = |later: i64| {
        let lines_of = vec![0.into(), Serves { line: 1, later: later * 1_000_000 }];
        let view = View { lines: lines(), agents: vec![AgentView { lines: lines_of, ..free_in(10) }] };
        (mean(&view, laws(0.5, 0.0), 0.0, 0, 0), mean(&view, laws(0.5, 0.0), 0.0, 1, 0))
    };
    let (first, second) = waits(60);
    assert!(
        near(first, 14.0, 0.05) && near(second, 14.0 + 334.0, 0.05),
        "30 s are less than a level: {first} {second}"
    );
    let (first, second) = waits(20);
    assert!(near(first, 14.0 + 334.0, 0.05) && near(second, 14.0, 0.05), "and more than 20 s: {first} {second}");
}

/// An estimator that has seen so many talks of about 300 s.
fn learned(talks: u64) -> Estimator {
    let mut estimator = Estimator::new();
    for k in 0..talks {
        estimator.learn(&"q0".into(), Lesson::Talk(Duration::from_secs(150 + k * 97 % 300)));
        estimator.learn(&"q0".into(), Lesson::Ring(Duration::from_secs(4)));
        estimator.learn(&"q0".into(), Lesson::WrapUp(Duration::from_secs(30)));
    }
    estimator
}

fn busy(agents: usize, waiting: usize) -> View {
    let agents = (0..agents).map(|a| agent(AgentState::Talking, NOW - 50 * a as u64, None, &[0])).collect();
    View { lines: vec![line(0, (0..waiting as u64).map(caller).collect())], agents }
}

#[test]
fn nothing_is_told_before_ten_talks_or_with_nobody_at_work() {
    let mut thin = learned(9);
    thin.look(at(NOW), &busy(3, 4));
    assert_eq!(thin.tell(at(NOW), CallId(3), &stands(0, 3)), Telling::Nothing);
    let mut empty = learned(50);
    assert_eq!(empty.tell(at(NOW), CallId(3), &stands(0, 3)), Telling::Nothing, "nobody has looked");
    let agents = vec![agent(AgentState::Paused, NOW - 60, None, &[0])];
    empty.look(at(NOW), &View { lines: vec![line(0, vec![caller(0)])], agents });
    assert_eq!(empty.tell(at(NOW), CallId(0), &stands(0, 0)), Telling::Nothing);
}

fn spoken(telling: Telling) -> Option<Wait> {
    match telling {
        Telling::Wait(promise) | Telling::FewerAgents(promise) => Some(promise.spoken),
        Telling::Nothing => None,
    }
}

#[test]
fn a_longer_wait_is_told_with_its_reason_or_not_at_all() {
    let mut estimator = learned(200);
    let call = CallId(5);
    estimator.look(at(NOW), &busy(10, 6));
    let first = spoken(estimator.tell(at(NOW), call, &stands(0, 5))).unwrap();
    // The same caller stands further behind now, with as many agents: no reason is known.
    estimator.look(at(NOW), &busy(10, 60));
    assert_eq!(estimator.tell(at(NOW), call, &stands(0, 50)), Telling::Nothing);
    estimator.look(at(NOW), &busy(2, 6));
    let telling = estimator.tell(at(NOW), call, &stands(0, 5));
    assert!(matches!(telling, Telling::FewerAgents(_)), "{telling:?}");
    assert!(spoken(telling).unwrap().is_longer_than(first));
    estimator.look(at(NOW), &busy(10, 6));
    let shorter = estimator.tell(at(NOW), call, &stands(0, 0));
    assert!(matches!(shorter, Telling::Wait(_)), "{shorter:?}");
}

#[test]
fn what_was_told_is_held_against_what_happened() {
    let mut estimator = learned(200);
    estimator.look(at(NOW), &busy(3, 2));
    estimator.tell(at(NOW), CallId(1), &stands(0, 1));
    estimator.tell(at(NOW + 30), CallId(1), &stands(0, 0));
    let outcomes = estimator.ended(at(NOW + 90), CallId(1), WaitEnd::Answered);
    let seen: Vec<(usize, u64)> = outcomes.iter().map(|o| (o.promise.rank, o.waited.as_secs())).collect();
    assert_eq!(seen, [(2, 90), (1, 60)]);
    assert!(estimator.ended(at(NOW + 90), CallId(1), WaitEnd::Answered).is_empty(), "once");
    assert!(estimator.ended(at(NOW), CallId(9), WaitEnd::Left).is_empty(), "nothing was told");
}

#[test]
fn broken_promises_widen_the_range() {
    let mut estimator = learned(200);
    estimator.look(at(NOW), &busy(3, 4));
    let before = estimator.estimate(at(NOW), &stands(0, 3)).unwrap();
    for call in 100..110 {
        estimator.tell(at(NOW), CallId(call), &stands(0, 3));
        estimator.ended(at(NOW + 7200), CallId(call), WaitEnd::Answered);
    }
    let after = estimator.estimate(at(NOW), &stands(0, 3)).unwrap();
    assert!(after.high > before.high && after.expected == before.expected, "{before:?} {after:?}");
}

#[test]
fn the_same_floor_gives_the_same_estimate() {
    let (mut one, mut two) = (learned(60), learned(60));
    one.look(at(NOW), &busy(5, 9));
    two.look(at(NOW), &busy(5, 9));
    assert_eq!(one.estimate(at(NOW), &stands(0, 8)), two.estimate(at(NOW), &stands(0, 8)));
}

prop_compose! {
    fn any_agent()(
        state in prop::sample::select(vec![
            AgentState::Offline, AgentState::Available, AgentState::Ringing, AgentState::Talking,
            AgentState::WrapUp, AgentState::Resting, AgentState::Paused,
        ]),
        since in 0..NOW,
        until in prop::option::of(0..2 * NOW),
        then in prop::sample::select(vec![Then::GoesOn, Then::Pauses, Then::Leaves]),
        lines in prop::sample::select(vec![vec![], vec![0], vec![1], vec![0, 1]]),
        served in 0..3_usize,
    ) -> AgentView {
        let serving = Some(format!("q{served}").as_str().into());
        AgentView { serving, then, ..agent(state, since, until, &lines) }
    }
}

prop_compose! {
    fn any_view()(
        agents in prop::collection::vec(any_agent(), 0..12),
        waiting in prop::collection::vec((0..2_usize, 0..NOW, any::<bool>()), 0..40),
    ) -> View {
        let mut lines = vec![line(0, Vec::new()), line(1, Vec::new())];
        for (place, (of, since, tickets)) in (0..).zip(waiting) {
            let who = if tickets { callback(place).who } else { caller(place).who };
            lines[of].waiting.push(WaiterView { who, claim: claim(place), place, since: at(since) });
        }
        View { lines, agents }
    }
}

proptest! {
    #[test]
    fn an_estimate_is_finite_in_order_and_never_falls_with_the_rank(
        view in any_view(),
        talks in prop::collection::vec(0_u64..20_000, 10..60),
        later in 0_u64..600,
    ) {
        let mut estimator = Estimator::new();
        for talk in talks {
            estimator.learn(&"q0".into(), Lesson::Talk(Duration::from_secs(talk)));
            let end = if talk % 3 == 0 { WaitEnd::Left } else { WaitEnd::Answered };
            estimator.learn(&"q0".into(), Lesson::Wait(Duration::from_secs(talk / 10), end));
        }
        estimator.look(at(NOW), &view);
        let all = (0..view.lines[0].waiting.len() + 3).map(|ahead| estimator.estimate(at(NOW + later), &stands(0, ahead)));
        let all: Vec<_> = all.flatten().collect();
        for estimate in &all {
            prop_assert!(estimate.low <= estimate.expected && estimate.expected <= estimate.high);
            prop_assert!(estimate.high <= Duration::from_secs_f64(4.0 * HORIZON));
        }
        for pair in all.windows(2) {
            prop_assert!(pair[0].expected <= pair[1].expected, "{:?}", pair);
        }
    }
}
