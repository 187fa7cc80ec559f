//! An SDP of ours is written before it is known to whom it goes. Where we have several
//! addresses, it holds an unspecified one until then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Local;

/// Which of our addresses an SDP still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// One of IPv4.
    Ipv4,
    /// One of the family that the peer is reached by.
    Either,
}

/// What an SDP of ours lacks, if anything.
pub(crate) fn lacking(sdp: &str) -> Option<Lacking> {
    let own = sdp.lines().find_map(|line| line.strip_prefix("c=IN "))?;
    match own {
        IPV4 => Some(Lacking::Ipv4),
        EITHER => Some(Lacking::Either),
        _ => None,
    }
}

/// Puts our address where it lacks.
pub(crate) fn place(sdp: &str, ours: IpAddr) -> String {
    let told = match ours {
        IpAddr::V4(ip) => format!("IP4 {ip}\r\n"),
        IpAddr::V6(ip) => format!("IP6 {ip}\r\n"),
    };
    let mut placed = String::with_capacity(sdp.len() + told.len() * 2);
    for line in sdp.split_inclusive('\n') {
        let lacks = line.trim_ascii_end();
        let before = lacks.strip_suffix(IPV4).or_else(|| lacks.strip_suffix(EITHER));
        match before.filter(|before| before.starts_with("o=") || before.starts_with("c=")) {
            Some(before) => placed.extend([before, &told]),
            None => placed.push_str(line),
        }
    }
    placed
}

/// Whether any of our addresses may take the place.
pub(super) fn is_either(ours: IpAddr) -> bool {
    ours == IpAddr::V6(Ipv6Addr::UNSPECIFIED)
}

/// Our side as it is told to who listens at an address: of the same family.
pub(super) fn facing(local: &Local, remote: IpAddr) -> Local {
    let port = local.address.port();
    match is_either(local.address.ip()) && remote.is_ipv4() {
        true => Local { address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), ..local.clone() },
        false => local.clone(),
    }
}

const IPV4: &str = "IP4 0.0.0.0";
const EITHER: &str = "IP6 ::";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Codec;
    use crate::sip::sdp::{Direction, accept, answer, offer};

    fn local(address: &str) -> Local {
        Local { address: address.parse().unwrap(), session: 1, version: 2, keys: None }
    }

    fn ours(sdp: &str) -> Vec<&str> {
        sdp.lines().filter(|line| line.starts_with("o=") || line.starts_with("c=")).collect()
    }

    #[test]
    fn an_offer_gets_the_address_of_the_family_that_it_goes_by() {
        let offered = offer(&local("[::]:4000"), &[Codec::Pcma], Direction::SendRecv);
        assert_eq!(lacking(&offered), Some(Lacking::Either));
        let placed = place(&offered, "192.0.2.1".parse().unwrap());
        assert_eq!(ours(&placed), ["o=- 1 2 IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1"]);
        assert_eq!(lacking(&placed), None);
        let placed = place(&offered, "2001:db8::1".parse().unwrap());
        assert_eq!(ours(&placed), ["o=- 1 2 IN IP6 2001:db8::1", "c=IN IP6 2001:db8::1"]);
        let there = local("[2001:db8::2]:5000");
        let (answered, stream) = answer(&placed, &there, &[Codec::Pcma], Direction::SendRecv).unwrap();
        assert_eq!(stream.remote, "[2001:db8::1]:4000".parse::<SocketAddr>().unwrap());
        let stream = accept(&answered, &local("[::]:4000"), &[Codec::Pcma], Direction::SendRecv).unwrap();
        assert_eq!(stream.remote, there.address);
    }

    #[test]
    fn an_answer_is_of_the_offers_family() {
        for (there, lacks) in [("192.0.2.2:5000", Lacking::Ipv4), ("[2001:db8::2]:5000", Lacking::Either)] {
            let offered = offer(&local(there), &[Codec::Pcma], Direction::SendRecv);
            let (answered, stream) =
                answer(&offered, &local("[::]:4000"), &[Codec::Pcma], Direction::SendRecv).unwrap();
            assert_eq!((lacking(&answered), stream.remote), (Some(lacks), there.parse().unwrap()));
        }
    }

    #[test]
    fn what_is_whole_stays_as_it_is() {
        let whole = offer(&local("192.0.2.1:4000"), &[Codec::Pcma], Direction::SendRecv);
        assert_eq!((lacking(&whole), lacking("v=0\r\n")), (None, None));
    }
}
