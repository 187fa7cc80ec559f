use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig, ServerOrderingStrategy};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::rdata::{NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use tokio::net::lookup_host;

use super::{LONGEST, Sought};
use crate::base::{Chance, limits};
use crate::sip::{Door, Hop, NamedServer, NamedService, Transport, in_turn, places, usual_places};

/// Whom we ask for names: the servers of the settings, else those of the system, which are
/// read anew each time. Nothing is kept between two questions.
pub(super) struct Names {
    servers: Vec<SocketAddr>,
    families: LookupIpStrategy,
}

/// What the names have said, and for how long.
pub(super) struct Located {
    /// The places, those that are to be tried first in front; one at least.
    pub(super) hops: Vec<Hop>,
    /// How long that counts.
    pub(super) lasts: Duration,
}

/// Nobody has answered.
struct Unheard;

impl Names {
    /// Asks these servers, for addresses of the families that we have doors for.
    pub(super) fn new(servers: Vec<SocketAddr>, doors: &[Door]) -> Self {
        let has = |ipv4: bool| doors.iter().any(|door| door.bound.is_ipv4() == ipv4);
        let families = match (has(true), has(false)) {
            (true, true) => LookupIpStrategy::Ipv4AndIpv6,
            (false, true) => LookupIpStrategy::Ipv6Only,
            (_, false) => LookupIpStrategy::Ipv4Only,
        };
        Self { servers, families }
    }

    /// Where a trunk is (RFC 3263, section 4): a name without a port by its NAPTR and SRV
    /// records, and by its addresses where it has none; one with a port by its addresses.
    pub(super) async fn locate(&self, sought: &Sought, chance: &mut Chance) -> Option<Located> {
        let mut located = Located { hops: Vec::new(), lasts: LONGEST };
        let said = match self.resolver() {
            Ok(resolver) => {
                let mut search = Search { resolver, located: &mut located };
                search.run(sought, chance).await
            }
            Err(error) => {
                tracing::debug!(%error, "the system names no server for names");
                Said::Nothing
            }
        };
        if said == Said::Nothing && self.servers.is_empty() {
            // What this machine knows otherwise than by DNS.
            self.ask_system(sought, &mut located).await;
        }
        (!located.hops.is_empty()).then_some(located)
    }

    async fn ask_system(&self, sought: &Sought, located: &mut Located) {
        let transport = sought.transport.unwrap_or(Transport::Udp);
        let port = sought.port.unwrap_or(transport.port());
        let fits = |at: &SocketAddr| match self.families {
            LookupIpStrategy::Ipv4Only => at.is_ipv4(),
            LookupIpStrategy::Ipv6Only => at.is_ipv6(),
            _ => true,
        };
        let found = lookup_host((sought.host.as_str(), port)).await;
        let found = found.into_iter().flatten().filter(fits).map(|at| Hop::by(transport, at));
        (located.hops, located.lasts) = (found.take(limits::TRUNK_ADDRESSES).collect(), BY_SYSTEM);
    }

    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let mut builder = match self.servers.is_empty() {
            true => TokioResolver::builder_tokio()?,
            false => {
                let servers = self.servers.iter().map(|at| server_at(*at)).collect();
                let config = ResolverConfig::from_parts(None, Vec::new(), servers);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.ip_strategy = self.families;
        options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
        options.timeout = options.timeout.min(PATIENCE);
        options.attempts = options.attempts.min(ATTEMPTS);
        options.cache_size = limits::TRUNK_RECORDS as u64;
        builder.build()
    }
}

/// Whether names have said anything of a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Where it is, or that it is nowhere.
    Something,
    /// Nothing.
    Nothing,
}

/// One look for one trunk.
struct Search<'l> {
    resolver: TokioResolver,
    located: &'l mut Located,
}

