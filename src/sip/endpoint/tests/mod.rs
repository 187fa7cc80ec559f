//! Two endpoints on a wire of a virtual clock, and one endpoint that a test speaks to by hand.

mod astray;
mod calls;
mod chaos;
mod devices;
mod hand;
mod identity;
mod hostile;
mod pair;
mod phones;
mod placed;
mod races;
mod refusals;
mod register;
mod refer;
mod reliable;
mod renewed;
mod session;
mod strangers;
mod torture;
mod transports;
mod trunk;
mod trunks;
mod within;

use std::net::SocketAddr;
use std::time::Duration;

use super::{Account, Endpoint, EndpointSettings};
use crate::base::{AgentName, Chance, Instant, LegId, limits};
use crate::sip::GuardRules;
use crate::sip::SessionTimes;
use crate::sip::digest::{Algorithm, Secrets};
use crate::sip::{Door, Hop};

const HERE: &str = "192.0.2.1:5060";
const THERE: &str = "192.0.2.2:5060";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn settings(at: &str) -> EndpointSettings {
    let account = |name: &str| Account {
        name: AgentName::from(name),
        secrets: Secrets::of_password(name, "svi", &format!("{name}-secret")),
    };
    EndpointSettings {
        doors: vec![Door::udp(address(at))],
        ways: Vec::new(),
        realm: "svi".into(),
        algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
        accounts: vec![account("amina"), account("bruno")],
        trunks: Vec::new(),
        caps: crate::sip::Caps::default(),
        trusted: Vec::new(),
        session: SessionTimes::default(),
        guard: GuardRules::default(),
        ping: limits::PHONE_PING,
    }
}

fn endpoint(at: &str, seed: u64) -> Endpoint {
    Endpoint::new(settings(at), Chance::seeded(seed))
}

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The first leg that an endpoint gives to an incoming call.
const FIRST: LegId = LegId(256);
/// The leg of the calls that the tests place.
const OUT: LegId = LegId(1);
