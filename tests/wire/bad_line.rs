//! Calls over a line that loses a fifth of what passes, delays the rest by up to 100 ms, so
//! that it is out of order, and doubles some: SIPp, baresip and a phone made by hand are heard.

use std::thread;
use std::time::Duration;

use super::baresip::Phone;
use super::lossy_line::{BAD, GOOD, LossyLine};
use super::media::{samples, share_of_tone};
use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service, times};
use super::sipp::Sipp;
use super::voicemail::{answering, messages, sound};

const SOON: Duration = Duration::from_secs(40);

#[test]
fn calls_over_a_bad_line_are_set_up_once_and_ended() {
    const CALLS: usize = 8;
    let service = Service::start(OPEN);
    let line = LossyLine::start(service.sip, 20, (BAD, BAD));
    // A 100 that comes after the 200 is nothing unexpected here.
    let calls = ["-m", "8", "-r", "8", "-default_behaviors", "all,-abortunexp"];
    Sipp::over(&service, "bad-line", "100", line.sip).args(&calls).start().succeed();
    service.until("no call is up", SOON, || service.metric("svi_calls_active") == 0.0);
    let records = service.records_of(CALLS);
    assert_eq!(records.len(), CALLS, "an INVITE that comes twice is one call");
    assert!(records.iter().all(|record| record["ending"]["by"] == "caller"), "{records:?}");
    let (lost, all) = line.lost();
    println!("{lost} of {all} datagrams were lost");
    assert!(lost * 8 > all, "{lost} of {all}");
}

/// A flow that tells one number from all others.
const NUMBER: &str = "flow: accueil\nnumbers: [\"100\"]\nagent: agents\nstart: numero\nsteps:\n  numero:\n    \
    collect: { ask: \"Numéro effacé.\", name: numero, at_least: 10, at_most: 10, terminator: none }\n    then: tri\n  \
    tri:\n    choose: [{ if: numero = \"4071550028\", go: juste }]\n    else: agents\n  juste:\n    \
    tell: [appointments]\n    then: agents\n  agents:\n    queue: agents\n    nobody: fin\n    \
    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }\n  fin:\n    tell: [hours, contact]\n";
const TYPED: [u8; 10] = [4, 0, 7, 1, 5, 5, 0, 0, 2, 8];

#[test]
fn keys_over_a_bad_line_are_each_one_key_in_their_order() {
    const CALLS: u64 = 4;
    let service = Service::of(OPEN, &[("accueil.yaml", NUMBER)], "");
    thread::scope(|scope| {
        for seed in 0..CALLS {
            let sip = service.sip;
            scope.spawn(move || {
                let line = LossyLine::start(sip, seed, (GOOD, BAD));
                let mut call = RawCall::over(line.sip, "100", 101);
                call.listen(Duration::from_millis(300));
                call.type_keys(&TYPED);
                call.listen(Duration::from_millis(500));
                call.hang_up();
            });
        }
    });
    for record in service.records_of(CALLS as usize) {
        assert_eq!(times(&record, "step juste"), 1, "{record}");
    }
}

#[test]
fn what_is_said_over_a_bad_line_is_recorded_without_holes() {
    const SAID: Duration = Duration::from_secs(4);
    let service = answering("");
    let line = LossyLine::start(service.sip, 3, (GOOD, BAD));
    let mut call = RawCall::over(line.sip, "100", 101);
    call.listen(Duration::from_millis(300));
    call.press(3, &PRESS, 1);
    service.until_log("♪ beep", SOON);
    call.listen(Duration::from_millis(700));
    call.say(700.0, SAID);
    call.press(11, &PRESS, 1);
    service.until_log("Votre message est enregistré.", SOON);
    call.hang_up();
    let (lost, all) = line.lost();
    let heard = samples(&sound(&service, &messages(&service, 1)[0]["id"]));
    let length = Duration::from_millis(heard.len() as u64 / 8);
    assert!((3_600..4_700).contains(&length.as_millis()), "{length:?} of {SAID:?}");
    let inner = &heard[8 * 400..heard.len() - 8 * 400];
    let is_quiet = |samples: &[i16]| samples.iter().all(|sample| sample.unsigned_abs() < 100);
    let quiet: Vec<bool> = inner.chunks(80).map(is_quiet).collect();
    let holes = quiet.iter().filter(|quiet| **quiet).count();
    let longest = quiet.split(|quiet| !quiet).map(<[bool]>::len).max().unwrap_or_default();
    let share = share_of_tone(inner, 700.0);
    println!(
        "{lost} of {all} packets were lost; {holes} of {} times 10 ms are silent, {longest} in a row; the tone \
              is in {share:.2} of it",
        quiet.len()
    );
    assert!(holes * 20 < quiet.len() && longest <= 6 && share > 0.85, "{holes} of {}, {longest}, {share}", quiet.len());
}

#[test]
fn an_agent_s_phone_over_a_bad_line_registers_rings_and_is_heard() {
    let service = Service::of(OPEN, &[], "whisper: false\n");
    let line = LossyLine::start(service.sip, 7, (BAD, BAD));
    let agent = Phone::over(&service, "amina", ("udp", line.sip), 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    let both = std::time::Instant::now();
    service.until("they have talked for three seconds", SOON, || both.elapsed() > Duration::from_secs(3));
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!((record["agent"].as_str(), record["ending"]["by"].as_str()), (Some("amina"), Some("caller")));
    service.until_log("agent=amina state=\"wrap-up\"", SOON);
    for (phone, tone) in [(&agent, 1000.0), (&citizen, 600.0)] {
        let recorded = || phone.heard().map(|path| samples(&path)).unwrap_or_default();
        service.until("the phone has closed its recording", SOON, || !recorded().is_empty());
        let heard = recorded();
        let share = share_of_tone(&heard[heard.len().saturating_sub(16_000)..], tone);
        // baresip makes up nothing for what is lost, so that a fifth is silent, in pieces of 20 ms.
        println!("the tone of {tone} Hz is in {share:.2} of what was heard");
        assert!(share > 0.3, "the tone of {tone} Hz is in {share:.2} of what was heard");
    }
}