impl Search<'_> {
    async fn run(&mut self, sought: &Sought, chance: &mut Chance) -> Said {
        // What the machine's own list says is meant so.
        if sought.port.is_none() && !is_pinned(&sought.host) && self.by_records(sought, chance).await == Said::Something
        {
            return Said::Something;
        }
        let transport = sought.transport.unwrap_or(Transport::Udp);
        self.add(&sought.host, (transport, sought.port.unwrap_or(transport.port()))).await;
        if self.located.hops.is_empty() { Said::Nothing } else { Said::Something }
    }

    async fn by_records(&mut self, sought: &Sought, chance: &mut Chance) -> Said {
        // Some routers at home do not answer what they don't know.
        let services = self.records(&sought.host, RecordType::NAPTR).await.unwrap_or_default();
        let services = services.iter().filter_map(|record| service(&record.data)).collect();
        let named = places(services, sought.transport);
        let is_named = !named.is_empty();
        let places = if is_named { named } else { usual_places(&sought.host, sought.transport) };
        let mut said = Said::Nothing;
        for (transport, place) in places {
            let Ok(records) = self.records(&place, RecordType::SRV).await else { break };
            let servers: Vec<NamedServer> = records.iter().filter_map(|record| server(&record.data)).collect();
            if servers.is_empty() {
                continue;
            }
            said = Said::Something;
            for server in in_turn(servers, chance) {
                self.add(&absolute(&server.host), (transport, server.port)).await;
            }
            // What nobody has put in order, one kind is enough of.
            if !is_named && !self.located.hops.is_empty() {
                break;
            }
        }
        said
    }

    /// Adds the addresses of a host.
    async fn add(&mut self, host: &str, (transport, port): (Transport, u16)) {
        if self.located.hops.len() >= limits::TRUNK_ADDRESSES {
            return;
        }
        let Ok(addresses) = self.resolver.lookup_ip(host).await else { return };
        self.counts_for(addresses.as_lookup().answers());
        for ip in addresses.iter() {
            let hop = Hop::by(transport, (ip, port).into());
            if self.located.hops.len() < limits::TRUNK_ADDRESSES && !self.located.hops.contains(&hop) {
                self.located.hops.push(hop);
            }
        }
    }

    async fn records(&mut self, name: &str, kind: RecordType) -> Result<Vec<Record>, Unheard> {
        match self.resolver.lookup(absolute(name), kind).await {
            Ok(answer) => {
                let records: Vec<Record> = answer.answers().iter().take(limits::TRUNK_RECORDS).cloned().collect();
                self.counts_for(&records);
                Ok(records)
            }
            Err(NetError::Timeout) => Err(Unheard),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn counts_for(&mut self, records: &[Record]) {
        let shortest = records.iter().map(|record| Duration::from_secs(record.ttl.into())).min();
        self.located.lasts = self.located.lasts.min(shortest.unwrap_or(LONGEST));
    }
}

fn server_at(at: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections.iter_mut().for_each(|connection| connection.port = at.port());
    server
}

/// Whether the machine's own list (`/etc/hosts`) has an address for a host.
fn is_pinned(host: &str) -> bool {
    let (Ok(hosts), Ok(name)) = (Hosts::from_system(), Name::from_utf8(host)) else { return false };
    let has = |kind| hosts.lookup_static_host(&Query::query(name.clone(), kind)).is_some();
    has(RecordType::A) || has(RecordType::AAAA)
}

/// A name as it is, without the domains that the system would try behind it.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

fn service(data: &RData) -> Option<NamedService> {
    let RData::NAPTR(NAPTR { order, preference, flags, services, replacement, .. }) = data else { return None };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (flags, service, replacement) = (text(flags), text(services), replacement.to_utf8());
    Some(NamedService { order: *order, preference: *preference, flags, service, replacement })
}

fn server(data: &RData) -> Option<NamedServer> {
    let RData::SRV(SRV { priority, weight, port, target, .. }) = data else { return None };
    Some(NamedServer { priority: *priority, weight: *weight, port: *port, host: target.to_utf8() })
}

/// A server for names is waited for so long, and asked so often.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// How long what the system knows counts, which does not say so.
const BY_SYSTEM: Duration = Duration::from_secs(300);
