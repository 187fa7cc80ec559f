//! One caller's story, input by input, without a network.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Call, CallState, Codes, Confirm, Conversation, Happened, Input, Notice, Notices, Output, Reach, Record, Settings,
    Whisper,
};
use crate::base::{AgentName, CallId, Digit, Instant, Language, LegId, Now, PhoneNumber, Private, WallTime};
use crate::diag::Source;
use crate::flow::{self, Audio, Program};
use crate::media::{self, LegStats};
use crate::queue::{self, Missed};
use crate::sip::{self, DialogEnd, Incoming};
use crate::speech::Fragment;

mod agents;
mod callback;
mod consult;
mod desk;
mod early;
mod random;
mod recall;
mod supervisor;
mod transfer;

struct OneSecond;

impl Audio for OneSecond {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(Duration::from_secs(1))
    }
}

fn program() -> Arc<Program> {
    let files = [
        ("service.yaml", include_str!("../../flows/france-services/service.yaml")),
        ("queues.yaml", include_str!("../../flows/france-services/queues.yaml")),
        ("accueil.yaml", include_str!("../../flows/france-services/accueil.yaml")),
    ];
    let sources: Vec<Arc<Source>> = files.iter().map(|(path, text)| Source::new(*path, *text)).collect();
    let loaded = flow::load("france-services", &sources, &OneSecond);
    let service = loaded.service.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    Arc::clone(&service.flows[0])
}

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
                     m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
const CALLER: LegId = LegId(256);
const AGENT: LegId = LegId(257);

/// Agents are told nothing before they hear the caller, but for claire, who is reached
/// outside and has to press 1.
fn settings() -> Settings {
    let number = PhoneNumber::parse("+33611111111").unwrap();
    let claire = Reach::Number { number, confirm: Confirm::Key };
    Settings {
        reach: vec![
            ("claire".into(), claire),
            ("amina".into(), Reach::Registered),
            ("bruno".into(), Reach::Registered),
        ],
        media_silence: Duration::from_secs(30),
        longest: Duration::from_secs(7200),
        presented: None,
        transfers: super::Transfers { numbers: vec!["+331".into()], ..Default::default() },
        whisper: Whisper::None,
        codes: Codes::default(),
        supervisors: vec!["zoe".into()],
        notice: Notices { agent: Notice::Tone, caller: Notice::None },
        recall_rings: Duration::from_secs(30),
        language: Language::Fr,
    }
}

fn incoming(offer: Option<&str>) -> Incoming {
    Incoming {
        leg: CALLER,
        to: "100".to_owned(),
        from: Some(Private::new(PhoneNumber::parse("0612345678").unwrap())),
        from_user: Some(Private::new("0612345678".to_owned())),
        replaces: None,
        diverted: None,
        agent: None,
        call_id: "abc".to_owned(),
        source: "192.0.2.7:5060".parse().unwrap(),
        offer: offer.map(str::to_owned),
    }
}

/// A call on a clock of its own; what it says is kept in short lines.
struct Story {
    call: Call,
    now: Now,
    said: Vec<String>,
    record: Option<Record>,
}

impl Story {
    fn offering(offer: Option<&str>) -> Self {
        Self::of(offer, settings())
    }

    fn of(offer: Option<&str>, settings: Settings) -> Self {
        Self::in_flow(program(), offer, settings)
    }

    fn in_flow(program: Arc<Program>, offer: Option<&str>, settings: Settings) -> Self {
        // Tuesday 24 November 2026, 10:00 in Paris.
        let now = Now { mono: Instant::START, wall: WallTime::from_millis(1_795_510_800_000) };
        let call = Call::new(now, incoming(offer), program, Arc::new(settings));
        let mut story = Self { call, now, said: Vec::new(), record: None };
        story.drain();
        story
    }

    /// A caller who has been answered.
    fn answered() -> Self {
        let mut story = Self::offering(Some(OFFER));
        story.opened(CALLER);
        story
    }

    /// A caller who has asked for an agent and waits.
    fn waiting() -> Self {
        Self::answered().in_queue()
    }

    fn in_queue(mut self) -> Self {
        self.key('0');
        self.finish_playing();
        self.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
        self.tell(Input::Place(crate::engine::Place::ranked(1)));
        self
    }

