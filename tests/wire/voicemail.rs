//! A caller leaves a message: what is said is what is kept, whatever happens meanwhile.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use svi::media::{Law, ToneDetector};

use super::baresip::Phone;
use super::callback::{talks, trunk};
use super::media::{samples, share_of_tone};
use super::raw::{PRESS, Packet, RawCall};
use super::service::{OPEN, Service, free, story};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(20);
const HASH: u8 = 11;
const BEFORE: f64 = 440.0;
const SAID: f64 = 700.0;
const SAID_AGAIN: f64 = 850.0;

/// France services with a short invitation behind the key 3, and these settings.
pub(crate) fn answering(settings: &str) -> Service {
    taking("voicemail: { ask: \"Numéro effacé.\" }", settings)
}

/// The same with this step there.
fn taking(taken: &str, settings: &str) -> Service {
    let shipped = include_str!("../../flows/france-services/accueil.yaml");
    let step = "    tell: [appointments]\n    then: agents\n";
    assert!(shipped.contains(step));
    let flow = shipped.replace(step, &format!("    {taken}\n    then: agents\n"));
    Service::of(OPEN, &[("accueil.yaml", &flow)], &format!("log: svi=debug\n{settings}"))
}

/// A caller at the step that takes a message.
fn at_the_message(service: &Service, nth: usize) -> RawCall {
    let mut call = RawCall::dial(service, "100", 101);
    call.listen(Duration::from_millis(300));
    call.press(3, &PRESS, 1);
    service.until("the message's step", SOON, || service.log().matches("step rendez-vous").count() >= nth);
    call
}

/// The same after the beep; what was said before it is not to be heard.
pub(crate) fn after_the_beep(service: &Service, nth: usize) -> RawCall {
    let mut call = at_the_message(service, nth);
    call.say(BEFORE, Duration::from_secs(1));
    wait_for_beep(service, &call, nth);
    call
}

fn wait_for_beep(service: &Service, call: &RawCall, nth: usize) {
    service.until("the beep", SOON, || service.log().matches("♪ beep").count() >= nth);
    // The tone lasts 300 ms.
    call.listen(Duration::from_millis(700));
}

fn listed(service: &Service) -> Vec<Value> {
    let (status, body) = service.get("/api/v1/messages");
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["messages"].as_array().unwrap().clone()
}

/// The messages, once there are this many.
pub(crate) fn messages(service: &Service, count: usize) -> Vec<Value> {
    service.until("the messages", SOON, || listed(service).len() >= count);
    let listed = listed(service);
    assert_eq!(listed.len(), count, "{listed:?}");
    listed
}

