//! Callbacks on real calls: asked for by key, the agent rung, the citizen called through the trunk.

use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc;
use std::time::Duration;

use super::baresip::Phone;
use super::media::{call, samples, share_of_tone};
use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service, free, story, times};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(30);

/// A queue that offers a callback by 1 from the first caller on.
pub(crate) fn busy() -> String {
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
pub(crate) const ASKS: &str = "1s:0,3s:1,5s:2,6s:0611111111#,9s:1,11s:1";

/// Until agent and citizen hear each other: a ticket that is written down as connected is
/// bridged once that is on the disk.
pub(crate) fn talks(service: &Service) {
    service.until_log("state=\"connected\"", SOON);
    service.until("they hear each other", SOON, || service.metric("svi_media_relayed_total") > 0.0);
}

/// Both phones have heard the other's tone at the end of their talk.
fn heard_each_other(service: &Service, agent: &Phone, citizen: &Phone) {
    for (phone, who, tone) in [(agent, "agent", 1000.0), (citizen, "citizen", 600.0)] {
        let recorded = || phone.heard().map(|path| samples(&path)).unwrap_or_default();
        service.until("the phone has closed its recording", SOON, || !recorded().is_empty());
        let heard = recorded();
        let share = share_of_tone(&heard[heard.len().saturating_sub(16_000)..], tone);
        assert!(share > 0.7, "the {who} heard the other's tone in {share:.2} of the last two seconds");
    }
}

fn talk_for_three_seconds(service: &Service) {
    let talked = std::time::Instant::now();
    service.until("they have talked for three seconds", SOON, || talked.elapsed() > Duration::from_secs(3));
}

#[test]
fn the_citizen_is_called_first_where_the_settings_say_so_and_both_hear_each_other() {
    let provider = free();
    let settings = format!("{}callbacks: {{ first: citizen }}\n", trunk(provider));
    let service = Service::of(OPEN, &[("accueil.yaml", &busy())], &settings);
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::behind_trunk(&service, "+33611111111", provider, 1000);
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    assert_eq!(times(&service.records_of(1)[0], "promised callback"), 1);
    service.until("the citizen answers", SOON, || citizen.log().contains("Call established"));
    service.until("the agent is rung then", SOON, || amina.log().matches("Incoming call").count() == 2);
    assert!(!service.log().contains("state=\"connected\""), "the two do not talk yet");
    amina.command("accept", "");
    service.until_log("state=\"connected\"", SOON);
    talk_for_three_seconds(&service);
    citizen.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    heard_each_other(&service, &amina, &citizen);
}

#[test]
fn a_citizen_whose_agent_does_not_answer_waits_for_the_next_one() {
    let provider = free();
    let settings = format!("{}callbacks: {{ first: citizen }}\n", trunk(provider));
    let service = Service::of(OPEN, &[("accueil.yaml", &busy())], &settings);
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::behind_trunk(&service, "+33611111111", provider, 1000);
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    service.until("the citizen answers", SOON, || citizen.log().contains("Call established"));
    service.until("the agent is rung then", SOON, || amina.log().matches("Incoming call").count() == 2);
    let bruno = Phone::agent(&service, "bruno", 600);
    amina.command("hangup", "");
    service.until_log("state=\"connected\"", SOON);
    talk_for_three_seconds(&service);
    assert_eq!(citizen.log().matches("Call established").count(), 1, "one call, and never hung up on");
    citizen.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    heard_each_other(&service, &bruno, &citizen);
}

#[test]
fn a_drain_loses_no_callback_that_is_due() {
    let provider = free();
    let mut service = Service::of(OPEN, &[("accueil.yaml", &busy())], &trunk(provider));
    let amina = Phone::manual_agent(&service, "amina", 600);
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    service.until("the phone rings for the ticket", SOON, || amina.log().matches("Incoming call").count() == 2);
    service.terminate();
    assert_eq!(service.exit_code(SOON), Some(0), "nobody is up: it need not wait\n{}", service.log());
    assert!(!service.log().contains("dialling"), "the citizen was not called\n{}", service.log());
    drop(amina);
    let citizen = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    service.crash(OPEN);
    let before = service.log().matches("agent=amina up=true").count();
    let amina = Phone::manual_agent(&service, "amina", 600);
    service.until("amina is back", SOON, || service.log().matches("agent=amina up=true").count() > before);
    service.until("the phone rings for the ticket", SOON, || amina.log().contains("Incoming call"));
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    service.until_log("state=\"connected\"", SOON);
    talk_for_three_seconds(&service);
    amina.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    citizen.succeed();
}

#[test]
fn a_star_from_the_agent_ends_the_call_with_a_machine_which_is_tried_again() {
    let provider = free();
    let service = Service::of(OPEN, &[("accueil.yaml", &busy())], &trunk(provider));
    let amina = Phone::manual_agent(&service, "amina", 600);
    let machine = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    service.until("the phone rings for the ticket", SOON, || amina.log().matches("Incoming call").count() == 2);
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    service.until_log("state=\"connected\"", SOON);
    talk_for_three_seconds(&service);
    amina.command("sndcode", "*");
    service.until_log("state=\"retry\"", SOON);
    machine.succeed();
}

/// A provider that asks for the password, rings, and notes what it is told after that.
fn challenging_provider(at: SocketAddr) -> (std::thread::JoinHandle<()>, mpsc::Receiver<String>) {
    let socket = UdpSocket::bind(at).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let (notes, told) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let answer = |status: &str, more: &str| {
                let kept = ["via:", "from:", "to:", "call-id:", "cseq:"];
                let keeps = |l: &&str| kept.iter().any(|name| l.to_lowercase().starts_with(name));
                let tagged = |l: &str| match l.to_lowercase().starts_with("to:") && !l.contains("tag=") {
                    true => format!("{l};tag=theirs\r\n"),
                    false => format!("{l}\r\n"),
                };
                let headers: String = request.lines().filter(keeps).map(tagged).collect();
                let text = format!("SIP/2.0 {status}\r\n{headers}{more}Content-Length: 0\r\n\r\n");
                socket.send_to(text.as_bytes(), from).unwrap();
            };
            if request.starts_with("INVITE") && !request.contains("Proxy-Authorization") {
                let challenge =
                    "Proxy-Authenticate: Digest realm=\"f\", nonce=\"9f3a\", qop=\"auth\", algorithm=MD5\r\n";
                answer("407 Proxy Authentication Required", challenge);
            } else if request.starts_with("INVITE") {
                answer("180 Ringing", "Contact: <sip:citizen@127.0.0.1>\r\n");
            } else if !request.starts_with("ACK") {
                answer("200 OK", "");
            }
            if notes.send(request).is_err() {
                return;
            }
        }
    });
    (thread, told)
}

