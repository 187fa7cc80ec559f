//! The service calls a citizen back.

mod citizen;

use super::*;
use crate::base::{PlayId, TicketId};
use crate::call::{By, Ending, Recall, RecallOrder, RecallStage, Record};
use crate::callback::{self, DialogName, First, Output as Told, Source, Ticket, TicketState, When};

const CITIZEN: LegId = LegId(257);
const OURS: LegId = LegId(256);
const NINE: TicketId = TicketId(9);

struct Errand {
    recall: Recall,
    now: Now,
    /// What the attempt has left.
    record: Option<Record>,
    /// Whether the media plane tells the figures of legs that are closed.
    has_figures: bool,
}

fn leg_number(leg: LegId) -> u64 {
    leg.0
}

fn ticket() -> Ticket {
    let at = WallTime::from_millis(1_795_510_800_000);
    Ticket {
        id: NINE,
        version: 2,
        state: TicketState::Kept,
        number: Private::new(PhoneNumber::parse("+33612345678").unwrap()),
        queue: "france-services/agents".into(),
        needs: Vec::new(),
        priority: 0,
        language: Language::Fr,
        source: Source::Queue,
        reason: Private::new(Some("un passeport".to_owned())),
        message: None,
        code: Private::new(None),
        asked: at,
        since: at,
        when: When::Soon,
        due: at,
        attempts: Vec::new(),
        redialled: 0,
        ended: None,
    }
}

impl Errand {
    fn begins() -> Self {
        Self::of(First::Agent, settings())
    }

    fn of(first: First, settings: Settings) -> Self {
        let now = Now { mono: Instant::START, wall: WallTime::from_millis(1_795_510_800_000) };
        let dialog =
            DialogName { call_id: "promised".into(), from_tag: "ours".into(), branch: "z9hG4bKp".into(), to_tag: None };
        let order = RecallOrder {
            ticket: Box::new(ticket()),
            agent: "amina".into(),
            ring: Duration::from_secs(20),
            first,
            music: "attente".into(),
            dialog,
            service: RecallOrder::presented(PhoneNumber::parse("+33143124567").ok().as_ref(), "France services"),
        };
        Self { recall: Recall::new(now, CallId(1), order, Arc::new(settings)), now, record: None, has_figures: true }
    }

    fn tell(&mut self, input: Input) -> Vec<String> {
        self.recall.handle(self.now, input);
        self.drain()
    }

    /// What it does; the media plane tells the figures of a leg that is closed.
    fn drain(&mut self) -> Vec<String> {
        let (mut said, mut closed) = (Vec::new(), Vec::new());
        loop {
            let Some(output) = self.recall.poll() else {
                let Some(leg) = closed.pop().filter(|_| self.has_figures) else { return said };
                let stats = LegStats { sent: leg_number(leg), ..LegStats::default() };
                self.recall.handle(self.now, Input::Media(media::Event::Closed { leg, stats }));
                continue;
            };
            if let Output::Media(media::Command::Close { leg }) = output {
                closed.push(leg);
            }
            said.push(match &output {
                Output::Book(callback::Input::Failed { why, .. }) => format!("book failed {}", why.word()),
                Output::Sip(sip::Command::InviteNamed { leg, to, name, .. }) => {
                    format!("invite {leg} {to:?} as {}", name.call_id)
                }
                Output::Play { leg, sound: crate::engine::Sound::Phrase(phrase), .. } => format!("tell {leg} {phrase}"),
                Output::Ended(record) => {
                    self.record = Some((**record).clone());
                    "over".to_owned()
                }
                output => line(output),
            });
        }
    }

    fn opened(&mut self, leg: LegId) -> Vec<String> {
        self.tell(Input::MediaOpened { leg, local: Some(desk::port()) })
    }

    fn answers(&mut self, leg: LegId) -> Vec<String> {
        self.tell(Input::Sip(sip::Event::Answered { leg, sdp: OFFER.to_owned() }))
    }

    fn key(&mut self, key: char) -> Vec<String> {
        let digit = Digit::from_char(key).unwrap();
        self.tell(Input::Media(media::Event::Digit { leg: OURS, digit }))
    }

    fn after(&mut self, seconds: u64) -> Vec<String> {
        self.now = self.now + Duration::from_secs(seconds);
        self.tell(Input::Tick)
    }

    /// The agent has picked up.
    fn briefed() -> Self {
        let mut errand = Self::begins();
        errand.opened(OURS);
        errand.answers(OURS);
        errand
    }

    /// The citizen's phone rings.
    fn dialling() -> Self {
        let mut errand = Self::briefed();
        errand.key('1');
        errand.tell(Input::Book(Told::Dial { ticket: NINE, nth: 1 }));
        errand.opened(CITIZEN);
        errand
    }

