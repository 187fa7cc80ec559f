use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::base::{AgentName, PhoneNumber};
use crate::service::is_premium;
use crate::sip::GuardRules;
use crate::sip::SessionTimes;
use crate::sip::digest::{Algorithm, ClientSecret, Secrets};
use crate::sip::transport::Transport;
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
    /// The way to outside numbers, if there is one.
    pub trunk: Option<Trunk>,
    /// The addresses that are believed about who calls (RFC 3325), beside the trunk's.
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

/// A static outbound trunk.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Where its INVITEs go, and come from.
    pub address: SocketAddr,
    /// How.
    pub transport: Transport,
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
    /// How often a call is sent on at most when the operator says so (3xx).
    pub redirects: u8,
}

impl Trunk {
    /// Whether the number may be dialled: it is listed, and no premium-rate number.
    pub(crate) fn allows(&self, number: &PhoneNumber) -> bool {
        !is_premium(&number.international()) && is_listed(number, &self.prefixes)
    }
}

/// Whether a number begins with one of these: in international (`+33`) or national (`01`) form; a short one must be there in full.
pub fn is_listed(number: &PhoneNumber, prefixes: &[String]) -> bool {
    let number = number.international();
    let listed = |prefix: &String| match prefix.as_bytes().first() {
        Some(b'+') => number.as_str().starts_with(prefix),
        Some(b'0') => number.national().starts_with(prefix),
        // A short number is no prefix: 112 must not open 1123.
        Some(_) => number.as_str() == prefix,
        None => false,
    };
    prefixes.iter().any(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_and_ordinary_numbers_are_called() {
        let trunk = Trunk {
            address: SocketAddr::from(([192, 0, 2, 1], 5060)),
            transport: Transport::Udp,
            domain: "provider".into(),
            username: String::new(),
            secret: ClientSecret::Password(String::new()),
            presented: PhoneNumber::parse("+33143124567").unwrap(),
            redirects: 0,
            prefixes: ["+33", "+44", "112", ""].map(str::to_owned).to_vec(),
        };
        let allows = |text: &str| trunk.allows(&PhoneNumber::parse(text).unwrap());
        assert!(allows("0143124567") && allows("+33 6 12 34 56 78") && allows("+442071234567") && allows("112"));
        assert!(!allows("0892705050"), "premium in France");
        assert!(!allows("+449098791234"), "premium abroad");
        assert!(!allows("3939") && !allows("1123") && !allows("+3225551212"), "not listed");
    }
}
