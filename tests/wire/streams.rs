//! What a connection may bring, and how slowly: a hand that writes bytes, and others beside it
//! who must not wait for it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use super::peer::Peer;
use super::service::{OPEN, Service, free};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(20);

fn connect(service: &Service) -> TcpStream {
    let stream = TcpStream::connect(service.sip).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
}

/// A request with these headers at its end, without the empty line.
fn options(n: usize, more: &str) -> String {
    format!(
        "OPTIONS sip:100@localhost SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n\
         From: <sip:a@localhost>;tag=1\r\nTo: <sip:100@localhost>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\n{more}"
    )
}

/// What comes until the other side has closed.
fn rest(stream: &mut TcpStream) -> String {
    let mut heard = String::new();
    match stream.read_to_string(&mut heard) {
        // What was on its way to who had closed already.
        Err(e) if e.kind() != ErrorKind::ConnectionReset => panic!("it is not closed: {e}; {heard}"),
        _ => heard,
    }
}

/// Until this many answers have come.
fn answers(stream: &mut TcpStream, count: usize) -> String {
    let (mut heard, mut buffer) = (String::new(), [0; 8_192]);
    while heard.matches("SIP/2.0 ").count() < count || !heard.ends_with("\r\n\r\n") {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "{count} answers, not only {heard}");
        heard.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    heard
}

#[test]
fn a_message_in_single_bytes_is_answered_and_what_is_too_large_or_has_no_length_ends_the_connection() {
    let service = Service::of(OPEN, &[], "");
    let mut stream = connect(&service);
    for byte in options(0, "Content-Length: 0\r\n\r\n").bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    assert!(answers(&mut stream, 1).starts_with("SIP/2.0 200 OK\r\n"));
    let many = "X-Many: 1\r\n".repeat(129);
    let long = format!("X-Long: {}\r\n", "x".repeat(17_000));
    for (nth, (more, status, reason)) in [
        (format!("{long}Content-Length: 0\r\n\r\n"), "513", "too long"),
        ("Content-Length: 70000\r\n\r\n".to_owned(), "413", "too long"),
        ("\r\n".to_owned(), "400", "no Content-Length"),
        ("Content-Length: 0\r\nl: 4\r\n\r\n".to_owned(), "400", "two"),
        ("Content-Length: -1\r\n\r\n".to_owned(), "400", "Content-Length"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut stream = connect(&service);
        // Who is refused need not have taken it all.
        let _ = stream.write_all(options(nth + 1, &more).as_bytes());
        let heard = rest(&mut stream);
        let first = heard.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("SIP/2.0 {status} ")) && first.contains(reason), "{status}: {heard}");
        assert_eq!(heard.matches("SIP/2.0 ").count(), 1, "{heard}");
    }
    // What can be cut is refused, and the connection goes on.
    let large = format!("Content-Length: 17000\r\n\r\n{}", "x".repeat(17_000));
    for (more, status) in [(format!("{many}Content-Length: 0\r\n\r\n"), "513"), (large, "413")] {
        stream.write_all(options(9, &more).as_bytes()).unwrap();
        assert!(answers(&mut stream, 1).starts_with(&format!("SIP/2.0 {status} ")));
    }
    stream.write_all(options(10, "Content-Length: 0\r\n\r\n").as_bytes()).unwrap();
    assert!(answers(&mut stream, 1).starts_with("SIP/2.0 200 "));
    for nothing in ["GET / HTTP/1.1\r\nHost: svi\r\n\r\n", "\u{16}\u{3}\u{1}\0\u{5}hello, TLS\r\n\r\n"] {
        let mut stream = connect(&service);
        stream.write_all(nothing.as_bytes()).unwrap();
        assert_eq!(rest(&mut stream), "");
    }
}

/// One says nothing, one the half of a message, one a byte now and then; one is known and then
/// silent for too long. A phone that pings stays.
#[test]
fn who_says_nothing_or_says_it_slowly_loses_its_connection_and_who_pings_keeps_it() {
    let service = Service::of(OPEN, &[], "sip: { connections: { slow: 1s, idle: 3s } }\n");
    let whole = options(1, "Content-Length: 0\r\n\r\n");
    let [mut silent, mut half, mut idle, mut pinging] = [0; 4].map(|_| connect(&service));
    half.write_all(&whole.as_bytes()[..100]).unwrap();
    for known in [&mut idle, &mut pinging] {
        known.write_all(whole.as_bytes()).unwrap();
        answers(known, 1);
    }
    let began = Instant::now();
    let mut slow = connect(&service);
    let mut bytes = whole.bytes().cycle();
    // A byte each 50 ms: the whole would take a quarter of a minute.
    service.until("the slow one is cut off", SOON, || {
        std::thread::park_timeout(Duration::from_millis(30));
        slow.write_all(&[bytes.next().unwrap()]).is_err()
    });
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!((rest(&mut silent), rest(&mut half)), (String::new(), String::new()));
    let mut pongs = 0;
    service.until("the idle one is cut off", SOON, || {
        pinging.write_all(b"\r\n\r\n").unwrap();
        let mut pong = [0; 2];
        pinging.read_exact(&mut pong).unwrap();
        assert_eq!(&pong, b"\r\n");
        pongs += 1;
        service.metric("svi_sip_connections") == 1.0
    });
    assert_eq!(rest(&mut idle), "");
    assert!(began.elapsed() > Duration::from_secs(2) && pongs > 10, "{:?}, {pongs} pongs", began.elapsed());
    pinging.write_all(options(2, "Content-Length: 0\r\n\r\n").as_bytes()).unwrap();
    assert!(answers(&mut pinging, 1).starts_with("SIP/2.0 200 "));
}