    fn talking() -> Self {
        let mut errand = Self::dialling();
        errand.answers(CITIZEN);
        errand.tell(Input::Book(Told::Bridge { ticket: NINE, nth: 1 }));
        assert_eq!(errand.recall.stage(), RecallStage::Talking);
        errand
    }
}

const GIVEN_BACK: [&str; 5] = ["end leg-256", "close leg-256", "end leg-257", "close leg-257", "over"];

fn and_over(first: &[&str]) -> Vec<String> {
    first.iter().chain(&GIVEN_BACK).map(|line| (*line).to_owned()).collect()
}

#[test]
fn the_agent_is_rung_first_hears_whom_and_why_and_accepts_with_one() {
    let mut errand = Errand::begins();
    assert_eq!(errand.drain(), ["open leg-256"]);
    assert_eq!(errand.opened(OURS), ["invite leg-256 Agent(AgentName(\"amina\"))"]);
    assert_eq!(errand.answers(OURS), ["connect leg-256", "queue Answered", "beep leg-256 Attention"]);
    let heard = errand.tell(Input::Media(media::Event::Finished { leg: OURS, play: PlayId(1) }));
    assert_eq!(
        heard,
        ["tell leg-256 Vous allez rappeler le zéro six douze trente-quatre cinquante-six soixante-dix-huit \
          Pour un passeport. Appuyez sur un pour prendre l'appel."]
    );
    assert_eq!(errand.key('1'), ["beep leg-256 Done", "book Accepted"]);
}

#[test]
fn nobody_is_dialled_before_the_book_says_so_and_bridged_neither() {
    let mut errand = Errand::briefed();
    errand.key('1');
    assert_eq!(errand.tell(Input::Book(Told::Dial { ticket: NINE, nth: 1 })), ["open leg-257"]);
    assert_eq!(errand.opened(CITIZEN), ["invite leg-257 Trunk(PhoneNumber(\"+33612345678\")) as promised"]);
    let rings = sip::Event::Ringing { leg: CITIZEN, to_tag: Some("t".into()) };
    assert_eq!(errand.tell(Input::Sip(rings)), ["book Rings"]);
    assert_eq!(errand.answers(CITIZEN), ["connect leg-257", "book Answered"]);
    assert_eq!(errand.tell(Input::Book(Told::Bridge { ticket: NINE, nth: 1 })), ["bridge leg-257 leg-256"]);
    let bye = sip::Event::Ended { leg: CITIZEN, why: DialogEnd::Bye };
    assert_eq!(errand.tell(Input::Sip(bye)), and_over(&["book TalkEnded", "queue TalkEnded"]));
}

#[test]
fn an_agent_who_does_not_answer_or_declines_leaves_the_ticket_to_another() {
    let mut errand = Errand::begins();
    errand.opened(OURS);
    assert_eq!(errand.after(20), and_over(&["book Missed", "queue missed no-answer"]));
    let mut errand = Errand::briefed();
    let bye = sip::Event::Ended { leg: OURS, why: DialogEnd::Bye };
    assert_eq!(errand.tell(Input::Sip(bye)), and_over(&["book Missed", "queue Rejoin"]));
    let mut errand = Errand::briefed();
    assert_eq!(errand.after(12), ["beep leg-256 Attention"], "asked again");
    assert_eq!(errand.after(11), [""; 0]);
    let given_up = errand.after(2);
    assert_eq!(given_up[1..], and_over(&["book Missed", "queue Rejoin"]), "no key was pressed");
}

#[test]
fn what_became_of_the_citizen_s_phone_is_told_to_the_book() {
    for (status, told) in
        [(486, "busy"), (480, "no-answer"), (603, "refused"), (404, "out-of-service"), (503, "unreachable")]
    {
        let mut errand = Errand::dialling();
        let failed = sip::Event::Failed { leg: CITIZEN, status, later: None };
        assert_eq!(errand.tell(Input::Sip(failed)), and_over(&[&format!("book failed {told}"), "queue TalkEnded"]));
    }
    let mut errand = Errand::dialling();
    assert_eq!(errand.after(30), and_over(&["book failed no-answer", "queue TalkEnded"]));
}

#[test]
fn a_star_in_the_talk_says_that_a_machine_answered() {
    let mut errand = Errand::talking();
    assert_eq!(errand.key('*'), and_over(&["book failed machine", "queue TalkEnded"]));
}

