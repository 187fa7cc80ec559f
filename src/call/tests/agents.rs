//! Several phones at once, the briefing, and the key that takes the call.

use super::*;
use crate::base::PlayId;
use crate::flow::{AtClosing, QueueRules};

const BRUNO: LegId = LegId(258);
const CLAIRE: LegId = LegId(259);

/// Agents are told who it is.
fn briefing() -> Story {
    let mut story = Story::of(Some(OFFER), Settings { whisper: Whisper::Wait, ..settings() });
    story.opened(CALLER);
    story
}

/// A caller who waits in a queue with other rules than usual.
fn waiting_by(change: fn(&mut QueueRules), settings: Settings) -> Story {
    let mut program = Program::clone(&program());
    for rules in &mut program.queues {
        change(Arc::make_mut(rules));
    }
    let mut story = Story::in_flow(Arc::new(program), Some(OFFER), settings);
    story.opened(CALLER);
    let mut story = story.in_queue();
    story.finish_playing();
    story
}

fn heard(story: &mut Story, leg: LegId, play: u64) {
    story.tell(Input::Media(media::Event::Finished { leg, play: PlayId(play) }));
}

fn press(story: &mut Story, leg: LegId, key: char) {
    let digit = Digit::from_char(key).unwrap();
    story.tell(Input::Media(media::Event::Digit { leg, digit }));
}

fn count(story: &Story, line: &str) -> usize {
    story.said.iter().filter(|said| *said == line).count()
}

#[test]
fn the_first_answer_stops_the_other_phones_in_the_same_turn() {
    let mut story = Story::waiting();
    story.offer("amina", AGENT);
    story.offer("bruno", BRUNO);
    story.answers(BRUNO);
    assert!(story.says("queue Answered") && story.says("connected bruno"), "{:?}", story.said);
    assert!(story.says("end leg-257") && story.says("close leg-257") && story.says("stopped amina"));
    assert!(story.says("bridge leg-256 leg-258") && !story.says("queue missed"), "{:?}", story.said);
    // The loser's 200 has crossed the CANCEL; the board's own word comes late too.
    story.answers(AGENT);
    assert_eq!(story.said, ["end leg-257"]);
    story.queue(queue::Output::Withdraw { who: CallId(1).into(), agent: "amina".into() });
    assert_eq!(story.said, Vec::<String>::new());
    story.ends(BRUNO, DialogEnd::Bye);
    assert!(story.says("queue TalkEnded") && story.says("talk ended bruno"), "{:?}", story.said);
}

