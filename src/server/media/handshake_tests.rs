//! Two ends of our own on a virtual clock, over a network that loses.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use super::handshake::{Handshaking, Step};
use super::identity::Identity;
use crate::base::{Chance, Instant, limits};
use crate::media::{Fingerprint, Handshake, Role, Secret};
use crate::rtp::{Header, Protection};
use crate::server::clock;

const OURS: &str = "192.0.2.1:4000";
const THEIRS: &str = "192.0.2.9:5000";
const STRANGER: &str = "198.51.100.7:666";
/// The way of a datagram.
const WAY: Duration = Duration::from_millis(20);

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// One end of a handshake, where it is, and what came of it.
struct End {
    at: SocketAddr,
    handshaking: Handshaking,
    keys: Vec<Secret>,
    failed: Option<&'static str>,
}

/// Ends that send to each other.
struct Network {
    now: Instant,
    ends: Vec<End>,
    /// What is on its way: when it arrives, from whom, to whom.
    wire: Vec<(Instant, SocketAddr, SocketAddr, Bytes)>,
    sent: usize,
    chance: Chance,
    /// Of a hundred datagrams.
    lost: usize,
}

impl Network {
    fn new(lost: usize, seed: u64) -> Self {
        let chance = Chance::seeded(seed);
        Self { now: Instant::START, ends: Vec::new(), wire: Vec::new(), sent: 0, chance, lost }
    }

    fn add(&mut self, at: &str, peer: &str, role: Role, identity: &Identity, expected: &Fingerprint) {
        let terms = Handshake { role, fingerprints: [expected.clone()].into(), tls_id: None };
        let handshaking = Handshaking::new(self.now, clock::origin(), identity.clone(), terms, address(peer));
        self.ends.push(End { at: address(at), handshaking, keys: Vec::new(), failed: None });
    }

    /// Two who expect each other; the first begins.
    fn pair(lost: usize, seed: u64) -> Self {
        let (one, other) = (Identity::draw().unwrap(), Identity::draw().unwrap());
        let mut network = Self::new(lost, seed);
        network.add(OURS, THEIRS, Role::Active, &one, other.fingerprint());
        network.add(THEIRS, OURS, Role::Passive, &other, one.fingerprint());
        network
    }

    /// Goes on until nothing more is due, or this much time has passed.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            for end in &mut self.ends {
                while let Some(step) = end.handshaking.poll() {
                    match step {
                        Step::Send { to, datagram } => {
                            self.sent += 1;
                            if self.chance.below(100) >= self.lost {
                                self.wire.push((self.now + WAY, end.at, to, datagram));
                            }
                        }
                        Step::Keys { secret, .. } => end.keys.push(*secret),
                        Step::Failed { why } => end.failed = Some(why),
                    }
                }
            }
            let arrives = self.wire.iter().map(|(at, ..)| *at).min();
            let due = self.ends.iter().filter_map(|end| end.handshaking.due()).min();
            let Some(next) = arrives.into_iter().chain(due).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            let now = self.now;
            let (arrived, waiting) = std::mem::take(&mut self.wire).into_iter().partition(|(at, ..)| *at <= now);
            self.wire = waiting;
            let arrived: Vec<_> = arrived;
            for (_, from, to, datagram) in arrived {
                for end in self.ends.iter_mut().filter(|end| end.at == to) {
                    end.handshaking.receive(now, from, &datagram);
                }
            }
            for end in &mut self.ends {
                if end.handshaking.due().is_some_and(|due| due <= now) {
                    end.handshaking.tick(now);
                }
            }
        }
        self.now = end;
    }

    /// The keys of the first two fit together.
    fn agree(&self) {
        let [one, other] = [&self.ends[0], &self.ends[1]].map(|end| end.keys.last().unwrap());
        assert_eq!((one.suite, &one.ours, &one.theirs), (other.suite, &other.theirs, &other.ours));
        assert_ne!(one.ours, one.theirs);
        let header = Header { payload_type: 8, marker: false, sequence: 1, timestamp: 160, ssrc: 7 };
        let mut packet = [0; 172];
        header.write(&[0x55; 160], &mut packet).unwrap();
        let sealed = Protection::new(one).unwrap().seal(&packet).unwrap();
        assert_eq!(Protection::new(other).unwrap().open(sealed.as_ref()).unwrap().as_ref(), packet);
    }
}

