//! How a place passes from a caller to a ticket, and what the board says of tickets.

use std::sync::Arc;

use super::*;
use crate::base::{Language, PhoneNumber, Private};
use crate::callback::{Allowed, Asker, Rules, Source, When, Wish};
use crate::flow::QueueRules;
use crate::service::Hours;

const CALL: CallId = CallId(1);
pub(super) const ONE: TicketId = TicketId(1);

pub(super) struct House {
    pub(super) callbacks: Callbacks,
    pub(super) board: Board,
    pub(super) disk: mpsc::Receiver<Ticket>,
}

impl House {
    /// A caller waits in the queue `a`, whose one agent is there and talks.
    pub(super) fn new() -> Self {
        let (disk, inbox) = mpsc::channel(8);
        let (at, presented) = ("192.0.2.9:5060".parse().unwrap(), PhoneNumber::parse("+33143124567").unwrap());
        let trunk = sip::Trunk::at(sip::Transport::Udp, at, "operator.example", presented);
        let trunk = sip::Trunk { prefixes: vec!["+33".into()], ..trunk };
        let callbacks = Callbacks::new(Book::new(Rules::default(), ONE), vec![trunk], Disk(disk), Chance::seeded(1));
        let rules = QueueRules::new("a".into(), vec![AgentName::from("amina").into()]);
        let mut house = Self { callbacks, board: Board::new(vec![Arc::new(rules)]), disk: inbox };
        let amina = || AgentName::from("amina");
        house.board(queue::Input::AgentUp { agent: amina() });
        house.board(queue::Input::Join(queue::Join::new(CallId(7), "a".into())));
        house.board(queue::Input::Answered { who: CallId(7).into(), agent: amina() });
        house.board(queue::Input::Join(queue::Join::new(CALL, "a".into())));
        let hours = || Hours::parse("24/7", chrono_tz::Europe::Paris).unwrap();
        let allowed = Allowed { opening: hours(), lawful: hours(), an_hour: None };
        house.hear(Input::Hours { queue: "a".into(), allowed });
        house.hear(Input::Ready);
        house
    }

    fn board(&mut self, input: queue::Input) {
        self.board.handle(clock::now(), input);
        while self.board.poll().is_some() {}
    }

    pub(super) fn hear(&mut self, input: Input) -> Vec<Deed> {
        self.callbacks.hear(input, &self.board)
    }

    fn ask(&mut self, number: &str) -> Vec<Deed> {
        self.ask_for(number, When::Soon)
    }

    fn ask_for(&mut self, number: &str, when: When) -> Vec<Deed> {
        self.hear(Input::Ask(Wish { when, ..wish(number) }))
    }

    /// … who has been promised a call.
    pub(super) fn promised() -> Self {
        let mut house = Self::new();
        assert!(house.ask("+33612345678").is_empty(), "nothing is said before the disk has answered");
        let ticket = house.disk.try_recv().unwrap();
        let deeds = house.hear(Input::Kept { ticket: ticket.id, version: ticket.version });
        assert!(matches!(&deeds[..], [Deed::Tell(CALL, call::Input::Book(Output::Promise { .. }))]), "{deeds:?}");
        house
    }
}

/// Of the caller, as soon as possible.
pub(super) fn wish(number: &str) -> Wish {
    Wish {
        asker: Asker::Call(CALL),
        number: Private::new(PhoneNumber::parse(number).unwrap()),
        caller: None,
        queue: "a".into(),
        needs: Vec::new(),
        priority: 0,
        language: Language::Fr,
        source: Source::Queue,
        reason: Private::new(None),
        message: None,
        code: Private::new(None),
        since: clock::wall(),
        when: When::Soon,
    }
}

#[test]
fn the_caller_hands_the_place_over_while_still_waiting() {
    let mut house = House::promised();
    let mut leave = queue::Input::Leave { who: CALL.into(), why: Left::Callback(ONE) };
    assert_eq!(house.callbacks.overhear(&mut leave), None);
    house.board(leave);
    assert_eq!(house.board.rank(ONE), Some(1));
}

#[test]
fn a_caller_who_is_cut_off_before_the_promise_leaves_the_place_to_the_ticket_too() {
    let mut house = House::promised();
    let mut leave = queue::Input::Leave { who: CALL.into(), why: Left::Ended };
    let join = house.callbacks.overhear(&mut leave).expect("the ticket joins by itself");
    house.board(leave);
    house.board(join);
    assert_eq!(house.board.rank(ONE), Some(1));
}