    /// A phone beside the caller's rings from now on.
    fn offer(&mut self, agent: &str, leg: LegId) {
        let agent = AgentName::from(agent);
        self.queue(queue::Output::Offer { who: CallId(1).into(), agent, ring: Duration::from_secs(20) });
        self.opened(leg);
    }

    fn answers(&mut self, leg: LegId) {
        self.sip(sip::Event::Answered { leg, sdp: OFFER.to_owned() });
    }

    fn ends(&mut self, leg: LegId, why: DialogEnd) {
        self.sip(sip::Event::Ended { leg, why });
    }

    /// A caller whose agent's phone rings.
    fn ringing() -> Self {
        let mut story = Self::waiting();
        story.offer("amina", AGENT);
        story
    }

    fn talking() -> Self {
        let mut story = Self::ringing();
        story.sip(sip::Event::Answered { leg: AGENT, sdp: OFFER.to_owned() });
        story
    }

    fn tell(&mut self, input: Input) {
        self.said.clear();
        self.call.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll() {
            match output {
                Output::Ended(record) => {
                    self.said.push("record".to_owned());
                    self.record = Some(*record);
                }
                output => self.said.push(line(&output)),
            }
        }
    }

    fn opened(&mut self, leg: LegId) {
        self.tell(Input::MediaOpened { leg, local: Some(desk::port()) });
    }

    fn sip(&mut self, event: sip::Event) {
        self.tell(Input::Sip(event));
    }

    fn queue(&mut self, news: queue::Output) {
        self.tell(Input::Queue(news));
    }

    fn key(&mut self, key: char) {
        let digit = Digit::from_char(key).unwrap();
        self.tell(Input::Media(media::Event::Digit { leg: CALLER, digit }));
    }

    /// What was ordered to be played has been heard, one sound after the other.
    fn finish_playing(&mut self) {
        for play in 0..20 {
            let event = media::Event::Finished { leg: CALLER, play: crate::base::PlayId(play) };
            self.call.handle(self.now, Input::Media(event));
        }
        self.drain();
    }

    fn after(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.tell(Input::Tick);
    }

    fn says(&self, start: &str) -> bool {
        self.said.iter().any(|line| line.starts_with(start))
    }

    /// The media figures come in: the record must follow.
    fn ending(&mut self) -> (super::By, &'static str) {
        let stats = LegStats { sent: 7, ..LegStats::default() };
        self.tell(Input::Media(media::Event::Closed { leg: CALLER, stats }));
        let record = self.record.as_ref().expect("the record comes with the figures");
        (record.ending.by, record.ending.why)
    }
}

fn line(output: &Output) -> String {
    match output {
        Output::Sip(sip::Command::Answer { leg, .. }) => format!("answer {leg}"),
        Output::Sip(sip::Command::Progress { leg, .. }) => format!("progress {leg}"),
        Output::Sip(sip::Command::Reject { leg, status, .. }) => format!("reject {leg} {status}"),
        Output::Sip(sip::Command::Invite { leg, to, .. }) => format!("invite {leg} {to:?}"),
        Output::Sip(sip::Command::End { leg } | sip::Command::EndFor { leg, .. }) => format!("end {leg}"),
        Output::Sip(sip::Command::Ask { leg }) => format!("ask {leg}"),
        Output::Sip(sip::Command::GiveUp { leg }) => format!("give up {leg}"),
        Output::Sip(command) => format!("sip {command:?}"),
        Output::Media(media::Command::Connect { leg, .. }) => format!("connect {leg}"),
        Output::Media(media::Command::Bridge { leg, with }) => format!("bridge {leg} {with}"),
        Output::Media(media::Command::Unbridge { leg }) => format!("unbridge {leg}"),
        Output::Media(media::Command::Stop { leg }) => format!("stop {leg}"),
        Output::Media(media::Command::Close { leg }) => format!("close {leg}"),
        Output::Media(media::Command::Hear { leg, sources }) => {
            sources.iter().fold(format!("hear {}:", leg.0), |line, source| format!("{line} {}", source.0))
        }
        Output::Media(command) => format!("media {command:?}"),
        Output::OpenMedia { leg } => format!("open {leg}"),
        Output::LookUp(order) => format!("look up {}", order.step),
        Output::Play { leg, sound: crate::engine::Sound::Phrase(phrase), .. } if *leg != CALLER => {
            format!("tell {leg} {phrase}")
        }
        Output::Play { sound: crate::engine::Sound::Phrase(phrase), .. } => format!("play {phrase}"),
        Output::Play { sound: crate::engine::Sound::Music { name, .. }, .. } => format!("music {name}"),
        Output::Play { sound, .. } => format!("play {sound:?}"),
        Output::Message { order, .. } => format!("message {}", format!("{order:?}").split([' ', '(']).next().unwrap()),
        Output::Queue(queue::Input::Missed { why, .. }) => format!("queue missed {}", why.word()),
        Output::Queue(input) => format!("queue {}", format!("{input:?}").split([' ', '(']).next().unwrap()),
        Output::Event(event) => match &event.what {
            Happened::Heard { words } => format!("heard {words}"),
            what => what.story().unwrap_or_default(),
        },
        Output::Book(input) => format!("book {}", format!("{input:?}").split([' ', '(']).next().unwrap()),
        Output::Beep { leg, beep, .. } => format!("beep {leg} {beep:?}"),
        Output::Watch(order) => format!("watch {order:?}"),
        Output::Watched { leg, news } => format!("watched {leg} {news:?}"),
        Output::Over => "over".to_owned(),
        Output::Ended(_) => "record".to_owned(),
    }
}

