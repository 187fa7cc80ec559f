//! Caps, crashes, expiry, and what is written down.

use super::*;

#[test]
fn the_caps_hold_per_number_per_way_and_per_day_and_outlive_a_crash() {
    let rules = Rules { per_number: 2, per_source: 3, per_day: 9, ..Rules::default() };
    let mut desk = Desk::with(rules, "24/7");
    for call in [7, 8] {
        desk.ask(call, NUMBER);
        desk.tell(Input::Forget { asker: Asker::Call(CallId(call)) });
    }
    assert_eq!(desk.ask(9, NUMBER), ["refuse call-9 too-often"]);
    desk.ask(10, "0612345679");
    assert_eq!(desk.ask(11, "0612345670"), ["refuse call-11 too-many"], "three by this way");
    let kept = desk.kept.clone();
    let mut desk = Desk::with(rules, "24/7");
    for ticket in kept {
        desk.tell(Input::Restored(ticket));
    }
    assert_eq!(desk.ask(9, NUMBER), ["refuse call-9 too-often"]);
    desk.after(24 * 3600);
    assert_eq!(desk.ask(12, NUMBER).last().unwrap(), "promise call-12", "a day later");
}

#[test]
fn one_caller_asks_for_few_others_and_the_withheld_together_for_some() {
    let mut desk = Desk::with(Rules { per_caller: 2, withheld: 3, ..Rules::default() }, "24/7");
    let mut asked = 0;
    let mut ask = |desk: &mut Desk, caller: Option<&str>, number: &str| {
        asked += 1;
        let wish = wish(Asker::Call(CallId(asked)), number, desk.now);
        desk.tell(Input::Ask(Wish { caller: caller.map(number_of), ..wish })).last().unwrap().clone()
    };
    let stranger = Some("0699999999");
    for number in ["0611111101", "0611111102"] {
        assert!(ask(&mut desk, stranger, number).starts_with("promise"), "{number}");
    }
    assert_eq!(ask(&mut desk, stranger, "0611111103"), "refuse call-3 too-often");
    assert_eq!(ask(&mut desk, Some("+33699999999"), "0611111103"), "refuse call-4 too-often", "the same number");
    assert!(ask(&mut desk, stranger, "0699999999").starts_with("promise"), "the own number");
    assert!(ask(&mut desk, Some("0688888888"), "0611111103").starts_with("promise"), "another caller");
    for number in ["0611111104", "0611111105", "0611111106"] {
        assert!(ask(&mut desk, None, number).starts_with("promise"), "{number}");
    }
    assert_eq!(ask(&mut desk, None, "0611111107"), "refuse call-10 too-many");
    desk.after(24 * 3600);
    assert!(ask(&mut desk, stranger, "0611111108").starts_with("promise"), "a day later");
}

#[test]
fn a_full_book_says_so() {
    let mut desk = Desk::with(Rules { capacity: 1, ..Rules::default() }, "24/7");
    desk.ask(7, NUMBER);
    assert_eq!(desk.ask(8, "0612345679"), ["refuse call-8 full"]);
}

#[test]
fn a_ticket_that_could_not_be_served_for_a_week_expires() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    let mut said = Vec::new();
    for _ in 0..8 * 24 {
        said.extend(desk.after(3600));
    }
    assert_eq!(said.last().unwrap(), "keep given-up");
    assert_eq!(desk.ended(), Some(Reason::Expired));
}

#[test]
fn one_citizen_is_not_called_by_two_queues_at_once() {
    let mut desk = Desk::new();
    desk.tell(Input::Hours { queue: "b".into(), allowed: allowed("24/7") });
    desk.ask(7, NUMBER);
    let second = Wish { queue: "b".into(), ..wish(Asker::Call(CallId(8)), NUMBER, desk.now) };
    assert_eq!(desk.tell(Input::Ask(second))[1], "join ticket-2 from call-8");
    desk.dial();
    let offer = Input::Offered { ticket: TicketId(2), agent: "bruno".into() };
    assert_eq!(desk.tell(offer), ["leave ticket-2"]);
    assert_eq!(desk.after(900), ["join ticket-2 from call-8"]);
}

#[test]
fn a_promise_survives_a_crash_and_a_call_in_progress_is_not_doubled() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    assert_eq!(desk.kept[0].state, TicketState::Asked);
    assert_eq!(desk.crash(), ["keep kept", "join ticket-1"]);
    assert_eq!(desk.crash(), ["join ticket-1"]);
    desk.dial();
    assert_eq!(desk.crash(), ["end c1", "keep retry"], "the old dialog is ended");
    assert_eq!(desk.kept[0].redialled, 1, "the citizen may have answered");
    assert_eq!(desk.after(179), Vec::<String>::new(), "the guard time");
    assert_eq!(desk.after(1), ["join ticket-1"]);
    assert_eq!(desk.tell(Input::OldUnanswered { ticket: ONE, nth: 1 }), ["keep retry"]);
    assert_eq!(desk.kept[0].redialled, 0, "it is known that nobody had");
    desk.dial();
    desk.tell(Input::Answered { ticket: ONE, nth: 2 });
    assert_eq!(desk.crash(), ["keep done"]);
    assert_eq!(desk.ask(9, "0612345679")[2], "promise call-9");
    assert!(desk.book.ticket(TicketId(2)).is_some(), "an id is never given twice");
}

