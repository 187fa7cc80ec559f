use std::net::SocketAddr;
use std::time::Duration;

use super::Header;
use crate::base::Instant;

/// Symmetric RTP: whom we listen to, and so where we send.
///
/// The address that SDP told is believed at its first packet. A phone behind a
/// network address translator sends from elsewhere: another port of that address is
/// believed after two packets in a row, another address after four. Later than 10 s
/// after the answer it takes six: a muted phone sends nothing until a key is pressed,
/// and a key is at least seven packets. Whoever is believed first stays, but for the
/// address of SDP itself, which may still take over within the 10 s (the learning window of
/// RFC 7362, section 4). After a re-INVITE that tells the same address, who was believed
/// before is so at once, and for a second nobody but that and SDP's address: a refreshed
/// session is no moment for strangers.
#[derive(Clone, Debug)]
pub struct Latch {
    signalled: SocketAddr,
    opened: Instant,
    source: Option<SocketAddr>,
    former: Option<SocketAddr>,
    /// What was known before a hold that tells no address, as in RFC 2543: SDP's, and who was believed.
    before: Option<(SocketAddr, Option<SocketAddr>)>,
    /// Several, so that strangers who send between the peer's packets do not disturb it.
    trials: [Option<Trial>; TRIALS],
}

/// A source that is not believed yet.
#[derive(Clone, Copy, Debug)]
struct Trial {
    from: SocketAddr,
    ssrc: u32,
    next: u16,
    seen: u8,
    /// When it came this far.
    at: Instant,
}

/// What a packet's source is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The peer, known or believed from this packet on.
    Peer,
    /// Nobody whom we know; the packet is dropped.
    Stranger,
}

/// How long after the answer a source can become the peer easily: most phones send as
/// soon as they hear the answer.
const WINDOW: Duration = Duration::from_secs(10);
/// How long who was believed before a re-INVITE keeps its place, whoever else sends.
const KEPT: Duration = Duration::from_secs(1);
/// Sources that are on trial at once.
const TRIALS: usize = 4;
/// Packets in a row from another port of the signalled address.
const SAME_HOST: u8 = 2;
/// Packets in a row from another address.
const ELSEWHERE: u8 = 4;
/// The same, after the window.
const ELSEWHERE_LATE: u8 = 6;

impl Latch {
    /// Listens for the address that SDP told.
    pub fn new(now: Instant, signalled: SocketAddr) -> Self {
        Self { signalled, opened: now, source: None, former: None, before: None, trials: [None; TRIALS] }
    }

    /// Opens anew, after a re-INVITE. Until somebody is believed, we send on to the
    /// former source if SDP's address has not changed.
    pub fn reopen(&mut self, now: Instant, signalled: SocketAddr) {
        let (known, believed) = match self.before {
            Some(before) if self.signalled.ip().is_unspecified() => before,
            Some(_) | None => (self.signalled, self.source.or(self.former)),
        };
        let former = believed.filter(|_| signalled == known);
        *self = Self { former, before: Some((known, believed)), ..Self::new(now, signalled) };
    }

    /// Believes a source that has shown by its key that it is the peer.
    pub fn prove(&mut self, from: SocketAddr) {
        self.believe(from);
    }

    /// Where to send.
    pub fn target(&self) -> SocketAddr {
        self.source.or(self.former).unwrap_or(self.signalled)
    }

    /// The believed source.
    pub fn source(&self) -> Option<SocketAddr> {
        self.source
    }

    /// Judges the source of a packet whose header is given; `agreed` tells whether its
    /// payload type is one that SDP agreed on.
    pub fn judge(&mut self, now: Instant, from: SocketAddr, header: &Header, agreed: bool) -> Verdict {
        if self.source == Some(from) {
            return Verdict::Peer;
        }
        let in_window = now.since(self.opened) < WINDOW;
        if from == self.signalled && (self.source.is_none() || in_window) {
            return self.believe(from);
        }
        if self.source.is_some() || !agreed {
            return Verdict::Stranger;
        }
        if self.former == Some(from) {
            return self.believe(from);
        }
        if self.former.is_some() && now.since(self.opened) < KEPT {
            return Verdict::Stranger;
        }
        let enough = if from.ip() == self.signalled.ip() {
            SAME_HOST
        } else if in_window {
            ELSEWHERE
        } else {
            ELSEWHERE_LATE
        };
        if self.seen(now, from, header) >= enough {
            return self.believe(from);
        }
        Verdict::Stranger
    }

