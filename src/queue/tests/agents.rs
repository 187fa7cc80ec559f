//! Pauses, logging in and out, wrap-ups, phones that can't be reached.

use super::*;
use crate::queue::REST;

impl Hall {
    fn pause(&mut self, agent: &str, reason: &str) -> Vec<String> {
        self.tell(Input::Pause { agent: agent.into(), reason: reason.into() })
    }

    fn resume(&mut self, agent: &str) -> Vec<String> {
        self.tell(Input::Resume { agent: agent.into() })
    }

    /// The agent answered, and hung up on hearing who it is.
    fn declined(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.answered(call, agent);
        let why = Parted::Declined(Missed::Rejected);
        self.tell(Input::Rejoin { who: CallId(call).into(), queue: "a".into(), why })
    }

    fn unreachable(&mut self, call: u64, agent: &str) -> Vec<String> {
        self.tell(Input::Missed { who: CallId(call).into(), agent: agent.into(), why: Missed::Unreachable })
    }
}

#[test]
fn who_is_on_a_pause_is_not_rung_and_comes_back_last() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    assert_eq!(hall.pause("amina", "déjeuner"), ["amina paused (déjeuner)"]);
    assert_eq!(hall.pause("amina", "formation"), ["amina paused (formation)"]);
    hall.join(1, "a");
    assert_eq!(hall.resume("amina"), ["amina available"]);
    assert_eq!(hall.resume("amina"), NOTHING);
    assert_eq!(hall.leave(1), ["bruno available"]);
    assert_eq!(hall.join(2, "a")[1], "bruno ringing", "a pause ends the time of being free");
}

#[test]
fn a_pause_asked_for_in_a_talk_begins_when_the_talk_is_over() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    assert_eq!(hall.pause("amina", "déjeuner"), ["amina talking (déjeuner)"]);
    assert_eq!(hall.join(2, "a"), ["call-2 refused Paused"], "nobody is promised an agent who goes");
    assert_eq!(hall.talk_ended(1, "amina"), ["amina paused (déjeuner)"]);
    assert_eq!(hall.board.deadline(), None);
}

#[test]
fn a_pause_while_the_phone_rings_gives_the_caller_another_agent() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    hall.join(1, "a");
    let told = hall.pause("amina", "urgence");
    assert_eq!(
        told,
        ["no more amina for call-1", "amina paused (urgence)", "bruno ringing", "ring bruno 20s for call-1"]
    );
}

#[test]
fn an_answer_that_crossed_the_pause_stands() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    hall.join(1, "a");
    hall.pause("amina", "urgence");
    let told = hall.answered(1, "amina");
    assert_eq!(told, ["no more bruno for call-1", "bruno available", "amina talking (urgence)"]);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina paused (urgence)"]);
}

#[test]
fn an_answer_that_crossed_another_offer_stands_and_the_other_caller_is_served_on() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.pause("amina", "urgence");
    assert_eq!(hall.resume("amina"), ["amina available"]);
    assert_eq!(hall.join(2, "a")[2], "ring amina 20s for call-2");
    hall.join(1, "a");
    let told = hall.answered(1, "amina");
    assert_eq!(told, ["no more amina for call-2", "amina talking"]);
    hall.talk_ended(1, "amina");
    assert_eq!(hall.after(30)[2], "ring amina 20s for call-2");
}

#[test]
fn logging_out_ends_the_pause_and_a_registered_phone_is_not_enough_then() {
    let mut hall = Hall::with(&["amina"]);
    hall.pause("amina", "déjeuner");
    assert_eq!(hall.tell(Input::LogOut { agent: "amina".into() }), ["amina offline"]);
    assert_eq!(hall.up("amina"), NOTHING);
    assert_eq!(hall.join(1, "a"), ["call-1 refused Nobody"]);
    assert_eq!(hall.tell(Input::LogIn { agent: "amina".into() }), ["amina available"]);
    hall.down("amina");
    assert_eq!(hall.tell(Input::LogIn { agent: "amina".into() }), NOTHING, "the phone is not there");
}

#[test]
fn logging_out_in_a_talk_leaves_it_alone() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    assert_eq!(hall.tell(Input::LogOut { agent: "amina".into() }), NOTHING);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina offline"]);
}

#[test]
fn a_wrap_up_is_the_agent_s_own_and_can_be_cut_short() {
    let mut queue = rules("a", &["amina", "bruno"], 3);
    queue.members[0].wrap_up = Some(Duration::from_secs(90));
    let mut hall = Hall::of(vec![queue]).come(&["amina", "bruno"]);
    for (call, agent, lasts) in [(1, "amina", 90), (2, "bruno", 30)] {
        hall.join(call, "a");
        hall.answered(call, agent);
        hall.talk_ended(call, agent);
        assert_eq!(hall.board.deadline(), Some(hall.now + Duration::from_secs(lasts)));
        assert_eq!(hall.tell(Input::Ready { agent: agent.into() }), [format!("{agent} available")]);
    }
    hall.join(3, "a");
    assert_eq!(hall.tell(Input::Ready { agent: "amina".into() }), NOTHING, "a ringing is not cut short");
}