#[test]
fn a_ticket_for_later_takes_no_place_in_the_line() {
    let mut house = House::new();
    let from = clock::wall() + Duration::from_secs(24 * 3600);
    house.ask_for("+33612345678", When::Slot { from, to: from + Duration::from_secs(3600) });
    let ticket = house.disk.try_recv().unwrap();
    house.hear(Input::Kept { ticket: ticket.id, version: ticket.version });
    let mut leave = queue::Input::Leave { who: CALL.into(), why: Left::Callback(ONE) };
    assert_eq!(house.callbacks.overhear(&mut leave), None);
    house.board(leave);
    assert_eq!((house.board.rank(CALL), house.board.rank(ONE)), (None, None));
}

#[test]
fn a_ticket_that_was_known_before_keeps_its_own_place() {
    let mut house = House::promised();
    let mut leave = queue::Input::Leave { who: CALL.into(), why: Left::Callback(ONE) };
    house.callbacks.overhear(&mut leave);
    house.board(leave);
    for call in [CallId(2), CallId(3)] {
        house.board(queue::Input::Join(queue::Join::new(call, "a".into())));
    }
    let mut leave = queue::Input::Leave { who: CallId(3).into(), why: Left::Callback(ONE) };
    house.callbacks.overhear(&mut leave);
    house.board(leave);
    assert_eq!((house.board.rank(ONE), house.board.rank(CallId(3))), (Some(1), None));
}

#[test]
fn who_phones_in_joins_at_the_ticket_s_place_and_the_ticket_stands_until_then() {
    let mut house = House::promised();
    let number = Private::new(PhoneNumber::parse("+33612345678").unwrap());
    let call = CallId(2);
    let deeds = house.hear(Input::PhonesIn { call, number: number.clone(), queue: "a".into() });
    assert!(deeds.is_empty(), "{deeds:?}");
    let mut join = queue::Input::Join(queue::Join::new(call, "a".into()));
    house.callbacks.overhear(&mut join);
    assert!(matches!(&join, queue::Input::Join(join) if join.since.is_some()), "{join:?}");
    assert!(house.callbacks.book.ticket(ONE).is_some_and(Ticket::waits));
    house.hear(Input::PhonedIn { call, number, queue: "a".into() });
    assert!(!house.callbacks.book.ticket(ONE).is_some_and(Ticket::waits));
}

#[test]
fn nobody_is_promised_what_the_trunk_does_not_call() {
    let mut house = House::new();
    let deeds = house.ask("+262262123456");
    let refused = Output::Refused { asker: Asker::Call(CALL), why: Refused::NoLine };
    assert!(matches!(&deeds[..], [Deed::Tell(CALL, call::Input::Book(output))] if *output == refused), "{deeds:?}");
    assert!(house.disk.try_recv().is_err());
}

#[test]
fn the_board_s_offer_begins_a_call_that_has_a_name() {
    let mut house = House::promised();
    house.board(queue::Input::Leave { who: CALL.into(), why: Left::Callback(ONE) });
    let offer = queue::Output::Offer { who: ONE.into(), agent: "amina".into(), ring: Duration::from_secs(12) };
    let deeds = house.callbacks.board_says(offer, &house.board);
    let [Deed::Signal(ToSignalling::CallBack { order, .. })] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!((order.ring, order.agent.as_str()), (Duration::from_secs(12), "amina"));
    assert!(order.dialog.branch.starts_with("z9hG4bK") && order.dialog.call_id.len() == 32);
}

#[test]
fn a_drain_takes_the_tickets_out_of_their_lines_and_no_agent_is_rung_for_them() {
    let mut house = House::promised();
    house.board(queue::Input::Leave { who: CALL.into(), why: Left::Callback(ONE) });
    let offer = || queue::Output::Offer { who: ONE.into(), agent: "amina".into(), ring: RING };
    let left = |deeds: &[Deed]| matches!(deeds, [Deed::Board(queue::Input::Leave { who, .. })] if *who == ONE.into());
    let deeds = house.callbacks.take(ForBook::Rest, &house.board);
    assert!(left(&deeds), "{deeds:?}");
    let deeds = house.callbacks.board_says(offer(), &house.board);
    assert!(left(&deeds), "an offer that has crossed the drain gives the agent back: {deeds:?}");
}

