//! `sip:` where we are reached, and by what.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use marked_yaml::Node;

use super::document::Document;
use super::value::{self, Parsed};
use crate::base::limits;
use crate::sip::digest::Algorithm;
use crate::sip::{SessionTimes, Transport};

/// Signalling.
#[derive(Clone, Debug, PartialEq)]
pub struct Sip {
    /// `listen:` one address, or a list of them; `0.0.0.0:5060`.
    pub listen: Vec<Listen>,
    /// `advertise:` the address or name that phones shall send to, where this machine is
    /// behind a NAT; found per peer when not said.
    pub advertise: Option<String>,
    /// `realm:` of the agents' passwords; `svi`. An HA1 holds it: who changes it makes new ones.
    pub realm: String,
    /// `digest:` how agents' phones prove their password: `md5`, `sha-256`, or `both`. When
    /// not said, `md5` if every account allows it, else `both`: many phones give up at a
    /// challenge that they don't know instead of taking the other one.
    pub digest: Option<Vec<Algorithm>>,
    /// `trusted:` the addresses that are believed about who calls, beside the trunk's.
    pub trusted: Vec<IpAddr>,
    /// `session:` how long a call lasts of which nobody says that it is still up (RFC 4028):
    /// `expires:` what is asked for, `30m`; `at_least:` the shortest that is agreed to, `90s`.
    pub session: SessionTimes,
    /// `ping:` how often agents' phones are asked whether they are there, `25s`.
    pub ping: Duration,
    /// `dns:` who is asked where the trunks are; as the system says when none is listed.
    pub dns: Vec<SocketAddr>,
    /// `tls:` what is needed for encrypted connections, if there are any.
    pub tls: Option<Tls>,
    /// `connections:` what connections may take.
    pub connections: Connections,
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            listen: vec![Listen::at(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 5060))],
            advertise: None,
            realm: "svi".into(),
            digest: None,
            trusted: Vec::new(),
            session: SessionTimes::default(),
            ping: limits::PHONE_PING,
            dns: Vec::new(),
            tls: None,
            connections: Connections::default(),
        }
    }
}

/// One address to listen on: `0.0.0.0:5060`, `udp:…`, `tcp:…` or `tls:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// What is spoken there; UDP and TCP when not said.
    pub transport: Option<Transport>,
    /// The address and the port; `0.0.0.0` is every IPv4 address, `[::]` every IPv6 one.
    pub at: SocketAddr,
    /// `advertise:` the address or name, and maybe the port, that peers of this one shall send to.
    pub advertise: Option<(String, Option<u16>)>,
}

impl Listen {
    /// An address for UDP and TCP.
    pub fn at(at: SocketAddr) -> Self {
        Self { transport: None, at, advertise: None }
    }

    /// What is spoken there.
    pub fn transports(&self) -> Vec<Transport> {
        self.transport.map_or_else(|| vec![Transport::Udp, Transport::Tcp], |transport| vec![transport])
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let wanted = || {
            "write an IP address and a port, such as `0.0.0.0:5060`, or with a transport, such as `tls:[::]:5061`"
                .to_owned()
        };
        if let Ok(at) = text.parse() {
            return Ok(Self::at(at));
        }
        let (word, at) = text.split_once(':').ok_or_else(wanted)?;
        let transport = Some(Transport::of_word(word).ok_or_else(wanted)?);
        Ok(Self { transport, at: at.parse().map_err(|_| wanted())?, advertise: None })
    }
}

/// Files for encrypted connections, in PEM; read again at SIGHUP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// `certificate:` ours, with those between it and the root.
    pub certificate: PathBuf,
    /// `key:` of our certificate.
    pub key: PathBuf,
    /// `clients:` who signs the certificates that peers may show us; none is asked for when not said.
    pub clients: Option<PathBuf>,
    /// `trust:` who signs the certificates of those that we connect to, beside the system's.
    pub trust: Option<PathBuf>,
}

