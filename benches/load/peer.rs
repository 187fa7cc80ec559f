//! `load peer`: streams without signalling, for the floor and for servers that are driven
//! by other tools.

use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::clock;
use crate::lines::{self, Lines};
use crate::talker::Talker;

/// The streams.
#[derive(Args, Clone, Debug)]
pub(crate) struct PeerArgs {
    /// How many.
    #[arg(long, short)]
    n: usize,
    /// Where they are received: every other port from this one on.
    #[arg(long, default_value = "127.0.0.2:10000")]
    at: SocketAddrV4,
    /// Where they come from, and are sent to with `--speak`: every other port from this one on.
    #[arg(long, default_value = "127.0.0.1:10000")]
    from: SocketAddrV4,
    /// Sends 50 packets a second on each.
    #[arg(long)]
    speak: bool,
    /// Seconds that are not measured.
    #[arg(long, default_value_t = 1.0)]
    warm: f64,
    /// Seconds that are.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

/// Runs it; the figures.
pub(crate) fn run(args: &PeerArgs) -> Result<Value> {
    let mut lines = Lines::new();
    lines.add(*args.at.ip(), args.at.port(), args.n)?;
    for n in 0..args.n {
        let to: Ipv4Addr = *args.from.ip();
        let to = SocketAddrV4::new(to, args.from.port() + u16::try_from(2 * n)?);
        lines.open(n, to, args.speak.then(|| Talker::new(n as u32, 8, None, true)));
    }
    let begin = clock::monotonic() + clock::seconds(args.warm);
    let end = begin + clock::seconds(args.seconds);
    let mut figures = Value::Null;
    lines::run(&mut lines, |lines, now| {
        if now >= begin && !lines.shared.measuring {
            lines.begin();
        }
        if now >= end {
            figures = lines.end();
        }
        now >= end
    });
    Ok(figures)
}
