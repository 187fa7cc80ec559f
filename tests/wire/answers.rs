//! Where answers go (RFC 3261, 18.2.2; RFC 3581), and where we say that we are.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use super::peer::{Peer, header};
use super::service::{OPEN, Service, free};

const SOON: Duration = Duration::from_secs(20);

fn options(n: usize, via: &str) -> String {
    format!(
        "OPTIONS sip:100@localhost SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n\
         From: <sip:a@localhost>;tag=1\r\nTo: <sip:100@localhost>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
}

fn socket(at: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind(at).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    socket
}

#[test]
fn a_datagram_is_answered_where_it_came_from_or_at_the_port_of_its_via_and_never_at_another_host() {
    let service = Service::of(OPEN, &[], "");
    let [from, listens] = [free(), free()].map(socket);
    let elsewhere = socket(SocketAddr::from(([127, 0, 0, 9], free().port())));
    let [own, port] = [&from, &listens].map(|socket| socket.local_addr().unwrap().port());
    let other = elsewhere.local_addr().unwrap();
    for (n, (via, to, told)) in [
        // It asks for it: where it came from, which is told.
        (format!("127.0.0.1:{port};rport"), &from, format!(";received=127.0.0.1;rport={own}")),
        // It does not: the host that it came from, and the port that it listens at.
        (format!("127.0.0.1:{port}"), &listens, String::new()),
        // It names another machine: the answer goes to nobody but itself.
        (format!("{other};rport"), &from, format!(";rport={own}")),
        (format!("{other}"), &from, ";received=127.0.0.1".to_owned()),
        (format!("127.0.0.1:{port};maddr=127.0.0.9"), &listens, String::new()),
    ]
    .into_iter()
    .enumerate()
    {
        from.send_to(options(n, &via).as_bytes(), service.sip).unwrap();
        let mut buffer = [0; 4_096];
        let length = to.recv(&mut buffer).unwrap_or_else(|e| panic!("{via}: {e}"));
        let answer = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(answer.starts_with("SIP/2.0 200 ") && answer.contains(&format!("\r\nCall-ID: {n}\r\n")), "{answer}");
        let via = header(&answer, "Via");
        let has = |what: &str| what.split(';').all(|part| via.contains(part));
        assert!(has(&told), "{told} in {via}");
    }
    elsewhere.set_nonblocking(true).unwrap();
    assert!(elsewhere.recv(&mut [0; 1]).is_err(), "another host has heard something");
}

/// The caller's connection is cut before the answer: it comes by a new one to where the caller
/// listens.
#[test]
fn an_answer_whose_connection_is_cut_comes_to_where_the_via_says() {
    let service = Service::of(OPEN, &[], "");
    let listens = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listens.local_addr().unwrap();
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
    let invite = format!(
        "INVITE sip:100@localhost SIP/2.0\r\nVia: SIP/2.0/TCP {at};branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
         From: <sip:0612345678@localhost>;tag=1\r\nTo: <sip:100@localhost>\r\nCall-ID: cut\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:a@{at};transport=tcp>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    );
    let mut stream = TcpStream::connect(service.sip).unwrap();
    stream.write_all(invite.as_bytes()).unwrap();
    // The call has come, and its 200 is sent again until it is acknowledged.
    service.until_log("arrived", SOON);
    drop(stream);
    let (mut stream, _) = listens.accept().unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"SIP/2.0 200 ");
}

/// Behind a translator or in a container: we listen at one address, and say another, in our
/// answers and in our own calls.
#[test]
fn the_address_that_is_advertised_stands_in_all_that_we_say() {
    let operator = free();
    let settings = format!(
        "sip: {{ advertise: 127.0.0.9 }}\nwhisper: false\ncallbacks: {{ first: citizen }}\ntrunk: {{ address: \"{operator}\" }}\n"
    );
    let service = Service::of(OPEN, &[], &settings);
    let told = format!("127.0.0.9:{}", service.sip.port());
    let mut caller = Peer::stranger(&service);
    let (mut call, _) = caller.call("100", "", true);
    let ok = caller.connected(&mut call);
    assert!(header(&ok, "Contact").contains(&told) && ok.contains("\r\nc=IN IP4 127.0.0.9\r\n"), "{ok}");
    assert_eq!(caller.ask(&mut call, "BYE", ""), "200");
    let _amina = Peer::agent(&service, "amina");
    let mut operator = Peer::at(&service, "operator", operator);
    let wish = r#"{"number": "0611111111", "queue": "france-services/agents"}"#;
    assert_eq!(service.post("/api/v1/callbacks/by-agent", wish).0, 201);
    let invite = operator.hear("INVITE ");
    assert!(header(&invite, "Via").contains(&told) && header(&invite, "Contact").contains(&told), "{invite}");
    assert!(invite.contains("\r\nc=IN IP4 127.0.0.9\r\n"), "{invite}");
    operator.reply(&invite, "486 Busy Here", "");
}
