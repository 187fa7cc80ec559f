use super::*;
use crate::server::callbacks::tests::{House, ONE, wish};

type Receiver = oneshot::Receiver<Answer>;

fn asks(house: &mut House, number: &str, code: &str) -> Receiver {
    let mut wish = wish(number);
    wish.code = crate::base::Private::new(Some(code.to_owned()));
    request(house, Wanted::Callback(Box::new(wish)))
}

fn request(house: &mut House, wanted: Wanted) -> Receiver {
    let (answer, receiver) = oneshot::channel();
    house.callbacks.take(ForBook::Request(Request { wanted, answer }), &house.board);
    receiver
}

/// What the disk is given is on it.
fn written(house: &mut House) -> Vec<&'static str> {
    use crate::base::Lifecycle;
    let mut states = Vec::new();
    while let Ok(ticket) = house.disk.try_recv() {
        house.hear(Input::Kept { ticket: ticket.id, version: ticket.version });
        states.push(ticket.state.name());
    }
    states
}

#[test]
fn a_request_is_answered_only_once_its_ticket_is_on_the_disk() {
    let mut house = House::new();
    let mut answer = asks(&mut house, "+33612345678", "hash");
    assert!(answer.try_recv().is_err(), "nothing is promised yet");
    assert_eq!(written(&mut house), ["asked"]);
    assert_eq!(answer.try_recv(), Ok(Answer::Promised { ticket: ONE, whose: Whose::Own, when: When::Soon }));
    assert!(house.callbacks.requests.waiting.is_empty());
}

#[test]
fn a_second_request_of_a_number_is_promised_the_first_ticket_and_told_apart() {
    let mut house = House::new();
    let _first = asks(&mut house, "+33612345678", "hash");
    let mut second = asks(&mut house, "+33612345678", "other");
    written(&mut house);
    let earlier = Ok(Answer::Promised { ticket: ONE, whose: Whose::Earlier, when: When::Soon });
    assert_eq!(second.try_recv(), earlier);
    assert_eq!(asks(&mut house, "+33612345678", "third").try_recv(), earlier);
}

#[test]
fn nothing_is_promised_to_a_requester_who_has_gone() {
    let mut house = House::new();
    drop(asks(&mut house, "+33612345678", "hash"));
    assert_eq!(written(&mut house), ["asked", "cancelled"]);
    // Also when somebody else asks before the disk has answered.
    drop(asks(&mut house, "+33612345679", "hash"));
    let mut answer = asks(&mut house, "+33612345670", "other");
    assert_eq!(written(&mut house), ["asked", "cancelled", "asked"]);
    assert!(matches!(answer.try_recv(), Ok(Answer::Promised { whose: Whose::Own, .. })));
    assert!(house.callbacks.requests.waiting.is_empty());
}

#[test]
fn a_ticket_that_can_not_be_written_is_refused() {
    let mut house = House::new();
    let mut answer = asks(&mut house, "+33612345678", "hash");
    let version = house.disk.try_recv().unwrap().version;
    house.hear(Input::NotKept { ticket: ONE, version });
    assert_eq!(answer.try_recv(), Ok(Answer::Refused(Refused::NotKept)));
}

#[test]
fn a_number_that_the_trunk_does_not_call_is_refused_at_once() {
    let mut house = House::new();
    assert_eq!(asks(&mut house, "+3225123456", "hash").try_recv(), Ok(Answer::Refused(Refused::NoLine)));
    assert!(house.disk.try_recv().is_err());
}

#[test]
fn a_ticket_is_cancelled_by_request_once() {
    let mut house = House::promised();
    let cancel = |house: &mut House| request(house, Wanted::Cancel(ONE, By::Api));
    let mut answer = cancel(&mut house);
    assert!(answer.try_recv().is_err(), "it is not written down yet");
    assert_eq!(written(&mut house), ["cancelled"]);
    assert_eq!(answer.try_recv(), Ok(Answer::Cancelled));
    assert_eq!(cancel(&mut house).try_recv(), Ok(Answer::Refused(Refused::Unknown)));
}

#[test]
fn one_request_too_many_is_told_so_and_those_who_have_gone_make_room() {
    let mut house = House::new();
    let mut waiting = Vec::new();
    for _ in 0..limits::REQUESTS {
        let (answer, receiver) = oneshot::channel();
        house.callbacks.requests.enter(Waits { answer, code: None });
        waiting.push(receiver);
    }
    assert_eq!(asks(&mut house, "+33612345678", "hash").try_recv(), Ok(Answer::Overdue));
    assert!(house.disk.try_recv().is_err(), "nothing is noted");
    drop(waiting);
    assert!(asks(&mut house, "+33612345678", "hash").try_recv().is_err(), "it waits for the disk");
    assert_eq!(house.callbacks.requests.waiting.len(), 1);
}

#[test]
fn a_full_time_is_refused_on_the_web_to_a_number_with_a_ticket_as_to_any_other() {
    use crate::callback::{Allowed, When};
    let mut house = House::new();
    let hours = || crate::service::Hours::parse("24/7", chrono_tz::Europe::Paris).unwrap();
    let allowed = Allowed { opening: hours(), lawful: hours(), an_hour: Some(1) };
    house.hear(Input::Hours { queue: "a".into(), allowed });
    let from = clock::wall() + Duration::from_secs(7_200);
    let slot = When::Slot { from, to: from + Duration::from_secs(1_800) };
    let asks = |house: &mut House, source, number: &str| {
        let code = crate::base::Private::new(Some("hash".into()));
        request(house, Wanted::Callback(Box::new(Wish { when: slot, code, source, ..wish(number) })))
    };
    let mut first = asks(&mut house, Source::Web, "+33612345678");
    written(&mut house);
    assert!(matches!(first.try_recv(), Ok(Answer::Promised { whose: Whose::Own, .. })));
    for number in ["+33612345678", "+33612345679"] {
        let refused = asks(&mut house, Source::Web, number).try_recv();
        assert_eq!(refused, Ok(Answer::Refused(Refused::SlotFull)), "{number}");
    }
    let message = asks(&mut house, Source::Voicemail, "+33612345679").try_recv();
    assert_eq!(message, Ok(Answer::Refused(Refused::SlotFull)), "the diary that comes before is no answer");
}
