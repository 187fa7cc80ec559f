//! A hostile scanner at the endpoint: nothing panics, what is kept is bounded, and so is what is sent.

use std::collections::{BTreeMap, BTreeSet};

use super::hand::{Hand, header, start};
use super::*;
use crate::sip::{Command, Event, GuardRules, Input, Output};

#[path = "../../../../tests/hostile/mod.rs"]
mod messages;

use messages::Hostile;

/// What an answer may be longer than thrice its request (`é` in a URI is given back as
/// `%C3%A9`): our own headers, two challenges.
const OURS: usize = 1_024;

macro_rules! corpus {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/", $name)).as_slice()
    };
}

/// Every message of the corpus.
const CORPUS: &[&[u8]] = &[
    corpus!("field/anonymous_invite.sip"),
    corpus!("field/freebox_invite.sip"),
    corpus!("field/ims_tel_invite.sip"),
    corpus!("field/register_many.sip"),
    corpus!("field/ringing.sip"),
    corpus!("rfc4475/badaspec.dat"),
    corpus!("rfc4475/badbranch.dat"),
    corpus!("rfc4475/baddate.dat"),
    corpus!("rfc4475/baddn.dat"),
    corpus!("rfc4475/badinv01.dat"),
    corpus!("rfc4475/badvers.dat"),
    corpus!("rfc4475/bcast.dat"),
    corpus!("rfc4475/bext01.dat"),
    corpus!("rfc4475/bigcode.dat"),
    corpus!("rfc4475/clerr.dat"),
    corpus!("rfc4475/cparam01.dat"),
    corpus!("rfc4475/cparam02.dat"),
    corpus!("rfc4475/dblreq.dat"),
    corpus!("rfc4475/esc01.dat"),
    corpus!("rfc4475/esc02.dat"),
    corpus!("rfc4475/escnull.dat"),
    corpus!("rfc4475/escruri.dat"),
    corpus!("rfc4475/insuf.dat"),
    corpus!("rfc4475/intmeth.dat"),
    corpus!("rfc4475/inv2543.dat"),
    corpus!("rfc4475/invut.dat"),
    corpus!("rfc4475/longreq.dat"),
    corpus!("rfc4475/ltgtruri.dat"),
    corpus!("rfc4475/lwsdisp.dat"),
    corpus!("rfc4475/lwsruri.dat"),
    corpus!("rfc4475/lwsstart.dat"),
    corpus!("rfc4475/mcl01.dat"),
    corpus!("rfc4475/mismatch01.dat"),
    corpus!("rfc4475/mismatch02.dat"),
    corpus!("rfc4475/mpart01.dat"),
    corpus!("rfc4475/multi01.dat"),
    corpus!("rfc4475/ncl.dat"),
    corpus!("rfc4475/noreason.dat"),
    corpus!("rfc4475/novelsc.dat"),
    corpus!("rfc4475/quotbal.dat"),
    corpus!("rfc4475/regaut01.dat"),
    corpus!("rfc4475/regbadct.dat"),
    corpus!("rfc4475/regescrt.dat"),
    corpus!("rfc4475/scalar02.dat"),
    corpus!("rfc4475/scalarlg.dat"),
    corpus!("rfc4475/sdp01.dat"),
    corpus!("rfc4475/semiuri.dat"),
    corpus!("rfc4475/transports.dat"),
    corpus!("rfc4475/trws.dat"),
    corpus!("rfc4475/unkscm.dat"),
    corpus!("rfc4475/unksm2.dat"),
    corpus!("rfc4475/unreason.dat"),
    corpus!("rfc4475/wsinv.dat"),
    corpus!("rfc4475/zeromf.dat"),
    corpus!("rfc5118/ipv4-mapped-ipv6.dat"),
    corpus!("rfc5118/ipv6-bad.dat"),
    corpus!("rfc5118/ipv6-bug-abnf-3-colons.dat"),
    corpus!("rfc5118/ipv6-correct-abnf-2-colons.dat"),
    corpus!("rfc5118/ipv6-good.dat"),
    corpus!("rfc5118/ipv6-in-sdp.dat"),
    corpus!("rfc5118/mult-ip-in-header.dat"),
    corpus!("rfc5118/mult-ip-in-sdp.dat"),
    corpus!("rfc5118/port-ambiguous.dat"),
    corpus!("rfc5118/port-unambiguous.dat"),
    corpus!("rfc5118/via-received-param-no-delim.dat"),
    corpus!("rfc5118/via-received-param-with-delim.dat"),
];