/// `svi messages …`; what it printed.
fn svi_messages(service: &Service, args: &[&str]) -> (bool, String) {
    let http = service.http.to_string();
    let out = Command::new(env!("CARGO_BIN_EXE_svi")).arg("messages").args(args).args(["--http", &http]).output();
    let out = out.unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The sound of a message.
pub(crate) fn sound(service: &Service, id: &Value) -> PathBuf {
    let path = service.path(&format!("message-{id}.wav"));
    let (good, said) = svi_messages(service, &["get", &id.to_string(), "--out", path.to_str().unwrap()]);
    assert!(good, "{said}");
    path
}

/// That a file holds this tone for about so long, and nothing of what was said before the beep.
fn assert_said(path: &Path, hertz: f64, lasts: Duration) {
    let samples = samples(path);
    let length = Duration::from_millis(samples.len() as u64 / 8);
    assert!(length + Duration::from_millis(300) >= lasts, "{length:?} of {lasts:?}");
    assert!(length <= lasts + Duration::from_millis(700), "{length:?} of {lasts:?}");
    let inner = &samples[8 * 350..samples.len() - 8 * 350];
    assert!(share_of_tone(inner, hertz) > 0.9, "{} of the blocks", share_of_tone(inner, hertz));
    assert!(share_of_tone(&samples, BEFORE) < 0.02, "what was said before the beep is in it");
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn what_is_recorded_in_the_middle_of_a_call_is_listed_under_its_name_while_the_call_goes_on() {
    let service = taking("record: { ask: \"Numéro effacé.\", name: question }", "");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(3));
    call.press(HASH, &PRESS, 1);
    service.until_log("Pour continuer, tapez sur la touche dièse.", SOON);
    call.press(HASH, &PRESS, 1);
    service.until_log("step agents", SOON);
    let message = &messages(&service, 1)[0];
    assert_eq!((message["name"].as_str(), message["state"].as_str()), (Some("question"), Some("new")));
    assert_said(&sound(&service, &message["id"]), SAID, seconds(3));
    assert!(svi_messages(&service, &["list"]).1.contains("france-services/accueil  question"));
    call.hang_up();
}

#[test]
fn what_is_said_after_the_beep_is_kept_and_nothing_else() {
    let service = answering("");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(3));
    assert_eq!(listed(&service), [Value::Null; 0], "it is not left yet");
    call.press(HASH, &PRESS, 1);
    service.until_log("Votre message est enregistré.", SOON);
    call.hang_up();
    let message = &messages(&service, 1)[0];
    assert_eq!((message["from"].as_str(), message["state"].as_str()), (Some("+33612345678"), Some("new")));
    assert!((2_800..3_700).contains(&message["length_ms"].as_u64().unwrap()), "{message}");
    let id = &message["id"];
    assert_said(&sound(&service, id), SAID, seconds(3));
    let record = &service.records_of(1)[0];
    assert!(story(record).contains(&"left a message".to_owned()), "{record}");

    let file = fs::read_dir(service.path("data/messages")).unwrap().next().unwrap().unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(svi_messages(&service, &["list", "--state", "heard"]).1.contains("+33612345678"));
    let (good, said) = svi_messages(&service, &["settle", &id.to_string(), "--by", "amina"]);
    assert!(good && said.contains("settled"), "{said}");
    assert_eq!(listed(&service)[0]["changed_by"], "amina");
    assert_eq!(svi_messages(&service, &["list", "--state", "new"]).1, "there are no messages\n");
    assert!(svi_messages(&service, &["delete", &id.to_string()]).0);
    assert_eq!(listed(&service), [Value::Null; 0]);
    assert_eq!(fs::read_dir(service.path("data/messages")).unwrap().count(), 0);
    let (good, said) = svi_messages(&service, &["get", &id.to_string()]);
    assert!(!good && said.contains("there is no such message"), "{said}");
}

#[test]
fn messages_are_for_this_machine_or_who_shows_the_token() {
    let service = answering("http: { token: 0123456789abcdef0123 }\n");
    for path in ["", "/1", "/1/sound"] {
        let from_outside = ["X-Forwarded-For: 192.0.2.7"];
        assert_eq!(service.request(&format!("GET /api/v1/messages{path}"), &from_outside, "").0, 401);
        let shown = ["X-Forwarded-For: 192.0.2.7", "Authorization: Bearer 0123456789abcdef0123"];
        let expected = if path.is_empty() { 200 } else { 404 };
        assert_eq!(service.request(&format!("GET /api/v1/messages{path}"), &shown, "").0, expected);
    }
    assert_eq!(service.request("DELETE /api/v1/messages/1", &["X-Forwarded-For: 192.0.2.7"], "").0, 401);
    assert_eq!(service.get("/api/v1/messages?state=lost").0, 422);
    assert_eq!(service.post("/api/v1/messages/1/recording", "{}").0, 404);
}

#[test]
fn who_hangs_up_after_speaking_has_left_the_message() {
    let service = answering("");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(2));
    call.hang_up();
    let message = &messages(&service, 1)[0];
    assert_said(&sound(&service, &message["id"]), SAID, seconds(2));
}

#[test]
fn who_says_nothing_has_left_nothing() {
    let service = answering("");
    let call = after_the_beep(&service, 1);
    service.until_log("Nous n'avons rien entendu.", SOON);
    call.hang_up();
    service.records_of(1);
    service.until("an empty folder", SOON, || fs::read_dir(service.path("data/messages")).unwrap().count() == 0);
    assert_eq!(listed(&service), [Value::Null; 0]);
}