#[test]
fn an_agent_who_hangs_up_while_it_rings_stops_the_attempt() {
    let mut errand = Errand::dialling();
    let bye = sip::Event::Ended { leg: OURS, why: DialogEnd::Bye };
    assert_eq!(errand.tell(Input::Sip(bye)), and_over(&["book failed stopped", "queue TalkEnded"]));
}

/// The book may have let go of the ticket during the talk: then nobody else tells the board.
#[test]
fn the_board_hears_from_the_call_itself_that_the_agent_is_free() {
    let mut errand = Errand::talking();
    let bye = sip::Event::Ended { leg: OURS, why: DialogEnd::Bye };
    assert!(errand.tell(Input::Sip(bye)).contains(&"queue TalkEnded".to_owned()));
    let mut errand = Errand::briefed();
    let declined = errand.tell(Input::Sip(sip::Event::Ended { leg: OURS, why: DialogEnd::Bye }));
    assert!(!declined.contains(&"queue TalkEnded".to_owned()), "it is in its place again: {declined:?}");
}

#[test]
fn the_book_can_stop_it_at_every_stage() {
    let stop = || Input::Book(Told::Stop { ticket: NINE });
    assert_eq!(Errand::briefed().tell(stop()), and_over(&[]));
    assert_eq!(Errand::dialling().tell(stop()), and_over(&["book failed stopped", "queue TalkEnded"]));
    assert_eq!(Errand::talking().tell(stop()), and_over(&["book TalkEnded", "queue TalkEnded"]));
}

#[test]
fn each_attempt_leaves_a_record_and_who_was_not_dialled_leaves_none() {
    let mut errand = Errand::dialling();
    errand.now = errand.now + Duration::from_secs(7);
    errand.tell(Input::Sip(sip::Event::Failed { leg: CITIZEN, status: 486, later: None }));
    let record = errand.record.unwrap();
    let called = record.callback.clone().unwrap();
    assert_eq!((called.ticket, called.attempt, called.rang_ms), (NINE, 1, 7_000));
    assert_eq!((record.ending, record.talk_ms), (Ending { by: By::Us, why: "busy" }, None));
    assert_eq!((record.asked_agent, record.asked_in_hours), (None, false), "no caller of the taux de décroché");
    let line = serde_json::to_string(&record).unwrap();
    assert!(line.contains(r#""callback":{"ticket":9,"attempt":1,"source":"queue""#), "{line}");
    assert!(!line.contains("612345678"), "the number is in its own column only: {line}");

    let mut errand = Errand::talking();
    errand.now = errand.now + Duration::from_secs(90);
    errand.tell(Input::Sip(sip::Event::Ended { leg: OURS, why: DialogEnd::Bye }));
    let record = errand.record.unwrap();
    assert_eq!((record.ending, record.talk_ms), (Ending { by: By::Agent, why: "talked" }, Some(90_000)));
    assert_eq!((record.agent.unwrap().as_str(), record.service.as_ref()), ("amina", "france-services"));
    assert_eq!(record.from.unwrap().reveal().as_str(), "+33612345678");

    let mut errand = Errand::briefed();
    errand.after(30);
    assert!(errand.record.is_none());
}

#[test]
fn the_record_has_the_figures_of_whom_was_called_and_of_the_agent_if_they_have_talked() {
    let sent = |media: Option<&LegStats>| media.map(|media| media.sent);
    let mut errand = Errand::dialling();
    errand.tell(Input::Sip(sip::Event::Failed { leg: CITIZEN, status: 486, later: None }));
    let record = errand.record.unwrap();
    assert_eq!((sent(record.media.as_deref()), record.others.len()), (Some(leg_number(CITIZEN)), 0));

    let mut errand = Errand::talking();
    errand.tell(Input::Sip(sip::Event::Ended { leg: OURS, why: DialogEnd::Bye }));
    let record = errand.record.unwrap();
    assert_eq!(sent(record.media.as_deref()), Some(leg_number(CITIZEN)));
    let [other] = &*record.others else { panic!("{:?}", record.others) };
    assert_eq!(
        (sent(other.media.as_ref()), other.agent.as_ref().map(AgentName::as_str)),
        (Some(leg_number(OURS)), Some("amina"))
    );

    // A media plane that says nothing is not waited for longer than a second.
    let mut errand = Errand::talking();
    errand.has_figures = false;
    errand.tell(Input::Sip(sip::Event::Ended { leg: OURS, why: DialogEnd::Bye }));
    assert!(errand.record.is_none());
    assert_eq!(errand.after(1), ["over"]);
    let record = errand.record.unwrap();
    assert_eq!((record.media, record.others[0].media.is_none()), (None, true));
    assert!(record.ended < errand.now.wall, "it ended when it ended");
}
