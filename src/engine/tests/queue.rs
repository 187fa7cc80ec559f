//! Waiting for an agent.

use super::*;
use crate::engine::QueueNews::*;

fn reception() -> Program {
    flow(&["menu", "agents", "personne", "plein"], |at| {
        let mut queue = queue(at("personne"));
        if let StepKind::Queue(q) = &mut queue {
            q.full = at("plein");
        }
        vec![menu(&[('1', "un agent", at("agents"))]), queue, hangup("Personne."), hangup("Plein.")]
    })
}

/// A caller who waits at this rank.
fn waiting(rank: usize) -> Caller {
    let mut caller = Caller::calls(reception());
    assert_eq!(caller.press("1"), ["join s/agents", "stop"]);
    assert_eq!(caller.news(Joined { rank }), [format!("<Waiting> <rank {rank}> (to the end)")]);
    caller
}

fn at(rank: usize) -> QueueNews {
    Place(crate::engine::Place::ranked(rank))
}

#[test]
fn what_the_step_and_the_language_need_goes_with_the_caller() {
    let mut program = reception();
    if let StepKind::Queue(queue) = &mut program.steps[1].kind {
        (queue.needs, queue.priority) = (vec!["fiscal".into()], 3);
    }
    let rules = QueueRules { languages: vec![Language::En], ..rules(AtClosing::Serve) };
    program.queues = vec![Arc::new(rules)];
    let mut caller = Caller::calls(program.clone());
    assert_eq!(caller.press("1")[0], "join s/agents at 3 for fiscal");
    program.language = Language::En;
    let mut caller = Caller::calls(program);
    assert_eq!(caller.press("1")[0], "join s/agents at 3 for fiscal, en");
}

const MUSIC: &str = "♪ attente (to the end)";
const MUSIC_GOES_ON: &str = "♪ attente goes on (to the end)";

#[test]
fn the_rank_is_told_on_entry_then_music_plays() {
    let mut caller = waiting(3);
    assert_eq!(caller.listen(), [MUSIC]);
}

#[test]
fn a_rank_is_not_told_where_the_flow_does_not_want_it() {
    let mut program = reception();
    if let StepKind::Queue(queue) = &mut program.steps[1].kind {
        queue.announce = Announce::USUAL;
    }
    let mut caller = Caller::calls(program);
    caller.press("1");
    assert_eq!(caller.news(Joined { rank: 3 }), ["<Waiting> (to the end)"]);
    caller.listen();
    assert_eq!(caller.news(at(1)), [""; 0]);
    assert_eq!(caller.wait(60), [""; 0]);
}

#[test]
fn a_changed_rank_is_told_at_most_every_thirty_seconds_and_then_the_newest() {
    let mut caller = waiting(5);
    caller.listen();
    caller.wait(10);
    assert_eq!(caller.news(at(4)), [""; 0]);
    caller.wait(10);
    assert_eq!(caller.news(at(2)), [""; 0]);
    assert_eq!(caller.wait(9), [""; 0]);
    assert_eq!(caller.wait(1), ["ask place"]);
    assert_eq!(caller.news(at(2)), ["<rank 2> (to the end)"]);
    assert_eq!(caller.listen(), [MUSIC_GOES_ON]);
    assert_eq!(caller.wait(29), [""; 0]);
    assert_eq!(caller.wait(1), ["ask place"]);
    assert_eq!(caller.news(at(2)), [""; 0], "it is the same");
    assert_eq!(caller.wait(10), ["ask place"]);
    assert_eq!(caller.news(at(1)), ["<rank 1> (to the end)"]);
}

#[test]
fn a_rank_that_came_back_to_what_was_told_is_not_told_again() {
    let mut caller = waiting(2);
    caller.listen();
    caller.news(at(1));
    caller.news(at(2));
    assert_eq!(caller.wait(60), ["ask place"]);
    assert_eq!(caller.news(at(2)), [""; 0]);
}

#[test]
fn the_told_ranks_are_noted() {
    let mut caller = Caller::calls(reception());
    caller.press("1");
    caller.tell(Input::Queue(Joined { rank: 2 }));
    assert_eq!(caller.gets()[0], "- told rank 2");
}

#[test]
fn everything_stops_when_an_agent_answers() {
    let mut caller = waiting(1);
    assert_eq!(caller.news(Connected { agent: "amina".into() }), ["stop"]);
    assert_eq!(caller.press("0*#5"), [""; 0]);
    assert_eq!(caller.wait(600), [""; 0]);
    assert_eq!(caller.news(TalkEnded), ["hangup flow-end"]);
}

#[test]
fn after_a_talk_the_flow_goes_on_where_it_says() {
    let mut program = reception();
    if let StepKind::Queue(queue) = &mut program.steps[1].kind {
        queue.answered = Some(StepId(0));
    }
    let mut caller = Caller::calls(program);
    caller.press("0");
    caller.news(Joined { rank: 1 });
    caller.news(Connected { agent: "amina".into() });
    assert_eq!(caller.news(TalkEnded), ["Pour un agent, 1. <0>"]);
}

