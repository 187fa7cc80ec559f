//! Outside numbers, with SIPp as the provider at the other end of the trunk.

use std::net::SocketAddr;
use std::time::Duration;

use super::baresip::Phone;
use super::media::call;
use super::service::{OPEN, Service, free, story, times};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(30);

/// A trunk with an account, to numbers in France.
fn trunk(provider: SocketAddr) -> String {
    format!(
        "trunk:\n  address: {provider}\n  username: svi\n  password: passe-partout\n  \
         presented: \"+33143124567\"\n  prefixes: [\"+33\"]\n"
    )
}

/// Amina is an outside number where nobody else answers, and hears the caller at once; Bruno has no phone.
fn outside_amina(number: &str, provider: SocketAddr) -> Service {
    let agents = format!(
        "agents: [{{ name: amina, number: \"{number}\", confirm: false }}]\nwhisper: false\n{}",
        trunk(provider)
    );
    Service::of_agents(OPEN, &[], &agents)
}

/// A flow whose 1 leads to an outside number, and from there back to the menu.
fn with_transfer(number: &str, provider: SocketAddr) -> Service {
    let flow = include_str!("../../flows/france-services/accueil.yaml")
        .replace("go: identite", "go: dehors")
        .replace(
            "  identite:\n    say: \"Il faut une photo récente et un justificatif de domicile. La demande commence en ligne, sur le site France Titres.\"\n    about: identite\n    then: menu\n",
            &format!("  dehors:\n    transfer: {{ to: \"{number}\", ring: 10s }}\n    failed: infos\n"),
        );
    assert!(flow.contains("transfer:"), "the shipped flow has changed");
    Service::of(OPEN, &[("accueil.yaml", &flow)], &trunk(provider))
}

#[test]
fn an_agent_at_an_outside_number_is_reached_through_the_trunk() {
    let provider = free();
    let service = outside_amina("+33611111111", provider);
    let answering = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
    // SIPp has seen the digest, the presented number, the ACK and the BYE, or fails here.
    answering.succeed();
}

#[test]
fn a_provider_s_reliable_progress_is_acknowledged_and_holds_the_answer() {
    let provider = free();
    let service = outside_amina("+33611111111", provider);
    let answering = Sipp::at(&service, "trunk-reliable", provider).args(&["-m", "1"]).start();
    call(&service, "100", &["--keys", "1s:0", "--seconds", "6"]);
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
    answering.succeed();
}

#[test]
fn the_digest_is_the_one_that_the_provider_computes() {
    let provider = free();
    let service = outside_amina("+33611111111", provider);
    let answering = Sipp::at(&service, "trunk-digest", provider).args(&["-m", "1"]).start();
    call(&service, "100", &["--keys", "1s:0", "--seconds", "15"]);
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
    assert!(record["talk_ms"].is_u64(), "the provider hangs up, and the caller is asked for a mark: {record}");
    answering.succeed();
}

#[test]
fn a_number_outside_the_prefixes_is_never_dialled() {
    let provider = free();
    let listening = std::net::UdpSocket::bind(provider).unwrap();
    listening.set_nonblocking(true).unwrap();
    let service = outside_amina("+442079460000", provider);
    call(&service, "100", &["--keys", "1s:0", "--seconds", "8"]);
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], serde_json::Value::Null);
    assert!(story(record).iter().any(|line| line.starts_with("missed amina")), "{:?}", story(record));
    assert!(listening.recv(&mut [0; 1]).is_err(), "nothing was sent to the provider");
}

#[test]
fn a_transfer_to_an_outside_number_is_answered() {
    let provider = free();
    let service = with_transfer("+33611111111", provider);
    let answering = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    let citizen = Phone::citizen(&service, 1000);
    citizen.command("dial", &format!("sip:100@{}", service.sip));
    service.until("the call is up", SOON, || citizen.log().contains("Call established"));
    citizen.command("sndcode", "1");
    service.until_log("transferred", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "transferring"), 1);
    assert_eq!(times(record, "transferred"), 1, "{:?}", story(record));
    answering.succeed();
}

#[test]
fn a_refused_transfer_goes_where_the_flow_says() {
    let provider = free();
    let service = with_transfer("+33611111111", provider);
    let refusing = Sipp::at(&service, "trunk-busy", provider).args(&["-m", "1"]).start();
    call(&service, "100", &["--keys", "1s:1", "--seconds", "8"]);
    let record = &service.records_of(1)[0];
    let story = story(record);
    let failed = story.iter().position(|line| line == "transfer failed 486");
    let next = story.iter().position(|line| line == "step infos");
    assert!(failed.is_some() && failed < next, "{story:?}");
    refusing.succeed();
}

#[test]
fn a_transfer_outside_the_prefixes_is_never_dialled_and_the_flow_goes_on() {
    let provider = free();
    let listening = std::net::UdpSocket::bind(provider).unwrap();
    listening.set_nonblocking(true).unwrap();
    let service = with_transfer("+442079460000", provider);
    call(&service, "100", &["--keys", "1s:1", "--seconds", "8"]);
    let story = story(&service.records_of(1)[0]);
    assert!(story.iter().any(|line| line == "transfer failed 403"), "{story:?}");
    assert!(story.iter().any(|line| line == "step infos"), "{story:?}");
    assert!(listening.recv(&mut [0; 1]).is_err(), "nothing was sent to the provider");
}

/// Where nobody else can answer, 1 need not be pressed; elsewhere it must.
fn confirming_amina(provider: SocketAddr) -> Service {
    let agents = format!("agents: [{{ name: amina, number: \"+33611111111\" }}]\n{}", trunk(provider));
    Service::of_agents(OPEN, &[], &agents)
}

#[test]
fn who_presses_one_at_an_outside_number_takes_the_call() {
    let provider = free();
    let service = confirming_amina(provider);
    let pressing = Sipp::at(&service, "trunk-key", provider).args(&["-m", "1"]).start();
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("ringing amina", SOON);
    assert!(!service.log().contains("connected amina"), "the scenario presses after two seconds");
    service.until_log("connected amina", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
    pressing.succeed();
}

#[test]
fn an_answering_machine_at_an_outside_number_does_not_take_the_citizen() {
    let provider = free();
    let service = confirming_amina(provider);
    let machine = Sipp::at(&service, "trunk-machine", provider).args(&["-m", "1"]).start();
    call(&service, "100", &["--keys", "1s:0", "--seconds", "16"]);
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "missed amina no-answer"), 1, "{:?}", story(record));
    assert_eq!(record["agent"], serde_json::Value::Null);
    // It was answered, and hung up on by us.
    machine.succeed();
}

/// Premium-rate numbers are never called, whatever the prefixes say.
#[test]
fn a_premium_rate_number_is_refused_before_any_call() {
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("svi.yaml");
    let text = format!(
        "agents: [{{ name: amina, number: \"+33899123456\" }}]\n{}paths: {{ data: {} }}\n",
        trunk(free()),
        dir.path().join("data").display()
    );
    std::fs::write(&settings, text).unwrap();
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_svi"))
        .args(["serve", "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0", "--config"])
        .arg(&settings)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{told}");
    assert!(told.contains("svi.yaml:1:") && told.contains("premium"), "{told}");
}
