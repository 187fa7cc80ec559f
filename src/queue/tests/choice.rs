//! Who is rung: strategies, priorities, skills, affinity.

use super::*;
use crate::base::{PhoneNumber, Skill, TicketId};
use crate::flow::Strategy;
use crate::queue::CallerKey;

fn by(strategy: Strategy, members: &[&str]) -> Hall {
    let wrap_up = Duration::ZERO;
    Hall::of(vec![QueueRules { strategy, wrap_up, ..rules("a", members, 9) }])
}

/// Who is rung for this caller.
fn rung(told: &[String]) -> Vec<&str> {
    told.iter().filter_map(|line| line.strip_prefix("ring ")?.split(' ').next()).collect()
}

impl Hall {
    /// A whole call; who was rung for it.
    fn serves(&mut self, call: u64, lasting: u64) -> String {
        let told = self.join(call, "a");
        let agent = rung(&told)[0].to_owned();
        self.answered(call, &agent);
        self.after(lasting);
        self.talk_ended(call, &agent);
        agent
    }
}

#[test]
fn round_robin_goes_round_whoever_answers() {
    let mut hall = by(Strategy::RoundRobin, &["amina", "bruno", "chloe"]).come(&["chloe", "bruno", "amina"]);
    let mut turns = Vec::new();
    for call in 0..3 {
        turns.push(hall.serves(call, 10));
    }
    hall.join(3, "a");
    let next = hall.missed(3, &turns[0].clone());
    assert_eq!(rung(&next), [turns[1].as_str()], "who missed has had the turn");
    hall.answered(3, &turns[1].clone());
    hall.talk_ended(3, &turns[1].clone());
    hall.after(60);
    assert_eq!([hall.serves(4, 1), hall.serves(5, 1), hall.serves(6, 1)], [&*turns[2], &*turns[0], &*turns[1]]);
}

#[test]
fn fewest_calls_evens_out_and_who_comes_late_is_not_flooded() {
    let mut hall = by(Strategy::FewestCalls, &["amina", "bruno"]).come(&["amina"]);
    for call in 0..4 {
        assert_eq!(hall.serves(call, 1), "amina");
    }
    hall.up("bruno");
    let served: Vec<String> = (4..8).map(|call| hall.serves(call, 1)).collect();
    assert_eq!(served.iter().filter(|agent| *agent == "bruno").count(), 2, "{served:?}");
}

#[test]
fn least_recent_forgets_no_call_over_a_pause() {
    let mut hall = by(Strategy::LeastRecent, &["amina", "bruno"]).come(&["amina", "bruno"]);
    assert_eq!([hall.serves(1, 5), hall.serves(2, 5)], ["amina", "bruno"]);
    hall.tell(Input::Pause { agent: "amina".into(), reason: "café".into() });
    hall.tell(Input::Resume { agent: "amina".into() });
    assert_eq!(hall.serves(3, 5), "amina", "by the longest idle it would be bruno");
}

#[test]
fn a_lower_priority_is_rung_only_when_no_other_is_free() {
    for strategy in [Strategy::LongestIdle, Strategy::LeastRecent, Strategy::RoundRobin, Strategy::FewestCalls] {
        let mut hall = by(strategy, &["amina/2", "bruno"]).come(&["amina", "bruno"]);
        assert_eq!([hall.serves(1, 5), hall.serves(2, 5)], ["bruno", "bruno"], "{strategy:?}");
        hall.join(3, "a");
        assert_eq!(rung(&hall.join(4, "a")), ["amina"], "{strategy:?}");
    }
}

#[test]
fn a_queue_of_second_choice_must_have_waited_a_level_longer() {
    for (later, first) in [(59, 2), (61, 1)] {
        let queues = vec![rules("a", &["amina"], 9), rules("b", &["amina/2"], 9)];
        let mut hall = Hall::of(queues).come(&["amina"]);
        hall.join(9, "a");
        hall.answered(9, "amina");
        hall.join(1, "b");
        hall.after(later);
        hall.join(2, "a");
        hall.talk_ended(9, "amina");
        assert_eq!(hall.after(30)[2], format!("ring amina 20s for call-{first}"));
    }
}

