//! What can be seen: snapshots, standings, views.

use super::*;
use crate::base::Skill;
use crate::queue::{AgentState, AgentView, Then, Waiting};

impl Board {
    /// An agent's state by name.
    pub(super) fn phone(&self, agent: &str) -> &'static str {
        self.agents().find(|(name, _)| name.as_str() == agent).unwrap().1.name()
    }
}

#[test]
fn a_snapshot_has_what_makes_a_queue_busy() {
    let mut hall = Hall::with(&["amina", "bruno"]);
    let seen = |hall: &Hall| hall.board.snapshot(&"a".into(), hall.now).unwrap();
    assert_eq!((seen(&hall).free, seen(&hall).abandoned_share()), (2, None));
    hall.join(1, "a");
    hall.answered(1, "amina");
    hall.tell(Input::Pause { agent: "bruno".into(), reason: "café".into() });
    hall.join(2, "a");
    hall.after(40);
    hall.join(3, "a");
    hall.after(20);
    let now = seen(&hall);
    assert_eq!((now.waiting, now.longest.as_secs()), (2, 60));
    assert_eq!((now.logged_in, now.ready, now.free), (2, 1, 0));
    hall.tell(Input::Leave { who: CallId(2).into(), why: Left::Ended });
    hall.leave(3);
    assert_eq!((seen(&hall).waiting, seen(&hall).longest.as_secs()), (0, 0));
    assert_eq!(seen(&hall).abandoned_share(), Some(0.5), "who went on in the flow has not given up");
    assert_eq!(hall.board.snapshot(&"x".into(), hall.now), None);
}

#[test]
fn a_view_has_the_queues_that_share_agents_and_no_other() {
    let mut queues = vec![rules("a", &["amina", "bruno"], 9), rules("b", &["bruno", "chloe"], 9)];
    queues.push(rules("c", &["dina"], 9));
    queues[1].members[1].skills = vec![Skill::from("en")];
    let mut hall = Hall::of(queues).come(&["amina", "bruno", "chloe", "dina"]);
    for (call, queue) in [(1, "a"), (2, "b"), (3, "b")] {
        hall.join(call, queue);
    }
    hall.answered(1, "amina");
    hall.join(4, "b");
    let needs = vec![Skill::from("en")];
    hall.tell(Input::Join(Join { needs: needs.clone(), ..Join::new(CallId(5), "b".into()) }));
    hall.join(6, "a");
    hall.tell(Input::Pause { agent: "amina".into(), reason: "café".into() });
    let view = hall.board.view(&"a".into()).unwrap();
    let lines: Vec<(&str, usize)> = view.lines.iter().map(|l| (l.queue.as_str(), l.needs.len())).collect();
    assert_eq!(lines, [("a", 0), ("b", 0), ("b", 1)]);
    let order = |line: usize| view.lines[line].waiting.iter().map(|w| (w.who, w.place)).collect::<Vec<_>>();
    let call = |n: u64| Waiting::from(CallId(n));
    assert_eq!([order(0), order(1), order(2)], [vec![(call(6), 2)], vec![(call(4), 0)], vec![(call(5), 1)]]);
    let lines_of = |a: &AgentView| a.lines.iter().map(|serves| serves.line).collect::<Vec<_>>();
    let agents: Vec<_> = view.agents.iter().map(|a| (a.agent.as_str(), a.state, a.then, lines_of(a))).collect();
    let expected = [
        ("amina", AgentState::Talking, Then::Pauses, vec![0]),
        ("bruno", AgentState::Ringing, Then::GoesOn, vec![0, 1]),
        ("chloe", AgentState::Ringing, Then::GoesOn, vec![1, 2]),
    ];
    assert_eq!(agents, expected);
    assert_eq!(view.agents[1].serving, Some(QueueName::from("b")));
    let stands = hall.board.standing(CallId(5)).unwrap();
    assert_eq!((stands.queue.as_str(), stands.needs, stands.rank, stands.ahead), ("b", needs, 4, 0));
    let stands = hall.board.standing(CallId(4)).unwrap();
    assert_eq!((stands.rank, stands.ahead), (3, 0), "the two before are being rung for");
}

#[test]
fn a_view_tells_a_log_out_from_a_pause_and_how_much_later_a_second_choice_is() {
    let mut queues = vec![rules("a", &["amina"], 9), rules("b", &["amina", "bruno"], 9)];
    queues[1].members[0].priority = 3;
    let mut hall = Hall::of(queues).come(&["amina", "bruno"]);
    hall.join(1, "a");
    hall.answered(1, "amina");
    hall.tell(Input::LogOut { agent: "amina".into() });
    let view = hall.board.view(&"a".into()).unwrap();
    let amina = &view.agents[0];
    let later: Vec<_> = amina.lines.iter().map(|serves| (serves.line, serves.later)).collect();
    assert_eq!((amina.agent.as_str(), amina.then), ("amina", Then::Leaves));
    assert_eq!(later, [(0, 0), (1, 120_000_000)], "two levels of a minute");
}
