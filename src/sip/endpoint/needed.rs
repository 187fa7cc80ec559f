use std::collections::HashSet;
use std::net::SocketAddr;

use super::Endpoint;
use crate::sip::transport::{ConnectionId, Hop, Transport};

/// Connections that somebody would miss, by their names or by who is at the other end.
#[derive(Debug)]
pub struct Needed<'a> {
    endpoint: &'a Endpoint,
    connections: HashSet<ConnectionId>,
    addresses: HashSet<(Transport, SocketAddr)>,
}

impl Needed<'_> {
    /// Whether a connection is one of them.
    pub fn has(&self, connection: ConnectionId, (transport, address): (Transport, SocketAddr)) -> bool {
        let peer = Hop { connection: Some(connection), ..Hop::by(transport, address) };
        self.connections.contains(&connection)
            || self.addresses.contains(&(transport, address))
            || self.endpoint.knows(&peer)
    }
}

impl Endpoint {
    /// The connections of calls, of agents' phones, of trunks, of whom the settings trust and
    /// of who has shown a certificate: another one can be closed, and nobody is cut off.
    pub fn needed(&self) -> Needed<'_> {
        let mut needed = Needed { endpoint: self, connections: HashSet::new(), addresses: HashSet::new() };
        for hop in self.legs.hops() {
            needed.connections.extend(hop.connection);
            needed.addresses.insert((hop.transport, hop.address));
        }
        needed.connections.extend(self.certified.keys());
        needed
    }
}
