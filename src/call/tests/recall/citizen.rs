//! The citizen is called first, while an agent is kept free.

use super::*;
use crate::call::{Confirm, Reach};

/// The second agent's leg.
const NEXT: LegId = LegId(258);

impl Errand {
    /// The citizen has answered.
    fn greeted() -> Self {
        let mut errand = Self::of(First::Citizen, settings());
        errand.drain();
        errand.dial_first();
        errand
    }

    fn dial_first(&mut self) -> Vec<String> {
        self.tell(Input::Book(Told::Dial { ticket: NINE, nth: 1 }));
        self.opened(CITIZEN);
        self.answers(CITIZEN)
    }

    fn bridge(&mut self) -> Vec<String> {
        self.tell(Input::Book(Told::Bridge { ticket: NINE, nth: 1 }))
    }

    fn offer(&mut self, agent: &str) -> Vec<String> {
        let ring = Duration::from_secs(15);
        self.tell(Input::Queue(queue::Output::Offer { who: NINE.into(), agent: agent.into(), ring }))
    }
}

#[test]
fn the_agent_is_kept_free_while_the_citizen_is_dialled_and_rung_once_the_citizen_answers() {
    let mut errand = Errand::of(First::Citizen, settings());
    assert_eq!(errand.drain(), ["queue Answered", "book Accepted"], "no phone rings yet");
    assert_eq!(errand.tell(Input::Book(Told::Dial { ticket: NINE, nth: 1 })), ["open leg-257"]);
    assert_eq!(errand.opened(CITIZEN), ["invite leg-257 Trunk(PhoneNumber(\"+33612345678\")) as promised"]);
    let greeting = "tell leg-257 Bonjour, votre service public vous rappelle, comme vous l'avez demandé. \
                    Nous vous passons un agent.";
    assert_eq!(errand.answers(CITIZEN), ["connect leg-257", greeting, "open leg-256"]);
    assert_eq!(errand.opened(OURS), ["invite leg-256 Agent(AgentName(\"amina\"))"]);
    assert_eq!(errand.answers(OURS), ["connect leg-256", "book Answered"], "written down before they hear each other");
    assert_eq!(errand.bridge(), ["stop leg-257", "bridge leg-257 leg-256"]);
    let bye = sip::Event::Ended { leg: CITIZEN, why: DialogEnd::Bye };
    assert_eq!(errand.tell(Input::Sip(bye)), and_over(&["book TalkEnded", "queue TalkEnded"]));
}

#[test]
fn who_waits_for_the_agent_hears_music() {
    let mut errand = Errand::greeted();
    let heard = errand.tell(Input::Media(media::Event::Finished { leg: CITIZEN, play: PlayId(1) }));
    assert_eq!(heard, ["music attente"]);
}

#[test]
fn a_citizen_who_is_not_reached_costs_no_agent_a_ring() {
    let mut errand = Errand::of(First::Citizen, settings());
    errand.drain();
    errand.tell(Input::Book(Told::Dial { ticket: NINE, nth: 1 }));
    errand.opened(CITIZEN);
    let failed = sip::Event::Failed { leg: CITIZEN, status: 486, later: None };
    assert_eq!(errand.tell(Input::Sip(failed)), and_over(&["book failed busy", "queue TalkEnded"]));
}

#[test]
fn an_agent_who_does_not_answer_leaves_the_citizen_in_place_and_the_next_one_is_rung() {
    let mut errand = Errand::greeted();
    errand.opened(OURS);
    assert_eq!(errand.after(20), ["end leg-256", "close leg-256", "queue Rejoin"], "nobody is hung up on");
    assert_eq!(errand.offer("bruno"), ["open leg-258"]);
    assert_eq!(errand.opened(NEXT), ["invite leg-258 Agent(AgentName(\"bruno\"))"]);
    assert_eq!(errand.after(15), ["end leg-258", "close leg-258", "queue missed no-answer"]);
    errand.offer("amina");
    errand.opened(LegId(259));
    assert_eq!(errand.answers(NEXT), ["end leg-258"], "bruno is too late");
    assert_eq!(errand.answers(LegId(259)), ["connect leg-259", "queue Answered", "book Answered"]);
    assert_eq!(errand.bridge(), ["stop leg-257", "bridge leg-257 leg-259"]);
}

#[test]
fn an_agent_who_is_gone_before_the_bridge_is_followed_by_another_and_the_book_is_asked_once() {
    let mut errand = Errand::greeted();
    errand.opened(OURS);
    errand.answers(OURS);
    let bye = sip::Event::Ended { leg: OURS, why: DialogEnd::Bye };
    assert_eq!(errand.tell(Input::Sip(bye)), ["end leg-256", "close leg-256", "queue Rejoin"]);
    assert_eq!(errand.bridge(), [""; 0], "nobody is there to be heard");
    errand.offer("bruno");
    errand.opened(NEXT);
    assert_eq!(errand.answers(NEXT), ["connect leg-258", "queue Answered", "stop leg-257", "bridge leg-257 leg-258"]);
}

#[test]
fn what_the_board_takes_back_is_not_told_to_it_again() {
    let mut errand = Errand::greeted();
    errand.opened(OURS);
    errand.after(20);
    errand.offer("bruno");
    errand.opened(NEXT);
    let withdraw = queue::Output::Withdraw { who: NINE.into(), agent: "bruno".into() };
    assert_eq!(errand.tell(Input::Queue(withdraw)), ["end leg-258", "close leg-258"]);
    assert_eq!(errand.offer("amina"), ["open leg-259"]);
}

#[test]
fn a_citizen_who_hangs_up_before_the_talk_is_called_again() {
    let mut errand = Errand::greeted();
    errand.opened(OURS);
    let bye = sip::Event::Ended { leg: CITIZEN, why: DialogEnd::Bye };
    assert_eq!(errand.tell(Input::Sip(bye)), and_over(&["book failed refused", "queue TalkEnded"]));
}

/// An answering machine of the agent's must not get the citizen.
#[test]
fn an_agent_at_an_outside_number_presses_one() {
    let number = PhoneNumber::parse("+33699999999").unwrap();
    let reach = vec![("amina".into(), Reach::Number { number, confirm: Confirm::Key })];
    let mut errand = Errand::of(First::Citizen, Settings { reach, ..settings() });
    errand.drain();
    errand.dial_first();
    errand.opened(OURS);
    assert_eq!(errand.answers(OURS), ["connect leg-256", "beep leg-256 Attention"]);
    assert_eq!(errand.key('1'), ["book Answered"]);
}
