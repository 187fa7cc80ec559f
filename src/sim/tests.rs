use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;

use super::*;
use crate::base::{AgentName, Digit, Language, Localized, PhoneNumber, QueueName, WallTime};
use crate::call::{By, Ending};
use crate::diag::{Source, Span};
use crate::flow::{
    Announce, AtClosing, BargeIn, Busy, Choice, Hangup, Menu, Offer, OfferAction, Program, Question, Queue, QueueRules,
    Say, Service, Step, StepId, StepKind, Tell,
};
use crate::service::{self, Card, Topic};

fn text(words: &str) -> Localized {
    Localized { fr: words.into(), en: None }
}

fn rules() -> QueueRules {
    let members = ["amina", "bruno"].map(|name| AgentName::from(name).into());
    QueueRules { capacity: 20, ..QueueRules::new(QueueName::from("mairie/agents"), members.into()) }
}

fn card() -> Card {
    Card {
        name: "Mairie".into(),
        annuaire: None,
        phones: Vec::new(),
        emails: Vec::new(),
        websites: Vec::new(),
        desk: None,
        appointments: None,
        procedures: Vec::new(),
        jargon: Vec::new(),
        relay: service::Relay::default(),
        phone_hours: service::Hours::parse("Mo-Fr 09:00-17:00; PH off", chrono_tz::Europe::Paris).unwrap(),
        desk_hours: None,
        busy: None,
        quiet: None,
        callbacks: service::Callbacks::usual(service::Calendar::new(chrono_tz::Europe::Paris)),
    }
}

/// A small town's reception: greeting, a menu, hours, the agents, nobody there.
pub(super) fn town() -> (Arc<Service>, Arc<Program>) {
    let queue = Arc::new(rules());
    let card = Arc::new(card());
    let choice = |key, purpose, go| Choice {
        key: Digit::from_char(key).unwrap(),
        purpose: text(purpose),
        language: None,
        go: StepId(go),
    };
    let kinds = [
        ("bonjour", StepKind::Say(Say { text: text("Bonjour."), barge_in: BargeIn::Allowed, then: StepId(1) })),
        (
            "menu",
            StepKind::Menu(Menu {
                ask: None,
                choices: vec![choice('1', "les horaires", 2), choice('2', "un agent", 3)],
                patience: Duration::from_secs(5),
                question: Question::usual(1, 3),
            }),
        ),
        ("infos", StepKind::Tell(Tell { topics: vec![Topic::Hours], barge_in: BargeIn::Allowed, then: StepId(1) })),
        (
            "agents",
            StepKind::Queue(Queue {
                queue: QueueName::from("mairie/agents"),
                needs: Vec::new(),
                priority: 0,
                announce: Announce { rank: Some(Announce::RANK), ..Announce::USUAL },
                comfort: Vec::new(),
                busy: None,
                answered: None,
                nobody: StepId(4),
                full: StepId(4),
                long: StepId(4),
                closed: None,
            }),
        ),
        ("fin", StepKind::Hangup(Hangup { text: Some(text("Au revoir.")) })),
    ];
    let steps = kinds.map(|(name, kind)| Step { name: name.into(), span: nowhere(), kind });
    let program = Arc::new(Program {
        name: "accueil".into(),
        service: "mairie".into(),
        card: Arc::clone(&card),
        queues: vec![Arc::clone(&queue)],
        numbers: vec![PhoneNumber::parse("100").unwrap()],
        language: Language::Fr,
        start: StepId(0),
        agent: StepId(3),
        answer: crate::flow::Answering::AtOnce,
        closed: None,
        keys: Vec::new(),
        notice: None,
        variables: Vec::new(),
        steps: steps.into(),
    });
    let service = Service { name: "mairie".into(), card, queues: vec![queue], flows: vec![Arc::clone(&program)] };
    (Arc::new(service), program)
}

fn nowhere() -> Span {
    Span { source: Arc::new(Source { path: "test".into(), text: String::new() }), bytes: 0..0 }
}

/// A call on Tuesday 24 November 2026.
pub(super) fn tuesday(hour: i64, waiting: usize, agents: usize) -> Scenario {
    let (service, program) = town();
    let at = WallTime::from_millis((1_795_474_800 + hour * 3600) * 1000);
    Scenario { waiting, agents, seed: 7, ..Scenario::new(service, program, at) }
}

fn told(scenario: Scenario, keys: &str) -> String {
    let mut simulation = Simulation::estimated(scenario);
    keys.parse::<Script>().unwrap().run(&mut simulation);
    transcript(simulation.lines())
}

#[test]
fn a_caller_hears_the_hours_and_then_an_agent() {
    assert_snapshot!(told(tuesday(10, 0, 2), "1,2"));
}

#[test]
fn a_caller_waits_behind_others_and_hears_the_rank() {
    assert_snapshot!(told(tuesday(10, 4, 1), "1s:0"));
}

#[test]
fn a_caller_in_the_evening_is_told_the_truth() {
    assert_snapshot!(told(tuesday(20, 0, 2), "1s:0"));
}

#[test]
fn a_caller_whom_nobody_can_answer_is_told_so() {
    assert_snapshot!(told(tuesday(10, 0, 0), "2"));
}

#[test]
fn the_same_seed_tells_the_same_call() {
    let call = |seed| told(Scenario { seed, ..tuesday(10, 9, 3) }, "1,2");
    assert_eq!(call(1), call(1));
    assert_ne!(call(1), call(2));
}

