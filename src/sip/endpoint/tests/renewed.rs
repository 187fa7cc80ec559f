//! Other trunks in the settings while the service runs.

use super::hand::{Hand, header, start, starts};
use super::trunk::{dial, reply, trunk, with_trunks};
use super::trunks::{ELSEWHERE, second, told};
use super::*;
use crate::base::PhoneNumber;
use crate::sip::digest::{ClientSecret, Credentials, verify};
use crate::sip::{
    Caps, Command, Event, Identity, Input, Later, Method, PulseState, Registered, RegistrationNews, Target, Trunk,
    TrunkNews,
};

const LASTS: &str = "Expires: 600\r\n";

fn own() -> Trunk {
    Trunk { register: Some(seconds(600)), keep_alive: Some(seconds(60)), ..trunk() }
}

/// A hand with these trunks, of which the first has granted a registration and answers.
fn registered(mut trunks: Vec<Trunk>) -> Hand {
    trunks.insert(0, own());
    let mut hand = with_trunks(trunks);
    for text in hand.pass(millis(1)) {
        hand.say(&reply(&text, "200 OK", if start(&text) == "REGISTER" { LASTS } else { "" }));
    }
    assert_eq!(told(&mut hand).len(), 2);
    hand
}

fn renew(hand: &mut Hand, trunks: Vec<Trunk>) -> Vec<String> {
    hand.tell(Input::Trunks { trunks, caps: Caps::default() })
}

fn invite(leg: u64, number: &str) -> Command {
    let to = Target::Trunk(PhoneNumber::parse(number).unwrap());
    Command::Invite { leg: LegId(leg), to, from: Identity::default(), sdp: "offer".into() }
}

fn answer(hand: &mut Hand, invite: &str) {
    let contact = format!("Contact: <sip:operator@{THERE}>\r\nContent-Type: application/sdp\r\nContent-Length: 6\r\n");
    hand.say(&(reply(invite, "200 OK", &contact) + "answer"));
    hand.events.clear();
}

#[test]
fn a_trunk_that_stays_keeps_its_registration_its_pulse_its_calls_and_its_counts() {
    let mut hand = registered(Vec::new());
    let first = dial(&mut hand, "0612345678").remove(0);
    answer(&mut hand, &first);
    hand.pass(seconds(10));
    let before = hand.endpoint.trunks(hand.now);
    assert_eq!(renew(&mut hand, vec![own()]), [""; 0]);
    assert_eq!(hand.endpoint.trunks(hand.now), before);
    let state = &before[0];
    assert_eq!((state.pulse, state.registered), (Some(PulseState::Up), Some(Registered::For(590))));
    assert_eq!((state.calls, state.last_hour), (1, 1));
    assert_eq!((told(&mut hand), starts(&hand.command(Command::End { leg: OUT }))), (vec![], vec!["BYE"]));
    assert_eq!(hand.endpoint.trunks(hand.now)[0].calls, 1, "until the BYE is answered");
}

#[test]
fn a_trunk_that_is_added_is_called_through_and_registered_with() {
    let mut hand = registered(Vec::new());
    let more = Trunk { register: Some(seconds(300)), ..second() };
    let sent = renew(&mut hand, vec![own(), more]);
    assert_eq!((starts(&sent), hand.last_to), (vec!["REGISTER"], Some(address(ELSEWHERE))));
    assert!(starts(&hand.command(invite(2, "0243124567"))).contains(&"INVITE"));
    assert_eq!(hand.last_to, Some(address(ELSEWHERE)));
    assert_eq!(hand.endpoint.trunks(hand.now).len(), 2);
}

