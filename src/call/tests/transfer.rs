//! An agent's phone sends the caller on.

use super::super::By;
use super::*;
use crate::sip::{Referral, Replaces, Taking};

const BRUNO: LegId = LegId(258);

fn referral(to: &str) -> Box<Referral> {
    let to = Private::new(to.to_owned());
    Box::new(Referral { to, replaces: None, known: None, referred_by: Some(Private::new("<sip:amina@svi>".into())) })
}

/// A caller whom amina talks with, and sends on.
fn sent_to(to: &str) -> Story {
    let mut story = Story::talking();
    story.sip(sip::Event::Referred { leg: AGENT, referral: referral(to) });
    story
}

fn told(story: &Story, status: u16) -> bool {
    story.says(&format!("sip ReferProgress {{ leg: LegId(257), status: {status} }}"))
}

fn busy(story: &mut Story) {
    story.queue(queue::Output::Busy { who: CallId(1).into(), agent: "bruno".into() });
}

#[test]
fn another_agent_is_rung_and_has_the_caller_once_she_answers() {
    let mut story = sent_to("bruno");
    assert!(story.says("sip AcceptRefer") && story.says("queue Hand") && story.says("music"), "{:?}", story.said);
    assert!(!story.says("end leg-257"), "amina is there until it is done");
    story.offer("bruno", BRUNO);
    assert!(story.says("sip InviteInPlace"), "{:?}", story.said);
    story.sip(sip::Event::Ringing { leg: BRUNO, to_tag: None });
    assert!(told(&story, 180), "{:?}", story.said);
    story.answers(BRUNO);
    assert!(told(&story, 200) && story.says("end leg-257") && story.says("queue Handed"), "{:?}", story.said);
    assert!(story.says("bridge leg-256 leg-258") && story.says("handed on by amina"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Talking);
    story.ends(BRUNO, DialogEnd::Bye);
    assert!(story.says("queue TalkEnded") && story.says("play Êtes-vous satisfait"), "{:?}", story.said);
    story.ends(CALLER, DialogEnd::Bye);
    assert_eq!(story.ending(), (By::Caller, "hangup"));
    assert_eq!(story.record.unwrap().agent, Some("bruno".into()));
}

#[test]
fn a_caller_who_can_not_be_sent_on_is_back_with_the_agent() {
    let mut story = sent_to("bruno");
    busy(&mut story);
    assert!(told(&story, 486) && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
    // And again, by another who does not answer.
    story.sip(sip::Event::Referred { leg: AGENT, referral: referral("bruno") });
    story.offer("bruno", BRUNO);
    story.after(20);
    assert!(told(&story, 408) && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
    assert!(story.says("queue missed no-answer") && !story.says("end leg-257"), "{:?}", story.said);
    story.ends(CALLER, DialogEnd::Bye);
    assert!(story.says("end leg-257"));
    assert_eq!(story.ending(), (By::Caller, "hangup"));
}

#[test]
fn when_the_agent_has_hung_up_the_caller_waits_at_the_old_place() {
    let mut story = sent_to("bruno");
    story.offer("bruno", BRUNO);
    story.ends(AGENT, DialogEnd::Bye);
    assert!(story.says("queue Rejoin") && !story.says("end leg-258") && !story.says("end leg-256"), "{:?}", story.said);
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    story.sip(sip::Event::Failed { leg: BRUNO, status: 486, later: None });
    assert!(story.says("queue missed rejected") && !story.says("end leg-256"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Flow);
    story.offer("claire", LegId(259));
    assert!(story.says("invite leg-259 Trunk"), "the next agent is rung: {:?}", story.said);
    let mut story = sent_to("bruno");
    story.offer("bruno", BRUNO);
    story.ends(AGENT, DialogEnd::Bye);
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    story.answers(BRUNO);
    assert!(story.says("bridge leg-256 leg-258") && story.says("connected bruno"), "{:?}", story.said);
}

#[test]
fn a_queue_takes_the_caller_or_the_agent_keeps_the_caller() {
    let mut story = sent_to("agents");
    assert!(story.says("sip AcceptRefer") && story.says("queue Send"), "{:?}", story.said);
    story.queue(queue::Output::Refused { who: CallId(1).into(), why: queue::Refused::Full });
    assert!(told(&story, 480) && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
    let mut story = sent_to("france-services/agents");
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 2 });
    assert!(told(&story, 200) && story.says("end leg-257") && story.says("joined france-services/agents at 2"));
    assert_eq!(story.call.state(), CallState::Flow);
    story.offer("bruno", BRUNO);
    story.answers(BRUNO);
    assert!(story.says("connected bruno"), "{:?}", story.said);
    // The agent hangs up at once, and the queue is closed: the old one has the caller.
    let mut story = sent_to("agents");
    story.ends(AGENT, DialogEnd::Bye);
    story.queue(queue::Output::Refused { who: CallId(1).into(), why: queue::Refused::Closed });
    assert!(story.says("queue Join") && !story.says("end leg-256"), "{:?}", story.said);
}

#[test]
fn an_allowed_number_is_called_and_the_flow_goes_on_after_it() {
    let mut story = sent_to("0143000001");
    story.opened(BRUNO);
    assert!(story.says("invite leg-258 Trunk"), "{:?}", story.said);
    story.answers(BRUNO);
    assert!(told(&story, 200) && story.says("queue TalkEnded") && story.says("end leg-257"), "{:?}", story.said);
    assert!(story.says("bridge leg-256 leg-258") && story.says("transferred"), "{:?}", story.said);
    story.ends(BRUNO, DialogEnd::Bye);
    assert!(story.says("play Êtes-vous satisfait"), "{:?}", story.said);
    // Who does not answer gives the caller back, or to the queue's front.
    let mut story = sent_to("0143000001");
    story.opened(BRUNO);
    story.sip(sip::Event::Failed { leg: BRUNO, status: 403, later: None });
    assert!(told(&story, 403) && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
    let mut story = sent_to("0143000001");
    story.opened(BRUNO);
    story.ends(AGENT, DialogEnd::Bye);
    assert!(story.says("queue TalkEnded"), "{:?}", story.said);
    story.sip(sip::Event::Failed { leg: BRUNO, status: 486, later: None });
    assert!(story.says("queue Join") && !story.says("end leg-256"), "{:?}", story.said);
}

#[test]
fn what_is_not_allowed_is_refused_before_anything_happens() {
    for (to, status) in [("amina", 403), ("0612345678", 403), ("0899123456", 403), ("nobody", 404), ("15", 403)] {
        let story = sent_to(to);
        assert_eq!(story.said, [format!("sip RefuseRefer {{ leg: LegId(257), status: {status} }}")], "{to}");
    }
    let mut story = Story::talking();
    story.sip(sip::Event::Referred { leg: CALLER, referral: referral("bruno") });
    assert_eq!(story.said, ["sip RefuseRefer { leg: LegId(256), status: 403 }"], "callers send nobody");
    let nothing = crate::call::Transfers { to: Vec::new(), numbers: Vec::new() };
    for to in ["bruno", "agents", "0143000001"] {
        let mut story = Story::of(Some(OFFER), Settings { transfers: nothing.clone(), ..settings() });
        story.opened(CALLER);
        let mut story = story.in_queue();
        story.offer("amina", AGENT);
        story.answers(AGENT);
        story.sip(sip::Event::Referred { leg: AGENT, referral: referral(to) });
        assert_eq!(story.said, ["sip RefuseRefer { leg: LegId(257), status: 403 }"], "{to}");
    }
    let mut story = sent_to("bruno");
    story.sip(sip::Event::Referred { leg: AGENT, referral: referral("agents") });
    assert_eq!(story.said, ["sip RefuseRefer { leg: LegId(257), status: 403 }"], "one at a time");
}

#[test]
fn who_was_spoken_with_gets_the_caller_in_place_of_that_call_free_or_not() {
    let replaces = Replaces { call_id: "x".into(), to_tag: "b".into(), from_tag: "a".into() };
    for (known, taking) in [(None, Taking::Named(replaces.clone())), (Some(LegId(512)), Taking::Partner(LegId(512)))] {
        let mut story = Story::talking();
        let referral = Referral { replaces: Some(replaces.clone()), known, ..*referral("bruno") };
        story.sip(sip::Event::Referred { leg: AGENT, referral: Box::new(referral) });
        busy(&mut story);
        story.opened(BRUNO);
        assert!(story.says("sip InviteInPlace"), "{:?}", story.said);
        assert!(story.said.iter().any(|line| line.contains(&format!("{taking:?}"))), "{:?}", story.said);
        story.answers(BRUNO);
        assert!(told(&story, 200) && story.says("bridge leg-256 leg-258"), "{:?}", story.said);
    }
    let mut story = Story::talking();
    let number = Referral { replaces: Some(replaces), ..*referral("0143000001") };
    story.sip(sip::Event::Referred { leg: AGENT, referral: Box::new(number) });
    assert_eq!(story.said, ["sip RefuseRefer { leg: LegId(257), status: 403 }"]);
}

#[test]
fn a_caller_who_hangs_up_meanwhile_leaves_nothing_behind() {
    for agent_stays in [true, false] {
        let mut story = sent_to("bruno");
        story.offer("bruno", BRUNO);
        if !agent_stays {
            story.ends(AGENT, DialogEnd::Bye);
        }
        story.ends(CALLER, DialogEnd::Bye);
        assert!(story.says("end leg-258") && story.says("end leg-257") == agent_stays, "{:?}", story.said);
        assert!(story.says(if agent_stays { "queue TalkEnded" } else { "queue Leave" }), "{:?}", story.said);
        assert_eq!(story.ending(), (By::Caller, "hangup"));
    }
}

#[test]
fn a_phone_that_an_agent_has_asked_takes_her_place() {
    let replaced = |agent: Option<&str>, replaces| {
        let mut story = Story::talking();
        let incoming = Incoming {
            leg: LegId(512),
            replaces: Some(replaces),
            agent: agent.map(AgentName::from),
            ..incoming(Some(OFFER))
        };
        story.tell(Input::Replaced(Box::new(incoming)));
        story
    };
    let mut story = replaced(Some("bruno"), AGENT);
    assert!(story.says("open leg-512") && !story.says("end leg-257"), "{:?}", story.said);
    story.opened(LegId(512));
    assert!(story.says("answer leg-512") && story.says("end leg-257") && story.says("queue Handed"));
    assert!(story.says("bridge leg-256 leg-512") && story.says("connected bruno"), "{:?}", story.said);
    story.ends(LegId(512), DialogEnd::Bye);
    assert!(story.says("queue TalkEnded"), "{:?}", story.said);
    for (agent, leg) in [(None, AGENT), (Some("bruno"), CALLER), (Some("bruno"), LegId(300))] {
        let story = replaced(agent, leg);
        assert_eq!(story.said, ["reject leg-512 403"], "{agent:?} {leg}");
    }
    let mut story = replaced(Some("bruno"), AGENT);
    story.tell(Input::MediaOpened { leg: LegId(512), local: None });
    assert!(story.says("reject leg-512 503") && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
}
