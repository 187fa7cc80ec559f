//! New rules while callers wait.

use super::*;
use crate::flow::Strategy;

impl Hall {
    fn reload(&mut self, queues: Vec<QueueRules>) -> Vec<String> {
        self.tell(Input::Rules(queues.into_iter().map(Arc::new).collect()))
    }
}

#[test]
fn the_same_rules_again_change_nothing() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    for call in 1..=5 {
        hall.join(call, "a");
    }
    hall.answered(1, "amina");
    let rules = vec![rules("a", &["amina", "bruno"], 3), rules("b", &["bruno", "chloe"], 3)];
    assert_eq!(hall.reload(rules), NOTHING);
    assert_eq!(hall.board.rank(CallId(3)), Some(2));
    assert_eq!(hall.talk_ended(1, "amina"), ["amina wrap-up"]);
    assert_eq!(hall.after(30)[2], "ring amina 20s for call-3");
}

#[test]
fn who_becomes_a_member_is_rung_at_once_though_the_phone_came_before() {
    let mut hall = Hall::of(vec![rules("a", &["amina"], 9)]).come(&["amina", "dina"]);
    hall.join(1, "a");
    hall.join(2, "a");
    let told = hall.reload(vec![rules("a", &["amina", "dina"], 9)]);
    assert_eq!(told, ["dina ringing", "ring dina 20s for call-2"]);
}

#[test]
fn who_is_a_member_no_longer_ends_the_talk_in_peace() {
    let mut hall = Hall::of(vec![rules("a", &["amina", "bruno"], 9)]).come(&["amina", "bruno"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    hall.join(2, "a");
    assert_eq!(hall.reload(vec![rules("a", &["bruno"], 9)]), NOTHING);
    assert_eq!(hall.answered(2, "bruno"), ["bruno talking"]);
    hall.join(3, "a");
    hall.talk_ended(1, "amina");
    assert_eq!(hall.after(30), ["amina available"], "and is rung no more");
    assert_eq!(hall.board.agents().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["bruno"]);
}

#[test]
fn a_queue_that_is_gone_serves_who_waits_and_lets_nobody_in() {
    let mut hall = Hall::with(&["chloe"]);
    hall.join(1, "b");
    hall.answered(1, "chloe");
    hall.join(2, "b");
    assert_eq!(hall.reload(vec![rules("a", &["amina"], 3)]), NOTHING);
    assert_eq!(hall.join(3, "b"), ["call-3 refused Closed"]);
    hall.talk_ended(1, "chloe");
    assert_eq!(hall.after(30)[2], "ring chloe 20s for call-2");
    assert_eq!(hall.answered(2, "chloe"), ["chloe talking"]);
    assert_eq!(hall.board.queues().map(QueueName::as_str).collect::<Vec<_>>(), ["a"]);
    hall.talk_ended(2, "chloe");
    hall.reload(vec![rules("b", &["chloe"], 3)]);
    assert_eq!(hall.after(30), ["chloe available"]);
    assert_eq!(hall.join(3, "b")[1], "chloe ringing", "and it can come back");
}

#[test]
fn a_new_strategy_holds_for_who_waits() {
    let mut hall = Hall::of(vec![rules("a", &["amina", "bruno", "chloe"], 9)]).come(&["amina", "bruno", "chloe"]);
    hall.join(1, "a");
    let all = QueueRules { strategy: Strategy::RingAll, ..rules("a", &["amina", "bruno", "chloe"], 9) };
    let told = hall.reload(vec![all]);
    assert_eq!(told, ["bruno ringing", "ring bruno 20s for call-1", "chloe ringing", "ring chloe 20s for call-1"]);
}

#[test]
fn where_the_last_member_is_taken_out_who_waits_is_told() {
    let mut hall = Hall::of(vec![rules("a", &["amina"], 9)]).come(&["amina"]);
    hall.join(1, "a");
    hall.join(2, "a");
    assert_eq!(hall.reload(vec![rules("a", &["bruno"], 9)]), ["call-2 refused Nobody"]);
    assert_eq!(hall.answered(1, "amina"), ["amina talking"], "a ringing is left alone");
}
