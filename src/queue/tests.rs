//! What the board promises, one behaviour a test.

use std::sync::Arc;
use std::time::Duration;

use super::{Board, Input, Missed, Output};
use crate::base::{AgentName, CallId, Instant, QueueName};
use crate::flow::{AtClosing, QueueRules, Strategy};

pub(super) fn rules(name: &str, members: &[&str], capacity: usize) -> Arc<QueueRules> {
    Arc::new(QueueRules {
        name: name.into(),
        strategy: Strategy::LongestIdle,
        members: members.iter().map(|m| AgentName::from(*m)).collect(),
        ring: Duration::from_secs(20),
        wrap_up: Duration::from_secs(30),
        music: "attente".into(),
        capacity,
        at_closing: AtClosing::Serve,
    })
}

/// A board with a clock that tells what it says in short lines.
struct Hall {
    board: Board,
    now: Instant,
}

impl Hall {
    /// Two queues: `a` with amina and bruno, `b` with bruno and chloe; room for 3 each.
    fn new() -> Self {
        let queues = vec![rules("a", &["amina", "bruno"], 3), rules("b", &["bruno", "chloe"], 3)];
        Self { board: Board::new(queues), now: Instant::START }
    }

    fn with(agents: &[&str]) -> Self {
        let mut hall = Self::new();
        for agent in agents {
            hall.up(agent);
            hall.after(1);
        }
        hall
    }

    fn tell(&mut self, input: Input) -> Vec<String> {
        self.board.handle(self.now, input);
        std::iter::from_fn(|| self.board.poll()).map(|output| line(&output)).collect()
    }

    fn after(&mut self, seconds: u64) -> Vec<String> {
        self.now += Duration::from_secs(seconds);
        self.tell(Input::Tick)
    }

    fn join(&mut self, call: u64, queue: &str) -> Vec<String> {
        self.tell(Input::Join { call: CallId(call), queue: queue.into() })
    }

    fn leave(&mut self, call: u64) -> Vec<String> {
        self.tell(Input::Leave { call: CallId(call) })
    }

    fn up(&mut self, agent: &str) -> Vec<String> {
        self.tell(Input::AgentUp { agent: agent.into() })
    }

    fn down(&mut self, agent: &str) -> Vec<String> {
        self.tell(Input::AgentDown { agent: agent.into() })
    }

    fn answered(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::Answered { call: CallId(call), agent: agent.into() })
    }

    fn missed(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::Missed { call: CallId(call), agent: agent.into(), why: Missed::NoAnswer })
    }

    fn talk_ended(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::TalkEnded { call: CallId(call), agent: agent.into() })
    }
}

fn line(output: &Output) -> String {
    match output {
        Output::Joined { call, rank } => format!("{call} joined at {rank}"),
        Output::Refused { call, why } => format!("{call} refused {why:?}"),
        Output::Rank { call, rank } => format!("{call} rank {rank}"),
        Output::Offer { call, agent, ring } => format!("ring {agent} {}s for {call}", ring.as_secs()),
        Output::Nobody { call } => format!("{call} nobody"),
        Output::Agent { agent, state } => format!("{agent} {state}"),
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_free_agent_is_rung_at_once_and_rests_after_the_talk() {
    let mut hall = Hall::with(&["amina"]);
    assert_eq!(hall.join(1, "a"), ["call-1 joined at 1", "amina ringing", "ring amina 20s for call-1"]);
    assert_eq!(hall.board.rank(CallId(1)), Some(1));
    assert_eq!(hall.answered(1, "amina"), ["amina talking"]);
    assert_eq!((hall.board.rank(CallId(1)), hall.board.waiting(&"a".into())), (None, 0));
    assert_eq!(hall.talk_ended(1, "amina"), ["amina wrap-up"]);
    assert_eq!(hall.board.deadline(), Some(hall.now + Duration::from_secs(30)));
    assert_eq!(hall.after(29), NOTHING);
    assert_eq!(hall.after(1), ["amina available"]);
    assert_eq!(hall.board.deadline(), None);
}

#[test]
fn callers_are_served_in_their_order_and_told_when_they_move() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    assert_eq!(hall.join(2, "a"), ["call-2 joined at 2"]);
    assert_eq!(hall.join(3, "a"), ["call-3 joined at 3"]);
    assert_eq!(hall.answered(1, "amina"), ["amina talking", "call-2 rank 1", "call-3 rank 2"]);
    hall.talk_ended(1, "amina");
    assert_eq!(hall.after(30), ["amina available", "amina ringing", "ring amina 20s for call-2"]);
    assert_eq!(hall.leave(2), ["amina available", "amina ringing", "ring amina 20s for call-3", "call-3 rank 1"]);
}

#[test]
fn who_was_rung_for_in_vain_keeps_the_place_and_gets_the_next_agent() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    hall.join(1, "a");
    let next = ["amina resting", "bruno ringing", "ring bruno 20s for call-1"];
    assert_eq!(hall.missed(1, "amina"), next);
    assert_eq!(hall.board.rank(CallId(1)), Some(1));
}

#[test]
fn a_lone_agent_who_missed_is_rung_again_after_a_rest() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    assert_eq!(hall.missed(1, "amina"), ["amina resting"]);
    assert_eq!(hall.board.logged_in(&"a".into()), 1);
    assert_eq!(hall.after(5), ["amina available", "amina ringing", "ring amina 20s for call-1"]);
}

#[test]
fn the_longest_idle_agent_is_rung() {
    let mut hall = Hall::with(&["bruno", "amina"]);
    assert_eq!(hall.join(1, "a")[1], "bruno ringing");
    hall.answered(1, "bruno");
    hall.talk_ended(1, "bruno");
    hall.after(60);
    assert_eq!(hall.join(2, "a")[1], "amina ringing", "bruno has been idle for less long");
}

