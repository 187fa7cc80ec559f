//! The search finds who is not served, shows it short, and makes a test of it.

use std::sync::Arc;

use super::*;
use crate::diag::Source;
use crate::flow::{self, StepId};
use crate::sim::tests::town;
use crate::sim::{Rehearsal, rehearse};

/// The small town, whose closed callers are hung up on.
fn rude() -> (Arc<Service>, Arc<Program>) {
    let (mut service, mut program) = town();
    Arc::make_mut(&mut program).closed = Some(StepId(4));
    Arc::make_mut(&mut service).flows = vec![Arc::clone(&program)];
    (service, program)
}

/// A file of one test, played in a service.
fn played(service: &Arc<Service>, text: &str) -> Rehearsal {
    let mut wrong = Vec::new();
    let trials = flow::trials(service, &Source::new("tests/appelant.yaml", text), &mut wrong);
    assert_eq!(wrong, [], "{text}");
    rehearse(service, &trials[0], &estimated_length)
}

#[test]
fn a_caller_who_is_not_served_is_shown_with_as_few_keys_as_it_takes_and_as_a_test() {
    let (service, program) = rude();
    let failures = random(&service, &program, 64, 7);
    let most = failures.iter().filter(|f| f.fault == Fault::NoHours).max_by_key(|f| f.story.presses.len()).unwrap();
    assert!(most.story.presses.len() > 1, "one of them has pressed several keys");
    let shrunk = most.shrunk(&estimated_length);
    let keys = shrunk.transcript.lines().filter(|line| line.contains('⌨')).count();
    assert!(keys <= 1, "{}", shrunk.transcript);
    assert!(played(&service, &shrunk.test).mismatch.is_some(), "it fails as long as the flow is as it is");
    // In the mended flow the hours are told behind the menu's silences.
    let (mut mended, program) = town();
    Arc::make_mut(&mut mended).flows = vec![program];
    assert_eq!(played(&mended, &shrunk.test).mismatch, None, "{}", shrunk.test);
}

#[test]
fn the_same_seed_is_the_same_callers_and_another_seed_is_others() {
    let (service, program) = rude();
    let callers = |seed| random(&service, &program, 64, seed).iter().map(|f| f.caller).collect::<Vec<_>>();
    assert_eq!(callers(1), callers(1));
    assert_ne!(callers(1), callers(2));
}

#[test]
fn callers_go_where_nobody_has_been() {
    let (service, program) = town();
    let mut search = Search::new(&service, &[program], 3);
    for _ in 0..4 {
        let callers = search.callers(ROUND);
        search.learn(callers.iter().map(|caller| Search::play(caller, &estimated_length)).collect());
    }
    let (ways, missing) = search.covered()[0].ways();
    assert_eq!(missing, [], "of {ways}");
    assert!(!search.kept.is_empty());
}
