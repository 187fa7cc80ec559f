use std::net::SocketAddr;
use std::time::Duration;

use super::*;
use crate::base::Instant;
use crate::base::{dot, grid};
use crate::sip::transport::Hop;
use crate::sip::{Message, Method, Request, Response, parse};

macro_rules! prints {
    ($($name:ident: $State:ty,)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(format!("{}\n{}", dot::<$State>(), grid::<$State>()));
        }
    )*};
}

prints! {
    the_table_of_an_invite_of_ours: invite_client::State,
    the_table_of_another_request_of_ours: client::State,
    the_table_of_a_peers_invite: invite_server::State,
    the_table_of_another_request_of_a_peer: server::State,
}

fn at(ms: u64) -> Instant {
    Instant::START + Duration::from_millis(ms)
}

fn hop() -> Hop {
    Hop::udp("192.0.2.2:5060".parse::<SocketAddr>().unwrap())
}

fn request(method: &str, branch: &str) -> Request {
    let text = format!(
        "{method} sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch={branch}\r\n\
         From: <sip:b@192.0.2.2>;tag=1\r\nTo: <sip:a@192.0.2.1>\r\nCall-ID: x\r\nCSeq: 1 {method}\r\n\r\n"
    );
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn response(request: &Request, status: u16) -> Response {
    request.answer(status)
}

/// Lets the timers run until `until`; when something was sent, in milliseconds.
fn run(table: &mut Transactions<&'static str>, until: u64) -> Vec<u64> {
    let mut times = Vec::new();
    while let Some(next) = table.deadline().filter(|next| *next <= at(until)) {
        table.expire(next);
        while table.poll_sent().is_some() {
            times.push(u64::try_from(next.since_start().as_millis()).unwrap());
        }
    }
    times
}

fn drain(table: &mut Transactions<&'static str>) -> Vec<String> {
    std::iter::from_fn(|| table.poll_sent())
        .map(|(_, bytes)| String::from_utf8(bytes).unwrap().lines().next().unwrap().to_owned())
        .collect()
}

#[test]
fn our_invite_is_sent_seven_times_at_doubled_pauses() {
    let mut table = Transactions::new(10);
    table.open_client(at(0), request("INVITE", "z9hG4bKi"), hop(), "call").unwrap();
    assert_eq!(drain(&mut table), ["INVITE sip:a@192.0.2.1 SIP/2.0"]);
    assert_eq!(run(&mut table, 60_000), [500, 1500, 3500, 7500, 15_500, 31_500]);
    assert_eq!((table.poll_timed_out(), table.len()), (Some("call"), 0));
}

#[test]
fn another_request_of_ours_is_sent_eleven_times_at_four_seconds_at_most() {
    let mut table = Transactions::new(10);
    table.open_client(at(0), request("BYE", "z9hG4bKb"), hop(), "bye").unwrap();
    drain(&mut table);
    let times = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    assert_eq!(run(&mut table, 60_000), times);
    assert_eq!((table.poll_timed_out(), table.len()), (Some("bye"), 0));
}

#[test]
fn a_provisional_response_stops_an_invite_and_slows_another_request() {
    let mut table = Transactions::new(10);
    let (invite, bye) = (request("INVITE", "z9hG4bKi"), request("BYE", "z9hG4bKb"));
    let id = table.open_client(at(0), invite.clone(), hop(), "call").unwrap();
    table.open_client(at(0), bye.clone(), hop(), "bye").unwrap();
    drain(&mut table);
    assert_eq!(table.answer(at(100), &response(&invite, 180)), Some(id));
    assert!(table.answer(at(100), &response(&bye, 100)).is_some());
    assert_eq!(run(&mut table, 10_000), [500, 4500, 8500]);
    assert_eq!(table.len(), 2);
}

#[test]
fn each_copy_of_a_refusal_is_acknowledged_and_told_once() {
    let mut table = Transactions::new(10);
    let invite = request("INVITE", "z9hG4bKi");
    table.open_client(at(0), invite.clone(), hop(), "call").unwrap();
    drain(&mut table);
    let busy = response(&invite, 486);
    assert!(table.answer(at(10), &busy).is_some());
    assert!(table.answer(at(20), &busy).is_none());
    assert_eq!(drain(&mut table), ["ACK sip:a@192.0.2.1 SIP/2.0"; 2]);
    assert_eq!(run(&mut table, 32_009), [0; 0]);
    assert_eq!(table.len(), 1, "timer D has not passed");
    run(&mut table, 32_010);
    assert_eq!(table.len(), 0);
}

#[test]
fn every_200_of_a_fork_is_told_for_32_seconds() {
    let mut table = Transactions::new(10);
    let invite = request("INVITE", "z9hG4bKi");
    table.open_client(at(0), invite.clone(), hop(), "call").unwrap();
    for ms in [10, 20, 30_000] {
        assert!(table.answer(at(ms), &response(&invite, 200)).is_some());
    }
    assert!(table.answer(at(31_000), &response(&invite, 486)).is_none());
    run(&mut table, 32_010);
    assert!(table.answer(at(32_010), &response(&invite, 200)).is_none());
}

#[test]
fn a_refusal_of_ours_is_sent_again_until_the_ack_or_timer_h() {
    for acknowledged in [true, false] {
        let mut table = Transactions::<&'static str>::new(10);
        let invite = request("INVITE", "z9hG4bKs");
        assert_eq!(table.receive(at(0), &invite), Arrival::New);
        let id = table.open_server(&invite, hop(), Share::Stranger).unwrap();
        table.respond(at(0), id, &response(&invite, 486));
        drain(&mut table);
        assert_eq!(run(&mut table, 2_000), [500, 1500]);
        if acknowledged {
            assert_eq!(table.receive(at(2_000), &request("ACK", "z9hG4bKs")), Arrival::Absorbed);
            assert_eq!(run(&mut table, 6_999), [0; 0]);
            assert_eq!(table.len(), 1, "timer I still absorbs late ACKs");
        } else {
            assert_eq!(run(&mut table, 31_999).len(), 8);
        }
        run(&mut table, 32_000);
        assert_eq!(table.len(), 0);
    }
}

#[test]
fn a_copy_of_a_request_gets_the_answer_that_the_first_got() {
    let mut table = Transactions::<&'static str>::new(10);
    let info = request("INFO", "z9hG4bKs");
    let id = table.open_server(&info, hop(), Share::Stranger).unwrap();
    assert_eq!(table.receive(at(0), &info), Arrival::Absorbed);
    assert_eq!(drain(&mut table), [""; 0], "nothing to repeat yet");
    table.respond(at(0), id, &response(&info, 200));
    table.respond(at(0), id, &response(&info, 500));
    assert_eq!(table.receive(at(9), &info), Arrival::Absorbed);
    assert_eq!(drain(&mut table), ["SIP/2.0 200 OK"; 2]);
    assert_eq!(table.receive(at(9), &request("INFO", "z9hG4bKother")), Arrival::New);
}

#[test]
fn an_old_peer_without_the_cookie_is_told_apart_by_its_headers() {
    let mut table = Transactions::<&'static str>::new(10);
    let info = request("INFO", "1");
    table.open_server(&info, hop(), Share::Stranger).unwrap();
    assert_eq!(table.receive(at(0), &info), Arrival::Absorbed);
    let mut next = info;
    next.headers.cseq = 2;
    assert_eq!(table.receive(at(0), &next), Arrival::New);
}

#[test]
fn a_flood_leaves_room_for_dialogs() {
    let mut table = Transactions::new(10);
    let open = |table: &mut Transactions<&'static str>, share| {
        let branch = format!("z9hG4bK{}", table.len());
        table.open_server(&request("INFO", &branch), hop(), share).is_some()
    };
    assert!((0..9).all(|_| open(&mut table, Share::Stranger)));
    assert!(!open(&mut table, Share::Stranger));
    assert!(open(&mut table, Share::Known));
    assert!(!open(&mut table, Share::Known));
    assert!(table.open_client(at(0), request("BYE", "z9hG4bKb"), hop(), "bye").is_none());
}

#[test]
fn the_cancel_has_the_branch_of_its_invite() {
    let mut table = Transactions::new(10);
    let invite = request("INVITE", "z9hG4bKi");
    let id = table.open_client(at(0), invite.clone(), hop(), "call").unwrap();
    table.poll_sent();
    table.cancel(at(0), id, None, "cancel");
    let (_, bytes) = table.poll_sent().unwrap();
    let Ok(Message::Request(cancel)) = parse(&bytes) else { panic!() };
    assert_eq!((cancel.method, &cancel.headers.via), (Method::Cancel, &invite.headers.via));
    assert_eq!((cancel.headers.cseq, cancel.headers.to), (1, invite.headers.to));
}
