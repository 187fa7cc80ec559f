//! What the book promises, one behaviour a test.

use std::time::Duration;

use super::{
    Allowed, Asker, Book, By, DialogName, Input, Outcome, Output, Reason, Rules, Source, Ticket, TicketState, When,
    Wish,
};
use crate::base::{CallId, Language, Lifecycle, Now, PhoneNumber, Private, TicketId, WallTime};
use crate::service::Hours;

mod limits;
mod phoning;

/// A book with a clock and a disk that either works or does not.
struct Desk {
    book: Book,
    now: Now,
    disk: Disk,
    /// What a restart would find.
    kept: Vec<Ticket>,
}

#[derive(PartialEq)]
enum Disk {
    Works,
    Full,
}

/// These opening hours, and no other law.
pub(super) fn allowed(opening: &str) -> Allowed {
    let hours = |text: &str| Hours::parse(text, chrono_tz::Europe::Paris).unwrap();
    Allowed { opening: hours(opening), lawful: hours("24/7"), an_hour: None }
}

/// A wish for a call as soon as possible, from the queue `a`.
pub(super) fn wish(asker: Asker, number: &str, now: Now) -> Wish {
    Wish {
        asker,
        number: number_of(number),
        caller: Some(number_of(number)),
        queue: "a".into(),
        needs: Vec::new(),
        priority: 0,
        language: Language::Fr,
        source: Source::Queue,
        reason: Private::new(match asker {
            Asker::Call(call) => Some(call.0.to_string()),
            Asker::Request(_) => None,
        }),
        message: None,
        code: Private::new(None),
        since: now.wall,
        when: When::Soon,
    }
}

fn number_of(number: &str) -> Private<PhoneNumber> {
    Private::new(PhoneNumber::parse(number).unwrap())
}

impl Desk {
    /// A Tuesday, 10:00 in Paris.
    fn new() -> Self {
        Self::with(Rules::default(), "Mo-Fr 09:00-17:00")
    }

    fn with(rules: Rules, opening: &str) -> Self {
        let now = Now { wall: WallTime::from_millis(1_795_510_800_000), ..Now::default() };
        let mut desk = Self { book: Book::new(rules, ONE), now, disk: Disk::Works, kept: Vec::new() };
        desk.tell(Input::Hours { queue: "a".into(), allowed: allowed(opening) });
        desk.tell(Input::Ready);
        desk
    }

    /// What is said until it has nothing more to say, the disk answering at once.
    fn tell(&mut self, input: Input) -> Vec<String> {
        self.book.handle(self.now, input);
        let mut said = Vec::new();
        while let Some(output) = self.book.poll() {
            if let Output::Keep(ticket) = &output {
                let (id, version) = (ticket.id, ticket.version);
                let answer = if self.disk == Disk::Works {
                    self.kept.retain(|t| t.id != id);
                    self.kept.push(Ticket::clone(ticket));
                    Input::Kept { ticket: id, version }
                } else {
                    Input::NotKept { ticket: id, version }
                };
                self.book.handle(self.now, answer);
            }
            said.push(line(&output));
        }
        said
    }

    fn ask(&mut self, call: u64, number: &str) -> Vec<String> {
        self.tell(Input::Ask(wish(Asker::Call(CallId(call)), number, self.now)))
    }

    fn ask_in(&mut self, seconds: u64) -> Vec<String> {
        let from = self.now.wall + Duration::from_secs(seconds);
        let when = When::Slot { from, to: from + Duration::from_secs(3600) };
        self.tell(Input::Ask(Wish { when, ..wish(Asker::Call(CallId(7)), NUMBER, self.now) }))
    }

    fn offer(&mut self) -> Vec<String> {
        self.tell(Input::Offered { ticket: ONE, agent: "amina".into() })
    }

    fn accept(&mut self) -> Vec<String> {
        let (call_id, from_tag) = ("c1".to_owned(), "f1".to_owned());
        let dialog = DialogName { call_id, from_tag, branch: "b1".into(), to_tag: None };
        self.tell(Input::Accepted { ticket: ONE, agent: "amina".into(), dialog })
    }

    /// As far as the citizen's phone ringing, for the nth time.
    fn dial(&mut self) -> u32 {
        self.offer();
        self.accept();
        self.book.ticket(ONE).unwrap().attempt()
    }

    fn fail(&mut self, nth: u32, why: Outcome) -> Vec<String> {
        self.tell(Input::Failed { ticket: ONE, nth, why, not_before: None })
    }

    fn after(&mut self, seconds: u64) -> Vec<String> {
        self.now = self.now + Duration::from_secs(seconds);
        self.tell(Input::Tick)
    }

