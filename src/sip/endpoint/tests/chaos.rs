use proptest::prelude::*;

use super::hand::Hand;
use super::pair::{End, Pair};
use super::*;
use crate::base::Digit;
use crate::sip::{Command, Event, Input};

/// One of the things that a call may ask for, at random.
fn whim(chance: &mut Chance, leg: LegId) -> Command {
    let sdp = format!("sdp{}", chance.below(100));
    match chance.below(13) {
        0 => Command::Ring { leg },
        1 | 2 => Command::Answer { leg, sdp },
        3 => Command::Reject { leg, status: 486, retry_after: None },
        4 => Command::End { leg },
        5 | 6 => Command::Reoffer { leg, sdp },
        7 => Command::Ask { leg },
        8 => Command::Info { leg, digit: Digit::ZERO },
        9 => Command::RejectReoffer { leg },
        10 if chance.below(4) == 0 => Command::GiveUp { leg },
        _ => Command::AnswerReoffer { leg, sdp },
    }
}

/// The leg that an event ends.
fn ends(event: &Event) -> Option<LegId> {
    match event {
        Event::Cancelled { leg } | Event::Failed { leg, .. } | Event::Ended { leg, .. } => Some(*leg),
        _ => None,
    }
}

#[test]
fn whatever_is_lost_and_whatever_is_asked_every_leg_ends_once_and_nothing_stays() {
    for seed in 0..300 {
        let mut pair = Pair::new(seed);
        let mut chance = Chance::seeded(seed ^ 0xabc);
        pair.loss = 20;
        pair.latency = millis(1 + chance.below(400) as u64);
        pair.invite();
        for _ in 0..chance.below(40) {
            let time = millis(chance.below(1500) as u64);
            pair.drive(time);
            let (end, leg) = if chance.below(2) == 0 { (End::Caller, OUT) } else { (End::Callee, FIRST) };
            let command = whim(&mut chance, leg);
            pair.tell(end, command);
        }
        for (end, leg) in [(End::Caller, OUT), (End::Callee, FIRST)] {
            pair.tell(end, Command::End { leg });
        }
        pair.drive(seconds(100));
        // An INVITE that arrived only after the callee was told to end it.
        pair.tell(End::Callee, Command::End { leg: FIRST });
        pair.assert_empty();
        let ended: Vec<LegId> = pair.events(End::Caller).iter().filter_map(ends).collect();
        assert_eq!(ended, [OUT], "seed {seed}");
        let events = pair.events(End::Callee);
        let incoming = events.iter().filter(|event| matches!(event, Event::Incoming(_))).count();
        let ended: Vec<LegId> = events.iter().filter_map(ends).collect();
        assert_eq!(ended.len(), incoming, "seed {seed}: {events:?}");
    }
}

#[test]
fn a_call_through_a_bad_network_is_set_up_and_ends() {
    let mut talked = 0;
    for seed in 0..100 {
        let mut pair = Pair::new(seed);
        pair.loss = 20;
        pair.invite();
        pair.drive(seconds(20));
        pair.tell(End::Callee, Command::Answer { leg: FIRST, sdp: "answer".into() });
        pair.drive(seconds(20));
        let events = pair.events(End::Caller);
        talked += usize::from(events.contains(&Event::Answered { leg: OUT, sdp: "answer".into() }));
        pair.tell(End::Caller, Command::End { leg: OUT });
        pair.assert_empty();
    }
    assert_eq!(talked, 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_messages_never_panic(
        which in 0_usize..6,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut hand = Hand::new();
        let invite = hand.draft("INVITE");
        hand.say(&invite.text());
        hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() });
        let names = ["INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "INFO"];
        let mut draft = hand.draft(names[which]);
        draft.call_id.clone_from(&invite.call_id);
        let mut bytes = draft.with("Contact: <sip:x@192.0.2.2>").text().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()).max(20));
        let before = (hand.endpoint.legs(), hand.endpoint.transactions());
        hand.endpoint.handle(hand.now, Input::Received { from: Hop::udp(hand.from), bytes });
        let mut sent = 0;
        while let Some(output) = hand.endpoint.poll() {
            sent += usize::from(matches!(output, crate::sip::Output::Send { .. }));
        }
        prop_assert!(sent <= 2, "{sent}");
        prop_assert!(hand.endpoint.legs() <= before.0 + 1 && hand.endpoint.transactions() <= before.1 + 1);
    }
}
