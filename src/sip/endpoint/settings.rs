use std::net::IpAddr;
use std::time::Duration;

use crate::base::AgentName;
use crate::sip::GuardRules;
use crate::sip::SessionTimes;
use crate::sip::digest::{Algorithm, Secrets};
use crate::sip::trunk::{Caps, Trunk};
use crate::sip::us::{Door, Way};

/// What the endpoint has to know before it starts.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// The addresses that we listen on, for `Via` and `Contact`.
    pub doors: Vec<Door>,
    /// Our addresses on the networks around us, for doors that stand for all addresses.
    pub ways: Vec<Way>,
    /// The realm of the agents' accounts.
    pub realm: String,
    /// What agents' phones are challenged with, the preferred one first.
    pub algorithms: Vec<Algorithm>,
    /// The agents who can register.
    pub accounts: Vec<Account>,
    /// The ways to outside numbers, the one that is preferred first.
    pub trunks: Vec<Trunk>,
    /// How many calls go out by all of them together.
    pub caps: Caps,
    /// The addresses that are believed about who calls (RFC 3325), beside the trunks'.
    pub trusted: Vec<IpAddr>,
    /// How long sessions last that nobody refreshes.
    pub session: SessionTimes,
    /// How strangers who try passwords and numbers are met.
    pub guard: GuardRules,
    /// How often agents' phones are asked whether they are there.
    pub ping: Duration,
}

/// An agent's account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The agent's name, the user part of the address to register.
    pub name: AgentName,
    /// HA1 of `name:realm:password`.
    pub secrets: Secrets,
}