#[test]
fn nobody_there_and_a_full_queue_are_told_and_lead_on() {
    let mut caller = waiting(1);
    caller.listen();
    assert_eq!(caller.news(Nobody), ["<NobodyThere>"]);
    assert_eq!(caller.listen(), ["Personne. (to the end)"]);
    assert_eq!(caller.listen(), ["hangup flow-end"]);

    let mut caller = Caller::calls(reception());
    caller.press("1");
    assert_eq!(caller.news(Full), ["<QueueFull>"]);
    assert_eq!(caller.listen(), ["Plein. (to the end)"]);
}

#[test]
fn zero_while_waiting_keeps_the_place() {
    let mut caller = waiting(3);
    assert_eq!(caller.press("0"), ["<Waiting> (to the end)"]);
    assert_eq!(caller.listen(), [MUSIC]);
}

#[test]
fn hash_while_waiting_repeats_the_newest_rank() {
    let mut caller = waiting(3);
    assert_eq!(caller.press("#"), ["ask place"]);
    assert_eq!(caller.news(at(2)), ["<rank 2> (to the end)"]);
    assert_eq!(caller.press("#"), ["ask place"]);
    assert_eq!(caller.news(at(2)), ["<rank 2> (to the end)"], "even if it is the same");
}

#[test]
fn star_while_waiting_leaves_for_the_menu() {
    let mut caller = waiting(3);
    assert_eq!(caller.press("*"), ["leave", "Pour un agent, 1. <0>"]);
    assert_eq!(caller.news(at(1)), [""; 0]);
}

#[test]
fn star_while_waiting_without_a_menu_keeps_the_place() {
    let mut caller = Caller::calls(flow(&["agents"], |at| vec![queue(at("agents"))]));
    caller.news(Joined { rank: 2 });
    assert_eq!(caller.press("*"), [""; 0]);
}

#[test]
fn who_joined_before_closing_is_served_where_the_queue_serves() {
    let mut caller = waiting(2);
    caller.listen();
    let told = caller.wait(7 * 3600);
    assert!(told.contains(&"<ServedAfterClosing> (to the end)".to_owned()), "{told:?}");
    assert_eq!(caller.listen(), [MUSIC_GOES_ON]);
    caller.wait(3600);
    assert_eq!(caller.wait(10), ["ask place"]);
    assert_eq!(caller.news(Connected { agent: "amina".into() }), ["stop"]);
}

#[test]
fn who_waits_at_closing_is_told_where_the_queue_tells() {
    let mut program = reception();
    program.queues = vec![Arc::new(rules(AtClosing::Tell))];
    let mut caller = Caller::calls_at(program.clone(), 16);
    caller.press("1");
    caller.news(Joined { rank: 2 });
    caller.listen();
    assert_eq!(caller.wait(3599), ["ask place"]);
    assert_eq!(caller.wait(1), ["leave", "<ClosedWhileWaiting> <Hours> <Contact> (to the end)"]);
    assert_eq!(caller.listen(), ["Pour un agent, 1. <0>"]);

    program.closed = Some(StepId(2));
    let mut caller = Caller::calls_at(program, 16);
    caller.press("1");
    caller.news(Joined { rank: 2 });
    caller.listen();
    caller.wait(3599);
    assert_eq!(caller.wait(1), ["leave", "<ClosedWhileWaiting>"]);
    assert_eq!(caller.listen(), ["Personne. (to the end)"]);
}

#[test]
fn whose_agent_s_phone_rings_at_closing_is_not_led_away() {
    let mut program = reception();
    program.queues = vec![Arc::new(rules(AtClosing::Tell))];
    let rung = || {
        let mut caller = Caller::calls_at(program.clone(), 16);
        caller.press("1");
        caller.news(Joined { rank: 2 });
        caller.listen();
        caller.wait(3590);
        caller.news(Ringing);
        let told = caller.wait(60);
        assert!(!told.iter().any(|line| line == "leave" || line.contains("Closed")), "{told:?}");
        caller
    };
    assert_eq!(rung().news(Connected { agent: "amina".into() }), ["stop"]);
    assert_eq!(rung().news(Still), ["leave", "<ClosedWhileWaiting> <Hours> <Contact> (to the end)"], "nobody answered");
    let mut caller = Caller::calls_at(program.clone(), 16);
    caller.press("1");
    caller.news(Joined { rank: 2 });
    caller.listen();
    caller.news(Ringing);
    assert_eq!(caller.news(Still), [""; 0], "it is open still");
}

#[test]
fn an_exit_that_leads_back_to_the_same_queue_does_not_spin() {
    let mut caller = Caller::calls(flow(&["agents"], |at| vec![queue(at("agents"))]));
    let mut joins = 0;
    for _ in 0..400 {
        let lines = caller.hears();
        joins += lines.iter().filter(|l| *l == "join s/agents").count();
        if lines.last().is_some_and(|l| l.starts_with("<TechnicalTrouble>")) {
            break;
        }
        assert!(joins < 200, "it spins");
        caller.tell(Input::Queue(Nobody));
        if caller.hears() == ["<NobodyThere>"] {
            let play = caller.play.unwrap();
            caller.tell(Input::Finished(play));
        }
    }
    assert_eq!(caller.listen(), ["hangup flow-loop"]);
}