#[test]
fn a_caller_who_leaves_while_it_rings_does_not_cost_the_agent_the_turn() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    hall.join(1, "a");
    hall.after(10);
    assert_eq!(hall.leave(1), ["amina available"]);
    assert_eq!(hall.join(2, "a")[1], "amina ringing");
    assert_eq!(hall.answered(1, "amina"), NOTHING, "a late answer for who has left means nothing");
}

#[test]
fn an_agent_of_two_queues_gets_whoever_has_waited_longest() {
    let mut hall = Hall::with(&["amina", "bruno", "chloe"]);
    for (call, agent) in [(1, "amina"), (2, "bruno")] {
        hall.join(call, "a");
        hall.answered(call, agent);
    }
    hall.join(3, "b");
    hall.answered(3, "chloe");
    hall.join(4, "b");
    hall.join(5, "a");
    hall.talk_ended(2, "bruno");
    assert_eq!(hall.after(30), ["bruno available", "bruno ringing", "ring bruno 20s for call-4"]);
}

#[test]
fn an_agent_of_two_queues_is_rung_by_one_caller_at_a_time() {
    let mut hall = Hall::with(&["bruno"]);
    hall.join(1, "a");
    assert_eq!(hall.join(2, "b"), ["call-2 joined at 1"]);
    assert_eq!((hall.board.free_agents(&"a".into()), hall.board.free_agents(&"b".into())), (0, 0));
}

#[test]
fn nobody_full_and_unknown_are_told_at_once() {
    let mut hall = Hall::new();
    assert_eq!(hall.join(1, "a"), ["call-1 refused Nobody"]);
    assert_eq!(hall.join(1, "x"), ["call-1 refused Unknown"]);
    hall.up("amina");
    for call in 1..=4 {
        hall.join(call, "a");
    }
    assert_eq!(hall.join(5, "a"), ["call-5 refused Full"]);
    assert_eq!(hall.board.waiting(&"a".into()), 3);
}

#[test]
fn a_busy_agent_is_hope_enough_to_wait() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    assert_eq!(hall.join(2, "a"), ["call-2 joined at 1"]);
    hall.talk_ended(1, "amina");
    assert_eq!(hall.join(3, "a"), ["call-3 joined at 2"], "in wrap-up too");
}

#[test]
fn when_the_last_agent_goes_those_who_wait_are_told() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    hall.join(2, "a");
    hall.join(3, "a");
    assert_eq!(hall.down("amina"), ["amina talking-gone", "call-2 nobody", "call-3 nobody"]);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina offline"], "the talk was left alone");
}

#[test]
fn a_phone_that_goes_while_it_rings_may_still_answer_or_miss() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    assert_eq!(hall.down("amina"), ["amina ringing-gone"]);
    assert_eq!(hall.missed(1, "amina"), ["amina offline", "call-1 nobody"]);
    hall.up("amina");
    hall.join(2, "a");
    hall.down("amina");
    assert_eq!(hall.answered(2, "amina"), ["amina talking-gone"]);
    assert_eq!(hall.up("amina"), ["amina talking"]);
}

#[test]
fn a_caller_who_hangs_up_in_the_talk_starts_the_wrap_up_once() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    assert_eq!(hall.leave(1), ["amina wrap-up"]);
    assert_eq!(hall.talk_ended(1, "amina"), NOTHING);
}

#[test]
fn whose_agent_vanished_waits_again_at_the_old_place() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.join(2, "a");
    hall.answered(1, "amina");
    let told = hall.tell(Input::Rejoin { call: CallId(1), queue: "a".into() });
    assert_eq!(told, ["amina wrap-up", "call-1 joined at 1", "call-2 rank 2"]);
}

#[test]
fn joining_again_keeps_the_place_and_joining_elsewhere_gives_it_up() {
    let mut hall = Hall::with(&["amina", "chloe"]);
    hall.join(1, "a");
    hall.join(2, "a");
    assert_eq!(hall.join(2, "a"), ["call-2 joined at 2"]);
    assert_eq!(hall.join(2, "b"), ["call-2 joined at 1", "chloe ringing", "ring chloe 20s for call-2"]);
    assert_eq!(hall.board.waiting(&"a".into()), 1);
}

#[test]
fn each_caller_is_told_the_last_rank_only() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(9, "a");
    hall.answered(9, "amina");
    for call in 1..=3 {
        hall.join(call, "a");
    }
    hall.board.handle(hall.now, Input::Leave { call: CallId(2) });
    hall.board.handle(hall.now, Input::Join { call: CallId(4), queue: "a".into() });
    hall.board.handle(hall.now, Input::Leave { call: CallId(1) });
    let told: Vec<String> = std::iter::from_fn(|| hall.board.poll()).map(|output| line(&output)).collect();
    assert_eq!(told, ["call-4 joined at 3", "call-3 rank 1", "call-4 rank 2"]);
}

#[test]
fn ten_thousand_callers_wait_without_anyone_counting() {
    let mut board = Board::new(vec![rules("a", &["amina"], 10_000)]);
    board.handle(Instant::START, Input::AgentUp { agent: "amina".into() });
    let queue = QueueName::from("a");
    for call in 0..10_000 {
        board.handle(Instant::START, Input::Join { call: CallId(call), queue: queue.clone() });
    }
    while board.poll().is_some() {}
    for call in 0..5_000 {
        board.handle(Instant::START, Input::Leave { call: CallId(call * 2) });
    }
    assert_eq!(board.rank(CallId(9_999)), Some(5_000));
    let ranks = std::iter::from_fn(|| board.poll()).filter(|o| matches!(o, Output::Rank { .. })).count();
    assert_eq!(ranks, 5_000, "one each, however many left");
}