#[test]
fn who_hangs_up_on_hearing_who_it_is_has_missed_the_caller_and_has_no_wrap_up() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    hall.join(1, "a");
    let told = hall.declined(1, "amina");
    assert_eq!(told, ["amina resting", "call-1 joined at 1", "bruno ringing", "ring bruno 20s for call-1"]);
    assert_eq!(hall.after(REST.as_secs()), ["amina available"], "a rest, and no wrap-up of thirty seconds");
}

#[test]
fn hanging_up_on_the_briefing_counts_towards_the_pause_of_who_lets_callers_ring() {
    let queue = QueueRules { pause_after: Some(2), ..rules("a", &["amina"], 3) };
    let mut hall = Hall::of(vec![queue]).come(&["amina"]);
    hall.join(1, "a");
    assert_eq!(hall.declined(1, "amina"), ["amina resting", "call-1 joined at 1"]);
    hall.after(REST.as_secs());
    let told = hall.declined(1, "amina");
    assert_eq!(told, ["amina resting", "amina paused (unanswered)", "call-1 refused Paused"]);
}

#[test]
fn who_lets_callers_ring_in_a_row_is_put_on_a_pause() {
    let queue = QueueRules { pause_after: Some(2), ..rules("a", &["amina"], 3) };
    let mut hall = Hall::of(vec![queue]).come(&["amina"]);
    hall.join(1, "a");
    hall.missed(1, "amina");
    hall.after(5);
    assert_eq!(
        hall.missed(1, "amina"),
        ["amina resting", "amina paused (unanswered)", "call-1 refused Paused"],
        "the truth is told at once"
    );
    hall.resume("amina");
    hall.join(2, "a");
    hall.missed(2, "amina");
    hall.after(5);
    hall.answered(2, "amina");
    hall.talk_ended(2, "amina");
    hall.after(30);
    hall.join(3, "a");
    assert_eq!(hall.missed(3, "amina"), ["amina resting"], "one was answered in between");
}

#[test]
fn a_phone_that_can_t_be_reached_is_tried_less_and_less() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    let mut rests = Vec::new();
    for _ in 0..8 {
        assert_eq!(hall.unreachable(1, "amina"), ["amina resting"]);
        let until = hall.board.deadline().unwrap();
        rests.push(until.since(hall.now).as_secs());
        hall.now = until;
        assert_eq!(hall.tell(Input::Tick)[2], "ring amina 20s for call-1");
    }
    assert_eq!(rests, [5, 10, 20, 40, 80, 160, 300, 300]);
    hall.unreachable(1, "amina");
    assert_eq!(hall.up("amina")[0], "amina available", "it has registered again");
    hall.unreachable(1, "amina");
    assert_eq!(hall.board.deadline(), Some(hall.now + REST), "and all is forgotten");
}

#[test]
fn a_ringing_of_which_nothing_is_heard_any_more_is_given_up() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    hall.join(1, "a");
    assert_eq!(hall.after(29), NOTHING);
    let told = hall.after(1);
    assert_eq!(
        told,
        ["no more amina for call-1", "amina resting", "bruno ringing", "ring bruno 20s for call-1"],
        "nothing stays in use"
    );
}

#[test]
fn a_phone_that_says_when_to_call_again_is_left_alone_until_then() {
    let mut hall = Hall::with(&["amina"]);
    hall.join(1, "a");
    hall.tell(Input::LeaveAlone { agent: "amina".into(), at_least: Duration::from_secs(120) });
    hall.unreachable(1, "amina");
    hall.tell(Input::LeaveAlone { agent: "amina".into(), at_least: Duration::from_secs(120) });
    assert_eq!(hall.after(119), NOTHING);
    assert_eq!(hall.after(1), ["amina available", "amina ringing", "ring amina 20s for call-1"]);
    hall.unreachable(1, "amina");
    hall.tell(Input::LeaveAlone { agent: "amina".into(), at_least: Duration::from_secs(1) });
    assert_eq!(hall.after(9), NOTHING, "the board's own rest is longer");
    assert_eq!(hall.after(1).len(), 3);
    hall.unreachable(1, "amina");
    hall.tell(Input::LeaveAlone { agent: "amina".into(), at_least: Duration::MAX });
    assert_eq!(hall.after(600).len(), 3, "ten minutes at most");
}
