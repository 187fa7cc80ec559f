//! An agent hands a caller on to another.

use super::*;

/// Amina talks with call 1; bruno and chloe are free, and another caller may come.
fn talking() -> Hall {
    let mut hall = Hall::with(&["amina", "bruno", "chloe"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    hall
}

fn hand(hall: &mut Hall, agent: &str) -> Vec<String> {
    hall.tell(Input::Hand { who: CallId(1).into(), agent: agent.into() })
}

fn handed(hall: &mut Hall) -> Vec<String> {
    hall.tell(Input::Handed { who: CallId(1).into(), agent: "bruno".into() })
}

fn send(hall: &mut Hall, queue: &str) -> Vec<String> {
    hall.tell(Input::Send(Join::new(CallId(1), queue.into())))
}

#[test]
fn the_talk_stands_until_the_other_has_answered() {
    let mut hall = talking();
    assert_eq!(hand(&mut hall, "bruno"), ["bruno ringing", "ring bruno 20s for call-1"]);
    assert_eq!(hand(&mut hall, "chloe"), ["chloe is busy for call-1"], "one at a time");
    assert_eq!(handed(&mut hall), ["amina wrap-up", "bruno talking"]);
    assert_eq!(hall.talk_ended(1, "amina"), NOTHING, "that talk is over");
    assert_eq!(hall.talk_ended(1, "bruno"), ["bruno wrap-up"]);
}

#[test]
fn who_is_not_free_is_busy_and_so_is_everybody_for_a_caller_who_waits() {
    let mut hall = talking();
    for agent in ["amina", "nobody", "zoe"] {
        assert_eq!(hand(&mut hall, agent), [format!("{agent} is busy for call-1")]);
    }
    hall.down("bruno");
    assert_eq!(hand(&mut hall, "bruno"), ["bruno is busy for call-1"]);
    hall.talk_ended(1, "amina");
    assert_eq!(hand(&mut hall, "chloe"), ["chloe is busy for call-1"]);
}

#[test]
fn who_does_not_answer_rests_and_the_talk_goes_on() {
    let mut hall = talking();
    hand(&mut hall, "bruno");
    assert_eq!(hall.missed(1, "bruno"), ["bruno resting"]);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina wrap-up"]);
    // Of whom nothing is heard any more is given up in time.
    let mut hall = talking();
    hand(&mut hall, "bruno");
    assert_eq!(hall.after(30), ["no more bruno for call-1", "bruno resting"]);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina wrap-up"]);
}

#[test]
fn when_the_first_is_gone_the_caller_waits_while_the_other_is_rung() {
    let mut hall = talking();
    hand(&mut hall, "bruno");
    let rejoin = Input::Rejoin { who: CallId(1).into(), queue: "a".into(), why: Parted::Vanished };
    assert_eq!(hall.tell(rejoin.clone()), ["amina wrap-up", "call-1 joined at 1"]);
    assert_eq!(handed(&mut hall), ["bruno talking"]);
    let mut hall = talking();
    hand(&mut hall, "bruno");
    hall.tell(rejoin);
    assert_eq!(hall.missed(1, "bruno"), ["bruno resting"]);
    assert_eq!(hall.board.rank(CallId(1)), Some(1));
    assert_eq!(hall.after(5)[..2], ["bruno available", "bruno ringing"]);
}

#[test]
fn a_caller_who_hangs_up_frees_both() {
    let mut hall = talking();
    hand(&mut hall, "bruno");
    assert_eq!(hall.talk_ended(1, "amina"), ["bruno available", "amina wrap-up"]);
}

#[test]
fn another_queue_that_takes_nobody_leaves_the_talk_alone() {
    let mut hall = talking();
    hall.down("chloe");
    hall.down("bruno");
    assert_eq!(send(&mut hall, "b"), ["call-1 refused Nobody"]);
    assert_eq!(send(&mut hall, "nowhere"), ["call-1 refused Unknown"]);
    assert_eq!(hall.talk_ended(1, "amina"), ["amina wrap-up"], "she had the caller all the time");
    let mut hall = talking();
    assert_eq!(send(&mut hall, "b")[..2], ["amina wrap-up", "call-1 joined at 1"]);
}

#[test]
fn who_was_spoken_with_has_the_caller_free_or_not() {
    let mut hall = talking();
    hall.tell(Input::Pause { agent: "bruno".into(), reason: "pause".into() });
    assert_eq!(handed(&mut hall), ["amina wrap-up", "bruno talking (pause)"]);
    assert_eq!(hall.answered(1, "chloe"), NOTHING, "but who answers late has nobody");
}