#[test]
fn a_book_that_rests_gives_nobody_a_turn_and_lets_who_is_called_be_called() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.ask(8, "0612345679");
    desk.offer();
    assert_eq!(desk.tell(Input::Rest), ["leave ticket-2"], "who is being rung for the other may accept");
    desk.accept();
    assert_eq!(
        desk.tell(Input::Failed { ticket: ONE, nth: 1, why: Outcome::Busy, not_before: None }),
        ["leave ticket-1", "keep retry"]
    );
    assert_eq!(desk.after(3600), [""; 0]);
    assert_eq!(desk.ask(9, "0612345670"), ["keep asked", "promise call-9"], "but promises are made");
    let joins = |said: Vec<String>| said.into_iter().filter(|line| line.starts_with("join")).count();
    assert_eq!(joins(desk.crash()), 3, "all are called after the restart");
}

#[test]
fn an_agent_who_misses_a_ticket_while_the_book_rests_is_not_offered_to_it_again() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.offer();
    assert_eq!(desk.tell(Input::Rest), [""; 0]);
    assert_eq!(desk.tell(Input::Missed { ticket: ONE, agent: "amina".into() }), ["leave ticket-1"]);
    assert_eq!(desk.offer(), ["leave ticket-1"], "it had joined its line again");
}

#[test]
fn a_call_that_is_lost_within_a_run_is_treated_like_one_of_a_crash() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.offer();
    assert_eq!(desk.tell(Input::Lost { ticket: ONE }), ["stop", "leave ticket-1", "join ticket-1 from call-7"]);
    desk.dial();
    assert_eq!(desk.tell(Input::Lost { ticket: ONE }), ["end c1", "leave ticket-1", "keep retry"]);
}

#[test]
fn a_ticket_is_written_as_json_and_read_back() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    let json = serde_json::to_string_pretty(&desk.kept[0]).unwrap();
    let back: Ticket = serde_json::from_str(&json).unwrap();
    assert_eq!(back, desk.kept[0]);
    insta::assert_snapshot!("ticket_json", json);
}

#[test]
fn a_ticket_that_was_cancelled_or_erased_in_the_store_is_let_go_of() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    assert_eq!(desk.tell(Input::Overtaken { ticket: ONE }), ["leave ticket-1"]);
    assert_eq!(desk.book.ticket(ONE), None);
    desk.ask(8, NUMBER);
    let two = TicketId(2);
    desk.tell(Input::Offered { ticket: two, agent: "amina".into() });
    assert_eq!(desk.tell(Input::Overtaken { ticket: two }), ["stop", "leave ticket-2"], "nobody is dialled");
}

#[test]
fn a_person_who_is_forgotten_is_rung_no_more_and_in_no_cap() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.tell(Input::Offered { ticket: ONE, agent: "amina".into() });
    // Written in another way than by who asked.
    let number = || Private::new(PhoneNumber::parse("+33612345678").unwrap());
    assert_eq!(desk.tell(Input::Erase { number: number() }), ["stop", "leave ticket-1"]);
    assert_eq!(desk.book.ticket(ONE), None);
    let rules = Rules::default();
    for n in 0..u64::from(rules.per_number) {
        desk.ask(20 + n, NUMBER);
        desk.tell(Input::Erase { number: number() });
    }
    desk.ask(90, NUMBER);
    assert_eq!(desk.book.tickets().count(), 1, "the caps have forgotten the number too");
}

#[test]
fn a_ticket_whose_end_a_crash_lost_gives_way_to_the_later_wish() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    let lost = desk.kept.clone();
    desk.tell(Input::Cancel { asker: Asker::Request(1), ticket: ONE, by: By::Web });
    desk.ask(8, NUMBER);
    desk.kept.retain(|ticket| ticket.id != ONE);
    desk.kept.splice(0..0, lost);
    let said = desk.crash();
    assert_eq!(said.iter().filter(|line| line.starts_with("join")).count(), 1, "{said:?}");
    assert_eq!(desk.kept.iter().find(|t| t.id == ONE).unwrap().ended, Some(Reason::Cancelled(By::Replaced)));
    assert_eq!(desk.book.of(number_of(NUMBER).reveal()).collect::<Vec<_>>(), [TicketId(2)]);
}

