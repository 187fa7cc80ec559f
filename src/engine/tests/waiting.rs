//! What is told while waiting: the place, comfort, offers, the notice, closing time.

use super::*;
use crate::engine::{ExpectedWait, Longer};
use crate::flow::{Busy, Offer, OfferAction};
use crate::service::{Hours, TimeOfDay};
use crate::speech::{Notice, QuietTime};

/// A menu, then a queue that tells rank and wait, comforts, and offers when it is busy.
pub(super) fn reception(change: impl FnOnce(&mut Queue)) -> Program {
    let offer = |key, action| Offer { key: key_of(key), action, purpose: None };
    let mut program = flow(&["menu", "agents", "personne", "long", "message"], |at| {
        let mut queue = Queue {
            announce: Announce { rank: Some(secs(30)), wait: Some(secs(60)), ..Announce::USUAL },
            comfort: vec![text("Un."), text("Deux.")],
            busy: Some(Busy {
                when_wait: Some(secs(120)),
                when_waiting: Some(5),
                when_abandoned: Some(20),
                offers: vec![
                    offer('1', OfferAction::QuietHours),
                    offer('2', OfferAction::Message(at("message"))),
                    offer('4', OfferAction::Continue),
                ],
            }),
            long: at("long"),
            ..queue_to(at("personne"))
        };
        change(&mut queue);
        let queue = StepKind::Queue(queue);
        vec![menu(&[('1', "un agent", at("agents"))]), queue, hangup("Personne."), hangup("Long."), hangup("Message.")]
    });
    Arc::make_mut(&mut program.card).quiet = Some(Hours::parse("We 14:00-16:00", chrono_tz::Europe::Paris).unwrap());
    program
}

fn queue_to(nobody: StepId) -> Queue {
    match queue(nobody) {
        StepKind::Queue(queue) => queue,
        _ => unreachable!("a queue"),
    }
}

/// A place behind others, with a wait if there is one.
pub(super) fn at(rank: usize, spoken: Option<Wait>) -> Place {
    let wait = spoken.map(|spoken| {
        let (low, high) = (spoken.bottom(), spoken.top().unwrap_or(secs(2400)));
        ExpectedWait { spoken, expected: (low + high) / 2, low, high, longer: None }
    });
    Place { wait, ..Place::ranked(rank) }
}

fn joined(program: Program, place: Place) -> Caller {
    let mut caller = Caller::calls(program);
    caller.press("1");
    assert_eq!(caller.news(QueueNews::Joined { rank: place.rank }), ["ask place"]);
    caller
}

/// A caller who has been told the place and hears music.
pub(super) fn waiting(program: Program, place: Place) -> Caller {
    let mut caller = joined(program, place);
    caller.news(QueueNews::Place(place));
    caller.listen();
    caller
}

fn told(caller: &mut Caller, place: Place) -> Vec<String> {
    caller.news(QueueNews::Place(place))
}

const UNDER_2: Option<Wait> = Some(Wait::Under(2));
const FIVE: Option<Wait> = Some(Wait::AboutFive);
const TEN: Option<Wait> = Some(Wait::Between(10, 15));
const OFFERS: &str = "Pour savoir quand l'attente est plus courte, 1. Pour laisser un message, 2. \
                      Pour continuer à attendre, 4.";
const QUIET: &str = "L'attente est d'habitude plus courte le mercredi, de quatorze heures à seize heures (to the end)";

#[test]
fn the_first_words_have_rank_wait_and_offers_of_this_moment() {
    let mut caller = joined(reception(|_| ()), at(4, FIVE));
    let words = format!("<Waiting> <rank 3> <wait ~5m> {OFFERS} (to the end)");
    assert_eq!(told(&mut caller, at(3, FIVE)), [words]);
    let mut caller = joined(reception(|_| ()), at(1, UNDER_2));
    assert_eq!(told(&mut caller, at(1, UNDER_2)), ["<Waiting> <rank 1> <wait <2m> (to the end)"]);
}

#[test]
fn what_was_told_is_noted_with_what_is_behind_it() {
    let mut caller = joined(reception(|_| ()), at(3, UNDER_2));
    caller.tell(Input::Queue(QueueNews::Place(at(3, UNDER_2))));
    assert_eq!(caller.gets()[..2], ["- told rank 3", "- told wait <2m at 3"]);
}

#[test]
fn a_queue_that_does_not_answer_delays_the_first_words_by_a_second() {
    let mut caller = joined(reception(|_| ()), at(3, None));
    assert_eq!(caller.wait(1), ["<Waiting> <rank 3> (to the end)"]);
}

