//! Who tries passwords and numbers.

use super::hand::{Hand, start, starts};
use super::register::Phone;
use super::*;
use crate::sip::{Ban, Command, Event, Fault, Scope};

const CONTACT: [&str; 1] = ["Contact: <sip:x@10.0.0.5>"];

/// One wrong password with a challenge of its own; whether it was answered.
fn guesses(phone: &mut Phone) -> bool {
    phone.password = "guess".into();
    phone.hand.pass(seconds(33));
    let first = phone.draft(&CONTACT).text();
    if phone.hand.say(&first).is_empty() {
        return false;
    }
    phone.register(&CONTACT).starts_with("SIP/2.0 401")
}

/// The bans that were told.
fn told(hand: &Hand) -> Vec<Ban> {
    let ban = |event: &Event| if let Event::Banned(ban) = event { Some(*ban) } else { None };
    hand.events.iter().filter_map(ban).collect()
}

#[test]
fn who_guesses_passwords_is_not_heard_for_an_hour_and_neither_are_the_right_ones() {
    let mut phone = Phone::new("amina");
    for nth in 1..=10 {
        assert!(guesses(&mut phone), "the {nth}th is answered");
    }
    let [ban] = told(&phone.hand)[..] else { panic!("{:?}", phone.hand.events) };
    assert_eq!((ban.scope, ban.fault, ban.faults), (Scope::Everything, Fault::Password, 10));
    assert_eq!(phone.hand.events.iter().filter(|event| matches!(event, Event::Blamed { .. })).count(), 10);
    let options = phone.hand.draft("OPTIONS").text();
    assert!(phone.hand.say(&options).is_empty(), "nothing is read");
    phone.hand.pass(seconds(3600));
    phone.password = "amina-secret".into();
    assert_eq!(start(&phone.register(&CONTACT)), "200");
}

#[test]
fn a_ban_can_be_lifted() {
    let mut phone = Phone::new("amina");
    while guesses(&mut phone) {}
    let source = phone.hand.from.ip();
    assert_eq!(phone.hand.endpoint.bans(phone.hand.now).len(), 1);
    assert!(phone.hand.endpoint.lift(phone.hand.now, source));
    phone.password = "amina-secret".into();
    assert_eq!(start(&phone.register(&CONTACT)), "200");
}

#[test]
fn nobody_is_locked_out_by_another_who_forges_the_address() {
    let mut phone = Phone::new("amina");
    // Credentials with a nonce that the forger has made up, or was sent to its own address.
    let elsewhere = phone.hand.from;
    phone.hand.from = address("10.9.9.9:5060");
    phone.register(&[]);
    phone.hand.from = elsewhere;
    phone.hand.events.clear();
    for _ in 0..30 {
        phone.password = "guess".into();
        phone.hand.pass(seconds(33));
        let forged = phone.draft(&CONTACT);
        let forged = phone.authorized(forged).text();
        phone.hand.say(&forged);
    }
    let [ban] = told(&phone.hand)[..] else { panic!("{:?}", phone.hand.events) };
    assert_eq!(ban.scope, Scope::Unproven);
    phone.password = "amina-secret".into();
    assert_eq!(start(&phone.register(&CONTACT)), "200", "who has the challenge and the password gets in");
}

#[test]
fn who_tries_numbers_is_answered_more_and_more_slowly_then_not_at_all() {
    let mut hand = Hand::new();
    let mut answered = 0;
    for _ in 0..600 {
        hand.pass(seconds(1));
        let invite = hand.draft("INVITE").text();
        let before = hand.events.len();
        if hand.say(&invite).is_empty() {
            continue;
        }
        answered += 1;
        let Some(Event::Incoming(incoming)) = hand.events.get(before) else { panic!("{:?}", hand.events) };
        let command = Command::NoSuchNumber { leg: incoming.leg };
        assert_eq!(starts(&hand.command(command)), ["404"]);
    }
    assert_eq!(answered, 10);
    assert_eq!(told(&hand)[0].scope, Scope::Unproven);
    let options = hand.draft("OPTIONS").text();
    assert_eq!(starts(&hand.say(&options)), ["200"]);
}

#[test]
fn where_a_phone_is_registered_wrong_numbers_and_passwords_ban_nobody() {
    let mut phone = Phone::new("amina");
    assert_eq!(start(&phone.register(&CONTACT)), "200");
    for _ in 0..30 {
        phone.password = "guess".into();
        assert_eq!(start(&phone.register(&CONTACT)), "401");
    }
    assert_eq!(phone.hand.endpoint.bans(phone.hand.now), []);
    assert!(!phone.hand.events.iter().any(|event| matches!(event, Event::Blamed { .. })));
}

#[test]
fn who_has_had_a_call_answered_may_send_wrong_numbers() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE").text();
    hand.say(&invite);
    let Some(Event::Incoming(first)) = hand.events.pop() else { panic!("{:?}", hand.events) };
    hand.command(Command::Answer { leg: first.leg, sdp: "v=0\r\n".into() });
    for _ in 0..30 {
        let invite = hand.draft("INVITE").text();
        assert_eq!(starts(&hand.say(&invite)), ["100"]);
        let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!("{:?}", hand.events) };
        assert_eq!(starts(&hand.command(Command::NoSuchNumber { leg: incoming.leg })), ["404"]);
    }
    assert_eq!(told(&hand), []);
}
