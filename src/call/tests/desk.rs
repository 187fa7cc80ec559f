//! The calls that agents and supervisors make to the service.

use super::*;
use crate::base::PlayId;
use crate::call::{Desk, Errand, Mode, WatchOrder, Watched};

struct Visit {
    desk: Desk,
    now: Now,
}

impl Visit {
    fn called(errand: Errand) -> Self {
        let now = Now { mono: Instant::START, wall: WallTime::from_millis(1_795_510_800_000) };
        let incoming = Incoming {
            leg: CALLER,
            to: "*11".to_owned(),
            from: None,
            from_user: None,
            replaces: None,
            diverted: None,
            agent: Some("amina".into()),
            call_id: "abc".to_owned(),
            source: "192.0.2.7:5060".parse().unwrap(),
            offer: Some(OFFER.to_owned()),
        };
        Self { desk: Desk::called(now, incoming, "amina".into(), errand, Arc::new(settings())), now }
    }

    fn tell(&mut self, input: Input) -> Vec<String> {
        self.desk.handle(self.now, input);
        self.drain()
    }

    fn drain(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.desk.poll()).map(|output| line(&output)).collect()
    }

    fn opened(&mut self) -> Vec<String> {
        self.drain();
        self.tell(Input::MediaOpened { leg: CALLER, local: Some(port()) })
    }

    fn heard(&mut self, play: u64) -> Vec<String> {
        self.tell(Input::Media(media::Event::Finished { leg: CALLER, play: PlayId(play) }))
    }
}

#[test]
fn a_code_is_answered_done_confirmed_and_hung_up() {
    let words = [
        (Errand::LogIn, "queue LogIn", "Vous êtes connecté."),
        (Errand::LogOut, "queue LogOut", "Vous êtes déconnecté."),
        (Errand::Pause { reason: "repas".into() }, "queue Pause", "Vous êtes en pause."),
        (Errand::Resume, "queue Resume", "Vous êtes disponible."),
        (Errand::Ready, "queue Ready", "Vous êtes disponible."),
    ];
    for (errand, board, words) in words {
        let mut visit = Visit::called(errand.clone());
        let dialled = format!("dialled amina {}", errand.word());
        assert_eq!(visit.opened(), ["answer leg-256", "connect leg-256", &dialled, board, "beep leg-256 Done"]);
        assert_eq!(visit.heard(1), [format!("play {words}")]);
        assert_eq!(visit.heard(2), ["end leg-256", "close leg-256", "over"]);
        assert_eq!(visit.desk.deadline(), None);
    }
}

#[test]
fn who_hangs_up_before_the_words_has_done_the_errand_all_the_same() {
    let mut visit = Visit::called(Errand::LogOut);
    assert!(visit.opened().contains(&"queue LogOut".to_owned()));
    let ended = sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye };
    assert_eq!(visit.tell(Input::Sip(ended)), ["end leg-256", "close leg-256", "over"]);
    assert_eq!(visit.heard(1), Vec::<String>::new());
}

#[test]
fn a_supervisor_asks_for_the_talk_and_changes_it_by_keys() {
    let mut visit = Visit::called(Errand::Supervise { agent: "bruno".into(), mode: Mode::Listen });
    let said = visit.opened();
    assert!(said.iter().any(|line| line.starts_with("watch Begin")), "{said:?}");
    assert_eq!(visit.tell(Input::Watched(Watched::Begun)), Vec::<String>::new());
    for (key, mode) in [('3', "Barge"), ('2', "Whisper"), ('1', "Listen")] {
        let digit = Digit::from_char(key).unwrap();
        let said = visit.tell(Input::Media(media::Event::Digit { leg: CALLER, digit }));
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("watch Change") && said[0].contains(mode), "{said:?}");
    }
    for key in ['0', '4', '*', '#'] {
        let digit = Digit::from_char(key).unwrap();
        assert!(visit.tell(Input::Media(media::Event::Digit { leg: CALLER, digit })).is_empty());
    }
    assert_eq!(visit.tell(Input::Watched(Watched::Over)), ["beep leg-256 Over"]);
    assert_eq!(visit.heard(1), ["end leg-256", "close leg-256", "over"]);
}

#[test]
fn a_supervisor_who_hangs_up_leaves_the_talk() {
    let mut visit = Visit::called(Errand::Supervise { agent: "bruno".into(), mode: Mode::Listen });
    visit.opened();
    let ended = sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye };
    let said = visit.tell(Input::Sip(ended));
    let left = format!("watch {:?}", WatchOrder::End { leg: CALLER });
    assert_eq!(said, [&left, "end leg-256", "close leg-256", "over"]);
}

#[test]
fn a_supervisor_s_phone_can_be_rung() {
    let errand = Errand::Supervise { agent: "bruno".into(), mode: Mode::Whisper };
    let now = Now { mono: Instant::START, wall: WallTime::from_millis(1_795_510_800_000) };
    let desk = || Desk::calling(now, CALLER, "zoe".into(), errand.clone(), Arc::new(settings()));
    let mut visit = Visit { desk: desk(), now };
    let said = visit.opened();
    assert!(said[0].starts_with("invite leg-256 Agent"), "{said:?}");
    let said = visit.tell(Input::Sip(sip::Event::Answered { leg: CALLER, sdp: OFFER.to_owned() }));
    assert!(said.iter().any(|line| line.starts_with("watch Begin") && line.contains("Whisper")), "{said:?}");
    let mut visit = Visit { desk: desk(), now };
    visit.opened();
    visit.now = now + Duration::from_secs(30);
    assert_eq!(visit.tell(Input::Tick), ["end leg-256", "close leg-256", "over"]);
}

#[test]
fn a_phone_without_our_codecs_is_told_so() {
    let mut visit = Visit::called(Errand::LogIn);
    visit.drain();
    assert_eq!(visit.tell(Input::MediaOpened { leg: CALLER, local: None })[0], "reject leg-256 503");
}

/// Our end of a leg.
pub(super) fn port() -> media::Port {
    std::net::SocketAddr::from(([192, 0, 2, 1], 16_384)).into()
}
