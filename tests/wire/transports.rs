//! TCP, IPv6 and several addresses, with SIPp and baresip at the other end.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::agents::talk;
use super::baresip::Phone;
use super::raw::RawCall;
use super::service::{OPEN, Service, free, story};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(20);

/// An address of IPv6 on loopback that nobody has.
fn free_v6() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], free().port()))
}

#[test]
fn callers_call_over_tcp_by_one_connection_or_one_each() {
    let service = Service::start(OPEN);
    for mode in ["t1", "tn"] {
        let calls = ["-t", mode, "-m", "5", "-r", "20", "-max_socket", "10"];
        Sipp::new(&service, "answer", "100").args(&calls).start().succeed();
    }
    let records = service.records_of(10);
    assert!(records.iter().all(|record| record["ending"]["by"] == "caller"), "{records:?}");
    service
        .until("every connection is closed", Duration::from_secs(10), || service.metric("svi_sip_connections") == 0.0);
}

#[test]
fn phones_over_tcp_hear_each_other_in_clear_and_encrypted_over_the_connections_that_they_have_opened() {
    for (settings, account) in [("", ""), ("rtp: { srtp: required }\n", ";mediaenc=srtp-mand")] {
        let service = Service::with(OPEN, &format!("log: svi=debug\nwhisper: false\n{settings}"));
        let agent = Phone::over_more(&service, "amina", ("tcp", service.sip), (600, account));
        let citizen = Phone::caller_by("tcp", &service, ("0612345678", service.sip), (1000, account));
        citizen.ask_for_an_agent_by(&service, &format!("sip:100@{};transport=tcp", service.sip));
        talk(&service, &agent, &citizen);
        assert_eq!(service.metric("svi_sip_connections"), 2.0);
        assert!(!service.log().contains("a connection is being opened"), "{}", service.log());
    }
}

/// The phone's network drops in the middle of a talk: what it says over its next connection is
/// heard, and so is what it is told then.
#[test]
fn a_phone_whose_connection_drops_in_a_talk_is_reached_over_the_next_one() {
    let service = Service::with(OPEN, "log: svi=debug\n");
    let between = free();
    let cut = relay(between, service.sip);
    let over = format!(";outbound=\"sip:{between};transport=tcp\"");
    let agent = Phone::over_more(&service, "amina", ("tcp", service.sip), (440, &over));
    let citizen = Phone::citizen(&service, 880);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", Duration::from_secs(30));
    let connections = |count: f64| {
        service.until("it is connected or not", SOON, || service.metric("svi_sip_connections") == count);
    };
    connections(1.0);
    drop(cut);
    connections(0.0);
    agent.command("hold", "");
    connections(1.0);
    citizen.command("hangup", "");
    service.until("the phone hears that it is over", SOON, || agent.log().contains("terminated"));
    assert_eq!(service.records_of(1)[0]["ending"]["by"], "caller");
}

/// Passes on what comes to one address to another one, until what it gives back is dropped.
fn relay(at: SocketAddr, to: SocketAddr) -> Relay {
    let listener = TcpListener::bind(at).unwrap();
    let streams = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&streams);
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let far = TcpStream::connect(to).unwrap();
            for (from, into) in [(&near, &far), (&far, &near)] {
                let (mut from, mut into) = (from.try_clone().unwrap(), into.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut into));
            }
            kept.lock().unwrap().extend([near, far]);
        }
    });
    Relay(streams)
}

/// The connections that a relay has made: they are cut with it.
struct Relay(Arc<Mutex<Vec<TcpStream>>>);

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.lock().unwrap().iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

#[test]
fn a_call_over_ipv6_is_heard_on_both_families() {
    let (v6, v4) = (free_v6(), free());
    let service = Service::listening(OPEN, vec![v6.to_string(), v4.to_string()], "log: svi=debug\n");
    let agent = Phone::over(&service, "amina", ("udp", v4), 440);
    let caller = Sipp::new(&service, "agent", "100").args(&["-m", "1"]).start();
    caller.succeed();
    Sipp::new(&service, "answer", "100").args(&["-t", "t1", "-m", "1"]).start().succeed();
    let records = service.records_of(2);
    assert!(story(&records[0]).iter().any(|line| line == "connected amina"), "{}", records[0]);
    assert!(records[0]["media"]["sent"].as_u64().is_some_and(|sent| sent > 50), "{}", records[0]);
    drop(agent);
}

#[test]
fn a_stream_is_answered_as_it_comes() {
    let service = Service::start(OPEN);
    let mut stream = TcpStream::connect(service.sip).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let us = stream.local_addr().unwrap();
    let options = |n: u8, length: &str| {
        format!(
            "OPTIONS sip:100@{} SIP/2.0\r\nVia: SIP/2.0/TCP {us};branch=z9hG4bK{n};rport\r\nFrom: <sip:a@{us}>;tag=1\r\n\
             To: <sip:100@{}>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\n{length}\r\n",
            service.sip, service.sip
        )
    };
    // Two in one segment and the third in two, with a keep-alive before.
    let three = [1, 2, 3].map(|n| options(n, "Content-Length: 0\r\n"));
    let all = format!("\r\n\r\n{}", three.concat());
    let (first, rest) = all.split_at(all.len() - 150);
    stream.write_all(first.as_bytes()).unwrap();
    let mut heard = String::new();
    let mut buffer = [0; 4096];
    while heard.matches("SIP/2.0 200 OK").count() < 2 {
        let length = stream.read(&mut buffer).unwrap();
        heard.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    assert!(heard.starts_with("\r\nSIP/2.0 200 OK\r\n"), "{heard}");
    stream.write_all(rest.as_bytes()).unwrap();
    stream.write_all(options(4, "Content-Length: 70000\r\n").as_bytes()).unwrap();
    stream.read_to_string(&mut heard).unwrap();
    assert_eq!(heard.matches("SIP/2.0 200 OK").count(), 3, "{heard}");
    assert_eq!(heard.matches("SIP/2.0 413 ").count(), 1, "{heard}");
}

#[test]
fn an_agent_at_an_outside_number_is_reached_through_a_trunk_over_tcp() {
    let provider = free();
    let settings = format!(
        "agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}]\nwhisper: false\n\
         trunk: {{ address: \"{provider}\", transport: tcp, username: svi, password: passe-partout, \
         presented: \"+33143124567\" }}\n"
    );
    let service = Service::of_agents(OPEN, &[], &settings);
    let answering = Sipp::at(&service, "trunk", provider).args(&["-t", "t1", "-m", "1"]).start();
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", Duration::from_secs(30));
    citizen.command("hangup", "");
    service.records_of(1);
    answering.succeed();
}

#[test]
fn phones_are_told_the_address_that_they_reach_or_the_one_that_is_advertised() {
    for (settings, told) in [("", "127.0.0.1"), ("sip: { advertise: 127.0.0.9 }\n", "127.0.0.9")] {
        let everywhere = SocketAddr::from(([0, 0, 0, 0], free().port()));
        let service = Service::listening(OPEN, vec![everywhere.to_string()], settings);
        let call = RawCall::dial(&service, "100", 101);
        assert!(call.answer.contains(&format!("\r\nc=IN IP4 {told}\r\n")), "{}", call.answer);
        call.hang_up();
    }
}