#[test]
fn two_ends_come_to_the_same_keys_and_say_no_more() {
    let mut network = Network::pair(0, 1);
    network.run(Duration::from_secs(1));
    network.agree();
    let said = network.sent;
    network.run(limits::HANDSHAKE_KEPT * 2);
    assert_eq!((network.ends[0].keys.len(), network.ends[1].keys.len(), network.sent), (1, 1, said));
    assert!(network.ends.iter().all(|end| end.failed.is_none() && end.handshaking.due().is_none()));
}

#[test]
fn whatever_a_fifth_of_the_datagrams_lost_are_the_keys_come() {
    for seed in 0..30 {
        let mut network = Network::pair(20, seed);
        network.run(limits::HANDSHAKE_WITHIN);
        let came: Vec<_> = network.ends.iter().map(|end| (end.keys.len(), end.failed)).collect();
        assert_eq!(came, [(1, None); 2], "{seed}");
        network.agree();
        assert!(network.sent < 120, "{seed}: {}", network.sent);
    }
}

#[test]
fn a_certificate_that_is_not_the_one_of_the_sdp_gives_no_keys_to_anybody() {
    let (one, other, wrong) = (Identity::draw().unwrap(), Identity::draw().unwrap(), Fingerprint::of(b"another"));
    for (expected_by_one, expected_by_other) in [(other.fingerprint(), &wrong), (&wrong, one.fingerprint())] {
        let mut network = Network::new(0, 1);
        network.add(OURS, THEIRS, Role::Active, &one, expected_by_one);
        network.add(THEIRS, OURS, Role::Passive, &other, expected_by_other);
        network.run(Duration::from_secs(1));
        assert!(network.ends.iter().all(|end| end.keys.is_empty()));
        let deceived = usize::from(expected_by_other == &wrong);
        assert_eq!(network.ends[deceived].failed, Some("the peer has another certificate than its SDP tells of"));
    }
}

/// It may be the peer behind a translator, or anybody: it ends nothing, and the peer is waited for.
#[test]
fn another_certificate_from_an_address_that_sdp_does_not_tell_of_ends_nothing() {
    let (one, other) = (Identity::draw().unwrap(), Identity::draw().unwrap());
    let mut network = Network::new(0, 1);
    network.add(THEIRS, OURS, Role::Passive, &other, one.fingerprint());
    for _ in 0..20 {
        network.ends.truncate(1);
        network.add(STRANGER, THEIRS, Role::Active, &Identity::draw().unwrap(), other.fingerprint());
        network.run(Duration::from_millis(300));
        assert_eq!((network.ends[0].keys.len(), network.ends[0].failed), (0, None));
    }
    network.ends.truncate(1);
    network.add(OURS, THEIRS, Role::Active, &one, other.fingerprint());
    network.run(Duration::from_secs(1));
    network.agree();
}

/// Who can write any sender's address, and reads nothing, is a stranger too.
#[test]
fn what_a_stranger_sends_in_the_peer_s_name_ends_nothing() {
    let alert = [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40];
    for victim in [0, 1] {
        let mut chance = Chance::seeded(6);
        let mut network = Network::pair(0, 1);
        for round in 0..100_u16 {
            let now = network.now;
            let peer = network.ends[1 - victim].at;
            let length = chance.below(300);
            let junk: Vec<u8> = (0..length).map(|_| chance.u32() as u8).collect();
            let mut first_word = [vec![22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 7], junk.clone()].concat();
            first_word.resize(length.max(14), 1);
            first_word[13] = 1;
            let elsewhere = SocketAddr::new(peer.ip(), 7_000 + round);
            for (from, datagram) in [(peer, &alert[..]), (peer, &junk), (elsewhere, &first_word)] {
                network.ends[victim].handshaking.receive(now, from, datagram);
            }
            network.run(Duration::from_millis(3));
        }
        network.run(Duration::from_secs(2));
        assert!(network.ends.iter().all(|end| end.failed.is_none()), "{victim}");
        network.agree();
    }
}

