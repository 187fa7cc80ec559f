//! A caller asks to be called back: the number, the time, the promise.

use super::waiting::{at, reception, waiting};
use super::*;
use crate::engine::BookNews;
use crate::flow::{Busy, Offer, OfferAction};
use crate::service::Diary;
use crate::speech::CallbackWords;

/// A queue that is busy from the first caller on, and offers a callback by key 1.
fn busy(at_closing: AtClosing) -> Program {
    let offers = vec![Offer { key: key_of('1'), action: OfferAction::Callback, purpose: None }];
    let mut program = reception(|queue| {
        queue.comfort.clear();
        queue.busy = Some(Busy { when_wait: None, when_waiting: Some(1), when_abandoned: None, offers });
    });
    program.queues = vec![Arc::new(rules(at_closing))];
    program
}

/// A caller from this number who waits and has taken the offer, and what is heard then.
fn asks(number: Option<&str>) -> (Caller, Vec<String>) {
    let mut caller = Caller::calls_from(busy(AtClosing::Serve), 10, number.map(|n| PhoneNumber::parse(n).unwrap()));
    caller.press("1");
    caller.news(QueueNews::Joined { rank: 5 });
    caller.news(QueueNews::Place(at(5, None)));
    caller.listen();
    caller.wait(2);
    let heard = caller.press("1");
    (caller, heard)
}

pub(super) fn book(caller: &mut Caller, news: BookNews) -> Vec<String> {
    caller.hears();
    caller.tell(Input::Book(news));
    caller.gets()
}

pub(super) fn words(words: CallbackWords) -> String {
    speech::callback(Language::Fr, words).to_string()
}

pub(super) const OWN: &str = "Nous pouvons vous rappeler au zéro six douze trente-quatre cinquante-six soixante-dix-huit \
                   Pour confirmer ce numéro, 1. Pour donner un autre numéro, 2.";
pub(super) const MOBILE: Option<&str> = Some("0612345678");

#[test]
fn the_own_number_is_read_back_and_the_promise_comes_after_the_book_s() {
    let (mut caller, heard) = asks(MOBILE);
    assert_eq!(heard, [OWN]);
    assert!(caller.press("1")[0].starts_with("Pour être rappelé dès que possible, 1."));
    assert_eq!(caller.press("1"), ["wish +33612345678", "stop"], "nothing is said before the book has answered");
    let promised = book(&mut caller, BookNews::Promised { slot: None });
    let said = format!("{} <Goodbye> (to the end)", words(CallbackWords::NotedSoon));
    assert_eq!(promised, ["- promised".to_owned(), said]);
    assert_eq!(caller.listen(), ["hangup callback"]);
}

#[test]
fn a_quiet_time_can_be_chosen_by_key() {
    let (mut caller, _) = asks(MOBILE);
    let times = caller.press("1");
    let in_order =
        ["dès que possible, 1.", "aujourd'hui", "demain de quatorze heures à seize heures", "numéro quatre."];
    assert!(in_order.iter().all(|part| times[0].contains(part)), "{times:?}");
    assert_eq!(caller.press("3"), ["wish +33612345678 at a time", "stop"]);
    let tomorrow = tuesday(24 + 14);
    let slot = Some((tomorrow, tomorrow + secs(7200)));
    let said = "C'est noté, nous vous rappelons demain de quatorze heures à seize heures <Goodbye> (to the end)";
    assert_eq!(book(&mut caller, BookNews::Promised { slot })[1], said);
}

#[test]
fn another_number_is_typed_corrected_checked_and_read_back() {
    let (mut caller, _) = asks(MOBILE);
    assert_eq!(caller.press("2"), [words(CallbackWords::TypeNumber)]);
    assert_eq!(caller.press("0143*"), [format!("<Deleted> {}", words(CallbackWords::TypeNumber))]);
    caller.press("0262123456");
    assert_eq!(
        caller.press("#"),
        ["Nous pouvons vous rappeler au zéro deux soixante-deux douze trente-quatre cinquante-six \
          Pour confirmer ce numéro, 1. Pour donner un autre numéro, 2."]
    );
    caller.press("1");
    assert_eq!(caller.press("1"), ["wish +262262123456", "stop"], "La Réunion");
}

