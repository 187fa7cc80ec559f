//! What is asked of a phone in a call while it has lost its connection.

use super::hand::{header, start};
use super::phones::{LEG, NAME, amina, over_connections, picks_up, register_over, ring, talk};
use super::register::Phone;
use super::transports::{Sent, line, reply, say, tell};
use super::*;
use crate::sip::{Command, DialogEnd, Event, Input};

const CONTACT: &str = "Contact: <sip:amina@10.0.0.6:41000;transport=tcp>";

/// A talk with the phone, whose connection then breaks.
fn cut() -> Phone {
    let mut phone = over_connections();
    talk(&mut phone, CONTACT);
    drop_line(&mut phone, 1);
    phone
}

fn drop_line(phone: &mut Phone, n: u32) {
    tell(&mut phone.hand, Input::Disconnected { connection: line(n).connection.unwrap() });
    phone.hand.events.clear();
}

/// Gives a command whose request can't be sent; the request.
fn in_vain(phone: &mut Phone, command: Command) -> String {
    let sent = tell(&mut phone.hand, Input::Command(command));
    assert_eq!(sent.len(), 1, "{sent:?}");
    let request = sent[0].1.clone();
    assert_eq!(tell(&mut phone.hand, Input::Undelivered { bytes: request.clone().into() }), []);
    request
}

/// Registers over a connection; what is sent to the phone beside the answer.
fn comes_back(phone: &mut Phone, from: Hop, contact: &str) -> Sent {
    let draft = phone.draft(&[contact]);
    let draft = phone.authorized(draft);
    let mut sent = say(&mut phone.hand, from, &draft.text().replace("/UDP ", "/TCP "));
    sent.retain(|(_, text)| !text.starts_with("SIP/2.0 200 "));
    sent
}

#[test]
fn a_bye_that_can_not_be_sent_waits_for_the_phone_to_connect_anew() {
    let mut phone = cut();
    let bye = in_vain(&mut phone, Command::End { leg: LEG });
    phone.hand.pass(seconds(20));
    assert_eq!(phone.hand.events, [], "the phone may still come");
    let sent = comes_back(&mut phone, line(2), CONTACT);
    assert_eq!(sent.len(), 1, "{sent:?}");
    let (to, again) = &sent[0];
    assert_eq!((to.connection, again), (line(2).connection, &bye), "it is the same request");
    say(&mut phone.hand, line(2), &reply(again, "200 OK", ""));
    phone.hand.pass(seconds(32));
    assert_eq!(phone.hand.events.last(), Some(&Event::Ended { leg: LEG, why: DialogEnd::Ours }));
    assert_eq!((phone.hand.endpoint.legs(), phone.hand.endpoint.transactions()), (0, 0));
}

#[test]
fn who_does_not_come_back_is_waited_for_no_longer_than_for_an_answer() {
    let mut phone = cut();
    in_vain(&mut phone, Command::End { leg: LEG });
    assert!(phone.hand.pass(Duration::from_millis(31_999)).is_empty());
    assert_eq!(phone.hand.events, []);
    phone.hand.pass(Duration::from_millis(1));
    assert_eq!(phone.hand.events, [Event::Ended { leg: LEG, why: DialogEnd::Ours }]);
    assert_eq!((phone.hand.endpoint.legs(), phone.hand.endpoint.transactions()), (0, 0));
    assert_eq!(comes_back(&mut phone, line(2), CONTACT), [], "nothing is left of it");
}

/// The connection is up for us and not for the phone.
#[test]
fn a_request_that_was_sent_into_a_dead_connection_is_sent_again_by_the_next_one() {
    let mut phone = over_connections();
    talk(&mut phone, CONTACT);
    let bye = tell(&mut phone.hand, Input::Command(Command::End { leg: LEG })).remove(0);
    assert_eq!(bye.0.connection, line(1).connection);
    let sent = comes_back(&mut phone, line(2), CONTACT);
    assert_eq!((sent.len(), sent[0].0.connection, &sent[0].1), (1, line(2).connection, &bye.1));
    assert_eq!(comes_back(&mut phone, line(2), CONTACT), [], "it refreshes over the same connection");
}

