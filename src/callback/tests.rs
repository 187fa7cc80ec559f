//! What the book promises, one behaviour a test.

use std::time::Duration;

use super::{Book, Input, Output, Refused, Rules, Ticket, TicketState};
use crate::base::{CallId, Lifecycle, Now, PhoneNumber, Private, TicketId, WallTime};

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

impl Desk {
    fn new() -> Self {
        let now = Now { wall: WallTime::from_millis(1_000_000), ..Now::default() };
        Self { book: Book::new(Rules::default(), ONE), now, disk: Disk::Works, kept: Vec::new() }
    }

    /// What is said until it has nothing more to say, the disk answering at once.
    fn tell(&mut self, input: Input) -> Vec<String> {
        self.book.handle(self.now, input);
        let mut said = Vec::new();
        while let Some(output) = self.book.poll() {
            said.push(match output {
                Output::Keep(ticket) => {
                    let (id, version) = (ticket.id, ticket.version);
                    let word = format!("keep {}", ticket.state.name());
                    let answer = if self.disk == Disk::Works {
                        self.kept.retain(|t| t.id != id);
                        self.kept.push(ticket);
                        Input::Kept { ticket: id, version }
                    } else {
                        Input::NotKept { ticket: id, version }
                    };
                    self.book.handle(self.now, answer);
                    word
                }
                Output::Promise { call, .. } => format!("promise {call}"),
                Output::Refused { call, why } => format!("refuse {call} {why:?}"),
                Output::Due { ticket, .. } => format!("due {ticket}"),
                Output::Dial { number, .. } => format!("dial {}", number.reveal()),
            });
        }
        said
    }

    fn ask(&mut self, call: u64, number: &str, seconds: u64) -> Vec<String> {
        let number = Private::new(PhoneNumber::parse(number).unwrap());
        let due = self.now.wall + Duration::from_secs(seconds);
        self.tell(Input::Ask { call: CallId(call), number, queue: "a".into(), due })
    }

    fn after(&mut self, seconds: u64) -> Vec<String> {
        self.now = self.now + Duration::from_secs(seconds);
        self.tell(Input::Tick)
    }

    /// The service dies and starts again with what the disk has.
    fn crash(&mut self) -> Vec<String> {
        self.book = Book::new(Rules::default(), ONE);
        self.kept.clone().into_iter().flat_map(|ticket| self.tell(Input::Restored(ticket))).collect()
    }
}

const ONE: TicketId = TicketId(1);
const NUMBER: &str = "0612345678";

#[test]
fn a_promise_is_written_down_told_and_kept() {
    let mut desk = Desk::new();
    assert_eq!(desk.ask(7, NUMBER, 60), ["keep asked", "promise call-7"]);
    assert_eq!(desk.book.deadline(), Some((desk.now + Duration::from_secs(60)).mono));
    assert_eq!(desk.after(59), Vec::<String>::new());
    assert_eq!(desk.after(1), ["keep due", "due ticket-1"]);
    assert_eq!(desk.tell(Input::Dial { ticket: ONE }), ["keep dialling", "dial 0612345678"]);
    assert_eq!(desk.tell(Input::Answered { ticket: ONE }), ["keep connected"]);
    assert_eq!(desk.tell(Input::TalkEnded { ticket: ONE }), ["keep done"]);
    assert_eq!((desk.book.ticket(ONE), desk.book.deadline()), (None, None), "nothing is left of it");
}

#[test]
fn nothing_is_promised_that_is_not_written_down() {
    let mut desk = Desk::new();
    desk.disk = Disk::Full;
    assert_eq!(desk.ask(7, NUMBER, 0), ["keep asked", "refuse call-7 NotKept", "keep refused"]);
    desk.disk = Disk::Works;
    assert_eq!(desk.ask(8, NUMBER, 0)[..2], ["keep asked", "promise call-8"], "the number may ask again");
}