#[test]
fn a_pause_ends_a_number_too() {
    let (mut caller, _) = asks(None);
    caller.press("0612345678");
    assert_eq!(caller.wait(4), [OWN]);
}

#[test]
fn a_withheld_number_is_asked_for() {
    let (_, heard) = asks(None);
    assert_eq!(heard, [words(CallbackWords::TypeNumber)]);
}

#[test]
fn an_own_number_that_is_not_called_back_is_not_offered() {
    for number in ["0892123456", "3939", "+3225551212"] {
        let (_, heard) = asks(Some(number));
        assert_eq!(heard, [words(CallbackWords::TypeNumber)], "{number}");
    }
}

#[test]
fn numbers_that_are_not_called_back_are_refused_politely_and_the_third_leads_back() {
    let (mut caller, _) = asks(None);
    let again = |why: &str| [format!("{why} {}", words(CallbackWords::TypeNumber))];
    assert_eq!(caller.press("0892123456#"), again(&words(CallbackWords::NotCallable)));
    assert_eq!(caller.press("06123#"), again("<WrongNumberTyped>"));
    assert_eq!(caller.press("3939#"), [format!("{} (to the end)", words(CallbackWords::NotCallable))]);
    assert_eq!(caller.listen(), ["♪ attente goes on (to the end)"]);
}

#[test]
fn nothing_is_called_noted_that_is_not_and_the_place_is_kept() {
    let (mut caller, _) = asks(MOBILE);
    caller.press("1");
    caller.press("1");
    let refused = book(&mut caller, BookNews::Refused);
    let said = format!("{} (to the end)", words(CallbackWords::NotNotedPlaceKept));
    assert_eq!(refused, ["- not promised".to_owned(), said]);
    assert_eq!(caller.listen(), ["♪ attente goes on (to the end)"]);
    assert_eq!(caller.press("1"), [""; 0], "it is not offered again");
}

#[test]
fn a_book_that_does_not_answer_is_told_to_forget_the_wish() {
    let (mut caller, _) = asks(MOBILE);
    caller.press("1");
    caller.press("1");
    assert_eq!(caller.wait(2), [""; 0]);
    let said = format!("{} (to the end)", words(CallbackWords::NotNotedPlaceKept));
    assert_eq!(caller.wait(1), ["forget the wish".to_owned(), said]);
    assert_eq!(book(&mut caller, BookNews::Promised { slot: None }), [""; 0], "too late to be told");
}

#[test]
fn an_agent_s_answer_comes_before_every_question() {
    let (mut caller, _) = asks(MOBILE);
    assert_eq!(caller.news(QueueNews::Connected { agent: "amina".into() }), ["stop"]);
    let (mut caller, _) = asks(MOBILE);
    caller.press("1");
    caller.press("1");
    assert_eq!(caller.news(QueueNews::Connected { agent: "amina".into() }), ["forget the wish"]);
}

#[test]
fn star_zero_and_silence_lead_back_to_the_music_with_the_place_kept() {
    for key in ["*", "0"] {
        let (mut caller, _) = asks(MOBILE);
        assert_eq!(caller.press(key), ["<Waiting> (to the end)"]);
    }
    let (mut caller, _) = asks(MOBILE);
    caller.listen();
    assert_eq!(caller.wait(8), [format!("<Silence> {OWN}")]);
    caller.listen();
    assert_eq!(caller.wait(8), ["<Waiting> (to the end)"]);
    assert_eq!(caller.listen(), ["♪ attente goes on (to the end)"]);
}

#[test]
fn a_place_that_is_lost_meanwhile_is_told_afterwards() {
    let (mut caller, _) = asks(MOBILE);
    assert_eq!(caller.news(QueueNews::Nobody), [""; 0]);
    assert_eq!(caller.press("*"), ["<NobodyThere>"]);
}

