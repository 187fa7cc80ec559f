//! Places: priority, old ones, other queues, limits, callbacks.

use super::*;
use crate::base::{PhoneNumber, TicketId};
use crate::flow::{Overflow, WhenEmpty};
use crate::queue::{CallerKey, Waiting};

fn overflowing(after: u64) -> Vec<QueueRules> {
    let overflow = Overflow { to: "b".into(), after: Duration::from_secs(after) };
    let first = QueueRules { overflow: Some(overflow), ..rules("a", &["amina"], 2) };
    vec![first, rules("b", &["bruno"], 9)]
}

/// Everybody is in a talk.
fn busy(queues: Vec<QueueRules>, agents: &[(&str, &str)]) -> Hall {
    let names: Vec<&str> = agents.iter().map(|(agent, _)| *agent).collect();
    let mut hall = Hall::of(queues).come(&names);
    for (call, (agent, queue)) in (100..).zip(agents) {
        hall.join(call, queue);
        hall.answered(call, agent);
    }
    hall
}

fn caller(number: &str) -> Option<CallerKey> {
    Some(CallerKey::from(&PhoneNumber::parse(number).unwrap()))
}

fn rank(hall: &Hall, call: u64) -> Option<usize> {
    hall.board.rank(CallId(call))
}

#[test]
fn a_priority_is_worth_so_much_waiting_and_no_more() {
    let mut hall = busy(vec![rules("a", &["amina"], 9)], &[("amina", "a")]);
    let urgent = |call: u64| Input::Join(Join { priority: 2, ..Join::new(CallId(call), "a".into()) });
    hall.join(1, "a");
    hall.after(61);
    hall.join(2, "a");
    hall.after(60);
    assert_eq!(hall.tell(urgent(3)), ["call-3 joined at 2"], "two minutes before call 3 is after call 1");
    hall.after(90);
    hall.tell(urgent(4));
    hall.join(5, "a");
    assert_eq!([1, 3, 2, 4, 5].map(|call| rank(&hall, call).unwrap()), [1, 2, 3, 4, 5]);
}

#[test]
fn who_was_cut_off_and_phones_again_within_three_minutes_has_the_old_place() {
    let key = caller("0612345678");
    let again = |call: u64| Input::Join(Join { caller: key, ..Join::new(CallId(call), "a".into()) });
    for (later, place) in [(180, 1), (181, 2)] {
        let mut hall = busy(vec![rules("a", &["amina"], 9)], &[("amina", "a")]);
        hall.tell(again(1));
        hall.join(2, "a");
        hall.after(20);
        hall.tell(Input::Leave { who: CallId(1).into(), why: Left::Ended });
        hall.after(later);
        assert_eq!(hall.tell(again(3)), [format!("call-3 joined at {place}")]);
        assert_eq!(
            hall.board.standing(CallId(3)).unwrap().since == Instant::START + Duration::from_secs(1),
            place == 1
        );
    }
}

#[test]
fn an_old_place_is_given_once_and_only_in_its_queue() {
    let key = caller("0612345678");
    let join = |call: u64, queue: &str| Input::Join(Join { caller: key, ..Join::new(CallId(call), queue.into()) });
    let queues = vec![rules("a", &["amina"], 9), rules("b", &["amina"], 9)];
    let mut hall = busy(queues, &[("amina", "a")]);
    hall.tell(join(1, "a"));
    hall.join(2, "a");
    hall.join(3, "b");
    hall.leave(1);
    assert_eq!(hall.tell(join(4, "b")), ["call-4 joined at 2"]);
    hall.tell(join(5, "a"));
    assert_eq!(rank(&hall, 5), Some(2), "it was given up by joining another queue");
}

#[test]
fn the_way_back_from_a_menu_leads_to_the_old_place_even_without_a_number() {
    let mut hall = busy(vec![rules("a", &["amina"], 9)], &[("amina", "a")]);
    hall.join(1, "a");
    hall.join(2, "a");
    hall.leave(1);
    hall.after(60);
    assert_eq!(hall.join(1, "a"), ["call-1 joined at 1"]);
    assert_eq!(rank(&hall, 2), Some(2));
}

#[test]
fn a_long_wait_is_helped_by_another_queue_with_the_same_arrival() {
    let mut hall = busy(overflowing(120), &[("amina", "a"), ("bruno", "b")]);
    hall.join(1, "a");
    hall.after(60);
    hall.join(2, "b");
    assert_eq!(hall.after(60), NOTHING);
    assert_eq!((rank(&hall, 1), rank(&hall, 2)), (Some(1), Some(2)), "who came first is first there too");
    assert_eq!(hall.board.waiting(&"b".into()), 2);
    hall.talk_ended(101, "bruno");
    assert_eq!(hall.after(30)[2], "ring bruno 20s for call-1");
    hall.answered(1, "bruno");
    assert_eq!((hall.board.waiting(&"a".into()), hall.board.waiting(&"b".into())), (0, 1));
    assert_eq!(hall.talk_ended(1, "bruno"), ["bruno wrap-up"]);
}

#[test]
fn the_own_queue_still_serves_who_has_overflowed() {
    let mut hall = busy(overflowing(120), &[("amina", "a"), ("bruno", "b")]);
    hall.join(1, "a");
    hall.after(120);
    hall.talk_ended(100, "amina");
    assert_eq!(hall.after(30)[2], "ring amina 20s for call-1");
    assert_eq!(hall.board.waiting(&"b".into()), 1, "the place is kept until the answer");
    hall.leave(1);
    assert_eq!((hall.board.waiting(&"a".into()), hall.board.waiting(&"b".into())), (0, 0));
}

