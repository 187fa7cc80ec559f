//! Phones that keep their ways open (RFC 5626), that stand behind proxies (RFC 3327), that are
//! asked whether they are there, and that come back by another connection in a call.

use super::hand::{Hand, header, start, starts};
use super::register::Phone;
use super::transports::{Sent, connected, line, reply, say, tell};
use super::*;
use crate::base::Private;
use crate::sip::{Command, Event, Identity, Input, Reachable, Target};

pub(super) const NAME: &str = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";
pub(super) const LEG: LegId = LegId(257);

pub(super) fn amina() -> AgentName {
    AgentName::from("amina")
}

/// A phone of amina that speaks over connections.
pub(super) fn over_connections() -> Phone {
    Phone { hand: connected().0, ..Phone::new("amina") }
}

/// Registers over a connection; the answer to it.
pub(super) fn register_over(phone: &mut Phone, from: Hop, more: &[&str]) -> String {
    for _ in 0..2 {
        let draft = phone.draft(more);
        let draft = if phone.challenge.is_empty() { draft } else { phone.authorized(draft) };
        let sent = say(&mut phone.hand, from, &draft.text().replace("/UDP ", "/TCP "));
        let answer = sent[0].1.clone();
        if start(&answer) != "401" {
            return answer;
        }
        phone.take_challenge(&answer);
    }
    panic!("the password is wrong");
}

pub(super) fn ring(hand: &mut Hand) -> Sent {
    let from = Identity { user: Some(Private::new("0612345678".into())), display: None };
    tell(hand, Input::Command(Command::Invite { leg: LEG, to: Target::Agent(amina()), from, sdp: "v=0".into() }))
}

/// A phone's answer to a request, with SDP.
pub(super) fn picks_up(request: &str) -> String {
    let body = "v=0\r\n";
    let more = "Contact: <sip:amina@10.0.0.6:41000;transport=tcp>\r\nContent-Type: application/sdp\r\n";
    reply(request, "200 OK", more).replace("Content-Length: 0\r\n\r\n", &format!("Content-Length: 5\r\n\r\n{body}"))
}

#[test]
fn a_phone_registers_by_ways_that_it_keeps_open() {
    let mut phone = over_connections();
    let contact = |flow: u32| format!("Contact: <sip:amina@10.0.0.6:41000;transport=tcp>;reg-id={flow};{NAME}");
    let ok = register_over(&mut phone, line(1), &["Supported: path, outbound", &contact(1)]);
    assert_eq!((start(&ok), header(&ok, "Require"), header(&ok, "Flow-Timer")), ("200", Some("outbound"), Some("120")));
    assert!(header(&ok, "Contact").unwrap().contains(NAME) && ok.contains(";reg-id=1"), "{ok}");
    // The second way is the same phone; the same way again takes the place of the first.
    register_over(&mut phone, line(2), &["Supported: path, outbound", &contact(2)]);
    let ok = register_over(&mut phone, line(3), &["Supported: path, outbound", &contact(1)]);
    assert_eq!(ok.matches("\r\nContact: ").count(), 2, "{ok}");
    let invites = ring(&mut phone.hand);
    assert_eq!(invites.len(), 1, "a phone is rung once");
    assert_eq!(invites[0].0.connection, line(3).connection, "by its last way");
}

/// linphone is one, where its user insists.
#[test]
fn a_phone_that_refuses_sound_which_may_be_in_the_clear_is_called_encrypted() {
    let offer =
        |profile: &str| format!("v=0\r\nm=audio 4000 {profile} 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n");
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.5:5062>"]);
    let hand = &mut phone.hand;
    let (to, from) = (Target::Agent(amina()), Identity::default());
    let invite = hand.command(Command::Invite { leg: LEG, to, from, sdp: offer("RTP/AVP") }).remove(0);
    let sent = hand.say(&reply(&invite, "488 Not Acceptable Here", ""));
    assert_eq!(starts(&sent), ["ACK", "INVITE"]);
    let again = &sent[1];
    assert!(again.ends_with(&offer("RTP/SAVP")) && again.matches("\r\nContent-Type: ").count() == 1, "{again}");
    assert_eq!(header(again, "CSeq"), Some("2 INVITE"));
    hand.say(&picks_up(again));
    let sent = hand.command(Command::Reoffer { leg: LEG, sdp: offer("RTP/AVP") });
    assert!(sent[0].ends_with(&offer("RTP/SAVP")), "{}", sent[0]);

    hand.events.clear();
    let (leg, to, from) = (LegId(513), Target::Agent(amina()), Identity::default());
    let mut invite = hand.command(Command::Invite { leg, to, from, sdp: offer("RTP/AVP") }).remove(0);
    for answers in [&["ACK", "INVITE"][..], &["ACK"]] {
        let sent = hand.say(&reply(&invite, "488 Not Acceptable Here", ""));
        assert_eq!(starts(&sent), answers, "there is no other kind of keys");
        invite = sent.into_iter().next_back().unwrap();
    }
    assert_eq!(hand.events, [Event::Failed { leg, status: 488, later: None }]);
}