#[test]
fn json_has_a_line_for_each_line() {
    let mut simulation = Simulation::estimated(tuesday(10, 0, 1));
    simulation.press(Digit::STAR);
    simulation.hang_up();
    let json: serde_json::Value = serde_json::from_str(&to_json(simulation.lines())).unwrap();
    assert_eq!(json.as_array().unwrap().len(), simulation.lines().len());
    assert_eq!(json[3]["who"], "caller");
    assert_eq!(json[3]["text"], "*");
    assert_eq!(simulation.ending(), Some(Ending { by: By::Caller, why: "hangup" }));
}

#[test]
fn who_waits_at_first_is_before_us() {
    for waiting in [0, 1, 5, 19] {
        let told = told(tuesday(10, waiting, 3), "1s:0");
        assert!(told.contains(&format!("rang {}\n", waiting + 1)), "{waiting}: {told}");
    }
    assert!(told(tuesday(10, 20, 3), "1s:0").contains("la file est pleine"));
}

#[test]
fn random_callers_are_served() {
    let (service, program) = town();
    assert!(random(&service, &program, 32, 2026).is_empty());
}

#[test]
fn random_callers_find_a_flow_that_tells_no_hours() {
    let (service, mut program) = town();
    Arc::make_mut(&mut program).closed = Some(StepId(4));
    let failures = random(&service, &program, 32, 2026);
    assert!(failures.iter().any(|f| f.fault == Fault::NoHours));
}

#[test]
fn random_callers_find_a_flow_that_goes_round() {
    let (service, mut program) = town();
    let again = StepKind::Tell(Tell { topics: Vec::new(), barge_in: BargeIn::Allowed, then: StepId(2) });
    Arc::make_mut(&mut program).steps[2].kind = again;
    let failures = random(&service, &program, 32, 2026);
    assert!(failures.iter().any(|f| f.fault == Fault::GoesRound));
}

#[test]
fn scripts_and_crowds_are_read_or_refused_with_a_reason() {
    assert_eq!("waiting=12, agents=3".parse(), Ok(Crowding { waiting: 12, agents: 3 }));
    assert_eq!("waiting=3".parse(), Ok(Crowding { waiting: 3, agents: 2 }));
    assert_eq!("wating=3".parse::<Crowding>(), Err(ScenarioError::Name("wating".into())));
    assert_eq!("agents=many".parse::<Crowding>(), Err(ScenarioError::Number("agents".into())));
    assert!("2s:1,4s:2".parse::<Script>().is_ok());
    assert!("1,12#,300ms:*".parse::<Script>().is_ok());
    assert_eq!("x".parse::<Script>(), Err(ScriptError::Key("x".into())));
    assert_eq!("2s:".parse::<Script>(), Err(ScriptError::Key(String::new())));
    assert_eq!("2:1".parse::<Script>(), Err(ScriptError::Time("2".into())));
    assert_eq!("-1s:1".parse::<Script>(), Err(ScriptError::Time("-1s".into())));
}

/// A call from a mobile into a busy queue, whose callback is on key 1.
fn busy(hour: i64, minute: u64, at_closing: AtClosing) -> Scenario {
    let mut scenario = tuesday(hour, 6, 1);
    scenario.at = scenario.at + Duration::from_secs(minute * 60);
    scenario.caller = PhoneNumber::parse("0612345678").ok();
    let program = Arc::make_mut(&mut scenario.program);
    let rules = Arc::new(QueueRules { at_closing, ..rules() });
    program.queues = vec![Arc::clone(&rules)];
    if let StepKind::Queue(queue) = &mut program.steps[3].kind {
        let offers = vec![Offer { key: Digit::from_char('1').unwrap(), action: OfferAction::Callback, purpose: None }];
        queue.busy = Some(Busy { when_wait: None, when_waiting: Some(1), when_abandoned: None, offers });
    }
    Arc::make_mut(&mut scenario.service).queues = vec![rules];
    scenario
}

#[test]
fn a_caller_is_promised_a_call_and_keeps_the_place() {
    assert_snapshot!(told(busy(10, 0, AtClosing::Serve), "1s:0,14s:1,30s:1,40s:1"));
}

#[test]
fn a_caller_gives_another_number_and_chooses_a_time() {
    assert_snapshot!(told(busy(10, 0, AtClosing::Serve), "1s:0,14s:1,18s:2,20s:01*,26s:0692123456#,45s:1,50s:2"));
}

#[test]
fn who_still_waits_at_closing_time_is_offered_a_call_the_next_day() {
    assert_snapshot!(told(busy(16, 58, AtClosing::Callback), "1s:0,130s:1,140s:1"));
}

#[test]
fn no_phone_rings_any_more_for_who_was_promised_a_call_for_later() {
    let mut promised = 0;
    for seed in 0..600 {
        let mut scenario = busy(10, 0, AtClosing::Serve);
        (scenario.waiting, scenario.agents, scenario.seed) = (2, 3, seed);
        let told = told(scenario, "1s:0,14s:1,30s:1,50s:2");
        if let Some((_, after)) = told.split_once("rappel promis") {
            promised += 1;
            assert!(!after.contains("sonne"), "{told}");
        }
    }
    assert!(promised > 100, "{promised}");
}