#[test]
fn at_closing_time_a_call_is_offered_and_refusing_it_tells_the_hours() {
    let calls = || {
        let mut caller = Caller::calls_from(busy(AtClosing::Callback), 16, PhoneNumber::parse("0612345678").ok());
        caller.press("1");
        caller.news(QueueNews::Joined { rank: 5 });
        caller.news(QueueNews::Place(at(5, None)));
        caller.wait(3601);
        let heard = caller.listen();
        (caller, heard)
    };
    let (mut caller, heard) = calls();
    assert_eq!(heard, [format!("{} {OWN}", words(CallbackWords::ClosedOffer))]);
    assert!(caller.press("1")[0].starts_with("Pour être rappelé demain"), "no call today any more");
    assert_eq!(caller.press("1"), ["wish +33612345678 at a time", "stop"]);
    let (mut caller, _) = calls();
    assert_eq!(caller.press("*"), ["leave", "<Hours> <Contact> (to the end)"]);
    let (mut caller, _) = calls();
    caller.press("1");
    caller.press("1");
    let refused = book(&mut caller, BookNews::Refused);
    assert_eq!(
        refused[1..],
        ["leave".to_owned(), format!("{} <Hours> <Contact> (to the end)", words(CallbackWords::NotNoted))]
    );
}

#[test]
fn who_phones_again_is_reminded_before_the_menu_and_can_cancel_by_key() {
    let known = speech::known_callback(Language::Fr).to_string().replace(", tapez sur la touche numéro neuf.", ", 9.");
    let calls = || {
        let program = flow(&["bonjour", "menu", "agents"], |at| {
            let choices = menu(&[('1', "un agent", at("agents"))]);
            vec![say("Bonjour.", at("menu")), choices, queue(at("menu"))]
        });
        let mut caller = Caller::calls(program);
        caller.tell(Input::Book(BookNews::Known));
        caller
    };
    let mut caller = calls();
    assert_eq!(caller.listen(), [known.as_str()]);
    assert_eq!(caller.press("9"), ["cancel the ticket", "stop"]);
    assert_eq!(book(&mut caller, BookNews::Cancelled), [words(CallbackWords::Cancelled)]);
    assert_eq!(caller.listen(), ["Pour un agent, 1. <0>"]);
    for late in [false, true] {
        let mut caller = calls();
        caller.listen();
        caller.press("9");
        let said = if late { caller.wait(3) } else { book(&mut caller, BookNews::Refused) };
        assert_eq!(said, ["<TechnicalTrouble>"], "nothing else was asked to be noted");
        assert_eq!(caller.listen(), ["Pour un agent, 1. <0>"]);
    }
    let mut caller = calls();
    caller.listen();
    caller.listen();
    assert_eq!(caller.wait(2), ["Pour un agent, 1. <0>"], "who does nothing goes on");
    let mut caller = calls();
    caller.listen();
    assert_eq!(caller.press("1"), ["join s/agents", "stop"], "a key is kept for the menu");
    caller.tell(Input::Book(BookNews::PlaceKept));
    assert_eq!(caller.news(QueueNews::Joined { rank: 1 }), ["<PlaceOfTicket> <rank 1> (to the end)"]);
}

#[test]
fn a_callback_is_offered_beside_the_place() {
    let mut caller = waiting(busy(AtClosing::Serve), at(5, None));
    caller.wait(2);
    assert_eq!(caller.press("#"), ["ask place"]);
    assert!(caller.news(QueueNews::Place(at(5, None)))[0].contains("Pour être rappelé, 1."));
}

/// A diary in which all of tomorrow afternoon is promised away.
fn full_tomorrow() -> BookNews {
    let tomorrow = tuesday(24 + 14);
    BookNews::Diary(Diary { an_hour: Some(1), promised: vec![(tomorrow, tomorrow + secs(7200), 2)] })
}

#[test]
fn a_time_that_is_promised_away_is_not_offered() {
    let (mut caller, _) = asks(MOBILE);
    book(&mut caller, full_tomorrow());
    let times = caller.press("1");
    assert!(!times[0].contains("demain de quatorze heures"), "{times:?}");
}

#[test]
fn who_is_too_late_for_a_time_is_told_so_and_chooses_another() {
    let (mut caller, _) = asks(MOBILE);
    caller.press("1");
    caller.press("3");
    book(&mut caller, full_tomorrow());
    let again = book(&mut caller, BookNews::SlotTaken);
    assert!(again[0].starts_with(&words(CallbackWords::SlotTaken)), "{again:?}");
    assert!(!again[0].contains("demain de quatorze heures"), "{again:?}");
    assert_eq!(caller.press("3"), ["wish +33612345678 at a time", "stop"]);
    assert_eq!(book(&mut caller, BookNews::Promised { slot: None })[0], "- promised");
}
