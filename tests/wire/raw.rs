//! A phone made by hand, for what no other phone can be made to do: odd payload
//! types, events with packets lost or doubled, no sound at all.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::service::Service;
use svi::media::{Clip, Law};

/// A call that was answered.
pub(crate) struct RawCall {
    sip: UdpSocket,
    rtp: UdpSocket,
    them: SocketAddr,
    media: SocketAddr,
    from: String,
    to: String,
    cseq: u32,
    events: u8,
    sequence: u16,
    timestamp: u32,
    /// The SDP of the answer.
    pub(crate) answer: String,
}

/// One packet that was heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packet {
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) payload: Vec<u8>,
}

/// One packet of a key: duration in samples, and whether it is the last.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    pub(crate) duration: u16,
    pub(crate) end: bool,
}

/// A press of 100 ms as a good phone sends it: five packets, the last three times.
pub(crate) const PRESS: [Event; 7] = [
    Event { duration: 160, end: false },
    Event { duration: 320, end: false },
    Event { duration: 480, end: false },
    Event { duration: 640, end: false },
    Event { duration: 800, end: true },
    Event { duration: 800, end: true },
    Event { duration: 800, end: true },
];

impl RawCall {
    /// Calls a number, with a payload type for the keys, and waits for the answer.
    pub(crate) fn dial(service: &Service, number: &str, events: u8) -> Self {
        Self::over(service.sip, number, events)
    }

    /// The same to an address that leads to the service.
    pub(crate) fn over(them: SocketAddr, number: &str, events: u8) -> Self {
        let keys = format!("a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n");
        let mut call = Self::offering_to(them, number, (&format!("8 {events}"), &keys));
        call.events = events;
        call
    }

    /// Calls a number, offering these formats with these lines about them beside PCMA's.
    pub(crate) fn offering(service: &Service, number: &str, formats: &str, lines: &str) -> Self {
        Self::offering_to(service.sip, number, (formats, lines))
    }