/// The messages of the corpus, and some of a call that is there.
fn seeds(hand: &mut Hand) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = CORPUS.iter().map(|bytes| bytes.to_vec()).collect();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() });
    let to = header(&ok[0], "To").unwrap().to_owned();
    for method in ["INVITE", "ACK", "BYE", "CANCEL", "INFO", "OPTIONS", "REFER", "UPDATE", "PRACK", "REGISTER"] {
        let mut draft = hand.draft(method).with("Contact: <sip:x@192.0.2.2>");
        (draft.to, draft.call_id) = (to.clone(), invite.call_id.clone());
        seeds.push(draft.text().into_bytes());
    }
    seeds
}

/// How often each status was answered.
type Statuses = BTreeMap<String, usize>;

/// Gives one message; how many were sent, and how many bytes.
fn given(hand: &mut Hand, bytes: Vec<u8>, statuses: &mut Statuses) -> (usize, usize) {
    hand.endpoint.handle(hand.now, Input::Received { from: Hop::udp(hand.from), bytes });
    let (mut sent, mut length) = (0, 0);
    while let Some(output) = hand.endpoint.poll() {
        match output {
            Output::Send { to, bytes } => {
                assert_eq!(to.address.ip(), hand.from.ip(), "nobody else is sent to");
                (sent, length) = (sent + 1, length + bytes.len());
                *statuses.entry(start(&String::from_utf8(bytes).unwrap()).to_owned()).or_default() += 1;
            }
            Output::Event(event) => hand.events.push(event),
        }
    }
    (sent, length)
}

/// Does with a call what a call does, or lets it ring.
fn act(hand: &mut Hand, dice: &mut Chance) {
    for event in std::mem::take(&mut hand.events) {
        let leg = match event {
            Event::Incoming(incoming) => incoming.leg,
            Event::Reoffered { leg, .. } => {
                hand.command(Command::AnswerReoffer { leg, sdp: "answer".into() });
                continue;
            }
            _ => continue,
        };
        match dice.below(4) {
            0 => drop(hand.command(Command::Answer { leg, sdp: "answer".into() })),
            1 => drop(hand.command(Command::Ring { leg })),
            2 => drop(hand.command(Command::Reject { leg, status: 404, retry_after: None })),
            _ => {}
        }
    }
}

fn survives(seed: u64, count: usize, statuses: &mut Statuses) {
    let mut hand = Hand::new();
    // Nobody is banned: every message is read.
    let guard = GuardRules { after: u32::MAX, ..GuardRules::default() };
    hand.endpoint = Endpoint::new(EndpointSettings { guard, ..settings(HERE) }, Chance::seeded(7));
    let (mut dice, mut chance) = (Chance::seeded(seed), Chance::seeded(seed + 1));
    let mut hostile = Hostile::new(|n| dice.below(n), seeds(&mut hand));
    let mut legs = BTreeSet::new();
    for n in 0..count {
        let bytes = hostile.message();
        let length = bytes.len();
        let shown = || String::from_utf8_lossy(&bytes[..length.min(2_000)]).into_owned();
        let before = (hand.endpoint.legs(), hand.endpoint.transactions());
        let (sent, answer) = given(&mut hand, bytes.clone(), statuses);
        // A CANCEL gets its own answer, and the INVITE its 487.
        assert!(
            sent <= 2 && answer <= sent * (3 * length + OURS),
            "message {n}: {sent} of {answer} bytes to\n{}",
            shown()
        );
        let after = (hand.endpoint.legs(), hand.endpoint.transactions());
        assert!(after.0 <= before.0 + 1 && after.1 <= before.1 + 1, "message {n}: {before:?} {after:?}\n{}", shown());
        let new = hand.events.iter().filter_map(|event| match event {
            Event::Incoming(incoming) => Some(incoming.leg),
            _ => None,
        });
        legs.extend(new);
        act(&mut hand, &mut chance);
        hand.pass(millis(chance.below(300) as u64));
    }
    assert!(legs.len() > count / 20, "{}: too few are calls for this to try anything", legs.len());
    for leg in legs {
        hand.command(Command::End { leg });
    }
    hand.pass(seconds(200));
    assert_eq!((hand.endpoint.legs(), hand.endpoint.transactions()), (0, 0), "nothing is left of all that");
}

/// `SVI_HOSTILE` is how many; the seed goes with it, so that each count tries others.
#[test]
fn a_hostile_message_costs_a_bounded_answer() {
    let count = std::env::var("SVI_HOSTILE").ok().and_then(|count| count.parse().ok()).unwrap_or(8_000);
    let mut statuses = Statuses::new();
    for part in 0..5 {
        survives(count as u64 + part, count / 5, &mut statuses);
    }
    let reached = ["100", "200", "400", "401", "405", "413", "415", "416", "481", "501", "505", "513"];
    for status in reached {
        assert!(statuses.contains_key(status), "{count} messages and never {status}: {statuses:?}");
    }
}