    /// How many packets in a row have come from a source.
    fn seen(&mut self, now: Instant, from: SocketAddr, header: &Header) -> u8 {
        let mut place = self.trials.iter().position(|trial| trial.is_some_and(|trial| trial.from == from));
        if place.is_none() {
            place = (0..TRIALS).min_by_key(|&place| self.trials[place].map(|trial| trial.at));
        }
        let place = &mut self.trials[place.unwrap_or(0)];
        let next = header.sequence.wrapping_add(1);
        let (seen, at) = match place {
            Some(trial) if (trial.from, trial.ssrc, trial.next) == (from, header.ssrc, header.sequence) => {
                (trial.seen + 1, now)
            }
            Some(trial) if trial.from == from => (1, trial.at),
            Some(_) | None => (1, now),
        };
        *place = Some(Trial { from, ssrc: header.ssrc, next, seen, at });
        seen
    }

    /// Whether RTCP from this address is a sign of the peer's life.
    pub fn is_peer_host(&self, from: SocketAddr) -> bool {
        from.ip() == self.target().ip() || from.ip() == self.signalled.ip()
    }

    fn believe(&mut self, from: SocketAddr) -> Verdict {
        self.source = Some(from);
        self.trials = [None; TRIALS];
        Verdict::Peer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "192.0.2.1:4000";

    fn judge(latch: &mut Latch, at: u64, from: &str, ssrc: u32, sequence: u16) -> Verdict {
        let header = Header { payload_type: 8, marker: false, sequence, timestamp: 0, ssrc };
        latch.judge(Instant::START + Duration::from_millis(at), from.parse().unwrap(), &header, true)
    }

    fn latch() -> Latch {
        Latch::new(Instant::START, SDP.parse().unwrap())
    }

    #[test]
    fn the_signalled_address_is_believed_at_once_and_stays() {
        let mut latch = latch();
        assert_eq!(judge(&mut latch, 0, SDP, 1, 1), Verdict::Peer);
        for sequence in 0..20 {
            assert_eq!(judge(&mut latch, 20, "198.51.100.9:9", 2, sequence), Verdict::Stranger);
            assert_eq!(judge(&mut latch, 20, "192.0.2.1:4002", 2, sequence), Verdict::Stranger);
        }
        assert_eq!(latch.target(), SDP.parse::<SocketAddr>().unwrap());
    }

    #[test]
    fn another_address_needs_four_packets_in_a_row() {
        let mut latch = latch();
        let nat = "198.51.100.9:9000";
        for sequence in [1, 2, 3, 5, 6, 7] {
            assert_eq!(judge(&mut latch, 0, nat, 7, sequence), Verdict::Stranger);
        }
        assert_eq!(judge(&mut latch, 0, nat, 7, 8), Verdict::Peer);
        assert_eq!(latch.target(), nat.parse::<SocketAddr>().unwrap());
        assert_eq!(judge(&mut latch, 0, nat, 7, 99), Verdict::Peer);
    }

    #[test]
    fn another_port_of_the_signalled_host_needs_two() {
        let mut latch = latch();
        assert_eq!(judge(&mut latch, 0, "192.0.2.1:5000", 7, 1), Verdict::Stranger);
        assert_eq!(judge(&mut latch, 0, "192.0.2.1:5000", 7, 2), Verdict::Peer);
    }

    #[test]
    fn sprayed_packets_of_changing_sources_are_never_believed() {
        let mut latch = latch();
        for sequence in 0..100 {
            let from = format!("198.51.100.9:{}", 1000 + sequence % 3);
            assert_eq!(judge(&mut latch, 0, &from, 7, sequence), Verdict::Stranger);
        }
        for sequence in 0..100 {
            assert_eq!(judge(&mut latch, 0, "198.51.100.9:5", u32::from(sequence), sequence), Verdict::Stranger);
        }
    }

    #[test]
    fn after_the_window_another_address_needs_six_and_stays() {
        let mut latch = latch();
        for sequence in 0..5 {
            assert_eq!(judge(&mut latch, 10_000, "198.51.100.9:9", 7, sequence), Verdict::Stranger);
        }
        assert_eq!(judge(&mut latch, 10_000, "198.51.100.9:9", 7, 5), Verdict::Peer);
        assert_eq!(judge(&mut latch, 10_020, SDP, 1, 1), Verdict::Stranger);
    }

    #[test]
    fn the_signalled_address_is_believed_however_late() {
        assert_eq!(judge(&mut latch(), 20_000, SDP, 1, 1), Verdict::Peer);
    }

    #[test]
    fn the_signalled_address_takes_over_from_who_came_before_it() {
        let mut latch = latch();
        for sequence in 0..4 {
            judge(&mut latch, 0, "198.51.100.9:9", 7, sequence);
        }
        assert_eq!(judge(&mut latch, 50, SDP, 1, 1), Verdict::Peer);
        assert_eq!(judge(&mut latch, 60, "198.51.100.9:9", 7, 4), Verdict::Stranger);
    }

    #[test]
    fn a_reopened_latch_sends_on_to_the_translated_address_until_it_learns() {
        let mut latch = latch();
        let nat = "198.51.100.9:9000";
        for sequence in 0..4 {
            judge(&mut latch, 0, nat, 7, sequence);
        }
        latch.reopen(Instant::START, SDP.parse().unwrap());
        assert_eq!(latch.source(), None);
        assert_eq!(latch.target(), nat.parse::<SocketAddr>().unwrap());
        latch.reopen(Instant::START, "192.0.2.77:1".parse().unwrap());
        assert_eq!(latch.target(), "192.0.2.77:1".parse::<SocketAddr>().unwrap());
    }

    #[test]
    fn after_a_hold_without_an_address_sound_goes_where_it_went_before() {
        let (mut latch, nat) = (latch(), "198.51.100.9:9000");
        for sequence in 0..4 {
            judge(&mut latch, 0, nat, 7, sequence);
        }
        for held in 0..2 {
            latch.reopen(Instant::START, "0.0.0.0:4000".parse().unwrap());
            assert!(latch.target().ip().is_unspecified(), "{held}");
        }
        latch.reopen(Instant::START, SDP.parse().unwrap());
        assert_eq!(latch.target(), nat.parse::<SocketAddr>().unwrap());
        assert_eq!(judge(&mut latch, 20, nat, 7, 900), Verdict::Peer);
    }

    #[test]
    fn a_session_that_is_refreshed_is_no_chance_for_strangers_and_costs_the_peer_nothing() {
        let (nat, stranger) = ("198.51.100.9:9000", "203.0.113.66:6");
        let believed = || {
            let mut latch = latch();
            for sequence in 0..4 {
                judge(&mut latch, 0, nat, 7, sequence);
            }
            latch.reopen(Instant::START + Duration::from_secs(900), SDP.parse().unwrap());
            latch
        };
        let mut latch = believed();
        for sequence in 0..40 {
            assert_eq!(judge(&mut latch, 900_000 + u64::from(sequence), stranger, 1, sequence), Verdict::Stranger);
        }
        assert_eq!(judge(&mut latch, 900_041, nat, 7, 500), Verdict::Peer, "at its first packet");
        assert_eq!(judge(&mut latch, 902_000, stranger, 1, 40), Verdict::Stranger);
        // A translator that has given the peer another port meanwhile: it is learned a second later.
        let (mut latch, moved) = (believed(), "198.51.100.9:9002");
        let heard = (0..10).find(|&n| judge(&mut latch, 900_980 + n * 20, moved, 7, n as u16) == Verdict::Peer);
        assert_eq!(heard, Some(4), "four in a row once the second is over");
    }

    #[test]
    fn strangers_who_send_between_the_peer_s_packets_do_not_keep_it_from_being_believed() {
        let (mut latch, nat) = (latch(), "198.51.100.9:9000");
        for sequence in 0..3_u16 {
            let now = u64::from(sequence) * 20;
            assert_eq!(judge(&mut latch, now, nat, 7, sequence), Verdict::Stranger);
            for (n, port) in [5, 6, 7, 5, 6].into_iter().enumerate() {
                let from = format!("203.0.113.66:{port}");
                assert_eq!(judge(&mut latch, now + n as u64, &from, 1, sequence * 977), Verdict::Stranger);
            }
        }
        assert_eq!(judge(&mut latch, 60, nat, 7, 3), Verdict::Peer);
    }
}
