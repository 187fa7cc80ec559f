use super::*;
use crate::base::Chance;
use crate::base::{Lifecycle, dot, grid};
use crate::sip::us::{Door, Us};
use crate::sip::{ConnectionId, Hop, Message, Method, Request, Transport, parse};
use std::num::NonZeroU32;

#[test]
fn the_table_of_a_dialog() {
    insta::assert_snapshot!(format!("{}\n{}", dot::<Phase>(), grid::<Phase>()));
}

#[test]
fn from_every_phase_there_is_a_way_to_the_end() {
    for (phase, _) in Phase::STATES {
        let mut reached = vec![*phase];
        let mut i = 0;
        while let Some(from) = reached.get(i).copied() {
            let next: Vec<Phase> = Phase::EVENTS.iter().filter_map(|(cue, _)| from.on(*cue)).collect();
            reached.extend(next.into_iter().filter(|to| !reached.contains(to)).collect::<Vec<_>>());
            reached.dedup();
            i += 1;
            assert!(i < 1000);
        }
        assert!(reached.contains(&Phase::Over), "{phase:?}");
    }
}

fn invite(more: &str) -> Request {
    let text = format!(
        "INVITE sip:100@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bKi\r\n\
         From: <sip:b@example.org>;tag=theirs\r\nTo: <sip:100@198.51.100.1>\r\nCall-ID: x\r\nCSeq: 7 INVITE\r\n{more}\r\n"
    );
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn bye_from(more: &str, source: Hop) -> (Request, Hop) {
    let mut dialog = Dialog::of_invite(&invite(more), "ours", source);
    let us = Us::new(vec![Door::udp("198.51.100.1:5060".parse().unwrap())], Vec::new());
    dialog.request(Method::Bye, &us, &mut Chance::seeded(1))
}

/// The request URI, the routes and the hop of a BYE within the dialog of an INVITE.
fn bye(more: &str, source: &str) -> (String, Vec<String>, String) {
    let (bye, hop) = bye_from(more, Hop::udp(source.parse().unwrap()));
    assert_eq!((bye.headers.from.tag(), bye.headers.to.tag()), (Some("ours"), Some("theirs")));
    let routes = bye.headers.route.iter().map(|route| route.uri.to_string()).collect();
    (bye.uri.to_string(), routes, hop.address.to_string())
}

#[test]
fn without_a_proxy_requests_go_to_the_contact() {
    let way = bye("Contact: <sip:b@198.51.100.9:5090>\r\n", "198.51.100.9:5060");
    assert_eq!(way, ("sip:b@198.51.100.9:5090".into(), vec![], "198.51.100.9:5090".into()));
}

#[test]
fn a_contact_that_means_nothing_here_is_replaced_by_the_source() {
    for contact in ["192.168.1.20:5060", "phone.example.org"] {
        let (uri, _, hop) = bye(&format!("Contact: <sip:b@{contact}>\r\n"), "203.0.113.5:40000");
        assert_eq!((uri, hop), (format!("sip:b@{contact}"), "203.0.113.5:40000".into()));
    }
}

#[test]
fn loose_routers_are_visited_in_order() {
    let more = "Record-Route: <sip:203.0.113.1;lr>\r\nRecord-Route: <sip:203.0.113.2:5070;lr>\r\nContact: <sip:b@198.51.100.9>\r\n";
    let (uri, routes, hop) = bye(more, "203.0.113.1:5060");
    assert_eq!(uri, "sip:b@198.51.100.9");
    assert_eq!(routes, ["sip:203.0.113.1;lr", "sip:203.0.113.2:5070;lr"]);
    assert_eq!(hop, "203.0.113.1:5060");
}

#[test]
fn a_strict_router_sees_itself_in_the_request_uri() {
    let more = "Record-Route: <sip:203.0.113.1>\r\nContact: <sip:b@198.51.100.9>\r\n";
    let (uri, routes, hop) = bye(more, "203.0.113.1:5060");
    assert_eq!((uri.as_str(), hop.as_str()), ("sip:203.0.113.1", "203.0.113.1:5060"));
    assert_eq!(routes, ["sip:b@198.51.100.9"]);
}

#[test]
fn the_connection_that_there_is_leads_back_to_who_opened_it() {
    let connection = Some(ConnectionId(NonZeroU32::MIN));
    let source = Hop { connection, ..Hop::by(Transport::Tcp, "198.51.100.9:41000".parse().unwrap()) };
    let (bye, hop) = bye_from("Contact: <sip:b@198.51.100.9:5090;transport=tcp>\r\n", source);
    assert_eq!((hop.connection, hop.address.to_string()), (connection, "198.51.100.9:5090".into()));
    assert!(bye.headers.via[0].to_string().starts_with("SIP/2.0/TCP 198.51.100.1:5060"));
    let (_, hop) = bye_from("Contact: <sip:b@192.168.1.20:5060;transport=tcp>\r\n", source);
    assert_eq!((hop.connection, hop.address.port()), (connection, 0), "behind a translator there is no other way");
    let route = "Record-Route: <sip:203.0.113.1;transport=tcp;lr>\r\nContact: <sip:b@192.168.1.20>\r\n";
    let (_, hop) = bye_from(route, source);
    assert_eq!((hop.connection, hop.address.to_string()), (None, "203.0.113.1:5060".into()), "another machine");
    let route = "Record-Route: <sip:198.51.100.9:5060;transport=tcp;lr>\r\nContact: <sip:b@192.168.1.20>\r\n";
    assert_eq!(bye_from(route, source).1.connection, connection);
}
