//! Who tries numbers at a running service is seen, and heard again when somebody says so.

use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;

use super::service::{OPEN, Service};

const SOON: Duration = Duration::from_secs(20);

/// Three calls to numbers that nothing answers, as a scanner makes them; whether any was answered.
fn scan(service: &Service, socket: &UdpSocket, branch: &str) -> bool {
    let own = socket.local_addr().unwrap();
    for nth in 0..3 {
        let invite = format!(
            "INVITE sip:9011{nth}@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{branch}{nth}\r\n\
             From: <sip:1000@{own}>;tag=a{nth}\r\nTo: <sip:9011{nth}@{to}>\r\nCall-ID: {branch}{nth}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:1000@{own}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            to = service.sip
        );
        socket.send_to(invite.as_bytes(), service.sip).unwrap();
    }
    // Answers to calls of before, which nobody has acknowledged, may come again in between.
    let mut buffer = [0; 4096];
    while let Ok((length, _)) = socket.recv_from(&mut buffer) {
        if String::from_utf8_lossy(&buffer[..length]).contains(&format!("branch=z9hG4bK{branch}")) {
            return true;
        }
    }
    false
}

fn bans(service: &Service, more: &[&str]) -> (Option<i32>, String) {
    let http = service.http.to_string();
    let ran = Command::new(env!("CARGO_BIN_EXE_svi")).arg("bans").args(more).args(["--http", &http]).output().unwrap();
    let text = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (ran.status.code(), text)
}

#[test]
fn a_scanner_is_banned_shown_and_heard_again_when_the_ban_is_lifted() {
    let service = Service::of(OPEN, &[], "bans: { after: 3, for: 2h }\n");
    let scanner = UdpSocket::bind("127.0.0.1:0").unwrap();
    scanner.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
    assert_eq!(bans(&service, &[]), (Some(0), "nobody is banned\n".to_owned()));
    assert!(scan(&service, &scanner, "first"));
    service
        .until_log("a stranger is banned address=127.0.0.1 fault=\"unknown-number\" scope=\"unproven\" faults=3", SOON);
    assert_eq!(service.log().matches("a stranger was refused address=127.0.0.1 fault=\"unknown-number\"").count(), 3);
    assert!(!scan(&service, &scanner, "second"), "nobody answers");
    let (code, shown) = bans(&service, &[]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.contains("127.0.0.1") && shown.contains("for 120 min  3 faults, the last: unknown-number"),
        "{shown}"
    );
    assert_eq!(service.metric("svi_sip_bans_total"), 1.0);
    assert_eq!(service.metric("svi_sip_faults_total{fault=\"unknown-number\"}"), 3.0);
    assert_eq!(bans(&service, &["lift", "127.0.0.1"]), (Some(0), "127.0.0.1 is heard again\n".to_owned()));
    assert_eq!(bans(&service, &["lift", "127.0.0.1"]).0, Some(1), "there is nothing to lift");
    assert!(scan(&service, &scanner, "third"));
}