#[test]
fn a_full_or_empty_queue_is_helped_at_once() {
    let mut hall = busy(overflowing(120), &[("amina", "a")]);
    hall.join(1, "a");
    hall.join(2, "a");
    assert_eq!(hall.join(3, "a"), ["call-3 refused Full"], "and nobody is there to help");
    assert_eq!(hall.after(130), NOTHING, "nor later");
    hall.up("bruno");
    assert_eq!(hall.join(4, "a")[2], "ring bruno 20s for call-4");
    assert_eq!(hall.down("amina"), NOTHING, "the two who wait are waiting for bruno now");
    assert_eq!(hall.board.waiting(&"a".into()), 0);
    assert_eq!(hall.board.waiting(&"b".into()), 3);
}

#[test]
fn an_overflow_that_could_not_help_is_tried_again() {
    let mut hall = busy(overflowing(60), &[("amina", "a")]);
    hall.join(1, "a");
    hall.after(60);
    hall.up("bruno");
    assert_eq!(hall.after(59), NOTHING);
    assert_eq!(hall.after(1)[1], "ring bruno 20s for call-1");
}

#[test]
fn the_longest_wait_ends_but_not_while_a_phone_rings() {
    let queue = QueueRules { max_wait: Some(Duration::from_secs(60)), ..rules("a", &["amina"], 9) };
    let mut hall = busy(vec![queue], &[("amina", "a")]);
    hall.join(1, "a");
    hall.after(25);
    hall.join(2, "a");
    hall.after(10);
    hall.talk_ended(100, "amina");
    assert_eq!(hall.after(25), ["call-1 timed out"]);
    hall.after(5);
    assert_eq!(hall.board.phone("amina"), "ringing");
    assert_eq!(hall.after(20), NOTHING, "the minute is over");
    assert_eq!(hall.missed(2, "amina"), ["amina resting", "call-2 timed out"]);
    assert_eq!(hall.board.waiting(&"a".into()), 0);
}

#[test]
fn an_empty_queue_does_as_its_rule_says() {
    let with = |when_empty| QueueRules { when_empty, ..rules("a", &["amina"], 9) };
    let pause = || Input::Pause { agent: "amina".into(), reason: "café".into() };
    let mut hall = Hall::of(vec![with(WhenEmpty::Wait)]);
    assert_eq!(hall.join(1, "a"), ["call-1 joined at 1"]);
    assert_eq!(hall.up("amina")[2], "ring amina 20s for call-1");
    let mut hall = Hall::of(vec![with(WhenEmpty::WaitForPause)]).come(&["amina"]);
    hall.tell(pause());
    assert_eq!(hall.join(1, "a"), ["call-1 joined at 1"]);
    assert_eq!(hall.down("amina"), ["amina offline (café)", "call-1 refused Nobody"]);
    let mut hall = busy(vec![with(WhenEmpty::Refuse)], &[("amina", "a")]);
    hall.join(1, "a");
    assert_eq!(hall.tell(pause()), ["amina talking (café)", "call-1 refused Paused"]);
}

#[test]
fn a_callback_keeps_the_place_and_is_counted_in_the_rank() {
    let mut hall = busy(vec![rules("a", &["amina"], 9)], &[("amina", "a")]);
    for call in 1..=3 {
        hall.join(call, "a");
    }
    hall.tell(Input::Leave { who: CallId(2).into(), why: Left::Callback(TicketId(7)) });
    assert_eq!(hall.board.rank(TicketId(7)), Some(2));
    assert_eq!((rank(&hall, 2), rank(&hall, 3)), (None, Some(3)));
    assert_eq!(hall.join(2, "a"), ["call-2 joined at 4"], "not both the callback and the place");
    hall.leave(1);
    hall.talk_ended(100, "amina");
    assert_eq!(hall.after(30)[2], "ring amina 20s for ticket-7", "and its turn comes as any other's");
    let ticket = Waiting::from(TicketId(7));
    assert_eq!(hall.tell(Input::Answered { who: ticket, agent: "amina".into() }), ["amina talking"]);
    assert_eq!(hall.tell(Input::TalkEnded { who: ticket, agent: "amina".into() }), ["amina wrap-up"]);
}

#[test]
fn who_comes_from_elsewhere_brings_the_time_already_waited() {
    let mut hall = busy(vec![rules("a", &["amina"], 9)], &[("amina", "a")]);
    hall.after(100);
    hall.join(1, "a");
    hall.after(10);
    hall.join(2, "a");
    let since = Some(Instant::from_start(Duration::from_secs(50)));
    hall.tell(Input::Join(Join { since, ..Join::new(CallId(3), "a".into()) }));
    assert_eq!([3, 1, 2].map(|call| rank(&hall, call).unwrap()), [1, 2, 3]);
}

#[test]
fn callbacks_take_no_caller_s_place_and_are_never_too_many() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    for (call, agent) in [(1, "amina"), (2, "bruno")] {
        hall.join(call, "a");
        hall.answered(call, agent);
    }
    let ticket = |hall: &mut Hall, id| hall.tell(Input::Join(Join::new(TicketId(id), "a".into())));
    for id in 1..=3 {
        assert_eq!(ticket(&mut hall, id), [format!("ticket-{id} joined at {id}")]);
    }
    for call in 3..=5 {
        assert_eq!(hall.join(call, "a"), [format!("call-{call} joined at {}", call + 1)], "behind the tickets");
    }
    assert_eq!(hall.join(6, "a"), ["call-6 refused Full"], "three hold a line");
    assert_eq!(ticket(&mut hall, 4), ["ticket-4 joined at 7"]);
    hall.leave(3);
    assert_eq!(hall.join(6, "a"), ["call-6 joined at 7"]);
}