#[test]
fn what_is_no_way_of_its_own_is_told_or_passed_over() {
    let mut phone = Phone::new("amina");
    let flow = format!("Contact: <sip:amina@10.0.0.6>;reg-id=1;{NAME}");
    let ok = phone.register(&[&flow]);
    assert_eq!((start(&ok), header(&ok, "Require")), ("200", None), "without `Supported: outbound` it means nothing");
    let ok = phone.register(&["Supported: outbound", "Contact: <sip:amina@10.0.0.6>;reg-id=1"]);
    assert_eq!((start(&ok), header(&ok, "Require")), ("200", None), "nor without a name");
    let two = format!("{flow}, <sip:other@10.0.0.7>");
    assert_eq!(start(&phone.register(&["Supported: outbound", &two])), "400", "one way at a time");
    let via = "Via: SIP/2.0/UDP 10.0.0.6:5060;branch=z9hG4bK-phone";
    assert_eq!(start(&phone.register(&["Supported: outbound", via, &flow])), "439", "the proxy must know of it");
    let path = "Path: <sip:192.0.2.2:5070;lr;ob>";
    let ok = phone.register(&["Supported: outbound, path", via, path, &flow]);
    assert_eq!((start(&ok), header(&ok, "Require"), header(&ok, "Flow-Timer")), ("200", Some("outbound"), None));
}

#[test]
fn a_phone_behind_a_proxy_is_rung_through_it() {
    let mut phone = Phone::new("amina");
    let path = "Path: <sip:edge@192.0.2.2:5070;lr>, <sip:inner.example;lr>";
    let ok = phone.register(&["Supported: path", path, "Contact: <sip:amina@10.0.0.6:5062>"]);
    assert_eq!(header(&ok, "Path"), Some("<sip:edge@192.0.2.2:5070;lr>, <sip:inner.example;lr>"));
    let invites = ring(&mut phone.hand);
    let (to, invite) = &invites[0];
    assert_eq!(to.address, address("192.0.2.2:5070"), "to the proxy that is nearest");
    assert!(invite.starts_with("INVITE sip:amina@10.0.0.6:5062 SIP/2.0\r\n"), "{invite}");
    let routes: Vec<&str> = invite.lines().filter_map(|line| line.strip_prefix("Route: ")).collect();
    assert_eq!(routes.join(", "), "<sip:edge@192.0.2.2:5070;lr>, <sip:inner.example;lr>");
}

#[test]
fn who_calls_through_the_proxy_of_an_agent_proves_to_be_the_agent() {
    let mut phone = Phone::new("amina");
    phone.register(&["Path: <sip:192.0.2.2:5070;lr>", "Contact: <sip:amina@10.0.0.6:5062>"]);
    let call = |phone: &mut Phone, user: &str| {
        let mut call = phone.hand.draft("INVITE");
        call.from = format!("<sip:{user}@svi>;tag=theirs");
        call
    };
    let first = call(&mut phone, "amina").text();
    let replies = phone.hand.say(&first);
    assert_eq!(starts(&replies), ["401"]);
    phone.take_challenge(&replies[0]);
    let again = call(&mut phone, "amina");
    let again = phone.authorized(again).text();
    assert_eq!(starts(&phone.hand.say(&again)), ["100"]);
    let Some(Event::Incoming(incoming)) = phone.hand.events.pop() else { panic!("no call") };
    assert_eq!(incoming.agent, Some(amina()));
    let citizen = call(&mut phone, "0612345678").text();
    assert_eq!(starts(&phone.hand.say(&citizen)), ["100"], "others are asked nothing");
}

#[test]
fn nobody_aims_calls_at_another_machine_by_a_path() {
    let mut phone = Phone::new("amina");
    phone.register(&["Path: <sip:198.51.100.9;lr>", "Contact: <sip:amina@198.51.100.9>"]);
    assert_eq!(ring(&mut phone.hand)[0].0.address, address(THERE));
}