#[test]
fn a_ticket_has_one_wake_however_often_it_is_looked_at() {
    let mut desk = Desk::new();
    desk.ask_in(48 * 3600);
    for _ in 0..50 {
        desk.after(600);
        // The two clocks do not run alike.
        desk.now.mono += Duration::from_micros(7);
    }
    let wakes = |desk: &Desk| format!("{:?}", desk.book).matches("Wake(").count();
    assert_eq!(wakes(&desk), 1);
    desk.tell(Input::Cancel { asker: Asker::Request(1), ticket: ONE, by: By::Web });
    assert_eq!(wakes(&desk), 0, "nothing is left of it");
}

impl Desk {
    /// A book at whose queue `a` two calls may be promised for an hour.
    fn with_two_an_hour() -> Self {
        let mut desk = Self::new();
        let allowed = Allowed { an_hour: Some(2), ..allowed("Mo-Fr 09:00-17:00") };
        desk.tell(Input::Hours { queue: "a".into(), allowed });
        desk
    }

    /// A wish for the hour from tomorrow, 10:00, on.
    fn ask_for_tomorrow(&mut self, call: u64) -> Vec<String> {
        let from = self.now.wall + Duration::from_secs(24 * 3600);
        let when = When::Slot { from, to: from + Duration::from_secs(3600) };
        let asker = Asker::Call(CallId(call));
        self.tell(Input::Ask(Wish { when, ..wish(asker, &format!("061234{call:04}"), self.now) }))
    }
}

#[test]
fn no_more_is_promised_for_a_time_than_can_be_called_and_soon_has_no_such_bound() {
    let mut desk = Desk::with_two_an_hour();
    for call in [7, 8] {
        assert_eq!(desk.ask_for_tomorrow(call)[1], format!("promise call-{call}"));
    }
    assert_eq!(desk.ask_for_tomorrow(9), ["call-9: 1 times are taken", "refuse call-9 slot-full"]);
    assert_eq!(desk.ask(9, "0612340009")[0], "keep asked", "it costs no wish");
    let diary = Input::Diary { asker: Asker::Request(1), queue: "a".into() };
    assert_eq!(desk.tell(diary), ["request-1: 1 times are taken"]);
}

#[test]
fn a_time_has_room_again_once_a_call_of_it_is_cancelled() {
    let mut desk = Desk::with_two_an_hour();
    for call in [7, 8] {
        desk.ask_for_tomorrow(call);
    }
    desk.tell(Input::Cancel { asker: Asker::Request(1), ticket: ONE, by: By::Api });
    assert_eq!(desk.ask_for_tomorrow(9)[1], "promise call-9");
    assert_eq!(desk.ask_for_tomorrow(10)[1], "refuse call-10 slot-full");
}

#[test]
fn what_was_promised_before_a_crash_counts_in_its_time() {
    let mut desk = Desk::with_two_an_hour();
    for call in [7, 8] {
        desk.ask_for_tomorrow(call);
    }
    desk.crash();
    let allowed = Allowed { an_hour: Some(2), ..allowed("Mo-Fr 09:00-17:00") };
    desk.tell(Input::Hours { queue: "a".into(), allowed });
    assert_eq!(desk.ask_for_tomorrow(9)[1], "refuse call-9 slot-full");
}

#[test]
fn who_says_when_to_be_called_again_is_not_called_before_and_waits_half_a_day_at_most() {
    for (asked, waits) in [(60, 900), (3_600, 3_600), (u64::MAX, 12 * 3_600)] {
        let mut desk = Desk::new();
        desk.ask(7, NUMBER);
        let nth = desk.dial();
        let not_before = Some(Duration::from_secs(asked));
        desk.tell(Input::Failed { ticket: ONE, nth, why: Outcome::Busy, not_before });
        let due = desk.book.ticket(ONE).unwrap().due.millis() - desk.now.wall.millis();
        assert_eq!(due, waits * 1_000, "{asked}");
    }
}

#[test]
fn a_call_for_which_there_was_no_line_is_made_later_however_often_and_costs_no_attempt() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    for _ in 0..100 {
        let nth = desk.dial();
        assert_eq!(nth, 1, "nobody was called");
        let not_before = Some(Duration::from_secs(90));
        let said = desk.tell(Input::Failed { ticket: ONE, nth, why: Outcome::NoLine, not_before });
        assert_eq!(said, ["leave ticket-1", "keep retry"]);
        assert_eq!(desk.after(89), Vec::<String>::new());
        assert!(desk.after(1)[0].starts_with("join ticket-1"));
    }
    desk.dial();
    assert_eq!(desk.fail(1, Outcome::Busy), ["leave ticket-1", "keep retry"]);
    assert_eq!(desk.book.ticket(ONE).unwrap().attempts.len(), 1);
}