    fn offering_to(them: SocketAddr, number: &str, (formats, lines): (&str, &str)) -> Self {
        let sip = UdpSocket::bind("127.0.0.1:0").unwrap();
        let rtp = UdpSocket::bind("127.0.0.1:0").unwrap();
        sip.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let us = sip.local_addr().unwrap();
        let port = rtp.local_addr().unwrap().port();
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n\
             a=rtpmap:8 PCMA/8000\r\n{lines}"
        );
        let mut call = Self {
            sip,
            rtp,
            them,
            media: them,
            from: format!("<sip:0612345678@{us}>;tag=raw"),
            to: format!("<sip:{number}@{them}>"),
            cseq: 1,
            events: 0,
            sequence: 1,
            timestamp: 10_000,
            answer: String::new(),
        };
        call.send("INVITE", "application/sdp", &sdp);
        let answer = call.response();
        assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        call.to = header(&answer, "To").to_owned();
        call.answer = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
        let media = call.answer.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
        call.media.set_port(media.split(' ').next().unwrap().parse().unwrap());
        call.send("ACK", "", "");
        call
    }

    fn send(&self, method: &str, kind: &str, body: &str) {
        let Self { from, to, cseq, them, .. } = self;
        let us = self.sip.local_addr().unwrap();
        let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        let text = format!(
            "{method} sip:100@{them} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{method}{cseq};rport\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: raw-{us}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:0612345678@{us}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let text = if method == "INVITE" { text.replacen("sip:100@", &uri_user(to), 1) } else { text };
        self.sip.send_to(text.as_bytes(), them).unwrap();
    }

    /// The next message that is no provisional response.
    fn response(&self) -> String {
        loop {
            let text = self.message().expect("an answer comes");
            if !text.starts_with("SIP/2.0 1") {
                return text;
            }
        }
    }

    fn message(&self) -> Option<String> {
        let mut buffer = [0; 65_535];
        let (length, _) = self.sip.recv_from(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// The next request from the other side within a time, if there is one.
    pub(crate) fn request(&self, within: Duration) -> Option<String> {
        self.sip.set_read_timeout(Some(within)).unwrap();
        self.message().filter(|text| !text.starts_with("SIP/2.0"))
    }

    /// Answers a request with 200.
    pub(crate) fn accept(&self, request: &str) {
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
        let copied: String = copied.iter().map(|name| format!("{name}: {}\r\n", header(request, name))).collect();
        let text = format!("SIP/2.0 200 OK\r\n{copied}Content-Length: 0\r\n\r\n");
        self.sip.send_to(text.as_bytes(), self.them).unwrap();
    }

    /// A request within the call; its status.
    fn within(&mut self, method: &str, kind: &str, body: &str) -> u16 {
        self.cseq += 1;
        self.send(method, kind, body);
        self.response()[8..11].parse().unwrap()
    }

    /// A key by SIP INFO.
    pub(crate) fn info(&mut self, key: char) -> u16 {
        self.within("INFO", "application/dtmf-relay", &format!("Signal={key}\r\nDuration=160\r\n"))
    }

    /// Hangs up.
    pub(crate) fn hang_up(mut self) {
        assert_eq!(self.within("BYE", "", ""), 200);
    }

    /// Says a tone for this long, in packets of 20 ms at their pace; the time goes on.
    pub(crate) fn say(&mut self, hertz: f64, lasts: Duration) {
        self.speak(&Clip::tone(hertz, -12.0, lasts).pcma);
    }

    /// Presses a key as its two tones, 80 ms of them and then silence.
    pub(crate) fn press_tones(&mut self, low: f64, high: f64) {
        let both = |i: usize| {
            let turn = std::f64::consts::TAU * i as f64 / 8_000.0;
            ((turn * low).sin() + (turn * high).sin()) * 4_000.0
        };
        let sound = (0..1_600).map(|i| Law::A.encode(if (160..800).contains(&i) { both(i) as i16 } else { 0 }));
        self.speak(&sound.collect::<Vec<u8>>());
    }

    /// Sends A-law in packets of 20 ms at their pace; the time goes on.
    fn speak(&mut self, pcma: &[u8]) {
        let start = Instant::now();
        for (n, payload) in pcma.chunks(160).enumerate() {
            self.sequence += 1;
            let mut packet = vec![0x80, 8];
            packet.extend(self.sequence.to_be_bytes());
            packet.extend((self.timestamp + n as u32 * 160).to_be_bytes());
            packet.extend(7_u32.to_be_bytes());
            packet.extend(payload);
            self.rtp.send_to(&packet, self.media).unwrap();
            let due = start + Duration::from_millis(20 * (n as u64 + 1));
            std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
        }
        self.timestamp += pcma.len() as u32;
    }

    /// Sends packets of a press, each as often as `copies`, with no pauses between them.
    pub(crate) fn press(&mut self, code: u8, packets: &[Event], copies: usize) {
        self.timestamp += 8_000;
        for (n, event) in packets.iter().enumerate() {
            let packet = self.event(code, *event, n == 0);
            for _ in 1..copies {
                self.rtp.send_to(&packet, self.media).unwrap();
            }
        }
    }

    /// Sends one packet of a press; it.
    fn event(&mut self, code: u8, event: Event, is_first: bool) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let marker = if is_first { 0x80 } else { 0 };
        let mut packet = vec![0x80, marker | self.events];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(7_u32.to_be_bytes());
        packet.extend([code, if event.end { 0x8a } else { 0x0a }]);
        packet.extend(event.duration.to_be_bytes());
        self.rtp.send_to(&packet, self.media).unwrap();
        packet
    }

    /// Presses keys as a good phone sends them: each packet 20 ms after the one before, and
    /// 60 ms between the keys.
    pub(crate) fn type_keys(&mut self, codes: &[u8]) {
        let mut due = Instant::now();
        for &code in codes {
            self.timestamp += 1_600;
            for event in PRESS {
                self.event(code, event, event.duration == PRESS[0].duration);
                due += Duration::from_millis(20);
                std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
            }
            due += Duration::from_millis(60);
        }
    }

    /// Where its sound goes.
    pub(crate) fn media(&self) -> SocketAddr {
        self.media
    }

    /// The next packet that comes within a second.
    pub(crate) fn hear(&self) -> Option<Packet> {
        self.rtp.set_nonblocking(false).unwrap();
        self.rtp.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        self.read()
    }

    /// What has come already.
    pub(crate) fn heard_already(&self) -> Vec<Packet> {
        self.rtp.set_nonblocking(true).unwrap();
        std::iter::from_fn(|| self.read()).collect()
    }

    fn read(&self) -> Option<Packet> {
        let mut buffer = [0; 2_048];
        let (length, _) = self.rtp.recv_from(&mut buffer).ok()?;
        let packet = &buffer[..length];
        Some(Packet {
            payload_type: packet[1] & 0x7f,
            sequence: u16::from_be_bytes([packet[2], packet[3]]),
            timestamp: u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]),
            payload: packet[12..].to_vec(),
        })
    }

    /// Everything that comes in this time.
    pub(crate) fn listen(&self, time: Duration) -> Vec<Packet> {
        let until = Instant::now() + time;
        let mut heard = Vec::new();
        while Instant::now() < until {
            heard.extend(self.hear());
        }
        heard
    }
}

fn uri_user(to: &str) -> String {
    to.trim_start_matches('<').split('@').next().unwrap().to_owned() + "@"
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let prefix = format!("{name}: ");
    message.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_else(|| panic!("no {name} in {message}"))
}
