//! Other flows in a running service: what those who are on the phone notice, and who phones next.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::baresip::Phone;
use super::raw::{PRESS, Packet, RawCall};
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(20);
pub(crate) const GREETING: &str = "Bonjour. France services de Montreuil. Cet appel n'est pas surtaxé.";
/// Recorded as well.
pub(crate) const OTHER_GREETING: &str = "Bonjour. Préfecture du Val-de-Loing. Cet appel n'est pas surtaxé.";

/// A service that writes down what callers hear, and reloads when it is asked to.
pub(crate) fn service() -> Service {
    Service::of(OPEN, &[], "log: svi=debug\nflows: { watch: false }\n")
}

/// Replaces texts in a file of the service, as an editor does: a new file takes the place of the old one.
pub(crate) fn edit(service: &Service, name: &str, edits: &[(&str, &str)]) {
    let path = service.path("flows/france-services").join(name);
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{name} has no `{from}`");
        text = text.replace(from, to);
    }
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

/// Asks for a reload by the API; the status and the answer.
pub(crate) fn reload(service: &Service) -> (u16, Value) {
    let (status, body) = service.post("/api/v1/flows/reload", r#"{"by": "the test"}"#);
    (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
}

/// Calls, and hangs up once something was heard; how often the words were said so far.
pub(crate) fn said(service: &Service, words: &str) -> usize {
    let before = service.records().len();
    let call = RawCall::dial(service, "100", 101);
    call.listen(Duration::from_millis(200));
    call.hang_up();
    service.records_of(before + 1);
    service.log().matches(&format!("words=\"{words}\"")).count()
}

/// Whether packets came in a row, each 20 ms after the other by their own time.
fn is_whole(packets: &[Packet]) -> bool {
    packets.windows(2).all(|two| {
        let [before, after] = two else { return true };
        after.sequence == before.sequence.wrapping_add(1) && after.timestamp == before.timestamp.wrapping_add(160)
    })
}

/// Ten reloads by SIGHUP while one caller is in a menu and another hears music: neither
/// loses a packet, the first goes on in the flow that the call began with, and who phones
/// next hears other words.
#[test]
fn ten_reloads_are_heard_by_nobody_but_who_phones_next() {
    let service = service();
    let _amina = Phone::manual_agent(&service, "amina", 600);
    let mut waits = RawCall::dial(&service, "100", 101);
    waits.listen(Duration::from_millis(300));
    waits.press(0, &PRESS, 1);
    service.until_log("joined france-services/agents at 1", SOON);
    let mut chooses = RawCall::dial(&service, "100", 101);
    chooses.listen(Duration::from_millis(300));
    // `#` would say the greeting again while it lasts.
    service.until("the menu is reached", SOON, || {
        waits.heard_already();
        chooses.heard_already();
        service.log().contains("step menu")
    });
    // What is heard from here on counts.
    waits.heard_already();
    chooses.heard_already();
    let skipped = service.metric("svi_media_skipped_rounds_total");
    let mut heard = [Vec::new(), Vec::new()];
    edit(&service, "accueil.yaml", &[("infos", "horaires")]);
    for n in 0..=10 {
        let greetings = if n % 2 == 0 { (GREETING, OTHER_GREETING) } else { (OTHER_GREETING, GREETING) };
        edit(&service, "accueil.yaml", &[greetings]);
        if n % 4 == 3 {
            // `#` says the menu again: who says nothing for long is led to an agent.
            chooses.press(11, &PRESS, 1);
        }
        service.signal("HUP");
        // What waits in our sockets is taken meanwhile: they hold a few seconds.
        service.until("it is reloaded", SOON, || {
            heard[0].extend(waits.heard_already());
            heard[1].extend(chooses.heard_already());
            service.metric("svi_flows_reloads_total{result=\"swapped\"}") == f64::from(n + 1)
        });
    }
    assert_eq!(service.metric("svi_media_skipped_rounds_total"), skipped, "no round was left out");
    for (who, packets) in ["waits", "chooses"].iter().zip(&heard) {
        assert!(packets.len() > 10 && is_whole(packets), "who {who} heard {} packets, with a gap", packets.len());
    }
    chooses.press(2, &PRESS, 1);
    service.until_log("step infos", SOON);
    chooses.hang_up();
    waits.hang_up();
    let records = service.records_of(2);
    assert!(records.iter().any(|record| times(record, "step infos") == 1), "the old flow: {records:?}");
    assert_eq!(said(&service, OTHER_GREETING), 1);
    let old_words = service.log().matches(&format!("words=\"{GREETING}\"")).count();
    assert_eq!(old_words, 2, "those two calls alone");
}

#[test]
fn a_broken_file_is_refused_and_what_ran_goes_on() {
    let service = service();
    edit(&service, "accueil.yaml", &[(GREETING, OTHER_GREETING), ("then: menu", "then: nirgends")]);
    let (status, refused) = reload(&service);
    assert_eq!((status, &refused["result"]), (422, &json!("refused")), "{refused}");
    let first = &refused["diagnostics"][0];
    assert_eq!((&first["code"], &first["severity"]), (&json!("unknown-step"), &json!("error")), "{refused}");
    assert!(first["path"].as_str().unwrap().ends_with("france-services/accueil.yaml"), "{refused}");
    service.until_log("these flows are refused", SOON);
    assert!(service.log().contains("unknown-step"), "{}", service.log());
    assert_eq!(service.metric("svi_flows_differ"), 1.0);
    assert_eq!(service.get("/readyz"), (200, r#"{"flows":{"differ":"refused"},"ready":true}"#.to_owned()));
    let shown: Value = serde_json::from_str(&service.get("/api/v1/flows").1).unwrap();
    assert_eq!((&shown["how"], &shown["differ"]["why"]), (&json!("start"), &json!("refused")), "{shown}");
    assert_eq!(said(&service, GREETING), 1, "the words that ran go on");

    let svi = Command::new(env!("CARGO_BIN_EXE_svi")).args(["reload", "--http", &service.http.to_string()]).output();
    let svi = svi.unwrap();
    let told = String::from_utf8_lossy(&svi.stderr).into_owned();
    assert_eq!(svi.status.code(), Some(1), "{told}");
    assert!(told.contains("error[unknown-step]") && told.contains("^^^^"), "framed: {told}");

    edit(&service, "accueil.yaml", &[("then: nirgends", "then: menu")]);
    assert_eq!(reload(&service).1["result"], "swapped");
    assert_eq!((service.metric("svi_flows_differ"), service.get("/readyz").1.as_str()), (0.0, r#"{"ready":true}"#));
    assert_eq!(said(&service, OTHER_GREETING), 1);
    assert_eq!(reload(&service).1, json!({ "result": "unchanged" }));
}

#[test]
fn a_sentence_that_nobody_has_recorded_is_refused() {
    let service = service();
    edit(&service, "accueil.yaml", &[(GREETING, "Bonjour à toutes et à tous.")]);
    let (status, refused) = reload(&service);
    assert_eq!(status, 422, "{refused}");
    let codes: Vec<&str> =
        refused["diagnostics"].as_array().unwrap().iter().filter_map(|d| d["code"].as_str()).collect();
    assert_eq!(codes, ["missing-prompt"], "{refused}");
}

#[test]
fn a_number_appears_and_another_one_is_answered_no_longer() {
    let service = service();
    edit(&service, "accueil.yaml", &[("\"100\"]", "\"101\"]")]);
    let (_, swapped) = reload(&service);
    assert_eq!(
        swapped["changes"],
        json!(["numbers answered from now on: 101", "numbers answered no longer: 100"]),
        "{swapped}"
    );
    RawCall::dial(&service, "101", 101).hang_up();
    super::sipp::Sipp::new(&service, "no-flow", "100").run();
}

/// Who waits keeps the rank when the queue gets another member, who then answers.
#[test]
fn a_new_member_answers_who_waits_already() {
    let queues = "agents: { members: [amina], ring: 2s, wrap_up: 1s, music: attente, at_closing: serve }\n";
    let service = Service::of(OPEN, &[("queues.yaml", queues)], "log: svi=debug\nflows: { watch: false }\n");
    let _amina = Phone::manual_agent(&service, "amina", 600);
    let _bruno = Phone::agent(&service, "bruno", 700);
    let mut waits = RawCall::dial(&service, "100", 101);
    waits.listen(Duration::from_millis(300));
    waits.press(0, &PRESS, 1);
    service.until_log("joined france-services/agents at 1", SOON);
    edit(&service, "queues.yaml", &[("[amina]", "[amina, bruno]")]);
    assert_eq!(reload(&service).1["changes"], json!(["new members: bruno in france-services/agents"]));
    service.until_log("connected bruno", Duration::from_secs(40));
    waits.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "joined france-services/agents at 1"), 1, "{:?}", story(record));
}

/// Passwords, agents, reasons and the token count at once; what has to wait is named.
#[test]
fn settings_of_agents_count_at_once_and_the_rest_is_named() {
    let settings = "log: svi=debug\nflows: { watch: false }\nagents: [{ name: amina, password: mistyped }]\n";
    let service = Service::of_agents(OPEN, &[], settings);
    let change = |from: &str, to: &str| {
        let path = service.path("svi.yaml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "the settings have no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    change("password: mistyped", "password: secret");
    change("log: svi=debug\n", "log: svi=debug\npauses: [repas]\nlimits: { calls: 3 }\n");
    let (status, swapped) = reload(&service);
    assert_eq!((status, &swapped["result"], &swapped["version"]), (200, &json!("swapped"), &json!(1)), "{swapped}");
    let waits = &swapped["diagnostics"][0];
    assert_eq!(waits["code"], "next-start", "{swapped}");
    assert!(waits["message"].as_str().unwrap().ends_with("from the next start: limits"), "{swapped}");
    let amina = Phone::manual_agent(&service, "amina", 600);
    assert_eq!(service.post("/api/v1/agents/amina/pause", r#"{"reason": "repas"}"#).0, 200);
    change("{ name: amina, password: secret }", "{ name: bruno, password: secret }");
    assert_eq!(reload(&service).0, 200);
    service.until_log("agent=amina up=false", SOON);
    drop(amina);
    change("agents: [", "agents: [{ name: bruno, password: secret }, ");
    let (status, refused) = reload(&service);
    assert_eq!((status, &refused["diagnostics"][0]["code"]), (422, &json!("duplicate-agent")), "{refused}");
}