#[test]
fn a_call_that_breaks_off_gives_the_ticket_another_turn() {
    let mut house = House::promised();
    let offer = queue::Output::Offer { who: ONE.into(), agent: "amina".into(), ring: RING };
    let deeds = house.callbacks.board_says(offer, &house.board);
    let [Deed::Signal(ToSignalling::CallBack { id, .. })] = &deeds[..] else { panic!("{deeds:?}") };
    let id = *id;
    let deeds = house.callbacks.gone(id, &house.board);
    assert!(deeds.iter().any(|deed| matches!(deed, Deed::Board(queue::Input::Leave { .. }))), "{deeds:?}");
    assert!(house.callbacks.gone(id, &house.board).is_empty(), "once");
}

#[test]
fn a_lost_call_that_was_never_answered_is_not_counted_as_a_second_one() {
    let mut house = House::promised();
    house.board(queue::Input::Leave { who: CALL.into(), why: Left::Callback(ONE) });
    let offer = queue::Output::Offer { who: ONE.into(), agent: "amina".into(), ring: RING };
    let deeds = house.callbacks.board_says(offer, &house.board);
    let [Deed::Signal(ToSignalling::CallBack { id, order })] = &deeds[..] else { panic!("{deeds:?}") };
    let (id, dialog) = (*id, order.dialog.clone());
    let call_id = dialog.call_id.clone();
    house.hear(Input::Accepted { ticket: ONE, agent: "amina".into(), dialog });
    let version = house.disk.try_recv().unwrap().version;
    house.hear(Input::Kept { ticket: ONE, version });
    house.callbacks.gone(id, &house.board);
    assert_eq!(house.disk.try_recv().unwrap().redialled, 1);
    house.callbacks.take(ForBook::Unanswered { call_id: "another".into() }, &house.board);
    assert!(house.disk.try_recv().is_err());
    house.callbacks.take(ForBook::Unanswered { call_id }, &house.board);
    assert_eq!(house.disk.try_recv().unwrap().redialled, 0);
}

#[test]
fn a_call_is_forgotten_when_its_ticket_goes_home() {
    let mut house = House::promised();
    let offer = queue::Output::Offer { who: ONE.into(), agent: "amina".into(), ring: RING };
    house.callbacks.board_says(offer, &house.board);
    assert_eq!(house.callbacks.recalls.len(), 1);
    let hours = |text| Hours::parse(text, chrono_tz::Europe::Paris).unwrap();
    let allowed = Allowed { opening: hours("off"), lawful: hours("24/7"), an_hour: None };
    let deeds = house.hear(Input::Hours { queue: "a".into(), allowed });
    assert!(matches!(&deeds[..], [Deed::Tell(_, call::Input::Book(Output::Stop { .. })), Deed::Board(_)]), "{deeds:?}");
    assert!(house.callbacks.recalls.is_empty());
}

#[test]
fn a_call_that_breaks_off_after_its_ticket_is_forgotten_frees_the_agent() {
    let mut house = House::new();
    house.callbacks.recalls.insert(ONE, CallId(9));
    let deeds = house.callbacks.gone(CallId(9), &house.board);
    assert!(matches!(&deeds[..], [Deed::Board(queue::Input::Leave { .. })]), "{deeds:?}");
}

#[test]
fn promises_for_a_queue_that_is_gone_are_counted() {
    let mut house = House::promised();
    let ticket = house.callbacks.book.ticket(ONE).unwrap().clone();
    let tickets = [ticket.clone(), ticket];
    assert_eq!(house.callbacks.strays(&tickets), BTreeMap::from([("a".into(), 2)]));
    house.callbacks.services.insert("a".into(), Identity::default());
    assert!(house.callbacks.strays(&tickets).is_empty());
}

#[test]
fn no_call_is_promised_for_a_queue_that_was_taken_away() {
    let mut house = House::promised();
    house.callbacks.services.insert("a".into(), Identity::default());
    let deeds = house.callbacks.renew(&Directory::default(), &house.board);
    assert!(deeds.is_empty(), "{deeds:?}");
    assert_eq!(house.callbacks.promised(), BTreeMap::from([("a".into(), 1)]), "what was promised is kept");
    let deeds = house.ask("+33612345679");
    let refused =
        |deed: &Deed| matches!(deed, Deed::Tell(CALL, call::Input::Book(Output::Refused { why: Refused::NoLine, .. })));
    assert!(deeds.iter().all(refused) && deeds.len() == 1, "{deeds:?}");
}