#[test]
fn by_datagrams_it_goes_where_the_phone_is_seen_now() {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.6>"]);
    let (_, invite) = ring(&mut phone.hand).remove(0);
    phone.hand.say(&picks_up(&invite));
    let bye = phone.hand.command(Command::End { leg: LEG }).remove(0);
    phone.hand.from = address("192.0.2.2:6666");
    let draft = phone.draft(&["Contact: <sip:amina@10.0.0.6>"]);
    let draft = phone.authorized(draft);
    let sent = phone.hand.say(&draft.text());
    assert!(sent.contains(&bye), "{sent:?}");
    assert_eq!(phone.hand.pass(Duration::from_millis(500)), [bye], "and again after T1");
    assert_eq!(phone.hand.last_to, Some(address("192.0.2.2:6666")));
}

#[test]
fn an_offer_waits_too_and_without_the_phone_the_call_goes_on_as_it_was() {
    for returns in [true, false] {
        let mut phone = cut();
        let offer = in_vain(&mut phone, Command::Reoffer { leg: LEG, sdp: "v=0\r\n".into() });
        if returns {
            let (to, again) = comes_back(&mut phone, line(2), CONTACT).remove(0);
            assert_eq!((to.connection, &again), (line(2).connection, &offer));
            let sent = say(&mut phone.hand, line(2), &picks_up(&again));
            assert_eq!((start(&sent[0].1), sent[0].0.connection), ("ACK", line(2).connection));
        } else {
            phone.hand.pass(seconds(32));
        }
        let sdp = returns.then(|| "v=0\r\n".to_owned());
        assert_eq!(phone.hand.events.last(), Some(&Event::ReofferAnswered { leg: LEG, sdp }));
        assert_eq!(phone.hand.endpoint.legs(), 1);
    }
}

#[test]
fn a_phone_that_was_asked_whether_it_lives_is_not_waited_for() {
    let mut phone = cut();
    let asked = tell(&mut phone.hand, Input::Command(Command::Ask { leg: LEG })).remove(0).1;
    tell(&mut phone.hand, Input::Undelivered { bytes: asked.into() });
    assert_eq!(phone.hand.events, [Event::Ended { leg: LEG, why: DialogEnd::Dead }]);
}

#[test]
fn what_is_called_off_while_the_phone_is_away_does_not_ring_on_when_it_is_back() {
    let mut phone = over_connections();
    register_over(&mut phone, line(1), &[CONTACT]);
    let (_, invite) = ring(&mut phone.hand).remove(0);
    say(&mut phone.hand, line(1), &reply(&invite, "180 Ringing", ""));
    drop_line(&mut phone, 1);
    let cancel = in_vain(&mut phone, Command::End { leg: LEG });
    assert_eq!(start(&cancel), "CANCEL");
    let sent = comes_back(&mut phone, line(2), CONTACT);
    assert_eq!((sent.len(), sent[0].0.connection, &sent[0].1), (1, line(2).connection, &cancel));
    say(&mut phone.hand, line(2), &reply(&invite, "487 Request Terminated", ""));
    assert_eq!(phone.hand.events.last(), Some(&Event::Failed { leg: LEG, status: 487, later: None }));
}

#[test]
fn another_phone_of_the_agent_hears_nothing_of_it() {
    let mut phone = over_connections();
    talk(&mut phone, &format!("Contact: <sip:a@10.0.0.6>;{NAME}"));
    drop_line(&mut phone, 1);
    in_vain(&mut phone, Command::End { leg: LEG });
    let other = NAME.replace("0E128", "0E129");
    assert_eq!(comes_back(&mut phone, line(2), &format!("Contact: <sip:a@10.0.0.8>;{other}")), []);
    let sent = comes_back(&mut phone, line(3), &format!("Contact: <sip:a@10.0.0.9>;{NAME}"));
    assert_eq!((sent.len(), sent[0].0.connection), (1, line(3).connection));
    assert_eq!(header(&sent[0].1, "CSeq"), Some("2 BYE"), "to {}", amina());
}
