//! What a stranger's requests are answered with.

use super::service::{OPEN, Service};
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
