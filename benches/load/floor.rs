//! `load floor`: the least that the work costs, with no server around it: one thread, a
//! socket for each stream, 1 ms slots.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::{Value, json};

use crate::clock::{self, MS, Nanos};
use crate::lines::round;
use crate::packet::{AUDIO, HEADER, Header};
use crate::uring::Ring;

/// What is done for each packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// `send` on a connected socket.
    Send,
    /// `sendto` on a socket that is not.
    Sendto,
    /// `io_uring`, one submission a slot.
    Uring,
    /// `send`, and `recv` of the packet that the other side has sent meanwhile.
    SendRecv,
    /// `recv` on one socket, `send` on its neighbour's; which has something is known by
    /// asking each once in 20 ms.
    Relay,
    /// The same, told by `epoll` in each slot: what a relay needs that is not to wait.
    RelayEpoll,
}

/// The streams.
#[derive(Args, Clone, Debug)]
pub(crate) struct FloorArgs {
    /// What is done.
    #[arg(value_enum)]
    mode: Mode,
    /// Streams; those of a relay are two a call.
    #[arg(long, short)]
    n: usize,
    /// Seconds that are measured, after one that is not.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Where they are sent from: every other port from this one on.
    #[arg(long, default_value = "127.0.0.1:10000")]
    at: SocketAddrV4,
    /// Where they are sent to.
    #[arg(long, default_value = "127.0.0.2:10000")]
    to: SocketAddrV4,
}

struct Stream {
    socket: UdpSocket,
    to: SocketAddrV4,
    header: Header,
    packet: [u8; AUDIO],
}

impl Stream {
    /// The next packet: its header, and 20 ms out of a prompt.
    fn fill(&mut self, prompt: &[u8]) {
        self.header.write(&mut self.packet);
        let at = usize::from(self.header.sequence) % (prompt.len() / 160) * 160;
        self.packet[HEADER..].copy_from_slice(&prompt[at..at + 160]);
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.time = self.header.time.wrapping_add(160);
    }
}

#[derive(Default)]
struct Done {
    sent: u64,
    received: u64,
    errors: u64,
    late: Nanos,
}

/// Runs it; the CPU time of this thread for each packet that was sent.
pub(crate) fn run(args: &FloorArgs) -> Result<Value> {
    let mut streams = (0..args.n).map(|n| stream(args, n)).collect::<Result<Vec<_>>>()?;
    let mut ring = matches!(args.mode, Mode::Uring).then(Ring::new).transpose().context("io_uring")?;
    let mut ready = match args.mode {
        Mode::RelayEpoll => Some(crate::ready::Ready::new(streams.iter().map(|s| &s.socket))?),
        _ => None,
    };
    let prompt: Vec<u8> = (0..60 * 8_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let began = clock::monotonic();
    let (begin, end) = (began + clock::SECOND, began + clock::SECOND + clock::seconds(args.seconds));
    let mut done = Done::default();
    let mut before = None;
    let (mut due, mut slot) = (began, 0);
    while due < end {
        if due >= begin && before.is_none() {
            done = Done::default();
            before = Some((used()?, clock::monotonic()));
        }
        let own = (slot % SLOTS..streams.len()).step_by(SLOTS);
        match (args.mode, &mut ring, &mut ready) {
            (Mode::Uring, Some(ring), _) => {
                for n in own.clone() {
                    streams[n].fill(&prompt);
                }
                let packets = own.map(|n| (&streams[n].socket, &streams[n].packet[..]));
                done.sent += ring.send_all(packets)?;
            }
            (Mode::RelayEpoll, _, Some(ready)) => {
                for n in ready.now()? {
                    while relay(&mut streams, n, &mut done) {}
                }
            }
            (Mode::Relay, _, _) => own.for_each(|n| {
                relay(&mut streams, n, &mut done);
            }),
            (mode, _, _) => own.for_each(|n| send(&mut streams[n], mode, &prompt, &mut done, slot)),
        }
        slot += 1;
        due += MS;
        done.late = done.late.max(clock::monotonic() - due);
        clock::sleep_until(due);
    }
    let (was, from) = before.context("it was measured for no time")?;
    let (cpu, seconds) = (used()? - was, (clock::monotonic() - from) as f64 / 1e9);
    Ok(json!({
        "mode": args.mode.to_possible_value().map(|v| v.get_name().to_owned()),
        "n": args.n, "seconds": round(seconds, 3), "sent": done.sent, "received": done.received,
        "errors": done.errors, "pps": round(done.sent as f64 / seconds, 1), "late_ms": round(done.late as f64 / 1e6, 2),
        "cpu_s": round(cpu, 4), "cores": round(cpu / seconds, 4),
        "us_per_packet": round(cpu * 1e6 / done.sent.max(1) as f64, 3),
    }))
}

fn stream(args: &FloorArgs, n: usize) -> Result<Stream> {
    let shift = u16::try_from(2 * n)?;
    let to = SocketAddrV4::new(*args.to.ip(), args.to.port() + shift);
    let ip: Ipv4Addr = *args.at.ip();
    let socket = UdpSocket::bind((ip, args.at.port() + shift))?;
    socket.set_nonblocking(true)?;
    if args.mode != Mode::Sendto {
        socket.connect(to)?;
    }
    let header = Header { marker: false, kind: 8, sequence: shift, time: 0, ssrc: 0x2000_0000 + u32::from(shift) };
    Ok(Stream { socket, to, header, packet: [0xd5; AUDIO] })
}

fn send(stream: &mut Stream, mode: Mode, prompt: &[u8], done: &mut Done, slot: usize) {
    if mode == Mode::SendRecv {
        let mut packet = [0; 256];
        // One in 20 ms is what comes; now and then a second look takes in what was early.
        let looks = if (slot / SLOTS).is_multiple_of(50) { 4 } else { 1 };
        for _ in 0..looks {
            match stream.socket.recv(&mut packet) {
                Ok(_) => done.received += 1,
                Err(_) => break,
            }
        }
    }
    stream.fill(prompt);
    let sent = match mode {
        Mode::Sendto => stream.socket.send_to(&stream.packet, stream.to),
        _ => stream.socket.send(&stream.packet),
    };
    match sent {
        Ok(_) => done.sent += 1,
        Err(_) => done.errors += 1,
    }
}

/// Passes one packet on to the neighbour, with a header of its own; whether there was one.
fn relay(streams: &mut [Stream], n: usize, done: &mut Done) -> bool {
    let mut packet = [0; 256];
    let Ok(length) = streams[n].socket.recv(&mut packet) else { return false };
    done.received += 1;
    let Some(out) = streams.get_mut(n ^ 1) else { return true };
    out.header.write(&mut packet);
    out.header.sequence = out.header.sequence.wrapping_add(1);
    out.header.time = out.header.time.wrapping_add(160);
    match out.socket.send(&packet[..length]) {
        Ok(_) => done.sent += 1,
        Err(_) => done.errors += 1,
    }
    true
}

/// CPU seconds of this thread.
fn used() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64 / 1e6)
}

/// Slots of 1 ms in a packet time.
const SLOTS: usize = 20;