#[test]
fn the_rank_is_told_where_the_wait_is_not_known() {
    let only_wait = |queue: &mut Queue| queue.announce.rank = None;
    let mut caller = joined(reception(only_wait), at(3, None));
    assert_eq!(told(&mut caller, at(3, None)), ["<Waiting> <rank 3> (to the end)"]);
    let mut caller = joined(reception(only_wait), at(3, UNDER_2));
    assert_eq!(told(&mut caller, at(3, UNDER_2)), ["<Waiting> <wait <2m> (to the end)"]);
}

#[test]
fn rank_and_wait_have_their_own_periods_and_are_told_when_they_change() {
    let mut caller = waiting(reception(|queue| queue.comfort.clear()), at(3, FIVE));
    caller.wait(10);
    assert_eq!(told(&mut caller, at(2, UNDER_2)), [""; 0], "nothing is due");
    assert_eq!(caller.wait(20), ["ask place"]);
    assert_eq!(told(&mut caller, at(2, UNDER_2)), ["<rank 2> (to the end)"], "the wait comes each minute");
    caller.listen();
    assert_eq!(caller.wait(30), ["ask place"]);
    assert_eq!(told(&mut caller, at(2, UNDER_2)), ["<wait <2m> (to the end)"], "the rank is the same");
}

#[test]
fn a_longer_wait_is_told_with_its_reason_or_not_at_all() {
    let mut caller = waiting(reception(|queue| queue.comfort.clear()), at(3, FIVE));
    caller.wait(60);
    assert_eq!(told(&mut caller, at(3, TEN)), [""; 0], "no reason is known");
    caller.wait(10);
    let mut longer = at(3, TEN);
    longer.wait.as_mut().unwrap().longer = Some(Longer::FewerAgents);
    assert_eq!(told(&mut caller, longer), ["<FewerAgents> <wait 10-15m> (to the end)"]);
    caller.listen();
    caller.wait(60);
    assert_eq!(told(&mut caller, at(3, FIVE)), ["<wait ~5m> (to the end)"], "it has become shorter again");
    // Who asks hears the rank when the wait is longer without a reason.
    let only_wait = |queue: &mut Queue| queue.announce.rank = None;
    let mut caller = waiting(reception(only_wait), at(3, UNDER_2));
    caller.press("#");
    assert_eq!(told(&mut caller, at(2, FIVE)), [format!("<rank 2> {OFFERS} (to the end)")]);
}

#[test]
fn comfort_sentences_come_in_turn_each_in_its_time() {
    let change = |queue: &mut Queue| {
        (queue.busy, queue.announce) = (None, Announce { comfort: secs(45), ..Announce::USUAL });
    };
    let mut caller = Caller::calls(reception(change));
    caller.press("1");
    assert_eq!(caller.news(QueueNews::Joined { rank: 3 }), ["<Waiting> (to the end)"]);
    caller.listen();
    for words in ["Un.", "Deux.", "Un."] {
        assert_eq!(caller.wait(44), [""; 0]);
        assert_eq!(caller.wait(1), [format!("{words} (to the end)")]);
        assert_eq!(caller.listen(), ["♪ attente goes on (to the end)"]);
    }
}

#[test]
fn two_announcements_are_twenty_seconds_apart() {
    let mut caller = waiting(reception(|queue| queue.announce.comfort = secs(30)), at(3, UNDER_2));
    caller.wait(30);
    assert_eq!(told(&mut caller, at(2, UNDER_2)), ["<rank 2> (to the end)"]);
    caller.listen();
    assert_eq!(caller.wait(19), [""; 0], "the comfort sentence has been due all the while");
    assert_eq!(caller.wait(1), ["ask place"], "so have the offers, if it is busy");
    assert_eq!(told(&mut caller, at(2, UNDER_2)), ["Un. (to the end)"]);
}

#[test]
fn the_offers_are_made_when_it_is_busy_by_wait_by_callers_or_by_who_hung_up() {
    let busy = |place: Place| {
        let mut caller = joined(reception(|_| ()), place);
        told(&mut caller, place)[0].contains(OFFERS)
    };
    assert!(!busy(at(4, UNDER_2)));
    assert!(busy(at(4, FIVE)), "by the expected wait");
    assert!(busy(at(5, UNDER_2)) && busy(Place { waiting: 5, ..at(1, None) }), "by callers");
    assert!(!busy(Place { abandoned: Some(19), ..at(1, None) }));
    assert!(busy(Place { abandoned: Some(20), ..at(1, None) }), "by who hung up");
}