#[test]
fn a_caller_is_answered_and_welcomed_in_one_go() {
    let story = Story::answered();
    let at = |line: &str| story.said.iter().position(|l| l.starts_with(line)).unwrap_or_else(|| panic!("{line}"));
    assert!(at("answer leg-256") < at("connect leg-256"));
    assert!(at("connect leg-256") < at("play Bonjour"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Flow);
}

#[test]
fn without_a_common_codec_the_call_is_refused() {
    let mut story = Story::offering(Some(&OFFER.replace("RTP/AVP 8 101", "RTP/AVP 18")));
    story.opened(CALLER);
    assert!(story.says("reject leg-256 488"), "{:?}", story.said);
    assert_eq!(story.ending(), (super::By::Us, "no-codec"));
}

#[test]
fn without_a_port_the_call_is_asked_to_come_back() {
    let mut story = Story::offering(Some(OFFER));
    story.tell(Input::MediaOpened { leg: CALLER, local: None });
    assert!(story.says("reject leg-256 503"));
}

#[test]
fn a_late_offer_starts_the_flow_with_the_ack() {
    let mut story = Story::offering(None);
    story.opened(CALLER);
    assert!(story.says("answer leg-256") && !story.says("play"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Offering);
    story.sip(sip::Event::Acked { leg: CALLER, sdp: Some(OFFER.to_owned()) });
    assert!(story.says("connect leg-256") && story.says("play Bonjour"), "{:?}", story.said);
}

#[test]
fn an_agent_who_answers_is_bridged_and_the_announcement_stops() {
    let mut story = Story::ringing();
    assert!(story.says("invite leg-257 Agent"), "{:?}", story.said);
    story.sip(sip::Event::Answered { leg: AGENT, sdp: OFFER.to_owned() });
    let at = |line: &str| story.said.iter().position(|l| l.starts_with(line)).unwrap_or_else(|| panic!("{line}"));
    assert!(at("stop leg-256") < at("bridge leg-256 leg-257"), "{:?}", story.said);
    assert!(story.says("queue Answered") && story.says("connected amina"));
    story.sip(sip::Event::Ended { leg: AGENT, why: DialogEnd::Bye });
    assert!(story.says("queue TalkEnded") && story.says("play Êtes-vous satisfait"), "{:?}", story.said);
    // The flow asks for a mark; who hangs up instead has been served all the same.
    story.sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye });
    assert_eq!(story.ending(), (super::By::Caller, "hangup"));
    let record = story.record.unwrap();
    assert_eq!(record.agent, Some(AgentName::from("amina")));
    assert!(record.asked_in_hours && record.wait_ms.is_some() && record.talk_ms.is_some());
    assert_eq!(record.media.unwrap().sent, 7);
}

