//! `load short`: calls that are hung up as soon as they are answered, so many a second.

use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::account::Account;
use crate::callers::{Callers, News};
use crate::clock::{self, MS, Nanos, SECOND};
use crate::lines::round;
use crate::sockets;

/// How many.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShortArgs {
    /// The number that is called.
    #[arg(long)]
    to: String,
    /// Calls a second.
    #[arg(long)]
    rate: f64,
    /// Seconds in which calls are placed.
    #[arg(long, default_value_t = 15.0)]
    seconds: f64,
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1:5060")]
    server: SocketAddrV4,
    /// The server's process: what it uses is counted.
    #[arg(long)]
    pid: Option<i32>,
}

/// Runs it; the figures.
pub(crate) fn run(args: &ShortArgs) -> Result<Value> {
    let ip = Ipv4Addr::new(127, 0, 0, 2);
    let mut callers = Callers::new(SocketAddrV4::new(ip, 5090), args.server)?;
    // The sound of the moment before the BYE finds an open port, which nobody reads for long.
    let ports: Vec<_> = (0..2 * PORTS).map(|n| sockets::plain(ip, 10_000 + n)).collect::<Result<_>>()?;
    for n in 0..AT_ONCE {
        callers.add(SocketAddrV4::new(ip, 10_000 + 2 * (n as u16 % PORTS)));
    }
    let total = (args.rate * args.seconds) as usize;
    let at_most = (args.rate / 500.0) as usize + 1;
    let (mut placed, mut over, mut crowded, mut late) = (0, 0_usize, 0_usize, 0);
    let account = Account::of(args.pid);
    let before = account.sample();
    let began = clock::monotonic();
    let end = began + clock::seconds(args.seconds);
    let mut at_end = None;
    let mut due: Nanos = began;
    loop {
        callers.turn();
        while let Some(news) = callers.poll() {
            match news {
                News::Answered { caller, .. } => callers.hang_up(caller),
                News::Over { .. } | News::Refused { .. } | News::Lost { .. } => over += 1,
                News::Changed { .. } => {}
            }
        }
        let now = clock::monotonic();
        // After a stall of ours the calls that are due come at twice the pace, not at once.
        let wanted = (((now - began) as f64 / 1e9 * args.rate) as usize).min(total).min(placed + at_most);
        while placed < wanted {
            let caller = placed % AT_ONCE;
            placed += 1;
            if callers.is_idle(caller) {
                callers.call(caller, &args.to);
            } else {
                crowded += 1;
                over += 1;
            }
        }
        if now >= end && at_end.is_none() {
            at_end = Some(account.sample());
        }
        if over >= total || now > end + 40 * SECOND {
            break;
        }
        drop_sound(&ports, due);
        due += MS;
        late = late.max(clock::monotonic() - due);
        clock::sleep_until(due);
    }
    let after = account.sample();
    let after_calls = after.since(&before);
    let in_time = at_end.map(|sample| sample.since(&before));
    Ok(json!({
        "rate": args.rate, "placed": placed, "crowded": crowded, "tool_late_ms": round(late as f64 / 1e6, 2),
        "seconds": round((clock::monotonic() - began) as f64 / 1e9, 2),
        "calls": callers.to_json(),
        "server_in_time": in_time, "server": after_calls,
        "before_kib": before.resident_kib,
    }))
}

/// Empties one of the ports each millisecond.
fn drop_sound(ports: &[std::net::UdpSocket], due: Nanos) {
    let turn = usize::try_from(due / MS).unwrap_or(0) % ports.len();
    let mut packet = [0; 256];
    while ports[turn].recv(&mut packet).is_ok() {}
}

/// Calls under way at once; a server that is further behind has failed.
const AT_ONCE: usize = 20_000;
/// Pairs of ports for sound and its reports, shared by all.
const PORTS: u16 = 64;