/// A's samples that were heard.
fn heard(packets: &[Packet]) -> Vec<i16> {
    let sound = packets.iter().filter(|packet| packet.payload_type == 8);
    sound.flat_map(|packet| packet.payload.iter().map(|&byte| Law::A.decode(byte))).collect()
}

#[test]
fn it_ends_by_silence_is_played_back_and_done_again() {
    let service = answering("");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(2));
    service.until_log("Votre message est enregistré.", SOON);
    call.heard_already();
    call.press(1, &PRESS, 1);
    service.until_log("♪ message-1", SOON);
    let back = heard(&call.listen(Duration::from_millis(2_500)));
    let tones = ToneDetector::share(SAID, &back);
    assert!(tones > 0.5, "the caller hears the tone: {tones}");
    call.press(2, &PRESS, 1);
    wait_for_beep(&service, &call, 2);
    call.say(SAID_AGAIN, seconds(2));
    call.press(HASH, &PRESS, 1);
    service.until("it is kept again", SOON, || service.log().matches("Votre message est enregistré.").count() == 2);
    call.hang_up();
    let message = &messages(&service, 1)[0];
    let path = sound(&service, &message["id"]);
    assert_said(&path, SAID_AGAIN, seconds(2));
    assert!(share_of_tone(&samples(&path), SAID) < 0.02);
    assert_eq!(fs::read_dir(service.path("data/messages")).unwrap().count(), 1);
}

#[test]
fn a_crash_takes_nothing_away_of_what_was_said() {
    let mut service = answering("");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(4));
    service.crash(OPEN);
    let message = &messages(&service, 1)[0];
    let length = message["length_ms"].as_u64().unwrap();
    assert!((3_500..4_100).contains(&length), "{length} ms of 4 s");
    assert_said(&sound(&service, &message["id"]), SAID, Duration::from_millis(3_800));
    service.crash(OPEN);
    assert_eq!(listed(&service).len(), 1, "it is mended once");
    let files: Vec<_> = fs::read_dir(service.path("data/messages")).unwrap().flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn a_crash_after_it_was_kept_leaves_it() {
    let mut service = answering("");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(2));
    call.press(HASH, &PRESS, 1);
    service.until_log("Votre message est enregistré.", SOON);
    service.crash(OPEN);
    assert_said(&sound(&service, &messages(&service, 1)[0]["id"]), SAID, seconds(2));
}

#[test]
fn without_room_the_caller_is_told_and_offered_another_way() {
    let service = answering("messages: { space: 1MB }\n");
    let call = at_the_message(&service, 1);
    service.until_log("Nous ne pouvons pas prendre de message en ce moment. Par téléphone", SOON);
    call.hang_up();
    let record = &service.records_of(1)[0];
    assert!(story(record).contains(&"no message full".to_owned()), "{record}");
    assert!(!service.log().contains("♪ beep"));
    assert_eq!(listed(&service), [Value::Null; 0]);
}

#[test]
fn a_disk_that_fails_while_the_caller_speaks_is_told() {
    let mut service = answering("");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(1));
    fs::remove_dir_all(service.path("data/messages")).unwrap();
    call.say(SAID, seconds(1));
    call.press(HASH, &PRESS, 1);
    service.until_log("Votre message n'a pas pu être enregistré. Veuillez nous excuser. Par téléphone", SOON);
    call.hang_up();
    let record = &service.records_of(1)[0];
    assert!(story(record).contains(&"no message not-kept".to_owned()), "{record}");
    assert!(!service.log().contains("Votre message est enregistré."));
    service.crash(OPEN);
    assert_eq!(listed(&service), [Value::Null; 0]);
}

#[test]
fn one_number_does_not_fill_the_folder() {
    let service = answering("messages: { per_number: 1 }\n");
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(1));
    call.hang_up();
    messages(&service, 1);
    let call = at_the_message(&service, 2);
    service.until_log("Vous nous avez déjà laissé plusieurs messages aujourd'hui.", SOON);
    call.hang_up();
    assert_eq!(service.log().matches("♪ beep").count(), 1);
}

