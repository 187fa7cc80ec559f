//! Where a domain's servers are, by its records (RFC 3263): which, and in what order.

use crate::base::Chance;
use crate::sip::transport::Transport;

/// One SRV record (RFC 2782): a host that takes requests for a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedServer {
    /// The lowest ones first.
    pub priority: u16,
    /// How large its part is among those of its priority.
    pub weight: u16,
    /// Its port.
    pub port: u16,
    /// Its name.
    pub host: String,
}

/// One NAPTR record (RFC 3403): a way to reach a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedService {
    /// The lowest first.
    pub order: u16,
    /// Among those of one order, the lowest first.
    pub preference: u16,
    /// `s` says that SRV records follow.
    pub flags: String,
    /// `SIP+D2U`, `SIP+D2T`, `SIPS+D2T`.
    pub service: String,
    /// Where those records are.
    pub replacement: String,
}

/// In which order servers are tried: by priority, and among those of one priority by a lot
/// that their weights load (RFC 2782). A server named `.` says that there is none.
pub fn in_turn(mut servers: Vec<NamedServer>, chance: &mut Chance) -> Vec<NamedServer> {
    servers.retain(|server| !server.host.trim_end_matches('.').is_empty());
    servers.sort_by_key(|server| (server.priority, server.weight));
    let mut turns = Vec::with_capacity(servers.len());
    while let Some(priority) = servers.first().map(|server| server.priority) {
        let equal = servers.iter().take_while(|server| server.priority == priority).count();
        let total: usize = servers[..equal].iter().map(|server| usize::from(server.weight)).sum();
        let lot = chance.below(total + 1);
        let mut sum = 0;
        let drawn = servers[..equal].iter().position(|server| {
            sum += usize::from(server.weight);
            sum >= lot
        });
        turns.push(servers.remove(drawn.unwrap_or(0)));
    }
    turns
}

/// Where the SRV records of a domain are, the best place first, with what is spoken by those
/// that they name, as its NAPTR records say (RFC 3263, section 4.1): none when they say nothing
/// that we can speak. `only` is the transport that the settings want.
pub fn places(mut services: Vec<NamedService>, only: Option<Transport>) -> Vec<(Transport, String)> {
    services.sort_by_key(|service| (service.order, service.preference));
    let named = services.into_iter().filter(|service| service.flags.eq_ignore_ascii_case("s"));
    let named = named.filter_map(|service| {
        let transport = match service.service.to_ascii_uppercase().as_str() {
            "SIP+D2U" => Transport::Udp,
            "SIP+D2T" => Transport::Tcp,
            "SIPS+D2T" => Transport::Tls,
            _ => return None,
        };
        Some((transport, service.replacement))
    });
    named.filter(|(transport, _)| only.is_none_or(|only| only == *transport)).collect()
}

/// Where the SRV records of a domain are that has no NAPTR records: under the usual names,
/// what is commonly spoken first.
pub fn usual_places(domain: &str, only: Option<Transport>) -> Vec<(Transport, String)> {
    let usual = [(Transport::Udp, "_sip._udp"), (Transport::Tcp, "_sip._tcp"), (Transport::Tls, "_sips._tcp")];
    let usual = usual.into_iter().filter(|(transport, _)| only.is_none_or(|only| only == *transport));
    usual.map(|(transport, label)| (transport, format!("{label}.{domain}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, priority: u16, weight: u16) -> NamedServer {
        NamedServer { priority, weight, port: 5060, host: host.into() }
    }

    #[test]
    fn servers_are_tried_by_priority_and_as_often_as_their_weight_says() {
        let mut chance = Chance::seeded(4);
        let all = || vec![server("spare", 20, 0), server("big", 10, 75), server("small", 10, 25), server(".", 1, 1)];
        let mut firsts = 0;
        for _ in 0..1_000 {
            let turns: Vec<String> = in_turn(all(), &mut chance).into_iter().map(|server| server.host).collect();
            assert_eq!((turns.len(), turns[2].as_str()), (3, "spare"));
            firsts += usize::from(turns[0] == "big");
        }
        assert!((700..800).contains(&firsts), "{firsts}");
        assert_eq!(in_turn(Vec::new(), &mut chance), []);
    }

    #[test]
    fn a_server_of_no_weight_has_its_turn_too() {
        let mut chance = Chance::seeded(6);
        let all = || vec![server("none", 10, 0), server("all", 10, 9)];
        let first = |chance: &mut Chance| in_turn(all(), chance).remove(0).host;
        let hosts: Vec<String> = (0..200).map(|_| first(&mut chance)).collect();
        assert!(hosts.iter().any(|host| host == "none") && hosts.iter().any(|host| host == "all"));
    }

    #[test]
    fn records_are_looked_for_where_the_domain_says_and_we_can_speak() {
        let service = |order, name: &str, flags: &str, at: &str| NamedService {
            order,
            preference: 50,
            flags: flags.into(),
            service: name.into(),
            replacement: at.into(),
        };
        let said = || {
            vec![
                service(90, "SIP+D2U", "s", "_sip._udp.a"),
                service(50, "SIPS+D2T", "S", "_sips._tcp.a"),
                service(10, "SIP+D2S", "s", "_sip._sctp.a"),
                service(10, "SIP+D2T", "u", "!.*!sip:x@a!"),
            ]
        };
        let places_of = |only| places(said(), only).into_iter().map(|(_, at)| at).collect::<Vec<_>>();
        assert_eq!(places_of(None), ["_sips._tcp.a", "_sip._udp.a"]);
        assert_eq!(places_of(Some(Transport::Udp)), ["_sip._udp.a"]);
        assert_eq!(places_of(Some(Transport::Tcp)), [""; 0]);
    }

    #[test]
    fn a_domain_that_says_nothing_has_its_records_under_the_usual_names() {
        let usual = |only| usual_places("a", only).into_iter().map(|(_, at)| at).collect::<Vec<_>>();
        assert_eq!(usual(None), ["_sip._udp.a", "_sip._tcp.a", "_sips._tcp.a"]);
        assert_eq!(usual(Some(Transport::Tls)), ["_sips._tcp.a"]);
    }
}