#[test]
fn the_offers_are_made_as_soon_as_it_becomes_busy_and_again_in_their_time() {
    let change = |queue: &mut Queue| {
        queue.comfort.clear();
        queue.announce = Announce::USUAL;
    };
    let mut caller = waiting(reception(change), at(3, None));
    assert_eq!(caller.wait(20), ["ask place"]);
    assert_eq!(told(&mut caller, at(3, None)), [""; 0]);
    assert_eq!(caller.wait(10), ["ask place"]);
    assert_eq!(told(&mut caller, at(5, None)), [format!("{OFFERS} (to the end)")]);
    caller.listen();
    assert_eq!(caller.wait(119), [""; 0]);
    assert_eq!(caller.wait(1), ["ask place"]);
    assert_eq!(told(&mut caller, at(5, None)), [format!("{OFFERS} (to the end)")]);
}

#[test]
fn an_offer_s_key_acts_while_an_announcement_plays_and_keeps_the_place() {
    let mut caller = joined(reception(|_| ()), at(5, FIVE));
    told(&mut caller, at(5, FIVE));
    caller.wait(2);
    caller.tell(Input::Digit(key_of('1')));
    assert_eq!(caller.gets(), ["- key 1", "- took quiet-hours", QUIET]);
    assert_eq!(caller.listen(), ["♪ attente (to the end)"]);
    assert_eq!(caller.press("4"), ["<Waiting> (to the end)"]);
    caller.listen();
    assert_eq!(caller.press("2"), ["leave", "Message. (to the end)"]);
}

#[test]
fn an_offer_that_was_made_holds_when_it_is_busy_no_more() {
    let mut caller = waiting(reception(|queue| queue.comfort.clear()), at(5, FIVE));
    caller.wait(30);
    told(&mut caller, at(1, UNDER_2));
    assert_eq!(caller.press("1"), [QUIET]);
}

#[test]
fn keys_that_are_no_offer_do_nothing_while_it_is_not_busy() {
    let mut caller = waiting(reception(|_| ()), at(1, UNDER_2));
    caller.wait(2);
    assert_eq!(caller.press("123456789"), [""; 0]);
}

#[test]
fn keys_typed_ahead_of_the_queue_are_no_answer_to_its_offers() {
    let mut caller = Caller::calls(reception(|_| ()));
    assert_eq!(caller.press("12"), [""; 0]);
    caller.news(QueueNews::Joined { rank: 9 });
    assert_eq!(told(&mut caller, at(9, TEN)).len(), 1);
    assert_eq!(caller.press("2"), [""; 0], "the burst is not over");
    caller.wait(1);
    assert_eq!(caller.press("2"), ["leave", "Message. (to the end)"]);
}

#[test]
fn learned_quiet_hours_take_the_place_of_the_card_s_and_no_closed_time_is_told() {
    let hour = |h| TimeOfDay::new(h, 0).unwrap();
    let learned = |from, to| Some(QuietTime { weekday: 3, from: hour(from), to: hour(to), wait: Wait::Under(2) });
    let place = |quiet| Place { quiet, ..at(5, FIVE) };
    let mut caller = waiting(reception(|_| ()), place(learned(9, 11)));
    caller.wait(2);
    let said = "L'attente est d'habitude de moins de deux minutes le jeudi, de neuf heures à onze heures (to the end)";
    assert_eq!(caller.press("1"), [said]);
    let mut caller = waiting(reception(|_| ()), place(learned(16, 18)));
    caller.wait(2);
    assert_eq!(caller.press("1"), [QUIET], "it closes at 17");
    let mut program = reception(|_| ());
    Arc::make_mut(&mut program.card).quiet = None;
    let mut caller = joined(program, at(5, FIVE));
    assert!(!told(&mut caller, place(None))[0].contains("plus courte"), "what is not known is not offered");
}

#[test]
fn nothing_but_an_agent_cuts_the_words() {
    let news = [QueueNews::Nobody, QueueNews::TimedOut];
    for (news, exit) in news.into_iter().zip(["<NobodyThere>", "<WaitedTooLong>"]) {
        let mut caller = joined(reception(|_| ()), at(1, UNDER_2));
        told(&mut caller, at(1, UNDER_2));
        assert_eq!(caller.news(news), [""; 0], "the words are heard out");
        assert_eq!(caller.wait(90), [""; 0]);
        assert_eq!(caller.listen(), [exit]);
    }
    let mut caller = joined(reception(|_| ()), at(1, UNDER_2));
    told(&mut caller, at(1, UNDER_2));
    assert_eq!(caller.news(QueueNews::Connected { agent: "amina".into() }), ["stop"]);
}

#[test]
fn a_key_hurries_who_is_out_of_the_queue_and_star_still_leads_back() {
    for (key, exit) in [("5", "<NobodyThere>"), ("0", "<NobodyThere>"), ("*", "Pour un agent, 1. <0>")] {
        let mut caller = joined(reception(|_| ()), at(1, UNDER_2));
        told(&mut caller, at(1, UNDER_2));
        caller.news(QueueNews::Nobody);
        assert_eq!(caller.press(key), [exit]);
    }
}