    /// The service dies and starts again with what the disk has.
    fn crash(&mut self) -> Vec<String> {
        self.book = Book::new(Rules::default(), ONE);
        self.tell(Input::Hours { queue: "a".into(), allowed: allowed("Mo-Fr 09:00-17:00") });
        let mut said = Vec::new();
        for ticket in self.kept.clone() {
            said.extend(self.tell(Input::Restored(ticket)));
        }
        said.extend(self.tell(Input::Ready));
        said
    }

    fn ended(&self) -> Option<Reason> {
        self.kept.first().and_then(|ticket| ticket.ended)
    }
}

fn line(output: &Output) -> String {
    match output {
        Output::Keep(ticket) => format!("keep {}", ticket.state.name()),
        Output::Promise { asker, .. } => format!("promise {asker}"),
        Output::Refused { asker, why } => format!("refuse {asker} {}", why.word()),
        Output::Known { ticket, .. } => format!("known {ticket}"),
        Output::Diary { asker, diary } => format!("{asker}: {} times are taken", diary.promised.len()),
        Output::Cancelled { asker, .. } => format!("cancelled {asker}"),
        Output::Join(line) => match line.from {
            Some(call) => format!("join {} from {call}", line.ticket),
            None => format!("join {}", line.ticket),
        },
        Output::Leave { ticket } => format!("leave {ticket}"),
        Output::Arrived { call, since } => format!("{call} since {}", since.millis()),
        Output::TakesPlace { call } => format!("place to {call}"),
        Output::Ring { agent, .. } => format!("ring {agent}"),
        Output::Dial { nth, .. } => format!("dial {nth}"),
        Output::Bridge { nth, .. } => format!("bridge {nth}"),
        Output::Stop { .. } => "stop".into(),
        Output::EndOld { attempt, .. } => format!("end {}", attempt.dialog.call_id),
    }
}

const ONE: TicketId = TicketId(1);
const NUMBER: &str = "0612345678";

#[test]
fn a_promise_is_written_down_told_and_kept() {
    let mut desk = Desk::new();
    assert_eq!(desk.ask(7, NUMBER), ["keep asked", "join ticket-1 from call-7", "promise call-7"]);
    assert_eq!(desk.offer(), ["ring amina"]);
    assert_eq!(desk.accept(), ["keep dialling", "dial 1"]);
    assert_eq!(desk.tell(Input::Rings { ticket: ONE, nth: 1, to_tag: "t".into() }), ["keep dialling"]);
    assert_eq!(desk.kept[0].attempts[0].dialog.to_tag.as_deref(), Some("t"), "so that a BYE can be sent");
    assert_eq!(desk.tell(Input::Answered { ticket: ONE, nth: 1 }), ["keep connected", "bridge 1"]);
    assert_eq!(desk.tell(Input::TalkEnded { ticket: ONE, nth: 1 }), ["leave ticket-1", "keep done"]);
    assert_eq!(desk.ended(), Some(Reason::Talked));
    assert_eq!(desk.book.ticket(ONE), None, "nothing is left of it");
}

#[test]
fn a_slot_waits_for_its_time_at_home() {
    let mut desk = Desk::new();
    assert_eq!(desk.ask_in(3600), ["keep asked", "promise call-7"]);
    assert_eq!(desk.after(3599), Vec::<String>::new());
    assert_eq!(desk.after(1), ["join ticket-1"]);
}

#[test]
fn nothing_is_promised_that_is_not_written_down() {
    let mut desk = Desk::new();
    desk.disk = Disk::Full;
    assert_eq!(desk.ask(7, NUMBER), ["keep asked", "refuse call-7 not-kept", "keep refused"]);
    desk.disk = Disk::Works;
    assert_eq!(desk.ask(8, NUMBER)[2], "promise call-8", "the number may ask again");
}

#[test]
fn nobody_is_dialled_before_the_attempt_is_written_down() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.offer();
    desk.disk = Disk::Full;
    assert_eq!(desk.accept(), ["keep dialling", "stop", "leave ticket-1", "keep retry"], "the agent is let go");
    desk.disk = Disk::Works;
    assert_eq!(desk.after(900), ["keep retry", "join ticket-1"]);
    assert_eq!(desk.offer(), ["ring amina"]);
    assert_eq!(desk.accept(), ["keep dialling", "dial 2"]);
    let version = desk.book.ticket(ONE).unwrap().version;
    assert_eq!(desk.tell(Input::Kept { ticket: ONE, version }), Vec::<String>::new(), "and dialled once");
}

