//! A supervisor in a talk, from the side of the call that holds it.

use super::*;
use crate::call::{Mode, WatchOrder};

const ZOE: LegId = LegId(512);

fn watch(story: &mut Story, agent: &str, mode: Mode) {
    story.tell(Input::Watch(WatchOrder::Begin { leg: ZOE, agent: agent.into(), by: "zoe".into(), mode }));
}

fn change(story: &mut Story, mode: Mode) {
    story.tell(Input::Watch(WatchOrder::Change { leg: ZOE, mode }));
}

/// The tone of the notice has been heard.
fn noticed(story: &mut Story) {
    let play = crate::base::PlayId(u64::MAX - 1);
    story.tell(Input::Media(media::Event::Finished { leg: AGENT, play }));
}

/// Who hears whom, as it was ordered in this turn.
fn hears(story: &Story) -> Vec<String> {
    story.said.iter().filter_map(|line| line.strip_prefix("hear ").map(str::to_owned)).collect()
}

#[test]
fn the_agent_is_given_notice_before_the_supervisor_hears_anything() {
    let mut story = Story::talking();
    watch(&mut story, "amina", Mode::Listen);
    assert_eq!(story.said, ["beep leg-257 Attention"]);
    noticed(&mut story);
    assert!(story.says("watched leg-512 Begun") && story.says("supervised by zoe listen"), "{:?}", story.said);
    assert_eq!(hears(&story), ["512: 256 257", "257: 256", "256: 257"]);
}

#[test]
fn without_notice_to_anybody_the_supervisor_hears_at_once() {
    let notice = Notices { agent: Notice::None, caller: Notice::None };
    let mut story = Story::of(Some(OFFER), Settings { notice, ..settings() });
    story.opened(CALLER);
    let mut story = story.in_queue();
    story.offer("amina", AGENT);
    story.answers(AGENT);
    watch(&mut story, "amina", Mode::Listen);
    assert!(story.says("watched leg-512 Begun") && !story.says("beep"), "{:?}", story.said);
}

#[test]
fn the_keys_change_who_hears_the_supervisor() {
    let mut story = Story::talking();
    watch(&mut story, "amina", Mode::Listen);
    change(&mut story, Mode::Whisper);
    assert_eq!(story.said, Vec::<String>::new(), "not before the notice");
    noticed(&mut story);
    assert_eq!(hears(&story), ["512: 256 257", "257: 256 512", "256: 257"]);
    change(&mut story, Mode::Barge);
    assert_eq!(hears(&story), ["512: 256 257", "257: 256 512", "256: 257 512"]);
    assert!(story.says("supervised by zoe barge"));
    change(&mut story, Mode::Barge);
    assert_eq!(story.said, Vec::<String>::new());
    story.tell(Input::Watch(WatchOrder::End { leg: ZOE }));
    assert!(story.says("supervision ended zoe") && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
}

#[test]
fn the_supervision_ends_with_the_talk() {
    let mut story = Story::talking();
    watch(&mut story, "amina", Mode::Listen);
    noticed(&mut story);
    story.ends(AGENT, DialogEnd::Bye);
    assert!(story.says("watched leg-512 Over") && story.says("supervision ended zoe"), "{:?}", story.said);
    assert_eq!(hears(&story), ["512:"]);
}

#[test]
fn there_is_nothing_to_hear_without_a_talk_of_that_agent_or_beside_another_supervisor() {
    let mut story = Story::ringing();
    watch(&mut story, "amina", Mode::Listen);
    assert_eq!(story.said, ["watched leg-512 Over"]);
    let mut story = Story::talking();
    watch(&mut story, "bruno", Mode::Listen);
    assert_eq!(story.said, ["watched leg-512 Over"]);
    watch(&mut story, "amina", Mode::Listen);
    let (leg, by) = (LegId(768), AgentName::from("yves"));
    story.tell(Input::Watch(WatchOrder::Begin { leg, agent: "amina".into(), by, mode: Mode::Barge }));
    assert_eq!(story.said, ["watched leg-768 Over"]);
}

#[test]
fn who_is_on_hold_goes_on_hearing_music() {
    let mut story = Story::talking();
    let hold = format!("{OFFER}a=inactive\r\n");
    story.sip(sip::Event::Reoffered { leg: AGENT, sdp: Some(hold) });
    watch(&mut story, "amina", Mode::Barge);
    noticed(&mut story);
    assert_eq!(hears(&story), ["512: 256 257"]);
    assert!(story.says("music attente"), "it begins again after a notice: {:?}", story.said);
    story.sip(sip::Event::Reoffered { leg: AGENT, sdp: Some(OFFER.to_owned()) });
    assert_eq!(hears(&story), ["512: 256 257", "257: 256 512", "256: 257 512"]);
}