#[test]
fn after_the_longest_wait_the_flow_goes_on() {
    let mut caller = waiting(reception(|_| ()), at(1, UNDER_2));
    assert_eq!(caller.news(QueueNews::TimedOut), ["<WaitedTooLong>"]);
    assert_eq!(caller.listen(), ["Long. (to the end)"]);
}

#[test]
fn hash_repeats_place_and_offers_even_if_the_queue_is_slow() {
    let mut caller = waiting(reception(|_| ()), at(5, FIVE));
    assert_eq!(caller.press("#"), ["ask place"]);
    assert_eq!(caller.press("#"), [""; 0], "it has been asked for");
    assert_eq!(caller.wait(1), [format!("<rank 5> <wait ~5m> {OFFERS} (to the end)")]);
}

#[test]
fn a_key_s_answer_puts_the_next_announcement_off() {
    let mut caller = waiting(reception(|_| ()), at(3, UNDER_2));
    caller.wait(29);
    assert_eq!(caller.press("0"), ["<Waiting> (to the end)"]);
    assert_eq!(caller.wait(3), [""; 0], "the rank is due");
    caller.listen();
    assert_eq!(caller.wait(19), [""; 0]);
    assert_eq!(caller.wait(1), ["ask place"]);
}

#[test]
fn closing_time_is_told_after_the_words_and_the_gap() {
    let mut program = reception(|_| ());
    program.queues = vec![Arc::new(rules(AtClosing::Serve))];
    let mut caller = Caller::calls_at(program.clone(), 16);
    caller.press("1");
    caller.news(QueueNews::Joined { rank: 2 });
    caller.wait(3599);
    assert_eq!(caller.wait(2), [""; 0], "the first words are being said");
    assert_eq!(caller.listen(), ["♪ attente (to the end)"]);
    assert_eq!(caller.wait(19), [""; 0]);
    assert_eq!(caller.wait(1), ["<ServedAfterClosing> (to the end)"]);
    caller.listen();
    assert!(!caller.wait(600).contains(&"<ServedAfterClosing> (to the end)".to_owned()), "once");

    program.queues = vec![Arc::new(rules(AtClosing::Tell))];
    let mut caller = Caller::calls_at(program, 16);
    caller.press("1");
    caller.news(QueueNews::Joined { rank: 2 });
    caller.wait(3599);
    assert_eq!(caller.wait(2), [""; 0]);
    assert_eq!(caller.listen(), ["leave", "<ClosedWhileWaiting> <Hours> <Contact> (to the end)"]);
}

#[test]
fn the_notice_is_heard_to_its_end_before_the_place_is_taken() {
    let mut program = reception(|queue| queue.answered = Some(StepId(0)));
    program.notice = Some(Notice::Recorded);
    let mut caller = Caller::calls(program.clone());
    assert_eq!(caller.press("1"), ["Cet appel peut être enregistré. (to the end)"]);
    assert_eq!(caller.press("0#5"), [""; 0], "no key cuts it");
    let play = caller.play.unwrap();
    caller.tell(Input::Finished(play));
    assert_eq!(caller.gets(), ["- noticed recorded", "join s/agents"]);
    caller.news(QueueNews::Joined { rank: 1 });
    caller.news(QueueNews::Connected { agent: "amina".into() });
    caller.news(QueueNews::TalkEnded);
    assert_eq!(caller.press("1"), ["join s/agents", "stop"], "once in a call");

    let mut caller = Caller::calls(program);
    caller.press("1");
    assert_eq!(caller.press("*"), ["Pour un agent, 1. <0>"], "it can be left");
    assert_eq!(caller.press("1"), ["Cet appel peut être enregistré. (to the end)"], "and is heard again");
}

#[test]
fn a_relay_service_is_led_straight_to_the_agents_and_has_time() {
    let mut program = reception(|_| ());
    program.start = StepId(0);
    let relay = PhoneNumber::parse("0978000000").unwrap();
    let mut caller = Caller::calls_from(program, 10, Some(relay));
    assert_eq!(caller.hears(), ["join s/agents"]);
    caller.news(QueueNews::Nobody);
    assert_eq!(caller.press("#"), ["join s/agents", "stop"]);
    let mut program = flow(&["menu", "agents"], |at| vec![menu(&[('1', "un", at("menu"))]), queue(at("menu"))]);
    program.agent = StepId(0);
    let mut caller = Caller::calls_from(program, 10, Some(PhoneNumber::parse("+33978000000").unwrap()));
    caller.listen();
    assert_eq!(caller.wait(14), [""; 0], "three times five seconds");
    assert_eq!(caller.wait(1), ["<Silence> Pour un, 1. <0>"]);
}
