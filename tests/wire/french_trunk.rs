//! `profile: fr-trunk`, with SIPp as a French operator that does what such operators do.

use std::net::SocketAddr;
use std::time::Duration;

use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service, free, story, times};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(20);

fn customer(operator: SocketAddr, number: &str) -> Service {
    let settings = format!(
        "agents: [{{ name: amina, number: \"{number}\", confirm: false }}]\nwhisper: false\n\
         trunk: {{ profile: fr-trunk, address: \"{operator}\", format: national, presented: \"+33143124567\", \
         numbers: [\"+33143124567\"] }}\n"
    );
    Service::of_agents(OPEN, &[], &settings)
}

#[test]
fn a_french_operator_calls_in_each_form_of_a_number_and_says_who_calls_or_that_nobody_may_know() {
    let operator = free();
    let service = customer(operator, "+33611111111");
    let withheld = ("0143124567", "sip:anonymous@anonymous.invalid", "tel:+33199887766", "id");
    let shown =
        ("+33143124567", "sip:+33612345678@operateur.example;user=phone", "sip:0199887766@operateur.example", "none");
    for (called, from, asserted, privacy) in [withheld, shown] {
        let keys = [("called", called), ("from", from), ("asserted", asserted), ("privacy", privacy)];
        let keys: Vec<&str> = keys.iter().flat_map(|(name, value)| ["-key", name, value]).collect();
        Sipp::at(&service, "fr-trunk-calls", operator).args(&keys).run();
    }
    let records = service.records_of(2);
    assert_eq!((&records[0]["from"], &records[1]["from"]), (&serde_json::Value::Null, &"019•••••66".into()));
    for record in records {
        assert_eq!(times(&record, "asked agent"), 1, "{:?}", story(&record));
        assert_eq!((&record["reason"], &record["ending"]["by"]), (&"Q.850 16".into(), &"caller".into()), "{record}");
    }
}

#[test]
fn a_french_operator_is_asked_whether_it_is_there_and_called_as_its_customers_call() {
    let operator = free();
    let service = customer(operator, "+33611111111");
    let called = Sipp::at(&service, "fr-trunk-called", operator).args(&["-m", "2"]).start();
    service.until("the operator has answered", SOON, || service.metric("svi_trunk_up") == 1.0);
    let mut caller = RawCall::dial(&service, "0143124567", 101);
    caller.listen(Duration::from_millis(300));
    caller.press(0, &PRESS, 1);
    called.succeed();
    caller.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
}