/// Strangers at two addresses take each connection that there is, one after the other.
#[test]
fn who_takes_every_connection_keeps_no_caller_out() {
    let service = Service::of(OPEN, &[], "sip: { connections: { most: 32, per_address: 32 } }\n");
    let strangers: Vec<TcpStream> = (0..64_usize)
        .map(|n| {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            let host = if n % 2 == 0 { 9 } else { 10 };
            socket.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into()).unwrap();
            socket.connect(&service.sip.into()).unwrap();
            let mut stream = TcpStream::from(socket);
            stream.set_read_timeout(Some(SOON)).unwrap();
            stream.write_all(options(n, "Content-Length: 0\r\n\r\n").as_bytes()).unwrap();
            assert!(answers(&mut stream, 1).starts_with("SIP/2.0 200 "), "the next stranger comes in too");
            stream
        })
        .collect();
    Sipp::new(&service, "answer", "100").args(&["-t", "t1", "-m", "2", "-r", "20"]).start().succeed();
    assert_eq!(service.records_of(2).len(), 2);
    assert_eq!(service.metric("svi_sip_connections_refused_total{why=\"full\"}"), 0.0);
    assert!(service.metric("svi_sip_connections_refused_total{why=\"crowd\"}") >= 32.0);
    drop(strangers);
}

/// How long it takes until so many questions have been answered, each before the next, by UDP
/// and by a connection in turn.
fn asked(service: &Service, count: usize) -> Duration {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_read_timeout(Some(SOON)).unwrap();
    let mut tcp = connect(service);
    let began = Instant::now();
    for n in 0..count {
        let text = options(1_000 + n, "Content-Length: 0\r\n\r\n");
        if n % 2 == 0 {
            tcp.write_all(text.as_bytes()).unwrap();
            answers(&mut tcp, 1);
        } else {
            let text = text.replace("TCP 127.0.0.1:9", &format!("UDP {};rport", udp.local_addr().unwrap()));
            udp.send_to(text.as_bytes(), service.sip).unwrap();
            udp.recv(&mut [0; 8_192]).unwrap();
        }
    }
    began.elapsed()
}

/// One peer asks without end and never reads; a provider's machine takes no connection at all.
#[test]
fn a_peer_that_does_not_read_and_one_that_can_not_be_reached_delay_nobody() {
    // A queue of one for who wants to be let in, and nobody lets anybody in: what comes then waits.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let closed = TcpListener::from(socket);
    let address = closed.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        waiting.push(stream);
    }
    let second = free();
    let settings = format!(
        "whisper: false\ncallbacks: {{ first: citizen }}\nsip: {{ connections: {{ slow: 2m }} }}\ntrunks:\n\
         - {{ name: first, address: \"{address}\", transport: tcp, prefixes: [\"+336\"] }}\n\
         - {{ name: second, address: \"{second}\" }}\n"
    );
    let service = Service::of(OPEN, &[], &settings);
    let _amina = Peer::agent(&service, "amina");
    let mut second = Peer::at(&service, "second", second);
    let wish = r#"{"number": "0611111111", "queue": "france-services/agents"}"#;
    assert_eq!(service.post("/api/v1/callbacks/by-agent", wish).0, 201);
    service.until_log("state=\"dialling\"", SOON);
    let mut deaf = connect(&service);
    deaf.set_nonblocking(true).unwrap();
    let flood = options(7, "Content-Length: 0\r\n\r\n").repeat(100);
    let mut fill = || while deaf.write(flood.as_bytes()).is_ok_and(|written| written == flood.len()) {};
    fill();
    for _ in 0..4 {
        let took = asked(&service, 20);
        // Who waited for the deaf one would wait for two minutes.
        assert!(took < Duration::from_secs(15), "{took:?}");
        fill();
    }
    second.hear("INVITE sip:+33611111111@");
    assert_eq!(service.metric("svi_trunk_failures_total{trunk=\"first\"}"), 1.0);
}
