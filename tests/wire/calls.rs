//! Citizens' calls, with SIPp as the phone.

use std::net::UdpSocket;
use std::time::Duration;

use super::service::{CLOSED, OPEN, Service, story};
use super::sipp::Sipp;

#[test]
fn a_caller_is_answered_and_hears_the_welcome() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "answer", "100").run();
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"], serde_json::json!({"by": "caller", "why": "hangup"}));
    assert_eq!(record["service"], "france-services");
    let sent = record["media"]["sent"].as_u64().unwrap();
    assert!((80..=130).contains(&sent), "two seconds are 100 packets, {sent} were sent");
}

#[test]
fn two_keys_lead_through_the_menus_to_the_right_queue() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "menus", "200").run();
    let record = &service.records_of(1)[0];
    let story = story(record);
    for step in ["step principal", "step sejour", "step etrangers", "asked agent"] {
        assert!(story.iter().any(|s| s == step), "{step} is not in {story:?}");
    }
    assert!(story.iter().any(|s| s == "refused prefecture/etrangers nobody"), "{story:?}");
    assert_eq!(record["asked_in_hours"], true);
}

#[test]
fn zero_asks_for_an_agent_and_closed_tells_the_truth() {
    let service = Service::start(CLOSED);
    Sipp::new(&service, "agent", "100").run();
    let record = &service.records_of(1)[0];
    let story = story(record);
    assert!(story.iter().any(|s| s == "asked agent while closed"), "{story:?}");
    assert_eq!(record["asked_in_hours"], false);
    assert_eq!(record["ending"]["by"], "caller", "a closed service never hangs up first on who asks: {story:?}");
}

#[test]
fn a_cancel_after_the_answer_changes_nothing() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "cancel", "100").run();
    assert_eq!(service.records_of(1)[0]["ending"]["why"], "hangup");
}

/// INVITE and CANCEL in one breath: whichever way the race goes, both are answered and
/// nothing stays up.
#[test]
fn a_cancel_that_crosses_the_answer_leaves_nothing_behind() {
    let service = Service::start(OPEN);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (us, them) = (socket.local_addr().unwrap(), service.sip);
    let request = |method: &str, cseq: &str, branch: &str, to: &str| {
        format!(
            "{method} sip:100@{them} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:0612345678@{us}>;tag=1\r\nTo: <sip:100@{them}>{to}\r\nCall-ID: race\r\nCSeq: {cseq}\r\n\
             Contact: <sip:0612345678@{us}>\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let send = |text: String| socket.send_to(text.as_bytes(), them).unwrap();
    send(request("INVITE", "1 INVITE", "a", ""));
    send(request("CANCEL", "1 CANCEL", "a", ""));
    let (mut invite, mut cancel) = (None, None);
    let mut buffer = [0; 8192];
    while invite.is_none() || cancel.is_none() {
        let (length, _) = socket.recv_from(&mut buffer).expect("both requests get a final answer");
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let status: u16 = text[8..11].parse().unwrap();
        let to = text.lines().find_map(|l| l.strip_prefix("To: ")).unwrap();
        let tag = to.split_once(";tag=").map(|(_, tag)| format!(";tag={tag}")).unwrap_or_default();
        match (status, text.contains("CSeq: 1 CANCEL")) {
            (200.., true) => cancel = Some(status),
            (200, false) => {
                send(request("ACK", "1 ACK", "b", &tag));
                send(request("BYE", "2 BYE", "c", &tag));
                invite = Some(status);
            }
            (300.., false) => {
                send(request("ACK", "1 ACK", "a", &tag));
                invite = Some(status);
            }
            _ => {}
        }
    }
    assert_eq!(cancel, Some(200));
    assert!(matches!(invite, Some(200 | 487)), "{invite:?}");
    service.records_of(1);
    service.until("no call is up", Duration::from_secs(5), || service.metric("svi_calls_active") == 0.0);
}

#[test]
fn hold_and_resume_are_answered_in_kind() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "hold", "100").run();
    let story = story(&service.records_of(1)[0]);
    assert!(story.iter().any(|s| s == "held by caller") && story.iter().any(|s| s == "resumed by caller"), "{story:?}");
}

#[test]
fn a_retransmitted_invite_is_one_call() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "retransmitted", "100").run();
    assert_eq!(service.records_of(1).len(), 1);
    assert_eq!(service.metric("svi_calls_total"), 1.0);
}

#[test]
fn a_lost_ack_ends_the_call_after_the_retransmissions() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "lost-ack", "100").run();
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"], serde_json::json!({"by": "peer", "why": "no-ack"}));
}

#[test]
fn a_late_offer_is_met_with_ours() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "late-offer", "100").run();
    let record = &service.records_of(1)[0];
    assert!(record["media"]["sent"].as_u64().unwrap() > 50, "{record}");
}

#[test]
fn two_hundred_callers_at_once_are_all_served() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "load", "100").args(&["-m", "200", "-l", "200", "-r", "200"]).start().succeed();
    let records = service.records_of(200);
    assert!(records.iter().all(|r| r["ending"]["why"] == "hangup"), "every call ended by its caller");
    assert!(records.iter().all(|r| r["media"]["sent"].as_u64().unwrap() > 900), "every caller heard twenty seconds");
    assert_eq!(service.metric("svi_calls_active"), 0.0);
}
