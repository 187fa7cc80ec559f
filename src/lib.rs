//! `svi`: a telephone reception for a public service.
//!
//! One program answers SIP calls, plays a YAML call flow, tells opening hours and
//! contact details from one service card, queues callers for live agents with their
//! true rank, and never stands between a caller and an agent.
//!
//! # Rooms
//!
//! A room imports only from rooms above it in this list (`tests/layers.rs` holds it).
//! Down to [`config`] there is no tokio, no socket, no file, no clock and no lock:
//! plain values that take time and chance as arguments.
//!
//! # The contract of every core machine
//!
//! **One input in, then drain every output, then the next input**:
//! `handle(now, input)`, then `poll()` until it has nothing more; `deadline()` says
//! when it wants a `Tick` at the latest.

pub mod base;
pub mod diag;
pub mod service;
pub mod speech;
pub mod flow;
pub mod engine;
pub mod queue;
pub mod callback;
pub mod media;
pub mod rtp;
pub mod sip;
pub mod call;
pub mod sim;
pub mod workbench;
pub mod config;
pub mod store;
pub mod server;
pub mod web;
pub mod cli;
