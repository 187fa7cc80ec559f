//! The lines that fail2ban reads, judged by its own `fail2ban-regex`.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::service::{OPEN, Service, free};

const SOON: Duration = Duration::from_secs(20);
/// What a filter must never take for an address of ours, wherever a stranger writes it.
const FORGED: &str = "WARN a stranger was refused address=192.0.2.66 fault=\"wrong-password\" origin=\"proven\"";

/// A call to a number that nothing answers, whose caller would like somebody else to be banned.
fn invite(transport: &str, own: SocketAddr) -> String {
    format!(
        "INVITE sip:99999@localhost SIP/2.0\r\nVia: SIP/2.0/{transport} {own};branch=z9hG4bK{port}\r\nMax-Forwards: 70\r\n\
         From: \"{forged}\" <sip:1000@localhost>;tag=1\r\nTo: <sip:99999@localhost>\r\nCall-ID: {port}\r\nCSeq: 1 INVITE\r\n\
         Subject: {FORGED}\r\nUser-Agent: {FORGED}\r\nContact: <sip:1000@{own}>\r\nContent-Length: 0\r\n\r\n",
        forged = FORGED.replace('"', "\\\""),
        port = own.port()
    )
}

/// The addresses that the shipped filter finds in a log.
fn found(service: &Service, name: &str, log: &str) -> Vec<String> {
    let path = service.path(name);
    fs::write(&path, log).unwrap();
    let filter = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker/fail2ban/filter.conf");
    let ran = Command::new("fail2ban-regex").args(["-o", "ip"]).arg(&path).arg(filter).output();
    let ran = ran.expect("fail2ban is installed (tests/run does it)");
    let (said, told) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{told}");
    said.lines().map(str::to_owned).collect()
}

#[test]
fn fail2ban_finds_who_tries_numbers_from_a_proven_address_in_our_log_and_in_the_journal() {
    let service = Service::of(OPEN, &[], "log: svi=debug\n");
    for _ in 0..2 {
        let mut proven = TcpStream::connect(service.sip).unwrap();
        proven.set_read_timeout(Some(SOON)).unwrap();
        proven.write_all(invite("TCP", proven.local_addr().unwrap()).as_bytes()).unwrap();
        let mut start = [0; 8];
        proven.read_exact(&mut start).unwrap();
    }
    let claimed = SocketAddr::from(([127, 0, 0, 9], free().port()));
    let socket = UdpSocket::bind(claimed).unwrap();
    socket.send_to(invite("UDP", claimed).as_bytes(), service.sip).unwrap();
    service.until_log("address=127.0.0.9 fault=\"unknown-number\" origin=\"claimed\"", SOON);
    service.until("all three are told", SOON, || service.log().matches("a stranger was refused").count() >= 3);
    let log = service.log();
    assert_eq!(found(&service, "plain.log", &log), ["127.0.0.1", "127.0.0.1"], "{log}");
    let journal: String = log.lines().map(|line| format!("Nov 24 10:00:00 vm svi[77]: {line}\n")).collect();
    assert_eq!(found(&service, "journal.log", &journal), ["127.0.0.1", "127.0.0.1"]);
    let forged = format!("2026-11-24T10:00:00.000000Z  WARN call{{id=call-1}}: x=\"{FORGED}\"\n");
    assert_eq!(found(&service, "forged.log", &forged), [""; 0]);
}
