use std::net::SocketAddr;

use crate::base::{AgentName, PhoneNumber};
use crate::sip::digest::{ClientSecret, Secrets};

/// What the endpoint has to know before it starts.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// The address that peers reach us at, for `Via` and `Contact`.
    pub address: SocketAddr,
    /// The realm of the agents' accounts.
    pub realm: String,
    /// The agents who can register.
    pub accounts: Vec<Account>,
    /// The way to outside numbers, if there is one.
    pub trunk: Option<Trunk>,
}

/// An agent's account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The agent's name, the user part of the address to register.
    pub name: AgentName,
    /// HA1 of `name:realm:password`.
    pub secrets: Secrets,
}

/// A static outbound trunk.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Where its INVITEs go, and come from.
    pub address: SocketAddr,
    /// The host in its request URIs.
    pub domain: String,
    /// What its challenges are answered with.
    pub username: String,
    /// The password, or its HA1.
    pub secret: ClientSecret,
    /// The number that is presented to the called side.
    pub presented: PhoneNumber,
    /// What a number must start with to be dialled, in international (`+33`) or national (`01`) form; empty allows nothing.
    pub prefixes: Vec<String>,
}

impl Trunk {
    /// Whether the number may be dialled.
    pub(crate) fn allows(&self, number: &PhoneNumber) -> bool {
        let number = number.international();
        let national = number.national();
        let starts = |prefix: &String| number.as_str().starts_with(prefix) || national.starts_with(prefix);
        self.prefixes.iter().any(|prefix| !prefix.is_empty() && starts(prefix))
    }
}
