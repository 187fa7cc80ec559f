use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::base::limits;
use crate::config::{Connections, Listen};
use crate::sip::{Door, Hop, Transport};

/// A house with one door for connections.
struct House {
    lines: Lines,
    news: mpsc::Receiver<News>,
    at: std::net::SocketAddr,
}

impl House {
    async fn open(settings: Connections) -> Self {
        let bound = Bound::all(&["tcp:127.0.0.1:0".parse::<Listen>().unwrap()]).unwrap();
        let at = bound[0].at;
        let doors = vec![Door { transport: Transport::Tcp, ..Door::udp(at) }];
        let (_, listeners) = Doors::open(bound);
        let (lines, news) = Lines::open(listeners, (doors, None), settings);
        Self { lines, news, at }
    }

    /// The next news that are no new connection.
    async fn next(&mut self) -> News {
        loop {
            let news = timeout(Duration::from_secs(30), self.news.recv()).await.unwrap().unwrap();
            let News::Accepted { door, transport, stream, peer } = news else { return news };
            self.lines.welcome((door, transport), stream, peer);
        }
    }

    /// Lets in whoever knocks, until somebody has.
    async fn let_in(&mut self) {
        let news = timeout(Duration::from_secs(30), self.news.recv()).await.unwrap().unwrap();
        let News::Accepted { door, transport, stream, peer } = news else { panic!("{news:?}") };
        self.lines.welcome((door, transport), stream, peer);
    }
}

#[tokio::test]
async fn a_certificate_must_be_for_the_trunk_s_domain_wherever_the_trunk_is() {
    let mut lines = House::open(Connections::default()).await.lines;
    let (trunk, before, now) = ("main".into(), "192.0.2.1:5061", "192.0.2.2:5061");
    let at = |text: &str| Hop::by(Transport::Tls, text.parse().unwrap());
    let name = |lines: &Lines, text: &str| lines.name_at(text.parse().unwrap()).to_str().into_owned();
    lines.locate(&trunk, "operator.example", &[at(before)]);
    assert_eq!((name(&lines, before).as_str(), name(&lines, now).as_str()), ("operator.example", "192.0.2.2"));
    lines.locate(&trunk, "operator.example", &[at(now)]);
    assert_eq!((name(&lines, before).as_str(), name(&lines, now).as_str()), ("192.0.2.1", "operator.example"));
    lines.keep_trunks(&[]);
    assert_eq!(name(&lines, now), "192.0.2.2");
}

fn impatient() -> Connections {
    Connections { slow: Duration::from_millis(100), idle: Duration::from_millis(200), ..Connections::default() }
}

fn options(more: &str) -> String {
    format!("OPTIONS sip:a@b SIP/2.0\r\n{more}Content-Length: 0\r\n\r\n")
}

/// What a peer hears until the end.
async fn rest(stream: &mut TcpStream) -> String {
    let mut heard = String::new();
    let _ = timeout(Duration::from_secs(30), stream.read_to_string(&mut heard)).await.expect("it is closed");
    heard
}

#[tokio::test]
async fn messages_come_one_by_one_and_answers_go_back_over_the_connection() {
    let mut house = House::open(Connections::default()).await;
    let mut peer = TcpStream::connect(house.at).await.unwrap();
    peer.write_all(format!("\r\n\r\n{}{}", options("X: 1\r\n"), options("X: 2\r\n")).as_bytes()).await.unwrap();
    for n in [1, 2] {
        let News::Message { from, bytes } = house.next().await else { panic!() };
        assert_eq!(String::from_utf8(bytes).unwrap(), options(&format!("X: {n}\r\n")));
        assert_eq!((from.transport, from.address, from.door), (Transport::Tcp, peer.local_addr().unwrap(), Some(0)));
        // The port of its Via is another: the connection counts.
        house
            .lines
            .send(Hop { address: "127.0.0.1:9".parse().unwrap(), ..from }, format!("answer {n} ").into())
            .unwrap();
    }
    let mut heard = [0; 20];
    timeout(Duration::from_secs(30), peer.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"\r\nanswer 1 answer 2 ");
}

#[tokio::test]
async fn an_answer_whose_connection_is_gone_goes_over_a_new_one() {
    let mut house = House::open(Connections::default()).await;
    let listens = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut peer = TcpStream::connect(house.at).await.unwrap();
    peer.write_all(options("").as_bytes()).await.unwrap();
    let News::Message { from, .. } = house.next().await else { panic!() };
    drop(peer);
    let News::Closed { id, undelivered } = house.next().await else { panic!() };
    assert_eq!((Some(id), house.lines.closed(id, undelivered).len()), (from.connection, 0));
    let to = Hop { address: listens.local_addr().unwrap(), ..from };
    house.lines.send(to, b"answer".to_vec()).unwrap();
    house.lines.send(to, b" again".to_vec()).unwrap();
    let (mut stream, _) = timeout(Duration::from_secs(30), listens.accept()).await.unwrap().unwrap();
    let mut heard = [0; 12];
    timeout(Duration::from_secs(30), stream.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"answer again");
}

#[tokio::test]
async fn what_nobody_takes_comes_back_at_once() {
    let mut house = House::open(Connections::default()).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    house.lines.send(Hop::by(Transport::Tcp, nobody), b"invite".to_vec()).unwrap();
    let News::Closed { id, undelivered } = house.next().await else { panic!() };
    assert_eq!(house.lines.closed(id, undelivered), [b"invite".to_vec()]);
}

