//! A flow that answers only when it must.

use super::super::By;
use super::*;
use crate::flow::Answering;

fn arriving(offer: Option<&str>) -> Story {
    let program = Program { answer: Answering::WhenNeeded, ..Program::clone(&program()) };
    let mut story = Story::in_flow(Arc::new(program), offer, settings());
    story.opened(CALLER);
    story
}

#[test]
fn a_caller_hears_us_before_the_answer_and_is_answered_at_the_menu() {
    let mut story = arriving(Some(OFFER));
    assert!(story.says("progress leg-256") && story.says("connect leg-256") && story.says("play Bonjour"));
    assert!(!story.says("answer"), "{:?}", story.said);
    for play in 1..20 {
        let event = media::Event::Finished { leg: CALLER, play: crate::base::PlayId(play) };
        story.call.handle(story.now, Input::Media(event));
    }
    story.said.clear();
    story.drain();
    assert_eq!(story.said.iter().filter(|line| *line == "answer leg-256").count(), 1, "{:?}", story.said);
    story.ends(CALLER, DialogEnd::Bye);
    assert_eq!(story.ending(), (By::Caller, "hangup"));
    assert!(story.record.unwrap().answered.is_some());
}

#[test]
fn who_goes_before_the_answer_has_not_been_answered() {
    let mut story = arriving(Some(OFFER));
    story.sip(sip::Event::Cancelled { leg: CALLER });
    assert_eq!(story.ending(), (By::Caller, "cancelled"));
    assert_eq!(story.record.unwrap().answered, None);
}

#[test]
fn without_an_offer_the_call_is_answered_at_once() {
    let story = arriving(None);
    assert!(story.says("answer leg-256") && !story.says("progress"), "{:?}", story.said);
}
