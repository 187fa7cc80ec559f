use std::net::{IpAddr, SocketAddr, UdpSocket};

use anyhow::{Context, Result};
use nix::ifaddrs::getifaddrs;

use super::Bound;
use crate::config::Sip;
use crate::sip::{Door, Way};

/// What peers are told of each bound address; names are looked up here, once.
///
/// # Errors
/// When an advertised name has no address of the family.
pub(in crate::server) async fn doors(sip: &Sip, bound: &[Bound]) -> Result<Vec<Door>> {
    let mut doors = Vec::with_capacity(bound.len());
    for Bound { transport, at, listen, .. } in bound {
        let own = listen.advertise.as_ref().map(|(host, port)| (host.as_str(), port.unwrap_or(at.port())));
        let advertise = own.or_else(|| sip.advertise.as_deref().map(|host| (host, at.port())));
        let advertised = match advertise {
            Some(advertise) => Some(look_up(advertise, *at).await?),
            None => None,
        };
        doors.push(Door { transport: *transport, bound: *at, advertised });
    }
    Ok(doors)
}

async fn look_up((host, port): (&str, u16), bound: SocketAddr) -> Result<SocketAddr> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((host, port)).await;
    let mut found = found.with_context(|| format!("`sip.advertise`: `{host}` is not found"))?;
    let same = found.find(|address| address.is_ipv4() == bound.is_ipv4());
    same.with_context(|| format!("`sip.advertise`: `{host}` has no address of the family of `{bound}`"))
}

/// Our addresses on the networks around us, and those by which everybody else is reached.
pub(in crate::server) fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for interface in getifaddrs().into_iter().flatten() {
        let address = interface.address.and_then(|address| ip(&address));
        let mask = interface.netmask.and_then(|mask| ip(&mask));
        if let (Some(ours), Some(mask)) = (address, mask) {
            ways.push(Way { network: ours, bits: bits(mask), ours });
        }
    }
    // Addresses for documentation (RFC 5737, RFC 3849) stand for everybody else.
    for everybody in ["192.0.2.1:9", "[2001:db8::1]:9"] {
        let ours = everybody.parse().ok().and_then(ours_to);
        ways.extend(ours.map(|ours| Way { network: ours, bits: 0, ours }));
    }
    ways
}

/// Our address on the way to one peer; `None` where there is no way.
pub(in crate::server) fn way_to(peer: SocketAddr) -> Option<Way> {
    let ours = ours_to(peer)?;
    Some(Way { network: peer.ip(), bits: if peer.is_ipv4() { 32 } else { 128 }, ours })
}

/// The address from which this machine reaches another. Connecting a UDP socket sends
/// nothing; it only asks for the way.
fn ours_to(peer: SocketAddr) -> Option<IpAddr> {
    let any = if peer.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let probe = UdpSocket::bind(any).ok()?;
    probe.connect(peer).ok()?;
    probe.local_addr().ok().map(|address| address.ip())
}

fn ip(address: &nix::sys::socket::SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

fn bits(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    u8::try_from(ones).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_reaches_itself_by_its_own_address() {
        let ways = ways();
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(ways.contains(&Way { network: loopback, bits: 8, ours: loopback }), "{ways:?}");
        let way = way_to("127.0.0.9:5060".parse().unwrap()).unwrap();
        assert_eq!((way.bits, way.network.to_string(), way.ours.is_loopback()), (32, "127.0.0.9".to_owned(), true));
    }
}
