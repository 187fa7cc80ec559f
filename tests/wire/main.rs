//! Real calls on loopback against the real program, with other people's software at
//! the other end: SIPp, baresip, Kamailio, SIPVicious. Their logs and recordings are the judges.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on shall panic, and real calls take real time"
)]
#![allow(clippy::print_stdout, reason = "what was measured is shown with --nocapture")]

mod agents;
mod answers;
mod bad_line;
mod bans;
mod baresip;
mod bleed;
mod callback;
mod callback_web;
mod calls;
mod certificates;
mod crash;
mod crowd;
mod desk;
mod dialogs;
mod fail2ban;
mod french_trunk;
#[path = "../hostile/mod.rs"]
mod hostile;
mod handshakes;
mod kamailio;
mod keys;
mod linphone;
mod lookup;
#[path = "../support/lossy_line.rs"]
mod lossy_line;
mod lost_agents;
mod media;
mod names;
mod operations;
mod peer;
mod places;
#[path = "../past/mod.rs"]
mod past;
mod privacy;
mod raw;
mod reload;
mod recorded;
mod ring;
mod rules;
mod scanner;
mod schooling;
mod service;
mod sipp;
mod sipvicious;
mod store;
mod streams;
mod supervisor;
mod transfer;
mod transports;
mod transports_tls;
mod trunk;
mod trunk_limits;
mod trunk_names;
mod trunks;
mod versions;
mod voicemail;
mod voicemail_mail;
mod waiting;
