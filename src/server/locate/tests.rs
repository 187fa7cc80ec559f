use super::*;
use crate::sip::Door;

#[path = "../../../tests/support/names.rs"]
mod served;

use self::served::{NameServer, TTL, a, naptr, srv};

fn names(server: &NameServer) -> Names {
    Names::new(vec![server.at()], &[Door::udp("127.0.0.1:5060".parse().unwrap())])
}

fn sought(host: &str, port: Option<u16>, transport: Option<Transport>) -> Sought {
    Sought { trunk: "main".into(), host: host.into(), port, transport }
}

async fn places(server: &NameServer, sought: Sought) -> Vec<String> {
    let Some(located) = names(server).locate(&sought, &mut Chance::seeded(1)).await else { return Vec::new() };
    assert_eq!(located.lasts, Duration::from_secs(TTL.into()));
    located.hops.iter().map(|hop| format!("{} {}", hop.transport.word(), hop.address)).collect()
}

#[tokio::test]
async fn a_domain_s_records_say_where_its_servers_are_and_in_which_turn() {
    let server = NameServer::of(vec![
        ("operator.test.", naptr(20, "SIP+D2U", "_sip._udp.operator.test.")),
        ("operator.test.", naptr(10, "SIP+D2T", "_sip._tcp.operator.test.")),
        ("_sip._tcp.operator.test.", srv(20, 5070, "spare.operator.test.")),
        ("_sip._tcp.operator.test.", srv(10, 5080, "main.operator.test.")),
        ("_sip._udp.operator.test.", srv(10, 5060, "main.operator.test.")),
        ("main.operator.test.", a([192, 0, 2, 1])),
        ("spare.operator.test.", a([192, 0, 2, 2])),
    ]);
    let by = |transport| sought("operator.test", None, transport);
    let all = ["tcp 192.0.2.1:5080", "tcp 192.0.2.2:5070", "udp 192.0.2.1:5060"];
    assert_eq!(places(&server, by(None)).await, all);
    assert_eq!(places(&server, by(Some(Transport::Udp))).await, ["udp 192.0.2.1:5060"]);
    assert_eq!(places(&server, by(Some(Transport::Tls))).await, [""; 0], "it says no host, and no TLS");
}

#[tokio::test]
async fn a_domain_with_srv_records_alone_is_reached_by_what_is_common_first() {
    let server = NameServer::of(vec![
        ("_sip._tcp.operator.test.", srv(10, 5080, "main.operator.test.")),
        ("_sips._tcp.operator.test.", srv(10, 5081, "main.operator.test.")),
        ("main.operator.test.", a([192, 0, 2, 1])),
        ("operator.test.", a([192, 0, 2, 9])),
    ]);
    assert_eq!(places(&server, sought("operator.test", None, None)).await, ["tcp 192.0.2.1:5080"]);
    assert_eq!(places(&server, sought("operator.test", None, Some(Transport::Tls))).await, ["tls 192.0.2.1:5081"]);
    assert_eq!(places(&server, sought("operator.test", Some(5062), None)).await, ["udp 192.0.2.9:5062"], "a port");
}

#[tokio::test]
async fn a_domain_without_records_is_a_host_and_one_without_a_host_is_not_found() {
    let host = NameServer::of(vec![("operator.test.", a([192, 0, 2, 9])), ("operator.test.", a([192, 0, 2, 8]))]);
    assert_eq!(
        places(&host, sought("operator.test", None, Some(Transport::Tls))).await,
        ["tls 192.0.2.9:5061", "tls 192.0.2.8:5061"]
    );
    let closed = vec![("_sip._udp.operator.test.", srv(0, 0, ".")), ("operator.test.", a([192, 0, 2, 9]))];
    for known in [Vec::new(), closed] {
        let server = NameServer::of(known);
        assert_eq!(places(&server, sought("operator.test", None, None)).await, [""; 0]);
    }
}

#[tokio::test]
async fn no_more_addresses_are_taken_than_a_trunk_may_have() {
    let many = (0..40).map(|last| ("operator.test.", a([192, 0, 2, last]))).collect();
    let found = places(&NameServer::of(many), sought("operator.test", None, None)).await;
    assert_eq!(found.len(), crate::base::limits::TRUNK_ADDRESSES);
}

#[tokio::test]
async fn a_trunk_with_a_name_is_told_when_it_is_found_and_one_with_an_address_needs_no_task() {
    let server = NameServer::of(vec![("operator.test.", a([127, 0, 0, 9]))]);
    let mut settings = Settings::default();
    settings.sip.dns = vec![server.at()];
    let (signalling, mut inbox) = mpsc::channel(8);
    let doors = [Door::udp("127.0.0.1:5060".parse().unwrap())];
    let mut locator = Locator::new(&settings, &doors, (signalling, Chance::seeded(1)));
    let mut fixed = config::Trunk::at("192.0.2.7");
    fixed.name = "fixed".into();
    let trunks = [config::Trunk::at("operator.test"), fixed];
    locator.seek_first(&trunks).await;
    let Some(ToSignalling::Located { sought, found }) = inbox.recv().await else { panic!() };
    assert_eq!((&*sought.trunk, found.hops.len(), found.ways.len()), ("trunk", 1, 1));
    assert!(locator.remember(&sought, &found));
    assert_eq!(locator.all.iter().filter(|search| search.task.is_some()).count(), 1);

    locator.seek(&trunks[1..]);
    assert!(!locator.remember(&sought, &found), "what comes late counts for nothing");
    let presented = crate::base::PhoneNumber::parse("+33143124567").unwrap();
    let at = "203.0.113.1:9".parse().unwrap();
    let mut placed = [sip::Trunk { name: "fixed".into(), ..sip::Trunk::at(Transport::Udp, at, "x", presented) }];
    locator.place(&mut placed);
    assert_eq!(placed[0].hops, [Hop::udp("192.0.2.7:5060".parse().unwrap())]);
}

#[test]
fn what_is_not_found_is_looked_for_ever_more_rarely() {
    let pauses: Vec<u64> = [1, 2, 3, 7, 60].map(|failures| after_failures(failures).as_secs()).into();
    assert_eq!(pauses, [5, 10, 20, 300, 300]);
}

#[tokio::test]
async fn what_was_found_is_looked_up_anew_when_it_expires() {
    let server = NameServer::of(vec![("operator.test.", a([127, 0, 0, 9]))]);
    let (signalling, mut inbox) = mpsc::channel(8);
    let soon = Duration::from_millis(20);
    let (names, again, encrypts) = (names(&server), Notify::new(), OnceCell::new());
    let shared = Arc::new(Shared { names, signalling, bounds: soon..=soon, again, encrypts });
    let (looked, _) = oneshot::channel();
    let task = tokio::spawn(shared.watch(sought("operator.test", None, None), Chance::seeded(1), looked));
    for last in [9, 10] {
        server.learn(vec![("operator.test.", a([127, 0, 0, last]))]);
        let told = timeout(Duration::from_secs(30), inbox.recv()).await.unwrap();
        let Some(ToSignalling::Located { found, .. }) = told else { panic!() };
        let address = format!("127.0.0.{last}:5060").parse().unwrap();
        assert_eq!(found.hops, [Hop::udp(address)], "and the same is told once");
    }
    task.abort();
}
