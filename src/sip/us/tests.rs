use super::*;

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn door(transport: Transport, bound: &str) -> Door {
    Door { transport, bound: at(bound), advertised: None }
}

/// A machine with two networks and a way to the rest, in both families.
fn house() -> Us {
    let doors = vec![
        door(Transport::Udp, "0.0.0.0:5060"),
        door(Transport::Tcp, "0.0.0.0:5062"),
        door(Transport::Tls, "[::]:5061"),
        Door { advertised: Some(at("203.0.113.9:15060")), ..door(Transport::Udp, "10.9.0.1:5070") },
    ];
    let way =
        |network: &str, bits, ours: &str| Way { network: network.parse().unwrap(), bits, ours: ours.parse().unwrap() };
    let ways = vec![
        way("0.0.0.0", 0, "192.0.2.10"),
        way("127.0.0.1", 8, "127.0.0.1"),
        way("10.1.2.3", 16, "10.1.2.3"),
        way("::", 0, "2001:db8::10"),
        way("fd00::1", 64, "fd00::1"),
    ];
    Us::new(doors, ways)
}

fn said(hop: Hop) -> (String, String) {
    let us = house();
    let via = us.via(&hop, &mut Chance::seeded(1)).to_string();
    let contact = us.contact(&hop, Some("100"), Scheme::Sip).to_string();
    (via.split(";branch").next().unwrap().to_owned(), contact)
}

#[test]
fn a_door_for_all_addresses_tells_the_one_on_the_peers_network() {
    for (peer, ours) in [
        ("198.51.100.7:5060", "192.0.2.10:5060"),
        ("127.0.0.1:9", "127.0.0.1:5060"),
        ("10.1.200.4:5060", "10.1.2.3:5060"),
    ] {
        let (via, contact) = said(Hop::udp(at(peer)));
        assert_eq!(via, format!("SIP/2.0/UDP {ours}"));
        assert_eq!(contact, format!("<sip:100@{ours}>"));
    }
}

#[test]
fn via_and_contact_tell_the_transport_and_bracket_ipv6() {
    let (via, contact) = said(Hop::by(Transport::Tcp, at("10.1.0.1:5060")));
    assert_eq!(
        (via.as_str(), contact.as_str()),
        ("SIP/2.0/TCP 10.1.2.3:5062", "<sip:100@10.1.2.3:5062;transport=tcp>")
    );
    let (via, contact) = said(Hop::by(Transport::Tls, at("[2001:db8:7::1]:5061")));
    assert_eq!(via, "SIP/2.0/TLS [2001:db8::10]:5061");
    assert_eq!(contact, "<sip:100@[2001:db8::10]:5061;transport=tls>");
    let near = Hop::by(Transport::Tls, at("[fd00::9]:5061"));
    let secure = house().contact(&near, None, Scheme::Sips).to_string();
    assert_eq!(secure, "<sips:[fd00::1]:5061>");
}

#[test]
fn a_door_behind_a_translator_tells_what_it_is_seen_as() {
    let hop = Hop { door: Some(3), ..Hop::udp(at("198.51.100.7:5060")) };
    assert_eq!(said(hop).1, "<sip:100@203.0.113.9:15060>");
    assert_eq!(house().media_address(&hop, true), Some("203.0.113.9".parse().unwrap()));
    assert_eq!(house().media_address(&hop, false), Some("2001:db8::10".parse().unwrap()));
}

#[test]
fn what_we_ask_leaves_by_the_first_door_of_its_kind() {
    let door = |hop| house().leaving(hop).door;
    assert_eq!(door(Hop::udp(at("198.51.100.7:5060"))), Some(0));
    assert_eq!(door(Hop::by(Transport::Tcp, at("198.51.100.7:5060"))), Some(1));
    assert_eq!(door(Hop::udp(at("[2001:db8:7::1]:5060"))), Some(2), "another transport of the family");
    assert_eq!(door(Hop { door: Some(3), ..Hop::udp(at("198.51.100.7:5060")) }), Some(3));
}

#[test]
fn a_uri_says_how_it_is_reached() {
    let hop = |text: &str| hop_to(&Uri::parse(text).unwrap()).map(|hop| (hop.transport, hop.address.to_string()));
    assert_eq!(hop("sip:a@192.0.2.1"), Some((Transport::Udp, "192.0.2.1:5060".into())));
    assert_eq!(hop("sip:a@192.0.2.1:5070;transport=TCP"), Some((Transport::Tcp, "192.0.2.1:5070".into())));
    assert_eq!(hop("sip:a@[2001:db8::1];transport=tls"), Some((Transport::Tls, "[2001:db8::1]:5061".into())));
    assert_eq!(hop("sips:a@192.0.2.1"), Some((Transport::Tls, "192.0.2.1:5061".into())));
    assert_eq!(hop("sips:a@192.0.2.1;transport=tcp"), Some((Transport::Tls, "192.0.2.1:5061".into())));
    for none in
        ["sips:a@192.0.2.1;transport=udp", "sip:a@192.0.2.1;transport=ws", "sip:a@example.org", "tel:+33143124567"]
    {
        assert_eq!(hop(none), None, "{none}");
    }
}