#[test]
fn a_trunk_that_is_taken_away_is_left_and_its_calls_go_on() {
    let mut hand = registered(vec![second()]);
    let first = dial(&mut hand, "0612345678").remove(0);
    answer(&mut hand, &first);
    let goodbye = renew(&mut hand, vec![second()]).remove(0);
    assert_eq!((start(&goodbye), header(&goodbye, "Expires")), ("REGISTER", Some("0")));
    assert_eq!(hand.last_to, Some(address(THERE)));
    let challenge = "WWW-Authenticate: Digest realm=\"operator\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"\r\n";
    let again = hand.say(&reply(&goodbye, "401 Unauthorized", challenge)).remove(0);
    let credentials = Credentials::parse(header(&again, "Authorization").unwrap()).unwrap();
    assert_eq!(verify(&credentials, &Method::Register, &Secrets::of_password("mairie", "operator", "clef")), Ok(()));
    hand.say(&reply(&again, "200 OK", ""));
    assert_eq!(hand.pass(seconds(3600)).iter().filter(|text| start(text) == "REGISTER").count(), 0);
    assert_eq!(starts(&hand.command(Command::End { leg: OUT })), ["BYE"], "the call was up");
    hand.command(invite(2, "0612345678"));
    assert_eq!(hand.last_to, Some(address(ELSEWHERE)));
    hand.endpoint.handle(hand.now, Input::Leave);
    assert!(hand.endpoint.has_left());
}

#[test]
fn what_a_trunk_may_call_how_often_and_as_whom_counts_at_once() {
    let mut hand = registered(Vec::new());
    let first = dial(&mut hand, "0612345678").remove(0);
    answer(&mut hand, &first);
    let presented = PhoneNumber::parse("+33143129999").unwrap();
    let other = Trunk { prefixes: vec!["+339".into()], presented, asserts: true, ..own() };
    assert_eq!(renew(&mut hand, vec![other]), [""; 0]);
    hand.command(invite(2, "0612345678"));
    assert_eq!(hand.events.pop(), Some(Event::Failed { leg: LegId(2), status: 403, later: None }));
    let sent = hand.command(invite(3, "0912345678")).remove(0);
    assert_eq!(header(&sent, "P-Asserted-Identity"), Some("<sip:+33143129999@operator.example>"));
    hand.events.clear();

    let capped = Trunk { caps: Caps { at_once: Some(1), per_hour: None }, ..own() };
    renew(&mut hand, vec![capped]);
    hand.command(invite(4, "0612345678"));
    let full = Event::Failed { leg: LegId(4), status: 503, later: Some(Later::Capped(30)) };
    assert!(hand.events.contains(&full), "those that are up count: {:?}", hand.events);
    let hourly = Caps { at_once: None, per_hour: Some(2) };
    hand.tell(Input::Trunks { trunks: vec![own()], caps: hourly });
    hand.command(invite(5, "0612345678"));
    let waits = |event: &Event| matches!(event, Event::Failed { leg: LegId(5), later: Some(Later::Capped(_)), .. });
    assert!(hand.events.iter().any(waits), "{:?}", hand.events);
}

#[test]
fn the_numbers_and_networks_of_a_trunk_count_at_once() {
    let mut hand = registered(Vec::new());
    let (numbers, from) = (vec!["+3314312".into()], vec!["198.51.100.0/24".parse().unwrap()]);
    renew(&mut hand, vec![Trunk { numbers, from, ..own() }]);
    hand.from = address("198.51.100.7:5060");
    for (number, status) in [("0143124567", "100"), ("0243124567", "404")] {
        let mut draft = hand.draft("INVITE");
        draft.uri = format!("sip:{number}@{HERE}");
        assert_eq!(starts(&hand.say(&draft.text())), [status]);
    }
}