#[test]
fn a_crash_while_it_rings_behind_a_challenge_ends_the_old_call_at_the_provider() {
    let provider = free();
    let mut service = Service::of(OPEN, &[("accueil.yaml", &busy())], &trunk(provider));
    let (thread, told) = challenging_provider(provider);
    let amina = Phone::manual_agent(&service, "amina", 600);
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    service.until("the phone rings for the ticket", SOON, || amina.log().matches("Incoming call").count() == 2);
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    let until = |wanted: &dyn Fn(&String) -> bool| {
        std::iter::from_fn(|| told.recv_timeout(SOON).ok()).find(|request| wanted(request))
    };
    let rung = |request: &String| request.starts_with("INVITE") && request.contains("Proxy-Authorization");
    let invite = until(&rung).expect("the citizen is dialled with the password");
    // The ticket is written once more, with the tag of who rings.
    service.until("the tag is written down", SOON, || service.log().matches("state=\"dialling\"").count() == 2);
    service.crash(OPEN);
    let line = |request: &str, name: &str| request.lines().find(|l| l.starts_with(name)).unwrap().to_owned();
    let same = |request: &String| {
        request.starts_with("CANCEL")
            && line(request, "Via:") == line(&invite, "Via:")
            && line(request, "Call-ID:") == line(&invite, "Call-ID:")
    };
    until(&same).expect("the INVITE that had the password is cancelled");
    let bye = until(&|request| request.starts_with("BYE")).expect("and ended, in case that it was answered");
    assert!(line(&bye, "To:").contains("tag=theirs") && line(&bye, "Call-ID:") == line(&invite, "Call-ID:"), "{bye}");
    drop(told);
    drop(thread);
}

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
    talks(&service);
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

/// When nobody is there, callers are asked whether they want a call back.
fn nobody() -> String {
    let flow = include_str!("../../flows/france-services/accueil.yaml")
        .replace("    nobody: ferme\n", "    nobody: rappel\n")
        .replace("  message:\n", "  rappel:\n    callback: agents\n    otherwise: message\n  message:\n");
    assert!(flow.contains("nobody: rappel") && flow.contains("callback: agents"), "the shipped flow has changed");
    flow
}

#[test]
fn who_finds_nobody_asks_for_a_callback_outside_the_queue_and_is_called() {
    let provider = free();
    let settings = format!("log: svi=debug\n{}", trunk(provider));
    let service = Service::of(OPEN, &[("accueil.yaml", &nobody())], &settings);
    let citizen = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    let mut caller = RawCall::dial(&service, "100", 101);
    caller.listen(Duration::from_millis(300));
    caller.press(0, &PRESS, 1);
    service.until_log("Nous pouvons vous rappeler au", SOON);
    caller.press(1, &PRESS, 1);
    service.until_log("Pour être rappelé dès que possible", SOON);
    caller.press(1, &PRESS, 1);
    service.until_log("C'est noté, nous vous rappelons dès que possible.", SOON);
    caller.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "promised callback"), 1, "{:?}", story(record));

    let amina = Phone::manual_agent(&service, "amina", 600);
    // The board had no place while nobody was there: the ticket asks again within a minute.
    service.until("the phone rings for the ticket", Duration::from_secs(90), || amina.log().contains("Incoming call"));
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    talks(&service);
    amina.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    citizen.succeed();
}