/// A disk of 80 MB in place of the folder of messages; `None` where this user may not mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: PathBuf) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=80M", "tmpfs"]).arg(&path).output();
        mounted.is_ok_and(|out| out.status.success()).then_some(Self(path))
    }

    fn fill(&self) {
        // It ends where the disk does.
        let _ = fs::write(self.0.join("filler"), vec![1; 100 << 20]);
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_fills_up_while_the_caller_speaks_is_told_and_the_next_is_told_before() {
    let service = answering("");
    let Some(disk) = SmallDisk::at(service.path("data/messages")) else {
        eprintln!("not tried: only root may mount a small disk");
        return;
    };
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(1));
    disk.fill();
    call.say(SAID, seconds(2));
    service.until_log("Votre message n'a pas pu être enregistré.", SOON);
    call.hang_up();
    assert!(service.log().contains("No space left on device"), "{}", service.log());
    let call = at_the_message(&service, 2);
    service.until_log("Nous ne pouvons pas prendre de message en ce moment.", SOON);
    call.hang_up();
    assert!(!service.log().contains("Votre message est enregistré."));
    assert_eq!(listed(&service), [Value::Null; 0]);
    assert_eq!(service.get("/readyz").0, 200, "calls go on");
}

/// The same flow, whose messages become callbacks through this trunk.
fn calling_back(provider: SocketAddr) -> Service {
    let shipped = include_str!("../../flows/france-services/accueil.yaml");
    let step = "    tell: [appointments]\n    then: agents\n";
    let flow = shipped.replace(step, "    voicemail: { ask: \"Numéro effacé.\", callback: true }\n    then: agents\n");
    Service::of(OPEN, &[("accueil.yaml", &flow)], &format!("log: svi=debug\n{}", trunk(provider)))
}

/// How often a log says that a ticket was asked for.
fn asked(service: &Service) -> usize {
    service.log().matches("state=\"asked\"").count()
}

#[test]
fn who_leaves_a_message_is_called_back() {
    let provider = free();
    let service = calling_back(provider);
    let citizen = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(2));
    call.press(HASH, &PRESS, 1);
    service.until_log("Votre message est enregistré.", SOON);
    assert_eq!(asked(&service), 0, "it may still be done again");
    call.press(HASH, &PRESS, 1);
    service.until_log("C'est noté, nous vous rappelons dès que possible.", SOON);
    call.hang_up();
    let message = &messages(&service, 1)[0];
    assert_eq!((&message["callback"], message["ticket"].as_u64()), (&"promised".into(), Some(1)));
    assert!(svi_messages(&service, &["list"]).1.contains("callback: ticket 1"));
    let record = &service.records_of(1)[0];
    assert!(story(record).contains(&"promised callback".to_owned()), "{record}");

    let amina = Phone::manual_agent(&service, "amina", 600);
    service.until("the phone rings for the ticket", SOON, || amina.log().contains("Incoming call"));
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    talks(&service);
    amina.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    // SIPp has seen the INVITE to the number that left the message, or fails here.
    citizen.succeed();
    assert_eq!(asked(&service), 1);
}

#[test]
fn who_hangs_up_after_the_message_is_promised_a_callback_once_whatever_crashes() {
    let mut service = calling_back(free());
    let mut call = after_the_beep(&service, 1);
    call.say(SAID, seconds(2));
    // The service ends while the caller speaks: the start leaves the message, and makes its ticket.
    service.crash(OPEN);
    let ticket = |service: &Service| listed(service).first().and_then(|message| message["ticket"].as_u64());
    service.until("the ticket", SOON, || ticket(&service) == Some(1));
    for _ in 0..2 {
        service.crash(OPEN);
        assert_eq!((listed(&service).len(), ticket(&service)), (1, Some(1)));
    }
    assert_eq!(asked(&service), 1, "one message, one ticket");
    assert!(!service.log().contains("612345678"), "the number is in no log");
}
