//! What a stranger's requests are answered with.

use super::service::{CLOSED, OPEN, Service};
use super::sipp::Sipp;

#[test]
fn each_request_gets_the_answer_of_its_rfc() {
    let service = Service::start(OPEN);
    for (scenario, number) in [
        ("options", "100"),
        ("no-flow", "999"),
        ("unknown-method", "100"),
        ("not-allowed", "100"),
        ("require", "100"),
        ("no-codec", "100"),
        ("session", "100"),
    ] {
        Sipp::new(&service, scenario, number).run();
    }
}

#[test]
fn a_full_service_says_when_to_come_back() {
    let service = Service::with(OPEN, "limits: { calls: 1 }\n");
    let first = Sipp::new(&service, "answer", "100").args(&["-m", "1"]).start();
    service
        .until("the line is taken", std::time::Duration::from_secs(10), || service.metric("svi_calls_active") == 1.0);
    Sipp::new(&service, "full", "100").run();
    first.succeed();
}

#[test]
fn who_hears_that_it_is_closed_is_not_charged_for_it() {
    let flow = include_str!("../../flows/france-services/accueil.yaml")
        .replace("start: bonjour", "answer: when-needed\nstart: bonjour")
        .replace(
            "    closed: ferme\n  menu:",
            "    closed: dit\n  dit:\n    tell: [hours, contact]\n    then: fin\n  menu:",
        );
    let agents = "agents: [{ name: amina, password: secret }, { name: bruno, password: secret }]\n";
    let service = Service::silent(CLOSED, &[("accueil.yaml", &flow)], agents);
    Sipp::new(&service, "early", "100").run();
    let record = &service.records_of(1)[0];
    assert_eq!((&record["answered"], record["ending"]["why"].as_str()), (&serde_json::Value::Null, Some("flow-end")));
    assert_eq!(record["reason"], "Q.850 16");
}