#[test]
fn a_phone_that_rings_in_vain_is_given_up_and_the_place_is_kept() {
    let mut story = Story::ringing();
    story.after(20);
    assert!(story.says("end leg-257") && story.says("close leg-257"), "{:?}", story.said);
    assert!(story.says("queue missed no-answer") && !story.says("queue Leave"), "{:?}", story.said);
    assert_eq!(story.call.state(), CallState::Flow);
    // Its 200 crossed our CANCEL: what was answered is ended, nobody is bridged.
    story.sip(sip::Event::Answered { leg: AGENT, sdp: OFFER.to_owned() });
    assert_eq!(story.said, ["end leg-257"]);
}

#[test]
fn a_refusing_and_an_unreachable_agent_are_told_apart() {
    for (status, why) in [(486, Missed::Rejected), (603, Missed::Rejected), (480, Missed::Unreachable)] {
        let mut story = Story::ringing();
        story.sip(sip::Event::Failed { leg: AGENT, status, later: None });
        assert!(story.says(&format!("queue missed {}", why.word())), "{status}: {:?}", story.said);
    }
}

#[test]
fn an_agent_who_vanishes_gives_the_caller_the_old_place_back() {
    let mut story = Story::talking();
    story.sip(sip::Event::Ended { leg: AGENT, why: DialogEnd::Dead });
    assert!(story.says("queue Rejoin") && !story.says("end leg-256"), "{:?}", story.said);
    story.queue(queue::Output::Joined { who: CallId(1).into(), rank: 1 });
    story.tell(Input::Place(crate::engine::Place::ranked(1)));
    assert!(story.says("play") || story.says("music"), "the caller hears something: {:?}", story.said);
}

#[test]
fn the_caller_who_hangs_up_frees_agent_and_place() {
    let mut story = Story::talking();
    story.sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye });
    assert!(story.says("queue TalkEnded") && story.says("end leg-257") && story.says("close leg-256"));
    assert_eq!(story.ending(), (super::By::Caller, "hangup"));
    let mut story = Story::waiting();
    story.sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye });
    assert!(story.says("queue Leave"), "{:?}", story.said);
}

#[test]
fn a_caller_on_the_agent_s_hold_hears_music() {
    let mut story = Story::talking();
    let hold = format!("{OFFER}a=inactive\r\n");
    story.sip(sip::Event::Reoffered { leg: AGENT, sdp: Some(hold) });
    assert!(story.says("unbridge") && story.says("music attente") && story.says("held by agent"), "{:?}", story.said);
    story.sip(sip::Event::Reoffered { leg: AGENT, sdp: Some(OFFER.to_owned()) });
    assert!(story.says("bridge leg-256 leg-257") && story.says("resumed by agent"), "{:?}", story.said);
}

#[test]
fn keys_by_info_count_once_and_not_beside_keys_in_rtp() {
    let mut story = Story::answered();
    story.sip(sip::Event::Digit { leg: CALLER, digit: Digit::ZERO });
    assert!(story.says("asked agent"), "{:?}", story.said);
    let mut story = Story::answered();
    story.key('1');
    story.sip(sip::Event::Digit { leg: CALLER, digit: Digit::ZERO });
    assert!(!story.says("asked agent"), "{:?}", story.said);
}

#[test]
fn too_long_a_call_and_a_stopping_service_end_with_their_reason() {
    let mut story = Story::talking();
    story.after(7200);
    assert_eq!(story.ending(), (super::By::Us, "too-long"));
    let mut story = Story::answered();
    story.tell(Input::Shutdown);
    assert_eq!(story.ending(), (super::By::Us, "shutdown"));
}

#[test]
fn the_record_comes_even_when_the_media_worker_is_gone() {
    let mut story = Story::answered();
    story.tell(Input::Shutdown);
    story.after(1);
    assert!(story.says("record"));
    assert!(story.record.unwrap().media.is_none());
    assert_eq!(story.call.deadline(), None);
}

#[test]
fn no_number_and_no_key_is_in_the_story() {
    let mut story = Story::answered();
    story.key('1');
    story.tell(Input::Shutdown);
    story.ending();
    let record = serde_json::to_string(&story.record.unwrap()).unwrap();
    assert!(!record.contains("612345678"), "{record}");
    assert!(record.contains("\"key\"") && !record.contains("key 1"), "{record}");
}