#[test]
fn nobody_is_dialled_before_the_attempt_is_written_down() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER, 0);
    desk.disk = Disk::Full;
    assert_eq!(desk.tell(Input::Dial { ticket: ONE }), ["keep dialling"]);
    assert_eq!(desk.after(5), ["keep dialling"], "written again and again");
    desk.disk = Disk::Works;
    assert_eq!(desk.after(5), ["keep dialling", "dial 0612345678"]);
    let version = desk.book.ticket(ONE).unwrap().version;
    assert_eq!(desk.tell(Input::Kept { ticket: ONE, version }), Vec::<String>::new(), "and dialled once");
}

#[test]
fn who_was_not_reached_is_tried_three_times_a_quarter_of_an_hour_apart() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER, 0);
    for _ in 0..2 {
        desk.tell(Input::Dial { ticket: ONE });
        assert_eq!(desk.tell(Input::Failed { ticket: ONE }), ["keep retry"]);
        assert_eq!(desk.after(899), Vec::<String>::new());
        assert_eq!(desk.after(1), ["keep due", "due ticket-1"]);
    }
    desk.tell(Input::Dial { ticket: ONE });
    assert_eq!(desk.tell(Input::Failed { ticket: ONE }), ["keep given-up"]);
    assert_eq!(desk.book.ticket(ONE), None);
}

#[test]
fn one_number_has_one_ticket() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER, 60);
    assert_eq!(desk.ask(8, "+33 6 12 34 56 78", 60), ["promise call-8"]);
    assert_eq!(desk.kept.len(), 1);
}

#[test]
fn a_second_call_of_the_number_waits_for_the_same_disk() {
    let mut desk = Desk::new();
    let ask = |call| Input::Ask {
        call: CallId(call),
        number: Private::new(PhoneNumber::parse(NUMBER).unwrap()),
        queue: "a".into(),
        due: WallTime::from_millis(9_000_000),
    };
    desk.book.handle(desk.now, ask(7));
    assert_eq!(desk.tell(ask(8)), ["keep asked", "promise call-7", "promise call-8"]);
}

#[test]
fn a_cancelled_ticket_is_not_dialled() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER, 60);
    assert_eq!(desk.tell(Input::Cancel { ticket: ONE }), ["keep cancelled"]);
    assert_eq!(desk.after(60), Vec::<String>::new());
    assert_eq!(desk.book.of(&PhoneNumber::parse(NUMBER).unwrap()), None);
}

#[test]
fn a_full_book_says_so() {
    let mut desk = Desk::new();
    desk.book = Book::new(Rules { capacity: 1, ..Rules::default() }, ONE);
    desk.ask(7, NUMBER, 60);
    assert_eq!(desk.ask(8, "0612345679", 60), [format!("refuse call-8 {:?}", Refused::Full)]);
}

#[test]
fn a_promise_survives_a_crash_and_a_call_in_progress_is_not_doubled() {
    let mut desk = Desk::new();
    desk.ask(7, NUMBER, 60);
    assert_eq!(desk.kept[0].state, TicketState::Asked);
    assert_eq!(desk.crash(), ["keep kept"]);
    assert_eq!(desk.after(60), ["keep due", "due ticket-1"]);
    assert_eq!(desk.crash(), ["due ticket-1"]);
    desk.tell(Input::Dial { ticket: ONE });
    assert_eq!(desk.crash(), ["keep retry"]);
    assert_eq!(desk.after(179), Vec::<String>::new(), "the guard time");
    assert_eq!(desk.after(1), ["keep due", "due ticket-1"]);
    desk.tell(Input::Dial { ticket: ONE });
    desk.tell(Input::Answered { ticket: ONE });
    assert_eq!(desk.crash(), ["keep done"]);
    assert_eq!(desk.ask(9, "0612345679", 60)[1], "promise call-9");
    assert!(desk.book.ticket(TicketId(2)).is_some(), "an id is never given twice");
}
