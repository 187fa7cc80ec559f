//! Agents' phones send callers on.

use std::time::Duration;

use super::baresip::Phone;
use super::peer::Peer;
use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service, free, story, times};
use super::sipp::{Message, Sipp};

const SOON: Duration = Duration::from_secs(30);

/// Only amina answers the queue's callers.
const QUEUE: &str = "agents: { members: [amina], wrap_up: 1s, at_closing: serve }\n";

#[test]
fn an_agent_sends_a_caller_to_a_colleague() {
    let service = Service::of(OPEN, &[("queues.yaml", QUEUE)], "whisper: false\n");
    let [amina, bruno] = [("amina", 600), ("bruno", 700)].map(|(name, tone)| Phone::agent(&service, name, tone));
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    amina.command("transfer", &format!("sip:bruno@{}", service.sip));
    service.until_log("connected bruno", SOON);
    service
        .until("amina is free again", SOON, || service.log().matches("agent=amina state=\"available\"").count() == 2);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!((record["agent"].as_str(), record["ending"]["by"].as_str()), (Some("bruno"), Some("caller")));
    let told =
        ["amina hands on to agent bruno", "handed on by amina", "talk ended amina"].map(|line| times(record, line));
    assert_eq!(told, [1, 1, 1], "{:?}", story(record));
    drop((amina, bruno));
}

/// SIPp is amina's phone: it sends the first caller to bruno, the second to his queue, the third
/// to a number that is allowed, and hears each time that it was done.
#[test]
fn an_agent_s_phone_sends_callers_to_a_colleague_a_queue_and_a_number_and_hears_of_it() {
    let queues = "agents: { members: [amina], wrap_up: 1s, at_closing: serve }\n\
                  autre: { members: [bruno], wrap_up: 1s, at_closing: serve }\n";
    let at = free();
    let settings = format!(
        "whisper: false\ntransfers: {{ to: [agents, queues], numbers: [\"+336\"] }}\n\
         trunk: {{ address: \"{at}\", presented: \"+33143124567\" }}\n"
    );
    let service = Service::of(OPEN, &[("queues.yaml", queues)], &settings);
    let (mut bruno, mut provider) = (Peer::agent(&service, "bruno"), Peer::at(&service, "provider", at));
    let port = free();
    Sipp::register(&service, "amina", port.port());
    service.until_log("agent=amina up=true", SOON);
    for (nth, (to, line)) in [
        ("bruno", "amina hands on to agent bruno"),
        ("autre", "amina hands on to queue france-services/autre"),
        ("+33622222222", "amina hands on to"),
    ]
    .into_iter()
    .enumerate()
    {
        let amina = Sipp::at(&service, "sends-on", port).args(&["-key", "target", to]).logged().start();
        let free = |agent: &str| service.log().matches(&format!("agent={agent} state=\"available\"")).count();
        service.until("amina is free", SOON, || free("amina") > nth);
        let mut caller = RawCall::dial(&service, "100", 101);
        caller.listen(Duration::from_millis(300));
        caller.press(0, &PRESS, 1);
        let taker = if nth == 2 { &mut provider } else { &mut bruno };
        taker.take_a_call();
        caller.say(700.0, Duration::from_millis(200));
        service.until("who took the caller hears the caller", SOON, || taker.hears_sound());
        let is_last =
            |told: &Message| told.is("NOTIFY ") && told.header("Subscription-State").starts_with("terminated");
        let last = || amina.messages().into_iter().find(|told| !told.sent && is_last(told));
        service.until("amina's phone is told of the end", SOON, || last().is_some());
        assert!(last().unwrap().text.contains("\n\nSIP/2.0 200 OK"), "{:?}", last());
        caller.hang_up();
        let bye = taker.hear("BYE ");
        taker.reply(&bye, "200 OK", "");
        let record = service.records_of(nth + 1).remove(nth);
        assert!(story(&record).iter().any(|told| told.starts_with(line)), "{line}: {:?}", story(&record));
    }
}