#[tokio::test]
async fn whoever_opens_and_says_nothing_or_too_little_is_sent_away() {
    let mut house = House::open(impatient()).await;
    for said in ["", "\r\n\r\n", "OPTIONS sip:a@b SIP/2.0\r\nX: "] {
        let mut peer = TcpStream::connect(house.at).await.unwrap();
        peer.write_all(said.as_bytes()).await.unwrap();
        let News::Closed { id, .. } = house.next().await else { panic!() };
        house.lines.closed(id, Vec::new());
        rest(&mut peer).await;
    }
    let mut peer = TcpStream::connect(house.at).await.unwrap();
    peer.write_all(options("").as_bytes()).await.unwrap();
    assert!(matches!(house.next().await, News::Message { .. }));
    assert!(matches!(house.next().await, News::Closed { .. }), "idle");
}

#[tokio::test]
async fn a_stream_that_nobody_can_cut_is_answered_and_closed() {
    let mut house = House::open(Connections::default()).await;
    let mut peer = TcpStream::connect(house.at).await.unwrap();
    peer.write_all(b"OPTIONS sip:a@b SIP/2.0\r\nX: y\r\n\r\n").await.unwrap();
    let News::Unframed { from, what } = house.next().await else { panic!() };
    assert_eq!(what.reason, "there is no Content-Length");
    house.lines.send(from, b"refused".to_vec()).unwrap();
    house.lines.finish(from.connection.unwrap());
    assert_eq!(rest(&mut peer).await, "refused");
}

#[tokio::test]
async fn who_holds_every_connection_and_says_nothing_more_makes_room_for_who_comes() {
    let mut house = House::open(Connections { most: 32, per_address: 40, ..Connections::default() }).await;
    let mut peers = Vec::new();
    for _ in 0..31 {
        peers.push(TcpStream::connect(house.at).await.unwrap());
        house.let_in().await;
    }
    assert!(house.lines.is_crowded(), "of 32 two are kept free");
    // The first has a call, the second speaks.
    let first = peers[0].local_addr().unwrap();
    peers[1].write_all(options("").as_bytes()).await.unwrap();
    let News::Message { from, .. } = house.next().await else { panic!() };
    house.lines.heard(from.connection.unwrap());
    house.lines.make_room(|_, (_, peer)| peer == first);
    assert!(!house.lines.is_crowded());
    for stranger in &mut peers[2..5] {
        assert_eq!(rest(stranger).await, "", "it was quiet for the longest time");
        let News::Closed { id, undelivered } = house.next().await else { panic!() };
        house.lines.closed(id, undelivered);
    }
    peers.drain(2..5);
    for peer in &mut peers {
        peer.write_all(options("").as_bytes()).await.unwrap();
        let News::Message { from, .. } = house.next().await else { panic!("everybody else is still there") };
        assert_eq!(from.address, peer.local_addr().unwrap());
    }
}

#[tokio::test]
async fn a_peer_that_never_reads_delays_nobody_and_loses_its_connection() {
    let mut house = House::open(Connections { slow: Duration::from_millis(500), ..Connections::default() }).await;
    let mut deaf = TcpStream::connect(house.at).await.unwrap();
    deaf.write_all(options("").as_bytes()).await.unwrap();
    let News::Message { from, .. } = house.next().await else { panic!() };
    // More than the system's buffers hold: the queue fills, and what does not fit is lost at once.
    let mut refused = 0;
    while refused < 10 {
        refused += usize::from(house.lines.send(from, vec![b'x'; 60_000]).is_err());
        tokio::task::yield_now().await;
    }
    let mut other = TcpStream::connect(house.at).await.unwrap();
    other.write_all(options("").as_bytes()).await.unwrap();
    let mut closed = None;
    let answered = loop {
        match house.next().await {
            News::Message { from, .. } => break from,
            News::Closed { id, undelivered } => closed = Some((id, undelivered.len())),
            news => panic!("{news:?}"),
        }
    };
    house.lines.send(answered, b"answer".to_vec()).unwrap();
    let mut heard = [0; 6];
    timeout(Duration::from_secs(30), other.read_exact(&mut heard)).await.unwrap().unwrap();
    let (id, waited) = match closed {
        Some(closed) => closed,
        None => match house.next().await {
            News::Closed { id, undelivered } => (id, undelivered.len()),
            news => panic!("{news:?}"),
        },
    };
    assert_eq!(Some(id), from.connection);
    assert!(waited <= limits::SIP_CONNECTION_QUEUE && waited > 0, "{waited}");
}

#[tokio::test]
async fn there_is_room_for_so_many_connections() {
    let mut house = House::open(Connections { per_address: 1, ..Connections::default() }).await;
    let _first = TcpStream::connect(house.at).await.unwrap();
    house.let_in().await;
    let mut second = TcpStream::connect(house.at).await.unwrap();
    house.let_in().await;
    assert_eq!(rest(&mut second).await, "");
}

#[tokio::test]
async fn one_address_is_for_both_and_the_families_have_doors_of_their_own() {
    let listen = |text: &str| text.parse::<Listen>().unwrap();
    let bound = Bound::all(&[listen("127.0.0.1:0"), listen("udp:[::1]:0")]).unwrap();
    assert_eq!((bound.len(), bound[0].at, bound[2].at.is_ipv6()), (3, bound[1].at, true));
    let (doors, listeners) = Doors::open(bound);
    assert_eq!((doors.len(), listeners.len(), listeners[0].0), (2, 1, 1));
}

#[tokio::test]
async fn a_datagram_that_has_no_way_is_told() {
    let (doors, _) = Doors::open(Bound::all(&["udp:127.0.0.1:0".parse::<Listen>().unwrap()]).unwrap());
    assert!(doors.send(Hop::udp("127.0.0.1:9".parse().unwrap()), b"x").await.is_ok());
    assert!(doors.send(Hop::udp("[2001:db8::1]:9".parse().unwrap()), b"x").await.is_err(), "no door of the family");
}
