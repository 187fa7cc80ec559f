//! `load`: the neutral judge of the benchmarks. It calls a SIP server as many phones
//! would, listens to what comes, and counts what the server's process used meanwhile. It
//! knows nothing of `svi` and works the same with any server.
//!
//! Arrival is the kernel's time stamp, taken where the sender hands the packet to the
//! loopback: a judge that reads late does not see a late sender. Each run prints one line
//! of JSON. See `docs/performance.md`.

#![allow(clippy::print_stdout, reason = "it is a program, and this is what it prints")]
#![allow(missing_docs, reason = "nobody links to a program")]

mod account;
mod acting;
mod agents;
mod callers;
mod calls;
mod clock;
mod floor;
mod histogram;
mod judge;
mod lines;
mod message;
mod packet;
mod peer;
mod plan;
mod ready;
mod short;
mod sockets;
mod talker;
mod uring;
mod witness;

use clap::{CommandFactory, Parser, Subcommand};

/// The load and the judge of the benchmarks; `benches/run` drives it.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// What `cargo bench` adds.
    #[arg(long, global = true, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum What {
    /// So many callers at once, what they hear, and what it costs the server.
    Calls(calls::CallsArgs),
    /// Calls that are hung up as soon as they are answered.
    Short(short::ShortArgs),
    /// Streams without signalling.
    Peer(peer::PeerArgs),
    /// The least that the work costs.
    Floor(floor::FloorArgs),
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    sockets::raise_open_files()?;
    // A plain `cargo bench` asks for nothing.
    let Some(what) = args.what else { return Ok(Args::command().print_help()?) };
    let figures = match what {
        What::Calls(args) => calls::run(args)?,
        What::Short(args) => short::run(&args)?,
        What::Peer(args) => peer::run(&args)?,
        What::Floor(args) => floor::run(&args)?,
    };
    println!("{figures}");
    Ok(())
}
