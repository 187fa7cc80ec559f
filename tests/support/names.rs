//! A server for names that knows what it is told.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::{A, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};

type Known = Vec<(&'static str, RData)>;

/// Answers for as long as the test runs.
pub(crate) struct NameServer {
    at: SocketAddr,
    known: Arc<Mutex<Known>>,
}

impl NameServer {
    /// One that knows these.
    pub(crate) fn of(known: Known) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = Self { at: socket.local_addr().unwrap(), known: Arc::new(Mutex::new(known)) };
        let known = Arc::clone(&server.known);
        thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let asked = Message::from_vec(&buffer[..length]).unwrap();
                let answer = answer(&asked, &known.lock().unwrap());
                socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
            }
        });
        server
    }

    pub(crate) fn at(&self) -> SocketAddr {
        self.at
    }

    /// It knows these from now on.
    pub(crate) fn learn(&self, known: Known) {
        *self.known.lock().unwrap() = known;
    }
}

fn answer(asked: &Message, known: &Known) -> Message {
    let mut answer = asked.clone().into_response();
    answer.edns = None;
    for query in &asked.queries {
        let is_asked = |(name, data): &&(&str, RData)| {
            query.name().to_utf8().eq_ignore_ascii_case(name) && data.record_type() == query.query_type()
        };
        for (name, data) in known.iter().filter(is_asked) {
            answer.add_answer(Record::from_rdata(Name::from_ascii(name).unwrap(), TTL, data.clone()));
        }
    }
    answer
}

pub(crate) fn srv(priority: u16, port: u16, host: &str) -> RData {
    RData::SRV(SRV::new(priority, 10, port, Name::from_ascii(host).unwrap()))
}

pub(crate) fn a(ip: [u8; 4]) -> RData {
    RData::A(A(Ipv4Addr::from(ip)))
}

pub(crate) fn naptr(order: u16, service: &str, place: &str) -> RData {
    let bytes = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
    let place = Name::from_ascii(place).unwrap();
    RData::NAPTR(NAPTR::new(order, 10, bytes("s"), bytes(service), bytes(""), place))
}

/// How long its answers count, in seconds.
pub(crate) const TTL: u32 = 120;
