//! Citizens who phone in while they are to be called.

use super::*;

impl Desk {
    fn look(&mut self, call: u64) -> Vec<String> {
        self.tell(Input::Look { asker: Asker::Call(CallId(call)), number: number_of(NUMBER) })
    }

    fn phoned_in(&mut self, call: u64) -> Vec<String> {
        self.tell(Input::PhonedIn { call: CallId(call), number: number_of(NUMBER), queue: "a".into() })
    }

    fn hangs_up(&mut self, call: u64) -> Vec<String> {
        self.tell(Input::HungUp { call: CallId(call), number: number_of(NUMBER) })
    }

    fn got_through(&mut self) -> Vec<String> {
        self.tell(Input::GotThrough { number: number_of(NUMBER), queue: "a".into() })
    }
}

#[test]
fn who_phones_in_has_the_ticket_s_place_and_is_not_called() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    let input = Input::PhonedIn { call: CallId(8), number: number_of("+33612345678"), queue: "a".into() };
    assert_eq!(desk.tell(input), ["leave ticket-1", "keep cancelled", "place to call-8"]);
    assert_eq!(desk.ended(), Some(Reason::PhonedIn));
}

#[test]
fn who_phones_in_and_gets_no_place_is_called_all_the_same() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    let since = desk.now.wall.millis();
    desk.after(60);
    let input = Input::PhonesIn { call: CallId(8), number: number_of(NUMBER), queue: "a".into() };
    assert_eq!(desk.tell(input), [format!("call-8 since {since}")]);
    assert_eq!(desk.ended(), None);
    assert_eq!(desk.offer(), ["ring amina"]);
}

#[test]
fn who_phones_in_before_the_slot_has_not_waited_since_the_wish() {
    let mut desk = Desk::new();
    desk.ask_in(3600);
    let slot = desk.now.wall.millis() + 3_600_000;
    let input = Input::PhonesIn { call: CallId(8), number: number_of(NUMBER), queue: "a".into() };
    assert_eq!(desk.tell(input), [format!("call-8 since {slot}")]);
}

#[test]
fn who_phones_in_while_being_called_is_let_in_and_the_call_is_stopped() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    let input = Input::PhonedIn { call: CallId(8), number: number_of(NUMBER), queue: "a".into() };
    assert_eq!(desk.tell(input), ["stop", "place to call-8"]);
    assert_eq!(desk.fail(1, Outcome::Stopped), ["leave ticket-1", "keep retry", "keep cancelled"]);
}

#[test]
fn who_phones_in_while_being_dialled_is_known_and_the_attempt_is_stopped() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    assert_eq!(desk.look(8), ["stop", "known ticket-1"]);
    assert_eq!(desk.fail(1, Outcome::Busy), ["leave ticket-1", "keep retry"], "the phone is busy with us");
    assert_eq!(desk.kept[0].tried(), 0, "so that costs no attempt");
    assert_eq!(desk.after(900), Vec::<String>::new(), "nobody is called who is on the phone");
    assert_eq!(desk.phoned_in(8), ["keep cancelled", "place to call-8"]);
    assert_eq!(desk.ended(), Some(Reason::PhonedIn));
}

#[test]
fn who_phones_in_as_the_attempt_is_being_written_is_not_dialled() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.offer();
    let dialog = DialogName { call_id: "c1".into(), from_tag: "f1".into(), branch: "b1".into(), to_tag: None };
    desk.book.handle(desk.now, Input::Accepted { ticket: ONE, agent: "amina".into(), dialog });
    // The disk has not answered yet.
    let said = desk.look(8);
    assert!(said.contains(&"stop".to_owned()) && !said.contains(&"dial 1".to_owned()), "{said:?}");
    assert!(said.contains(&"keep retry".to_owned()), "{said:?}");
}

#[test]
fn an_agent_who_is_rung_for_who_phones_in_is_let_go() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.offer();
    assert_eq!(desk.look(8), ["stop", "leave ticket-1", "known ticket-1"]);
    assert_eq!(desk.hangs_up(8), ["join ticket-1 from call-7"], "it has its turn again");
}

#[test]
fn who_phones_in_and_hangs_up_again_is_called_at_once() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.look(8);
    assert_eq!(desk.offer(), ["leave ticket-1"], "not while on the phone");
    assert_eq!(desk.hangs_up(9), Vec::<String>::new(), "another call");
    assert_eq!(desk.hangs_up(8), ["join ticket-1 from call-7"]);
    desk.dial();
    desk.look(9);
    desk.fail(1, Outcome::Stopped);
    assert_eq!(desk.hangs_up(9), ["join ticket-1"], "what was stopped does not wait for a quarter of an hour");
}

/// The end of a call may be lost with the call: an hour later that is over.
#[test]
fn a_call_whose_end_is_never_told_loses_no_ticket() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.look(8);
    desk.offer();
    assert_eq!(desk.after(3599), Vec::<String>::new());
    assert_eq!(desk.after(1), ["join ticket-1 from call-7"]);
}

#[test]
fn a_place_in_the_queue_costs_nobody_the_call_of_tomorrow() {
    let mut desk = Desk::new();
    desk.ask_in(24 * 3600);
    assert_eq!(desk.look(8), ["known ticket-1"]);
    assert_eq!(desk.phoned_in(8), Vec::<String>::new());
    assert_eq!(desk.hangs_up(8), Vec::<String>::new(), "who gives up is called tomorrow");
    assert_eq!(desk.after(24 * 3600), ["join ticket-1"]);
}

#[test]
fn an_agent_s_answer_ends_the_call_of_tomorrow() {
    let mut desk = Desk::new();
    desk.ask_in(24 * 3600);
    desk.look(8);
    desk.phoned_in(8);
    assert_eq!(desk.got_through(), ["keep cancelled"]);
    assert_eq!(desk.ended(), Some(Reason::PhonedIn));
}

#[test]
fn whose_slot_has_begun_gets_its_place() {
    let mut desk = Desk::new();
    desk.ask_in(3600);
    desk.after(3600);
    desk.look(8);
    assert_eq!(desk.phoned_in(8), ["leave ticket-1", "keep cancelled", "place to call-8"]);
}

#[test]
fn who_phones_and_cancels_while_being_dialled_is_not_called() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    desk.look(8);
    let asker = Asker::Call(CallId(8));
    assert_eq!(desk.tell(Input::Cancel { asker, ticket: ONE, by: By::Phone }), ["stop"]);
    let said = desk.fail(1, Outcome::Stopped);
    assert_eq!(said, ["leave ticket-1", "keep retry", "keep cancelled", "cancelled call-8"]);
    assert_eq!(desk.ended(), Some(Reason::Cancelled(By::Phone)));
}

/// The attempt that was to be stopped is gone with its call.
#[test]
fn who_phoned_in_is_not_called_again_after_a_fault() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    desk.phoned_in(8);
    assert_eq!(desk.tell(Input::Lost { ticket: ONE }), ["end c1", "leave ticket-1", "keep retry", "keep cancelled"]);
}

#[test]
fn who_talks_for_the_ticket_already_is_not_disturbed() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    desk.tell(Input::Answered { ticket: ONE, nth: 1 });
    assert_eq!(desk.look(8), Vec::<String>::new());
    assert_eq!(desk.phoned_in(8), Vec::<String>::new());
}
