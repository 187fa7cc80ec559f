//! What the board promises, one behaviour a test.

use std::sync::Arc;
use std::time::Duration;

use super::{Board, Input, Join, Left, Missed, Output, Parted};
use crate::base::{AgentName, CallId, Instant, Lifecycle, QueueName};
use crate::flow::{Member, QueueRules};

/// A queue of the usual rules; an agent's name may be followed by a priority: `bruno/2`.
pub(super) fn rules(name: &str, members: &[&str], capacity: usize) -> QueueRules {
    let member = |text: &&str| {
        let (name, priority) = text.split_once('/').unwrap_or((text, "1"));
        Member { priority: priority.parse().unwrap(), ..Member::from(AgentName::from(name)) }
    };
    QueueRules { capacity, ..QueueRules::new(name.into(), members.iter().map(member).collect()) }
}

/// A board with a clock that tells what it says in short lines.
struct Hall {
    board: Board,
    now: Instant,
}

mod agents;
mod callers;
mod choice;
mod hand;
mod reload;
mod views;

impl Hall {
    /// Two queues: `a` with amina and bruno, `b` with bruno and chloe; room for 3 each.
    fn new() -> Self {
        Self::of(vec![rules("a", &["amina", "bruno"], 3), rules("b", &["bruno", "chloe"], 3)])
    }

    fn of(queues: Vec<QueueRules>) -> Self {
        Self { board: Board::new(queues.into_iter().map(Arc::new).collect()), now: Instant::START }
    }

    /// These agents come, a second after one another.
    fn come(mut self, agents: &[&str]) -> Self {
        for agent in agents {
            self.up(agent);
            self.after(1);
        }
        self
    }

    fn with(agents: &[&str]) -> Self {
        Self::new().come(agents)
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
        self.tell(Input::Join(Join::new(CallId(call), queue.into())))
    }

    fn leave(&mut self, call: u64) -> Vec<String> {
        self.tell(Input::Leave { who: CallId(call).into(), why: Left::WentOn })
    }

    fn up(&mut self, agent: &str) -> Vec<String> {
        self.tell(Input::AgentUp { agent: agent.into() })
    }

    fn down(&mut self, agent: &str) -> Vec<String> {
        self.tell(Input::AgentDown { agent: agent.into() })
    }

    fn answered(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::Answered { who: CallId(call).into(), agent: agent.into() })
    }

    fn missed(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::Missed { who: CallId(call).into(), agent: agent.into(), why: Missed::NoAnswer })
    }

    fn talk_ended(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::TalkEnded { who: CallId(call).into(), agent: agent.into() })
    }
}

fn line(output: &Output) -> String {
    match output {
        Output::Joined { who, rank } => format!("{who} joined at {rank}"),
        Output::Refused { who, why } => format!("{who} refused {why:?}"),
        Output::TimedOut { who } => format!("{who} timed out"),
        Output::Busy { who, agent } => format!("{agent} is busy for {who}"),
        Output::Rank { who, rank } => format!("{who} rank {rank}"),
        Output::Offer { who, agent, ring } => format!("ring {agent} {}s for {who}", ring.as_secs()),
        Output::Withdraw { who, agent } => format!("no more {agent} for {who}"),
        Output::Agent { agent, state, pause: None } => format!("{agent} {}", state.name()),
        Output::Agent { agent, state, pause: Some(why) } => format!("{agent} {} ({why})", state.name()),
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
fn callers_are_served_in_their_order() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    assert_eq!(hall.join(2, "a"), ["call-2 joined at 2"]);
    assert_eq!(hall.join(3, "a"), ["call-3 joined at 3"]);
    assert_eq!(hall.answered(1, "amina"), ["amina talking"]);
    hall.talk_ended(1, "amina");
    assert_eq!(hall.after(30), ["amina available", "amina ringing", "ring amina 20s for call-2"]);
    assert_eq!(hall.leave(2), ["amina available", "amina ringing", "ring amina 20s for call-3"]);
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
    assert_eq!(hall.board.snapshot(&"a".into(), hall.now).unwrap().ready, 1);
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
    let free = |queue: &str| hall.board.snapshot(&queue.into(), hall.now).unwrap().free;
    assert_eq!((free("a"), free("b")), (0, 0));
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
    assert_eq!(hall.down("amina"), ["call-2 refused Nobody", "call-3 refused Nobody"]);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina offline"], "the talk was left alone");
}

#[test]
fn a_phone_that_goes_while_it_rings_may_still_answer_or_miss() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    assert_eq!(hall.down("amina"), NOTHING);
    assert_eq!(hall.missed(1, "amina"), ["amina offline", "call-1 refused Nobody"]);
    hall.up("amina");
    hall.join(2, "a");
    hall.down("amina");
    assert_eq!(hall.answered(2, "amina"), ["amina talking"]);
    assert_eq!(hall.up("amina"), NOTHING);
    assert_eq!(hall.talk_ended(2, "amina"), ["amina wrap-up"], "it is there again");
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
    let told = hall.tell(Input::Rejoin { who: CallId(1).into(), queue: "a".into(), why: Parted::Vanished });
    assert_eq!(told, ["amina wrap-up", "call-1 joined at 1"]);
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
fn a_rank_is_told_to_who_asks_and_to_nobody_else() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(9, "a");
    hall.answered(9, "amina");
    for call in 1..=3 {
        hall.join(call, "a");
    }
    assert_eq!(hall.leave(1), NOTHING);
    assert_eq!(hall.tell(Input::Ask { who: CallId(3).into() }), ["call-3 rank 2"]);
    assert_eq!(hall.tell(Input::Ask { who: CallId(1).into() }), NOTHING, "who has left is told nothing");
    assert_eq!(hall.tell(Input::Ask { who: CallId(9).into() }), NOTHING, "nor who talks");
}

#[test]
fn ten_thousand_callers_wait_without_anyone_counting() {
    let mut board = Board::new(vec![Arc::new(rules("a", &["amina"], 10_000))]);
    board.handle(Instant::START, Input::AgentUp { agent: "amina".into() });
    let queue = QueueName::from("a");
    for call in 0..10_000 {
        board.handle(Instant::START, Input::Join(Join::new(CallId(call), queue.clone())));
    }
    while board.poll().is_some() {}
    for call in 1..5_000 {
        board.handle(Instant::START, Input::Leave { who: CallId(call * 2).into(), why: Left::Ended });
    }
    assert_eq!(board.rank(CallId(9_999)), Some(5_001));
    assert_eq!(board.poll(), None, "nobody asked");
}
