use std::net::SocketAddr;

use super::Endpoint;
use crate::sip::message::Via;
use crate::sip::transport::Hop;
use crate::sip::us;

/// Connections that whoever opened them lets us use for requests of ours (RFC 5923).
impl Endpoint {
    /// Notes that a peer wants to be reached over the connection by which it speaks: by the
    /// operator alone, or whoever has shown a certificate for where the requests would go.
    /// Requests to another machine than the one that has connected never go there.
    pub(super) fn note_alias(&mut self, from: &Hop, via: &Via) {
        let Some(connection) = from.connection.filter(|_| via.params.value("alias").is_some()) else { return };
        let ip = from.address.ip();
        if us::ip(&via.host).is_some_and(|said| said != ip) {
            return;
        }
        let host = via.host.trim_start_matches('[').trim_end_matches(']');
        let names = self.certified.get(&connection);
        let is_certified = names.is_some_and(|names| names.iter().any(|name| name.eq_ignore_ascii_case(host)));
        if is_certified || self.is_trunk(from) {
            let address = SocketAddr::new(ip, via.port.unwrap_or(from.transport.port()));
            self.aliases.insert((from.transport, address), connection);
        }
    }

    /// A hop by the connection that leads there already.
    pub(super) fn aliased(&self, hop: Hop) -> Hop {
        if hop.connection.is_some() || self.aliases.is_empty() {
            return hop;
        }
        Hop { connection: self.aliases.get(&(hop.transport, hop.address)).copied(), ..hop }
    }
}
