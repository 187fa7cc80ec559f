//! The flows of `flows/` and the design's example among random callers, and calls through each.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use insta::assert_snapshot;

use super::search::hearing;
use super::*;
use crate::base::{Language, WallTime};
use crate::diag::Source;
use crate::flow::{self, Audio, Program, Service};
use crate::speech::{Fragment, vocabulary};

macro_rules! shipped {
    ("design") => {
        shipped!(in "../flow/tests/design")
    };
    ($folder:literal) => {
        shipped!(in concat!("../../flows/", $folder))
    };
    (in $path:expr) => {
        load(
            $path,
            &[
                ("service.yaml", include_str!(concat!($path, "/service.yaml"))),
                ("queues.yaml", include_str!(concat!($path, "/queues.yaml"))),
                ("accueil.yaml", include_str!(concat!($path, "/accueil.yaml"))),
            ],
        )
    };
}

/// Everything is recorded.
struct Recorded;

impl Audio for Recorded {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(estimated_length(fragment))
    }
}

fn load(path: &str, files: &[(&str, &str)]) -> (Arc<Service>, Arc<Program>) {
    let folder = path.rsplit('/').next().unwrap_or(path);
    let source = |(path, text): &(&str, &str)| Arc::new(Source { path: (*path).to_owned(), text: (*text).to_owned() });
    let loaded = flow::load(folder, &files.iter().map(source).collect::<Vec<_>>(), &Recorded);
    let service = loaded.service.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let program = Arc::clone(&service.flows[0]);
    (Arc::new(service), program)
}

fn served(service: &Arc<Service>, program: &Arc<Program>) {
    let (tell, told) = channel();
    let listen = |fragment: &Fragment| {
        tell.send(fragment.clone()).unwrap();
        estimated_length(fragment)
    };
    if let Some(failure) = hearing(service, program, 32, 2026, &listen).first() {
        let shrunk = failure.shrunk(&estimated_length);
        panic!("caller {} {}\n{}", failure.caller, failure.fault.words(), shrunk.transcript);
    }
    let mut clips: BTreeSet<Fragment> = flow::sentences(service).into_iter().map(|s| s.fragment).collect();
    clips.extend(
        Language::ALL.into_iter().flat_map(|l| vocabulary(l).into_iter().map(move |text| Fragment::new(l, text))),
    );
    let missing: Vec<Fragment> = told.try_iter().collect::<BTreeSet<_>>().difference(&clips).cloned().collect();
    assert_eq!(missing, [], "said and never recorded");
}

/// A call at an hour of Tuesday 24 November 2026.
fn told((service, program): (Arc<Service>, Arc<Program>), hour: i64, keys: &str) -> String {
    let at = WallTime::from_millis((1_795_474_800 + hour * 3600) * 1000);
    let mut simulation = Simulation::estimated(Scenario { waiting: 2, ..Scenario::new(service, program, at) });
    keys.parse::<Script>().unwrap().run(&mut simulation);
    transcript(simulation.lines())
}

#[test]
fn random_callers_of_france_services_are_served_from_recorded_clips() {
    let (service, program) = shipped!("france-services");
    served(&service, &program);
}

#[test]
fn random_callers_of_the_prefecture_are_served_from_recorded_clips() {
    let (service, program) = shipped!("prefecture");
    served(&service, &program);
}

#[test]
fn a_call_to_france_services() {
    assert_snapshot!(told(shipped!("france-services"), 10, "1,3"));
}

#[test]
fn a_call_to_busy_france_services() {
    let (service, program) = shipped!("france-services");
    let at = WallTime::from_millis((1_795_474_800 + 10 * 3600) * 1000);
    let scenario = Scenario { waiting: 6, agents: 3, seed: 3, ..Scenario::new(service, program, at) };
    let mut simulation = Simulation::estimated(scenario);
    // The quiet hours while the offers are being said, the place again, and a mark.
    "8s:0,20s:1,1m:#,1400s:4".parse::<Script>().unwrap().run(&mut simulation);
    assert_snapshot!(transcript(simulation.lines()));
}

#[test]
fn a_call_to_france_services_in_the_evening() {
    assert_snapshot!(told(shipped!("france-services"), 20, "9s:0"));
}

#[test]
fn a_call_to_the_prefecture_in_english() {
    assert_snapshot!(told(shipped!("prefecture"), 10, "4,1,3"));
}

#[test]
fn random_callers_of_the_design_s_example_are_served() {
    let (service, program) = shipped!("design");
    served(&service, &program);
}

#[test]
fn a_call_to_the_design_s_example_ends_with_a_mark() {
    assert_snapshot!(told(shipped!("design"), 10, "6s:0,425s:5"));
}

#[test]
fn a_call_to_the_design_s_example_in_the_evening_leaves_a_message() {
    assert_snapshot!(told(shipped!("design"), 20, "#"));
}

/// France services whose closing leads to a callback.
fn calling_back() -> (Arc<Service>, Arc<Program>) {
    let flow = include_str!("../../flows/france-services/accueil.yaml")
        .replace("    tell: [hours, contact]\n    then: message\n", "    tell: [hours, contact]\n    then: rappel\n")
        .replace("  message:\n", "  rappel:\n    callback: agents\n    otherwise: message\n  message:\n");
    load(
        "../../flows/france-services",
        &[
            ("service.yaml", include_str!("../../flows/france-services/service.yaml")),
            ("queues.yaml", include_str!("../../flows/france-services/queues.yaml")),
            ("accueil.yaml", &flow),
        ],
    )
}

#[test]
fn random_callers_who_are_offered_a_callback_outside_a_queue_are_served() {
    let (service, program) = calling_back();
    served(&service, &program);
}

#[test]
fn a_call_in_the_evening_is_promised_a_callback() {
    assert_snapshot!(told(calling_back(), 20, "51s:0612345678#,75s:1,95s:1"));
}