#[test]
fn another_password_is_tried_at_once_and_another_account_is_registered_once_the_old_one_is_left() {
    let mut hand = registered(Vec::new());
    let secret = |word: &str| ClientSecret::Password(word.into());
    let register = renew(&mut hand, vec![Trunk { secret: secret("neuve"), ..own() }]).remove(0);
    let challenge = "WWW-Authenticate: Digest realm=\"operator\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"\r\n";
    let again = hand.say(&reply(&register, "401 Unauthorized", challenge)).remove(0);
    let credentials = Credentials::parse(header(&again, "Authorization").unwrap()).unwrap();
    assert_eq!(verify(&credentials, &Method::Register, &Secrets::of_password("mairie", "operator", "neuve")), Ok(()));
    hand.say(&reply(&again, "403 Forbidden", ""));
    let failed = RegistrationNews::Failed { status: 403, again: 300, lost: false };
    assert_eq!(told(&mut hand), [TrunkNews::Registration(failed)], "the earlier one has not expired");

    let mut sent = renew(&mut hand, vec![Trunk { username: "prefecture".into(), ..own() }]);
    let goodbye = sent.remove(0);
    assert_eq!((sent.len(), header(&goodbye, "Expires")), (0, Some("0")));
    assert!(header(&goodbye, "To").unwrap().starts_with("<sip:mairie@"), "{goodbye}");
    hand.say(&reply(&goodbye, "200 OK", ""));
    let new = hand.pass(seconds(3)).into_iter().find(|text| start(text) == "REGISTER").unwrap();
    assert!(header(&new, "To").unwrap().starts_with("<sip:prefecture@"), "{new}");
    hand.say(&reply(&new, "200 OK", LASTS));
    assert_eq!(hand.endpoint.trunks(hand.now)[0].registered, Some(Registered::For(600)));
}

#[test]
fn an_answer_to_the_account_before_is_none_for_the_one_after() {
    let mut hand = with_trunks(vec![own()]);
    let register = hand.pass(millis(1)).into_iter().find(|text| start(text) == "REGISTER").unwrap();
    renew(&mut hand, vec![Trunk { username: "prefecture".into(), ..own() }]);
    hand.pass(seconds(3));
    hand.say(&reply(&register, "200 OK", LASTS));
    assert_eq!(hand.endpoint.trunks(hand.now)[0].registered, Some(Registered::No { refusal: None }));
}

#[test]
fn registering_and_asking_begin_and_end_with_the_settings() {
    let mut hand = registered(Vec::new());
    let goodbye = renew(&mut hand, vec![trunk()]).remove(0);
    assert_eq!(header(&goodbye, "Expires"), Some("0"));
    hand.say(&reply(&goodbye, "200 OK", ""));
    let state = hand.endpoint.trunks(hand.now).remove(0);
    assert_eq!((state.registered, state.pulse, hand.pass(seconds(600))), (None, None, vec![]));
    let mut sent = renew(&mut hand, vec![own()]);
    sent.sort();
    assert_eq!(starts(&sent), ["OPTIONS", "REGISTER"]);
}

#[test]
fn a_trunk_at_another_address_is_called_and_registered_with_there() {
    let mut hand = registered(Vec::new());
    let moved = Trunk { hops: vec![Hop::udp(address(ELSEWHERE))], ..own() };
    let sent = renew(&mut hand, vec![moved]);
    let mut kinds = starts(&sent);
    kinds.sort_unstable();
    assert_eq!((kinds, hand.last_to), (vec!["OPTIONS", "REGISTER"], Some(address(ELSEWHERE))));
    hand.command(invite(2, "0612345678"));
    assert_eq!(hand.last_to, Some(address(ELSEWHERE)));
}

#[test]
fn trunks_that_come_and_go_leave_nothing_behind() {
    let mut hand = with_trunks(Vec::new());
    for nth in 0..100 {
        let name = format!("t{nth}");
        renew(&mut hand, vec![Trunk { name: name.as_str().into(), ..own() }]);
    }
    renew(&mut hand, Vec::new());
    assert!(hand.endpoint.trunks.left_behind() <= limits::TRUNKS);
    hand.pass(seconds(60));
    assert_eq!(hand.endpoint.trunks.left_behind(), 0);
}