#[test]
fn who_never_says_anything_is_waited_for_only_so_long() {
    let identity = Identity::draw().unwrap();
    for role in [Role::Active, Role::Passive] {
        let mut network = Network::new(0, 1);
        network.add(OURS, THEIRS, role, &identity, identity.fingerprint());
        network.run(limits::HANDSHAKE_WITHIN - Duration::from_millis(1));
        assert_eq!(network.ends[0].failed, None);
        network.run(Duration::from_millis(1));
        assert_eq!(network.ends[0].failed, Some("the peer has made no handshake in time"), "{role:?}");
        assert!(network.sent < 40, "{}", network.sent);
    }
}

#[test]
fn strangers_who_come_first_disturb_nobody_and_cost_no_more_than_some_attempts() {
    let (one, other) = (Identity::draw().unwrap(), Identity::draw().unwrap());
    let mut network = Network::new(0, 1);
    // The service waits; strangers of more addresses than it listens to begin.
    network.add(THEIRS, OURS, Role::Passive, &other, one.fingerprint());
    for port in 0..20 {
        let from = format!("198.51.100.7:{}", 7_000 + port);
        network.add(&from, THEIRS, Role::Active, &Identity::draw().unwrap(), other.fingerprint());
    }
    network.run(Duration::from_secs(1));
    assert_eq!((network.ends[0].keys.len(), network.ends[0].failed), (0, None));
    network.ends.truncate(1);
    network.add(OURS, THEIRS, Role::Active, &one, other.fingerprint());
    network.run(Duration::from_secs(1));
    network.agree();
}

#[test]
fn what_is_no_handshake_and_what_never_ends_is_not_answered() {
    let mut network = Network::pair(0, 1);
    network.ends.remove(0);
    let waiting = &mut network.ends[0].handshaking;
    let mut chance = Chance::seeded(5);
    for length in 0..2_000 {
        let mut junk: Vec<u8> = (0..length % 300).map(|_| chance.u32() as u8).collect();
        // Some look like a first word.
        for (at, byte) in [(0, 22), (1, 254), (2, 253), (13, 1)] {
            if let Some(place) = junk.get_mut(at) {
                *place = byte;
            }
        }
        waiting.receive(network.now, address(STRANGER), &junk);
    }
    network.run(Duration::from_secs(1));
    assert!(network.sent < 10, "{}", network.sent);
    assert_eq!((network.ends[0].keys.len(), network.ends[0].failed), (0, None));
}

#[test]
fn who_has_moved_begins_anew_with_the_same_certificate_and_nobody_else_does() {
    const ELSEWHERE: &str = "203.0.113.5:9";
    let (one, other, thief) = (Identity::draw().unwrap(), Identity::draw().unwrap(), Identity::draw().unwrap());
    let mut network = Network::new(0, 1);
    network.add(THEIRS, OURS, Role::Passive, &other, one.fingerprint());
    network.add(OURS, THEIRS, Role::Active, &one, other.fingerprint());
    network.run(Duration::from_secs(1));
    network.agree();
    for (who, keys) in [(&thief, 1), (&one, 2)] {
        let now = network.now;
        network.ends[0].handshaking.moved(now, address(ELSEWHERE));
        network.ends.truncate(1);
        network.add(ELSEWHERE, THEIRS, Role::Active, who, other.fingerprint());
        network.run(Duration::from_secs(2));
        assert_eq!((network.ends[0].keys.len(), network.ends[0].failed), (keys, None));
    }
    network.agree();
}
