//! Callbacks on real calls: asked for by key, the agent rung, the citizen called through the trunk.

use std::net::SocketAddr;
use std::time::Duration;

use super::baresip::Phone;
use super::media::call;
use super::service::{OPEN, Service, free, story, times};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(30);

/// A queue that offers a callback by 1 from the first caller on.
fn busy() -> String {
    let flow = include_str!("../../flows/france-services/accueil.yaml")
        .replace("when: { wait: 2m, waiting: 5 }", "when: { waiting: 1 }")
        .replace("- { key: 1, do: quiet-hours }", "- { key: 1, do: callback }");
    assert!(flow.contains("do: callback") && flow.contains("waiting: 1 }"), "the shipped flow has changed");
    flow
}

pub(crate) fn trunk(provider: SocketAddr) -> String {
    format!(
        "trunk:\n  address: {provider}\n  username: svi\n  password: passe-partout\n  \
         presented: \"+33143124567\"\n  prefixes: [\"+33\"]\n"
    )
}

/// Asks for an agent, takes the offer, types +33611111111 and confirms it, as soon as possible.
const ASKS: &str = "1s:0,3s:1,5s:2,6s:0611111111#,9s:1,11s:1";

#[test]
fn who_asks_for_a_callback_is_called_by_the_agent_through_the_trunk() {
    let provider = free();
    let service = Service::of(OPEN, &[("accueil.yaml", &busy())], &trunk(provider));
    let citizen = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    let amina = Phone::manual_agent(&service, "amina", 600);
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "promised callback"), 1, "{:?}", story(record));
    service.until("the phone rings for the ticket", SOON, || amina.log().matches("Incoming call").count() == 2);
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    service.until_log("state=\"connected\"", SOON);
    amina.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    // SIPp has seen the citizen's number, the digest, the ACK, and the BYE, or fails here.
    citizen.succeed();
    let states: Vec<String> =
        service.log().lines().filter_map(|l| Some(l.split("state=\"").nth(1)?.to_owned())).collect();
    let of_ticket =
        states.iter().filter(|s| ["asked", "dialling", "connected", "done"].iter().any(|w| s.starts_with(w)));
    assert!(of_ticket.count() >= 4, "{states:?}");
}
