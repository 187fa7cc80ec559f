//! What a call asks the book of callbacks.

use super::*;
use crate::base::TicketId;
use crate::callback::{Asker, Output as Told, Refused, When};
use crate::flow::{Busy, Offer, OfferAction, StepKind};

const US: Asker = Asker::Call(CallId(1));

/// A caller in a busy queue whose callback is on key 7.
fn in_busy_queue() -> Story {
    let mut program = program();
    let flow = Arc::make_mut(&mut program);
    for step in &mut flow.steps {
        if let StepKind::Queue(queue) = &mut step.kind {
            let offers =
                vec![Offer { key: Digit::from_char('7').unwrap(), action: OfferAction::Callback, purpose: None }];
            queue.busy = Some(Busy { when_wait: None, when_waiting: Some(1), when_abandoned: None, offers });
        }
    }
    let mut story = Story::of(Some(OFFER), settings());
    let incoming = story.call.incoming.clone();
    story.call = Call::new(story.now, incoming, program, Arc::new(settings()));
    story.said.clear();
    story.drain();
    assert!(story.says("book Look"), "{:?}", story.said);
    story.opened(CALLER);
    story.in_queue()
}

/// … who has confirmed the number and wants to be called as soon as possible.
fn asked() -> Story {
    let mut story = in_busy_queue();
    story.after(2);
    for key in ['7', '1', '1'] {
        story.key(key);
    }
    assert!(story.says("book Ask"), "{:?}", story.said);
    story
}

fn promise() -> Input {
    Input::Book(Told::Promise { asker: US, ticket: TicketId(9), when: When::Soon })
}

#[test]
fn a_promise_gives_the_place_to_the_ticket_and_is_spoken_then() {
    let mut story = asked();
    assert!(!story.says("play"), "{:?}", story.said);
    story.tell(promise());
    let at = |line: &str| story.said.iter().position(|l| l.starts_with(line)).unwrap_or_else(|| panic!("{line}"));
    assert!(at("queue Leave") < at("play C'est noté"));
    story.finish_playing();
    assert_eq!(story.ending(), (super::super::By::Flow, "callback"));
    let record = story.record.unwrap();
    assert!(record.steps.iter().any(|step| step.what == "promised callback"));
}

#[test]
fn what_is_refused_is_told_and_the_caller_waits_on() {
    let mut story = asked();
    story.tell(Input::Book(Told::Refused { asker: US, why: Refused::NotKept }));
    assert!(story.says("play Votre demande n'a pas pu être notée."), "{:?}", story.said);
    assert!(!story.says("queue"));
    story.offer("amina", AGENT);
    assert!(story.says("invite leg-257"), "{:?}", story.said);
}

#[test]
fn an_agent_who_answers_first_has_the_caller_and_the_ticket_ends() {
    let mut story = asked();
    story.offer("amina", AGENT);
    story.answers(AGENT);
    assert!(story.says("book Forget"), "{:?}", story.said);
    story.tell(promise());
    assert!(!story.says("queue") && !story.says("play"), "{:?}", story.said);
}

#[test]
fn who_has_a_ticket_and_waits_again_says_so_to_the_book_before_the_board() {
    let mut story = Story::answered();
    story.tell(Input::Book(Told::Known { asker: US, ticket: TicketId(9), when: When::Soon }));
    story.key('0');
    let at = |line: &str| story.said.iter().position(|l| l.starts_with(line)).unwrap_or_else(|| panic!("{line}"));
    assert!(at("book PhonesIn") < at("queue Join"), "{:?}", story.said);
    assert!(!story.says("book PhonedIn"), "there is no place yet: {:?}", story.said);
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    assert!(story.says("book PhonedIn"), "{:?}", story.said);
}

#[test]
fn who_has_a_ticket_and_gets_no_place_keeps_the_ticket() {
    for why in [queue::Refused::Paused, queue::Refused::Full] {
        let mut story = Story::answered();
        story.tell(Input::Book(Told::Known { asker: US, ticket: TicketId(9), when: When::Soon }));
        story.key('0');
        assert!(story.says("queue Join") && !story.says("book PhonedIn"), "{:?}", story.said);
        story.queue(queue::Output::Refused { who: CallId(1).into(), why });
        assert!(!story.says("book"), "{:?}", story.said);
    }
}

#[test]
fn who_has_a_ticket_says_so_when_an_agent_answers_and_when_the_call_is_over() {
    let mut story = Story::answered();
    story.tell(Input::Book(Told::Known { asker: US, ticket: TicketId(9), when: When::Soon }));
    story.key('0');
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    story.offer("amina", AGENT);
    story.answers(AGENT);
    assert!(story.says("book GotThrough"), "what was promised for later is over: {:?}", story.said);
    story.tell(Input::Sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye }));
    assert!(story.says("book HungUp"), "{:?}", story.said);
}

#[test]
fn who_has_no_ticket_says_nothing_of_it() {
    let mut story = Story::answered();
    story.key('0');
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    story.offer("amina", AGENT);
    story.answers(AGENT);
    assert!(!story.says("book GotThrough"));
    story.tell(Input::Sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye }));
    assert!(!story.says("book HungUp"), "{:?}", story.said);
}

#[test]
fn who_has_the_ticket_s_place_has_no_ticket_any_more() {
    let mut story = Story::answered();
    story.tell(Input::Book(Told::Known { asker: US, ticket: TicketId(9), when: When::Soon }));
    story.key('0');
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    story.tell(Input::Book(Told::TakesPlace { call: CallId(1) }));
    story.offer("amina", AGENT);
    story.answers(AGENT);
    assert!(!story.says("book GotThrough"), "{:?}", story.said);
}