#[test]
fn each_phone_is_missed_for_itself_and_the_last_one_ends_the_ringing() {
    let mut story = Story::waiting();
    story.offer("amina", AGENT);
    story.offer("bruno", BRUNO);
    story.sip(sip::Event::Failed { leg: AGENT, status: 486, later: None });
    assert!(story.says("missed amina rejected") && story.says("queue missed rejected"));
    assert_eq!(story.call.state(), CallState::Ringing);
    story.after(20);
    assert!(story.says("missed bruno no-answer") && story.says("end leg-258"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Flow);
}

#[test]
fn the_board_can_stop_one_phone_of_two() {
    let mut story = Story::waiting();
    story.offer("amina", AGENT);
    story.offer("bruno", BRUNO);
    story.queue(queue::Output::Withdraw { who: CallId(1).into(), agent: "amina".into() });
    assert!(story.says("end leg-257") && story.says("stopped amina") && !story.says("queue"), "{:?}", story.said);
    story.answers(BRUNO);
    assert!(story.says("connected bruno"));
}

#[test]
fn a_phone_whose_port_comes_late_is_not_dialled_for_nobody() {
    let mut story = Story::waiting();
    let agent = AgentName::from("amina");
    story.queue(queue::Output::Offer { who: CallId(1).into(), agent, ring: Duration::from_secs(20) });
    story.offer("bruno", BRUNO);
    story.answers(BRUNO);
    story.opened(AGENT);
    assert_eq!(story.said, ["close leg-257"]);
}

#[test]
fn an_offer_that_crosses_the_leaving_or_a_talk_rings_nobody() {
    let mut story = Story::talking();
    let offer = || queue::Output::Offer { who: CallId(1).into(), agent: "bruno".into(), ring: Duration::from_secs(20) };
    story.queue(offer());
    assert_eq!(story.said, Vec::<String>::new());
    let mut story = Story::answered();
    story.queue(offer());
    assert_eq!(story.said, Vec::<String>::new());
    // Asked, but not yet told the place: this offer is of a place left before.
    story.key('0');
    story.finish_playing();
    story.queue(offer());
    assert!(!story.says("open"), "{:?}", story.said);
}

#[test]
fn the_agent_hears_who_it_is_while_the_caller_hears_the_music() {
    let mut story = briefing();
    story.finish_playing();
    story.key('1');
    story.finish_playing();
    let mut story = story.in_queue();
    story.offer("amina", AGENT);
    story.after(15);
    story.now = story.now + Duration::from_secs(145);
    story.answers(AGENT);
    assert!(story.says("queue Answered"), "{:?}", story.said);
    let told = "tell leg-257 trois minutes d'attente. Pour une carte d'identité ou un passeport.";
    assert!(story.says(told), "{:?}", story.said);
    assert!(!story.says("bridge") && !story.says("stop leg-256"), "{:?}", story.said);
    heard(&mut story, AGENT, 3);
    assert!(story.says("stop leg-256") && story.says("connected amina") && story.says("bridge leg-256 leg-257"));
    assert!(!story.says("queue"), "the board was told once: {:?}", story.said);
}

#[test]
fn a_queue_says_for_itself_whether_its_agents_are_briefed() {
    let mut silent = waiting_by(|rules| rules.whisper = Some(false), Settings { whisper: Whisper::Wait, ..settings() });
    silent.offer("amina", AGENT);
    silent.answers(AGENT);
    assert!(silent.says("bridge leg-256 leg-257") && !silent.says("tell"), "{:?}", silent.said);
    let mut briefed = waiting_by(|rules| rules.whisper = Some(true), settings());
    briefed.offer("amina", AGENT);
    briefed.answers(AGENT);
    assert!(briefed.says("tell leg-257") && !briefed.says("bridge"), "{:?}", briefed.said);
}

#[test]
fn at_closing_time_a_caller_stays_while_a_phone_rings_and_is_told_when_it_is_still() {
    let closes = |rings: fn(&mut Story)| {
        let mut story = waiting_by(
            |rules| rules.at_closing = AtClosing::Tell,
            Settings { longest: Duration::from_secs(86_400), ..settings() },
        );
        rings(&mut story);
        // From ten in the morning to the night.
        story.after(12 * 3600);
        let left = story.says("queue Leave");
        (story, left)
    };
    assert!(closes(|_| ()).1, "nobody rings: the caller is led away");
    // No port is opened for the phone: no timer ends this ringing.
    let ring = |story: &mut Story| {
        let (who, agent) = (CallId(1).into(), AgentName::from("amina"));
        story.queue(queue::Output::Offer { who, agent, ring: Duration::from_secs(86_400) });
    };
    let (mut story, left) = closes(ring);
    assert!(!left, "an agent is about to answer");
    story.queue(queue::Output::Withdraw { who: CallId(1).into(), agent: "amina".into() });
    assert!(story.says("queue Leave"), "nobody answered: {:?}", story.said);
}

#[test]
fn a_key_ends_the_briefing_and_a_deaf_worker_does_not_keep_them_apart() {
    let mut story = briefing().in_queue();
    story.offer("amina", AGENT);
    story.answers(AGENT);
    press(&mut story, AGENT, '5');
    assert!(story.says("bridge leg-256 leg-257"));
    let mut story = briefing().in_queue();
    story.offer("amina", AGENT);
    story.answers(AGENT);
    story.after(10);
    assert!(story.says("bridge leg-256 leg-257"));
}

#[test]
fn who_hangs_up_on_the_briefing_gives_the_caller_back_to_the_place() {
    let mut story = briefing().in_queue();
    story.offer("amina", AGENT);
    story.answers(AGENT);
    story.ends(AGENT, DialogEnd::Bye);
    assert!(story.says("missed amina rejected") && story.says("queue Rejoin"), "{:?}", story.said);
    assert!(!story.says("bridge") && !story.says("stop leg-256"), "the music plays on: {:?}", story.said);
    assert_eq!(story.call.state(), CallState::Flow);
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    assert!(!story.says("joined"), "the caller has never left: {:?}", story.said);
    story.offer("bruno", BRUNO);
    assert!(story.says("invite leg-258"));
}

#[test]
fn the_caller_who_hangs_up_during_the_briefing_frees_the_agent_once() {
    let mut story = briefing().in_queue();
    story.offer("amina", AGENT);
    story.answers(AGENT);
    story.ends(CALLER, DialogEnd::Bye);
    assert_eq!(count(&story, "queue TalkEnded"), 1, "{:?}", story.said);
    assert!(!story.says("queue Leave") && !story.says("talk ended"), "{:?}", story.said);
    assert_eq!((count(&story, "end leg-257"), count(&story, "close leg-257")), (1, 1));
}

#[test]
fn an_outside_number_takes_the_call_by_a_key_only() {
    let mut story = Story::waiting();
    story.offer("claire", AGENT);
    assert!(story.says("invite leg-257 Trunk"), "{:?}", story.said);
    story.answers(AGENT);
    assert!(story.says("beep leg-257") && !story.says("queue") && !story.says("bridge"), "{:?}", story.said);
    heard(&mut story, AGENT, 1);
    assert!(story.says("tell leg-257 Appuyez sur un pour prendre l'appel."), "{:?}", story.said);
    press(&mut story, AGENT, '2');
    assert_eq!(story.said, Vec::<String>::new());
    story.after(5);
    assert!(story.says("beep leg-257"), "it is asked again: {:?}", story.said);
    press(&mut story, AGENT, '1');
    assert!(story.says("queue Answered") && story.says("bridge leg-256 leg-257"), "{:?}", story.said);
}

#[test]
fn an_answering_machine_never_takes_a_citizen() {
    let mut story = Story::waiting();
    story.offer("claire", AGENT);
    story.answers(AGENT);
    story.after(5);
    story.after(4);
    assert!(story.says("missed claire no-answer") && story.says("end leg-257"), "{:?}", story.said);
    let mut story = Story::waiting();
    story.offer("claire", AGENT);
    story.answers(AGENT);
    story.ends(AGENT, DialogEnd::Bye);
    assert!(story.says("missed claire rejected") && story.says("queue missed rejected"), "{:?}", story.said);
}

#[test]
fn while_one_is_asked_for_the_key_another_may_be_quicker() {
    let mut story = Story::waiting();
    story.offer("claire", AGENT);
    story.offer("bruno", BRUNO);
    story.offer("amina", CLAIRE);
    story.answers(AGENT);
    story.answers(BRUNO);
    assert!(story.says("stopped claire") && story.says("stopped amina") && story.says("connected bruno"));
    press(&mut story, AGENT, '1');
    assert_eq!(story.said, Vec::<String>::new());
}

/// Who comes back into a queue after a talk waits since the first arrival.
#[test]
fn who_waits_again_after_a_talk_keeps_the_arrival() {
    let mut story = Story::waiting();
    let arrived = story.now.mono;
    story.offer("amina", AGENT);
    story.answers(AGENT);
    story.now = story.now + Duration::from_secs(60);
    story.ends(AGENT, DialogEnd::Bye);
    story.call.join(story.now, "france-services/agents".into(), Vec::new(), 0);
    let joined = std::iter::from_fn(|| story.call.poll()).find_map(|output| match output {
        Output::Queue(queue::Input::Join(join)) => Some(join.since),
        _ => None,
    });
    assert_eq!(joined, Some(Some(arrived)));
}

#[test]
fn an_agent_who_is_withdrawn_rings_no_more_but_a_talk_stands() {
    let withdraw = || queue::Output::Withdraw { who: CallId(1).into(), agent: AgentName::from("amina") };
    let mut story = Story::ringing();
    story.queue(withdraw());
    assert!(story.says("end leg-257") && !story.says("queue"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Flow);
    let mut story = Story::talking();
    story.queue(withdraw());
    assert_eq!(story.said, [""; 0]);
}

#[test]
fn a_call_that_waits_is_small() {
    let mut story = Story::answered();
    assert!(size_of::<Call>() <= 1_344, "{}: there are thousands", size_of::<Call>());
    while story.call.poll().is_some() {}
    assert_eq!(story.call.outputs.capacity(), 0, "what was said takes no room");
}

#[test]
fn a_silent_phone_is_asked_whether_it_lives() {
    let mut story = Story::answered();
    story.tell(Input::Media(media::Event::Silent { leg: CALLER, lasted: Duration::from_secs(30) }));
    assert!(story.says("ask leg-256"));
    story.sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Dead });
    assert_eq!(story.ending(), (crate::call::By::Peer, "dead-peer"));
}

#[test]
fn a_caller_whose_sound_has_no_keys_is_given_up() {
    let mut story = Story::answered();
    story.tell(Input::Media(media::Event::Unkeyed { leg: CALLER }));
    assert!(story.says("give up leg-256"));
    story.sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Unkeyed });
    assert_eq!(story.ending(), (crate::call::By::Peer, "no-keys"));
}

#[test]
fn how_the_agents_leg_sounded_is_in_the_record_and_that_of_a_rung_phone_is_not() {
    let mut story = Story::waiting();
    story.offer("amina", AGENT);
    story.offer("bruno", BRUNO);
    story.answers(AGENT);
    story.ends(CALLER, DialogEnd::Bye);
    for (leg, sent) in [(BRUNO, 1), (AGENT, 55)] {
        let stats = LegStats { sent, ..LegStats::default() };
        story.tell(Input::Media(media::Event::Closed { leg, stats }));
    }
    story.ending();
    let record = serde_json::to_value(story.record.unwrap()).unwrap();
    assert_eq!((&record["media"]["sent"], &record["others"][0]["sent"]), (&7.into(), &55.into()), "{record}");
    assert_eq!((&record["others"][0]["agent"], record["others"].as_array().unwrap().len()), (&"amina".into(), 1));
}