#[test]
fn who_was_not_reached_is_tried_three_times_a_quarter_of_an_hour_apart() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    for (nth, why) in [(1, Outcome::Busy), (2, Outcome::NoAnswer)] {
        assert_eq!(desk.dial(), nth);
        assert_eq!(desk.fail(nth, why), ["leave ticket-1", "keep retry"]);
        assert_eq!(desk.after(899), Vec::<String>::new());
        assert_eq!(desk.after(1), ["join ticket-1"]);
    }
    desk.dial();
    assert_eq!(desk.fail(2, Outcome::Busy), Vec::<String>::new(), "an attempt that is over says nothing more");
    assert_eq!(desk.fail(3, Outcome::Refused), ["leave ticket-1", "keep given-up"]);
    assert_eq!(desk.ended(), Some(Reason::NotReached(Outcome::Refused)));
}

#[test]
fn a_machine_is_tried_again_and_a_dead_number_is_not() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    desk.tell(Input::Answered { ticket: ONE, nth: 1 });
    assert_eq!(desk.fail(1, Outcome::Machine), ["leave ticket-1", "keep retry"]);
    desk.after(900);
    desk.dial();
    assert_eq!(desk.fail(2, Outcome::OutOfService), ["leave ticket-1", "keep given-up"]);
    assert_eq!(desk.ended().unwrap().word(), "out-of-service");
}

#[test]
fn an_agent_who_hangs_up_costs_the_citizen_no_attempt() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    for nth in 1..=4 {
        desk.dial();
        assert_eq!(desk.fail(nth, Outcome::Stopped)[1], "keep retry");
        desk.after(900);
    }
}

#[test]
fn an_agent_who_does_not_answer_leaves_the_ticket_its_place() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.offer();
    assert_eq!(desk.tell(Input::Missed { ticket: ONE, agent: "amina".into() }), Vec::<String>::new());
    assert_eq!(desk.accept(), ["stop", "leave ticket-1", "join ticket-1 from call-7"], "too late");
    assert_eq!(desk.offer(), ["ring amina"]);
}

#[test]
fn nobody_is_called_when_it_is_closed() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    assert_eq!(desk.after(7 * 3600), ["leave ticket-1"], "17:00");
    assert_eq!(desk.offer(), ["leave ticket-1"], "an offer that crossed it is given back");
    assert_eq!(desk.ask(8, "0612345679"), ["keep asked", "promise call-8"]);
    assert_eq!(
        desk.after(16 * 3600),
        ["join ticket-1 from call-7", "join ticket-2 from call-8"],
        "09:00 the next day, in the order of arrival"
    );
}

#[test]
fn an_agent_who_accepts_after_closing_is_let_go() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.after(7 * 3600 - 5);
    desk.offer();
    assert_eq!(desk.after(5), ["stop", "leave ticket-1"]);
}

#[test]
fn one_number_has_one_ticket() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    assert_eq!(desk.ask(8, "+33 6 12 34 56 78"), ["promise call-8"]);
    assert_eq!(desk.kept.len(), 1);
}

#[test]
fn a_second_call_of_the_number_waits_for_the_same_disk() {
    let mut desk = Desk::new();
    let ask = |call| Input::Ask(wish(Asker::Call(CallId(call)), NUMBER, Now::default()));
    desk.book.handle(desk.now, ask(7));
    assert_eq!(desk.tell(ask(8))[2..], ["promise call-7", "promise call-8"]);
}

#[test]
fn a_cancelled_ticket_is_not_dialled_and_that_is_told_once_it_is_written() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    let web = Asker::Request(1);
    let cancel = || Input::Cancel { asker: web, ticket: ONE, by: By::Web };
    assert_eq!(desk.tell(cancel()), ["leave ticket-1", "keep cancelled", "cancelled request-1"]);
    assert_eq!(desk.tell(cancel()), ["refuse request-1 unknown"]);
    assert_eq!(desk.offer(), ["leave ticket-1"]);
    assert_eq!(desk.book.of(number_of(NUMBER).reveal()).count(), 0);
}

#[test]
fn a_citizen_who_is_being_called_can_t_cancel_any_more() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    desk.dial();
    let cancel = Input::Cancel { asker: Asker::Request(1), ticket: ONE, by: By::Web };
    assert_eq!(desk.tell(cancel), ["refuse request-1 too-late"]);
}

#[test]
fn who_was_told_that_nothing_is_noted_is_not_called() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER);
    let forget = Input::Forget { asker: Asker::Call(CallId(7)) };
    assert_eq!(desk.tell(forget), ["leave ticket-1", "keep cancelled"]);
    assert_eq!(desk.ended(), Some(Reason::Cancelled(By::Unpromised)));
}
