//! A hostile scanner on the wire: the service lives, answers, and keeps a bounded memory.

use std::net::UdpSocket;
use std::time::Duration;

use super::hostile::Hostile;
use super::raw::RawCall;
use super::service::{OPEN, Service};
use svi::base::Chance;

/// `SVI_HOSTILE` says another number.
const MESSAGES: usize = 20_000;
const AT_ONCE: usize = 16;
/// After the first eighth of them, memory grows no more, but for what allocators do.
const GROWTH_KIB: usize = 8 * 1_024;

/// Asks whether the service lives.
fn ask(socket: &UdpSocket, service: &Service, n: usize) {
    let us = socket.local_addr().unwrap();
    let ask = format!(
        "OPTIONS sip:svi@{0} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKask{n};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:ask@{us}>;tag={n}\r\nTo: <sip:svi@{0}>\r\nCall-ID: ask-{n}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
        service.sip
    );
    socket.send_to(ask.as_bytes(), service.sip).unwrap();
}

/// Waits for the answer: what was sent before has been read then.
fn is_answered(socket: &UdpSocket, n: usize) {
    let mut buffer = [0; 65_535];
    loop {
        let (length, _) = socket.recv_from(&mut buffer).expect("the service answers");
        let text = String::from_utf8_lossy(&buffer[..length]);
        if text.contains(&format!("\r\nCall-ID: ask-{n}\r\n")) {
            assert!(text.starts_with("SIP/2.0 200 "), "{text}");
            return;
        }
    }
}

#[test]
fn thousands_of_hostile_messages_leave_the_service_alive_and_its_memory_flat() {
    // Nobody is banned: every message is read.
    let service = Service::with(OPEN, "bans: { never: [127.0.0.0/8] }\n");
    let count = std::env::var("SVI_HOSTILE").ok().and_then(|count| count.parse().ok()).unwrap_or(MESSAGES);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut dice = Chance::seeded(4475);
    let seeds = [
        include_bytes!("../corpus/rfc4475/wsinv.dat").to_vec(),
        include_bytes!("../corpus/rfc4475/dblreq.dat").to_vec(),
    ];
    let mut hostile = Hostile::new(|n| dice.below(n), seeds.into());
    let mut warm = 0;
    for n in 0..count {
        socket.send_to(&hostile.message(), service.sip).unwrap();
        // The next ones are made while these are read; a socket holds both.
        if n % AT_ONCE == 0 {
            ask(&socket, &service, n);
            if n > 0 {
                is_answered(&socket, n - AT_ONCE);
            }
        }
        if n == count / 8 {
            warm = service.own_memory_kib();
        }
    }
    ask(&socket, &service, count);
    is_answered(&socket, count);
    let hot = service.own_memory_kib();
    println!("{count} messages: {warm} KiB after the first, {hot} KiB after the last");
    assert!(hot < warm + GROWTH_KIB, "{warm} KiB, then {hot} KiB");
    assert!(!service.log().contains("panicked"), "{}", service.log());
    RawCall::dial(&service, "100", 101).hang_up();
}