#[test]
fn a_way_that_the_proxy_has_lost_is_forgotten_and_the_other_one_rings() {
    let mut phone = Phone::new("amina");
    for flow in [1, 2] {
        let contact = format!("Contact: <sip:amina@10.0.0.6:506{flow}>;reg-id={flow};{NAME}");
        let via = "Via: SIP/2.0/UDP 10.0.0.6:5060;branch=z9hG4bK-phone";
        let path = format!("Path: <sip:192.0.2.2:507{flow};lr;ob>");
        assert_eq!(start(&phone.register(&["Supported: path, outbound", via, &path, &contact])), "200");
    }
    let hand = &mut phone.hand;
    let (to, invite) = ring(hand).remove(0);
    assert_eq!(to.address, address("192.0.2.2:5072"));
    hand.events.clear();
    let sent = say(hand, Hop::udp(to.address), &reply(&invite, "430 Flow Failed", ""));
    assert_eq!(sent.iter().map(|(_, text)| start(text)).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    let (to, again) = &sent[1];
    assert_eq!(to.address, address("192.0.2.2:5071"));
    assert!(again.starts_with("INVITE sip:amina@10.0.0.6:5061 "), "{again}");
    assert!(again.contains("Route: <sip:192.0.2.2:5071;lr;ob>"), "{again}");
    let sent = say(hand, Hop::udp(to.address), &reply(again, "430 Flow Failed", ""));
    assert_eq!(start(&sent[0].1), "ACK");
    assert_eq!(
        hand.events,
        [Event::Registered { agent: amina(), up: false }, Event::Failed { leg: LEG, status: 430, later: None }]
    );
}

#[test]
fn a_phone_is_asked_whether_it_is_there_and_counts_as_gone_when_it_answers_no_more() {
    let mut phone = Phone::new("amina");
    phone.register(&["User-Agent: Desk 1.0", "Contact: <sip:amina@10.0.0.5:5062>", "Expires: 3600"]);
    let hand = &mut phone.hand;
    let reachable = |hand: &Hand| hand.endpoint.phones(hand.now)[0].reachable;
    assert_eq!(reachable(hand), Reachable::Unknown);
    hand.events.clear();
    let asked = hand.pass(limits::PHONE_PING).remove(0);
    assert!(asked.starts_with("OPTIONS sip:amina@10.0.0.5:5062 SIP/2.0\r\n"), "{asked}");
    assert_eq!(hand.last_to, Some(address(THERE)), "through the translator");
    hand.say(&reply(&asked, "404 Not Found", ""));
    let shown = hand.endpoint.phones(hand.now).remove(0);
    assert_eq!(
        (&shown.agent, shown.reachable, shown.software.as_deref()),
        (&amina(), Reachable::Yes, Some("Desk 1.0"))
    );
    assert!(shown.round_trip.is_some() && shown.expires_in < seconds(3_600), "{shown:?}");
    assert_eq!(hand.events, [], "any answer is one");
    hand.pass(seconds(120));
    assert_eq!(
        (reachable(hand), &hand.events[..]),
        (Reachable::No, &[Event::Registered { agent: amina(), up: false }][..])
    );
    phone.register(&["Contact: <sip:amina@10.0.0.5:5062>"]);
    assert_eq!(reachable(&phone.hand), Reachable::Yes);
    assert_eq!(phone.hand.events.last(), Some(&Event::Registered { agent: amina(), up: true }));
}

#[test]
fn a_question_that_a_phone_does_not_answer_is_sent_five_times_and_forgotten() {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.5:5062>", "Expires: 3600"]);
    // The first one comes within that time, the next one after it.
    let sent = phone.hand.pass(limits::PHONE_PING + limits::PHONE_ANSWER);
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert!(sent[0].starts_with("OPTIONS ") && sent.iter().all(|text| *text == sent[0]), "{sent:?}");
    assert_eq!(phone.hand.endpoint.transactions(), 0);
}

#[test]
fn a_phone_that_knows_no_options_is_rung_all_the_same() {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.5:5062>", "Expires: 3600"]);
    phone.hand.pass(seconds(300));
    assert_eq!(phone.hand.events, [Event::Registered { agent: amina(), up: true }]);
    assert_eq!(ring(&mut phone.hand).len(), 1);
}

/// The agent's phone, over one connection, picks up; what the phone answered.
pub(super) fn talk(phone: &mut Phone, contact: &str) -> String {
    register_over(phone, line(1), &[contact]);
    let (_, invite) = ring(&mut phone.hand).remove(0);
    let ok = picks_up(&invite);
    let sent = say(&mut phone.hand, line(1), &ok);
    assert_eq!(start(&sent[0].1), "ACK");
    ok
}

#[test]
fn a_phone_that_comes_back_in_a_call_by_another_connection_is_reached_there() {
    for contact in ["Contact: <sip:amina@10.0.0.6:41000;transport=tcp>", &format!("Contact: <sip:a@10.0.0.6>;{NAME}")] {
        let mut phone = over_connections();
        talk(&mut phone, contact);
        tell(&mut phone.hand, Input::Disconnected { connection: line(1).connection.unwrap() });
        let moved = contact.replace("10.0.0.6", "10.0.0.7");
        register_over(&mut phone, line(2), &[&moved]);
        let sent = tell(&mut phone.hand, Input::Command(Command::End { leg: LEG }));
        assert_eq!((start(&sent[0].1), sent[0].0.connection), ("BYE", line(2).connection), "{contact}");
    }
}

#[test]
fn a_phone_of_two_agents_is_gone_for_both_with_its_connection() {
    let mut phone = over_connections();
    for name in ["amina", "bruno", "amina"] {
        (phone.name, phone.password) = (name, format!("{name}-secret"));
        phone.challenge.clear();
        let contact = format!("Contact: <sip:{name}@10.0.0.6:41000;transport=tcp>");
        assert_eq!(start(&register_over(&mut phone, line(1), &[&contact])), "200");
    }
    phone.hand.events.clear();
    tell(&mut phone.hand, Input::Disconnected { connection: line(1).connection.unwrap() });
    let gone = ["amina", "bruno"].map(|name| Event::Registered { agent: name.into(), up: false });
    assert_eq!(phone.hand.events, gone);
}

#[test]
fn a_call_goes_on_over_the_connection_by_which_its_phone_speaks() {
    let mut phone = over_connections();
    let ok = talk(&mut phone, "Contact: <sip:amina@10.0.0.6:41000;transport=tcp>");
    tell(&mut phone.hand, Input::Disconnected { connection: line(1).connection.unwrap() });
    let (ours, theirs) = (header(&ok, "From").unwrap(), header(&ok, "To").unwrap());
    let mut options = phone.hand.draft("OPTIONS");
    (options.from, options.to) = (theirs.into(), ours.into());
    options.call_id = header(&ok, "Call-ID").unwrap().into();
    assert_eq!(start(&say(&mut phone.hand, line(5), &options.text().replace("/UDP ", "/TCP "))[0].1), "200");
    let sent = tell(&mut phone.hand, Input::Command(Command::End { leg: LEG }));
    assert_eq!((start(&sent[0].1), sent[0].0.connection), ("BYE", line(5).connection));
}

#[test]
fn a_request_that_comes_by_two_ways_is_merged_and_its_copy_is_answered_again() {
    let mut hand = Hand::new();
    let options = hand.draft("OPTIONS");
    let other = options.text().replace("branch=z9hG4bK-", "branch=z9hG4bK-other-");
    assert_eq!(starts(&hand.say(&options.text())), ["200"]);
    assert_eq!(starts(&hand.say(&other)), ["482"]);
    assert_eq!(starts(&hand.say(&options.text())), ["200"], "its answer was lost");
    hand.pass(seconds(32));
    hand.endpoint.handle(hand.now, Input::Tick);
    assert_eq!(starts(&hand.say(&other)), ["200"]);

    let mut phone = Phone::new("amina");
    phone.register(&[]);
    let draft = phone.draft(&["Contact: <sip:amina@10.0.0.5:5062>"]);
    let draft = phone.authorized(draft).text();
    assert_eq!(starts(&phone.hand.say(&draft)), ["200"]);
    let other = draft.replace("branch=z9hG4bK-", "branch=z9hG4bK-other-");
    assert_eq!(starts(&phone.hand.say(&other)), ["482"]);
    assert_eq!(starts(&phone.hand.say(&draft)), ["200"]);
}

#[test]
fn a_call_that_is_led_on_has_one_hop_less() {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.5:5062>", "Expires: 3600"]);
    let mut call = phone.hand.draft("INVITE");
    call.more = call.more.replace("Max-Forwards: 70", "Max-Forwards: 9");
    phone.hand.say(&call.text());
    let invite = |leg| {
        let to = Target::Agent(amina());
        Command::Invite { leg, to, from: Identity::default(), sdp: "v=0".into() }
    };
    let sent = phone.hand.command(invite(LegId(FIRST.0 + 1)));
    assert_eq!(header(&sent[0], "Max-Forwards"), Some("8"));
    let sent = phone.hand.command(invite(LegId(1 << 20)));
    assert_eq!(header(&sent[0], "Max-Forwards"), Some("70"), "a call of our own");
}

#[test]
fn renewed_accounts_count_at_once_and_who_has_none_any_more_is_gone() {
    let account = |password: &str| Account { name: amina(), secrets: Secrets::of_password("amina", "svi", password) };
    let contact = ["Contact: <sip:amina@10.0.0.5:5062>"];
    let mut phone = Phone::new("amina");
    phone.register(&contact);
    tell(&mut phone.hand, Input::Accounts(vec![account("another")]));
    assert_eq!(start(&phone.register(&contact)), "401");
    phone.password = "another".into();
    assert_eq!(start(&phone.register(&contact)), "200");
    phone.hand.events.clear();
    tell(&mut phone.hand, Input::Accounts(Vec::new()));
    assert_eq!(phone.hand.events, [Event::Registered { agent: amina(), up: false }]);
    assert_eq!(start(&phone.register(&contact)), "401");
}