#[test]
fn ring_all_rings_everyone_and_the_first_answer_wins() {
    let mut hall = by(Strategy::RingAll, &["amina", "bruno/2", "chloe"]).come(&["amina", "bruno", "chloe"]);
    assert_eq!(rung(&hall.join(1, "a")), ["amina", "chloe", "bruno"]);
    assert_eq!(hall.join(2, "a"), ["call-2 joined at 2"]);
    assert_eq!(
        hall.answered(1, "chloe"),
        [
            "no more amina for call-1",
            "amina available",
            "no more bruno for call-1",
            "bruno available",
            "chloe talking",
            "amina ringing",
            "ring amina 20s for call-2",
            "bruno ringing",
            "ring bruno 20s for call-2",
        ]
    );
    assert_eq!(hall.answered(1, "amina"), NOTHING, "the call ends the second answer by itself");
    assert_eq!(hall.missed(2, "amina"), ["amina resting"]);
    assert_eq!(rung(&hall.talk_ended(1, "chloe")), ["chloe"], "who comes free rings too");
    assert_eq!(rung(&hall.after(5)), ["amina"], "and who has rested again");
    assert_eq!(hall.leave(2), ["bruno available", "chloe available", "amina available"]);
}

#[test]
fn ring_all_gives_the_next_agent_to_who_has_none() {
    let mut hall = by(Strategy::RingAll, &["amina", "bruno"]).come(&["amina"]);
    hall.join(1, "a");
    hall.join(2, "a");
    assert_eq!(hall.up("bruno")[1], "bruno ringing");
    assert_eq!(hall.answered(2, "bruno"), ["bruno talking"]);
}

#[test]
fn ring_all_rings_one_agent_at_a_time_for_a_callback() {
    let mut hall = by(Strategy::RingAll, &["amina", "bruno"]).come(&["amina", "bruno"]);
    let nine = || TicketId(9).into();
    assert_eq!(rung(&hall.tell(Input::Join(Join::new(TicketId(9), "a".into())))), ["amina"]);
    let missed = Input::Missed { who: nine(), agent: "amina".into(), why: Missed::NoAnswer };
    assert_eq!(rung(&hall.tell(missed)), ["bruno"]);
}

#[test]
fn a_needed_skill_is_waited_for_and_others_are_served_meanwhile() {
    let mut queue = rules("a", &["amina", "bruno"], 9);
    queue.members[1].skills = vec![Skill::from("en")];
    let mut hall = Hall::of(vec![queue]).come(&["amina"]);
    let english = |call: u64| {
        let needs = vec![Skill::from("en")];
        Input::Join(Join { needs, ..Join::new(CallId(call), "a".into()) })
    };
    assert_eq!(hall.tell(english(1)), ["call-1 refused Nobody"], "who could help is not there");
    hall.up("bruno");
    assert_eq!(rung(&hall.tell(english(2))), ["bruno"]);
    assert_eq!(hall.tell(english(3)), ["call-3 joined at 2"], "amina is free, but does not speak it");
    assert_eq!(rung(&hall.join(4, "a")), ["amina"]);
    assert_eq!(hall.board.rank(CallId(4)), Some(3));
    assert_eq!(hall.down("bruno"), ["call-3 refused Nobody"]);
}

#[test]
fn who_spoke_with_an_agent_before_is_given_that_one_if_free() {
    let within = Some(Duration::from_secs(3600));
    let queue = QueueRules { affinity: within, ..rules("a", &["amina", "bruno"], 9) };
    let mut hall = Hall::of(vec![queue]).come(&["amina", "bruno"]);
    let key = CallerKey::from(&PhoneNumber::parse("0612345678").unwrap());
    let known = |call: u64| Input::Join(Join { caller: Some(key), ..Join::new(CallId(call), "a".into()) });
    for (call, later, agent) in [(1, 60, "amina"), (2, 3600, "amina"), (3, 3601, "amina"), (4, 60, "bruno")] {
        if call == 4 {
            // More than an hour has passed since, and bruno has been free for longer.
            hall.after(3601);
        }
        assert_eq!(rung(&hall.tell(known(call))), [agent], "call {call}");
        hall.answered(call, agent);
        hall.talk_ended(call, agent);
        hall.after(later.min(3500));
    }
    hall.join(5, "a");
    assert_eq!(rung(&hall.tell(known(6))).len(), 1, "the usual one, when that one is busy");
}