/// What connections may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// `most:` at once; one more is closed.
    pub most: usize,
    /// `per_address:` from one address (for IPv6, from one network of 64 bits).
    pub per_address: usize,
    /// `idle:` after which a connection over which nothing comes is closed.
    pub idle: Duration,
    /// `slow:` within which a message that has begun must be whole, what we send must be
    /// taken, and a new connection must be ready to be used.
    pub slow: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: limits::SIP_CONNECTIONS,
            per_address: limits::SIP_CONNECTIONS_PER_ADDRESS,
            idle: limits::SIP_CONNECTION_IDLE,
            slow: limits::SIP_CONNECTION_SLOW,
        }
    }
}

pub(super) fn sip(file: &mut Document, node: Option<&Node>) -> Sip {
    let known = &["listen", "advertise", "realm", "digest", "session", "trusted", "ping", "dns", "tls", "connections"];
    let mut keys = file.section("sip", node, known);
    let usual = Sip::default();
    let (advertise, realm) = (keys.read("advertise", value::host), keys.read("realm", value::text));
    let digest = keys.read("digest", value::digest);
    let trusted = keys.read_list("trusted", value::ip).unwrap_or_default();
    let ping = keys.read("ping", value::ping).unwrap_or(usual.ping);
    let dns = keys.read_list("dns", value::name_server).unwrap_or_default();
    if dns.len() > limits::TRUNK_RECORDS {
        keys.refuse("wrong-value", "dns", "too many servers for names".into(), "three are plenty");
    }
    let nodes = ["listen", "tls", "connections", "session"].map(|key| keys.node(key).cloned());
    let [listen_node, tls_node, connections_node, session_node] = nodes;
    let session = session_times(file, session_node.as_ref());
    let listen = listen_node.as_ref().map_or(usual.listen, |node| listen(file, node));
    let tls = tls_node.as_ref().and_then(|node| tls(file, node));
    if let (true, None, Some(node)) = (listen.iter().any(is_tls), &tls_node, &listen_node) {
        let help = "add `tls: { certificate: …, key: … }` under `sip:`";
        file.tell("missing-key", "an encrypted address without a certificate".into(), node, help.into());
    }
    let connections = connections(file, connections_node.as_ref());
    let realm = realm.unwrap_or(usual.realm);
    Sip { listen, advertise, realm, digest, trusted, session, ping, dns, tls, connections }
}

/// No session may be shorter than 90 s (RFC 4028, section 5).
fn session_times(file: &mut Document, node: Option<&Node>) -> SessionTimes {
    let mut keys = file.section("sip.session", node, &["expires", "at_least"]);
    let usual = SessionTimes::default();
    let at_least = keys.read("at_least", value::session).unwrap_or(usual.at_least);
    let expires = keys.read("expires", value::session).unwrap_or(usual.expires.max(at_least));
    if expires < at_least {
        let help = "write as much as `at_least`, or more";
        keys.refuse("wrong-value", "expires", "a session would be shorter than what is agreed to".into(), help);
    }
    SessionTimes { expires, at_least }
}

fn is_tls(listen: &Listen) -> bool {
    listen.transport == Some(Transport::Tls)
}

fn listen(file: &mut Document, node: &Node) -> Vec<Listen> {
    let nodes: Vec<&Node> = node.as_sequence().map_or_else(|| vec![node], |list| list.iter().collect());
    if nodes.is_empty() || nodes.len() > limits::SIP_DOORS {
        let message = format!("`sip.listen` must hold one to {} addresses", limits::SIP_DOORS);
        file.tell("wrong-value", message, node, "write `[\"0.0.0.0:5060\", \"tls:0.0.0.0:5061\"]`".into());
    }
    nodes.into_iter().filter_map(|node| one(file, node)).collect()
}

fn one(file: &mut Document, node: &Node) -> Option<Listen> {
    if let Some(scalar) = node.as_scalar() {
        return match scalar.as_str().parse() {
            Ok(listen) => Some(listen),
            Err(wanted) => {
                file.tell("wrong-value", "this can't be `sip.listen`".into(), node, wanted);
                None
            }
        };
    }
    let mut keys = file.section("sip.listen", Some(node), &["at", "advertise"]);
    if node.as_mapping().is_some_and(|map| map.get_node("at").is_none()) {
        keys.lacks("there is no address to listen on".into(), "add `at: \"udp:0.0.0.0:5060\"`");
    }
    let at = keys.read("at", |text| text.parse::<Listen>());
    let advertise = keys.read("advertise", value::host_port);
    Some(Listen { advertise, ..at? })
}

