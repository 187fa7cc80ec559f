//! The plane over loopback: real sockets, a real clock, and waits that end at a deadline.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;

use super::{Identity, MediaPlane, MediaSettings};
use crate::base::{Chance, Digit, Instant, LegId, PlayId, limits, parse_digits};
use crate::media::{
    Clip, Codec, Command, Content, Event, FRAME, KeysInSound, Law, Repeat, RtcpPort, Stream, ToneDetector,
};
use crate::rtp::{DigitReceiver, Header, Packet, TelephoneEvent, rtcp};
use crate::server::clock;

mod between;
mod costs;
mod crowd;
mod secret;
mod single;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const LEG: LegId = LegId(256);
const OTHER: LegId = LegId(257);
const EVENT: u8 = 101;

/// Held to read by tests that measure time, to write by the one that floods the machine.
static MACHINE: RwLock<()> = RwLock::new(());

/// A telephone at the other end of one leg.
struct Phone {
    socket: UdpSocket,
    leg: SocketAddr,
    codec: Codec,
    sequence: u16,
    timestamp: u32,
}

/// A packet that a phone received.
#[derive(Clone, Debug)]
struct Got {
    at: Instant,
    header: Header,
    payload: Vec<u8>,
}

impl Phone {
    fn connect(plane: &MediaPlane, leg: LegId, codec: Codec, event_payload_type: u8) -> Self {
        let local = plane.open(leg).unwrap();
        let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        let stream = stream(socket.local_addr().unwrap(), codec, event_payload_type);
        plane.command(Command::Connect { leg, stream });
        Self { socket, leg: local, codec, sequence: 100, timestamp: 7_000 }
    }

    fn payload_type(&self) -> u8 {
        number_of(self.codec)
    }

    fn send(&mut self, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let ssrc = u32::from(self.socket.local_addr().unwrap().port());
        let header = Header { payload_type, marker: false, sequence: self.sequence, timestamp, ssrc };
        let mut buffer = [0; 400];
        let length = header.write(payload, &mut buffer).unwrap();
        self.socket.send_to(&buffer[..length], self.leg).unwrap();
        self.sequence = self.sequence.wrapping_add(1);
    }

    fn speak(&mut self, byte: u8) {
        self.send(self.payload_type(), self.timestamp, &[byte; FRAME]);
        self.timestamp += FRAME as u32;
    }

    fn press(&mut self, payload_type: u8, digit: char) {
        let code = Digit::from_char(digit).unwrap().event();
        let event = TelephoneEvent { code, end: false, volume: 10, duration: 160 };
        self.send(payload_type, self.timestamp, &event.bytes());
        self.timestamp += FRAME as u32;
    }

    /// The next RTP packet; `None` when there is none within `patience`.
    fn receive(&self, patience: Duration) -> Option<Got> {
        let mut buffer = [0; 400];
        let end = clock::now() + patience;
        loop {
            self.socket.set_read_timeout(Some(end.since(clock::now()).max(Duration::from_millis(1)))).unwrap();
            let length = self.socket.recv(&mut buffer).ok()?;
            let at = clock::now();
            if let Some(packet) = Packet::parse(&buffer[..length]) {
                return Some(Got { at, header: packet.header, payload: packet.payload.to_vec() });
            }
        }
    }

    fn receive_for(&self, duration: Duration) -> Vec<Got> {
        let end = clock::now() + duration;
        std::iter::from_fn(|| self.receive(end.since(clock::now())).filter(|got| got.at < end)).collect()
    }

    /// The first packet that is wanted, before the deadline.
    fn wait_for(&self, what: &str, mut wanted: impl FnMut(&Got) -> bool) -> Got {
        let end = clock::now() + DEADLINE;
        while clock::now() < end {
            if let Some(got) = self.receive(end.since(clock::now())).filter(|got| wanted(got)) {
                return got;
            }
        }
        panic!("no {what} within {DEADLINE:?}");
    }

    /// Drops what has come so far.
    fn forget(&self) {
        while self.receive(Duration::ZERO).is_some() {}
    }
}

/// The payload type that phones here give a codec.
fn number_of(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::G722 => 9,
        Codec::Opus => 107,
    }
}

fn stream(remote: SocketAddr, codec: Codec, event_payload_type: u8) -> Stream {
    let payload_type = number_of(codec);
    let event_payload_type = Some(event_payload_type);
    let rtcp = RtcpPort::Next;
    Stream {
        remote,
        codec,
        payload_type,
        event_payload_type,
        send: true,
        receive: true,
        rtcp,
        event_clock: codec.clock(),
        packet_ms: 20,
        longest_ms: u8::MAX,
        secret: None,
    }
}

fn start(silence: Duration) -> (MediaPlane, Receiver<Event>) {
    start_with(1, silence)
}

fn start_with(workers: usize, silence: Duration) -> (MediaPlane, Receiver<Event>) {
    start_as(None, workers, silence)
}

fn start_as(identity: Option<Identity>, workers: usize, silence: Duration) -> (MediaPlane, Receiver<Event>) {
    // Each test has ports of its own, as those of others rest.
    let probe = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let seed = u64::from(probe.local_addr().unwrap().port());
    let chance = Chance::seeded(seed);
    let settings = MediaSettings {
        workers,
        pin: false,
        ports: 21_000..=31_999,
        bind: LOOPBACK,
        silence,
        keys_in_sound: KeysInSound::default(),
        identity,
        chance,
    };
    MediaPlane::start(settings).unwrap()
}

fn tone(leg: LegId, stop_on_key: bool, repeat: Repeat) -> Command {
    let clips = vec![Arc::new(Clip::tone(440.0, -10.0, Duration::from_secs(2)))];
    Command::Play { leg, play: PlayId(1), clips, repeat, stop_on_key }
}

/// The next event, before the deadline.
fn event(events: &mut Receiver<Event>) -> Event {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, events.recv()).await.unwrap().unwrap() })
}

/// Nothing takes as long, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(20);
const PATIENT: Duration = Duration::from_secs(60);