fn tls(file: &mut Document, node: &Node) -> Option<Tls> {
    let mut keys = file.section("sip.tls", Some(node), &["certificate", "key", "clients", "trust"]);
    let read = ["certificate", "key", "clients", "trust"].map(|key| keys.read(key, value::path));
    let [certificate, key, clients, trust] = read;
    for (key, value) in [("certificate", &certificate), ("key", &key)] {
        if node.as_mapping().is_some_and(|map| map.get_node(key).is_none()) && value.is_none() {
            keys.lacks(format!("`tls` has no `{key}`"), "add `certificate:` and `key:`, two files in PEM");
        }
    }
    Some(Tls { certificate: certificate?, key: key?, clients, trust })
}

fn connections(file: &mut Document, node: Option<&Node>) -> Connections {
    let mut keys = file.section("sip.connections", node, &["most", "per_address", "idle", "slow"]);
    let usual = Connections::default();
    Connections {
        most: keys.read("most", value::count).unwrap_or(usual.most),
        per_address: keys.read("per_address", value::count).unwrap_or(usual.per_address),
        idle: keys.read("idle", value::duration).unwrap_or(usual.idle),
        slow: keys.read("slow", value::duration).unwrap_or(usual.slow),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::Settings;
    use crate::diag::Source;

    fn read(text: &str) -> Result<Sip, Vec<String>> {
        let source = Arc::new(Source { path: "svi.yaml".into(), text: text.into() });
        let settings = Settings::read(&source);
        settings.map(|s| s.sip).map_err(|found| found.into_iter().map(|d| d.message).collect())
    }

    #[test]
    fn one_address_is_for_udp_and_tcp_and_a_list_says_what_each_speaks() {
        let sip = read("sip: { listen: \"192.0.2.1:5070\" }").unwrap();
        assert_eq!(sip.listen, [Listen::at("192.0.2.1:5070".parse().unwrap())]);
        assert_eq!(sip.listen[0].transports(), [Transport::Udp, Transport::Tcp]);
        let sip = read(
            "sip:\n  listen:\n  - udp:0.0.0.0:5060\n  - { at: 'tls:[::]:5061', advertise: 'sip.ville.example:15061' }\n  \
             tls: { certificate: c.pem, key: k.pem, clients: ca.pem }\n  connections: { most: 9, idle: 1h }\n",
        )
        .unwrap();
        assert_eq!(sip.listen[0].transports(), [Transport::Udp]);
        assert_eq!(sip.listen[1].advertise, Some(("sip.ville.example".into(), Some(15061))));
        assert_eq!(sip.listen[1].at, "[::]:5061".parse::<SocketAddr>().unwrap());
        assert_eq!((sip.connections.most, sip.connections.idle), (9, Duration::from_secs(3600)));
        assert_eq!(sip.tls.unwrap().clients, Some("ca.pem".into()));
    }

    #[test]
    fn an_address_that_can_not_be_and_a_missing_certificate_are_told() {
        assert_eq!(read("sip: { listen: [\"ws:0.0.0.0:80\"] }").unwrap_err(), ["this can't be `sip.listen`"]);
        assert_eq!(read("sip: { ping: 1h }").unwrap_err(), ["this can't be `sip.ping`"]);
        assert_eq!(read("sip: { ping: 1m }").unwrap().ping, Duration::from_secs(60));
        let alone = read("sip: { listen: [\"tls:0.0.0.0:5061\"] }").unwrap_err();
        assert_eq!(alone, ["an encrypted address without a certificate"]);
        let without = read("sip: { tls: { certificate: c.pem } }").unwrap_err();
        assert_eq!(without, ["`tls` has no `key`"]);
        let dns = read("sip: { dns: [192.0.2.53, \"127.0.0.1:5353\"] }").unwrap().dns;
        assert_eq!(dns, ["192.0.2.53:53", "127.0.0.1:5353"].map(|at| at.parse::<SocketAddr>().unwrap()));
        assert_eq!(read("sip: { dns: [dns.example] }").unwrap_err(), ["this can't be `sip.dns`"]);
        assert_eq!(read("sip: { listen: [] }").unwrap_err(), ["`sip.listen` must hold one to 16 addresses"]);
    }
}
