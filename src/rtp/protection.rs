use bytes::BytesMut;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

use super::incoming::{Content, Incoming};
use crate::media::{MasterKey, Secret, Suite};

/// Encrypts what a leg sends and opens what it receives (RFC 3711): one direction with our
/// key, the other with the peer's. What was changed on the way, or sent twice, is refused.
pub struct Protection {
    secret: Secret,
    outgoing: Context,
    incoming: Incoming,
}

/// The bytes of a packet that was encrypted or opened.
pub struct Sealed(pub(super) BytesMut);

impl AsRef<[u8]> for Sealed {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Packets that may come late without being taken for a replay.
const WINDOW: usize = 128;

impl Protection {
    /// For what SDP agreed on; `None` when the library can't do it.
    pub fn new(secret: &Secret) -> Option<Self> {
        let outgoing = context(secret.suite, &secret.ours)?;
        Some(Self { secret: secret.clone(), outgoing, incoming: Incoming::new(secret.suite, &secret.theirs)? })
    }

    /// After a re-INVITE. A key that stays goes on where it was: its packets are numbered.
    pub fn renew(self, secret: &Secret) -> Option<Self> {
        let same = |one: &MasterKey, other: &MasterKey| self.secret.suite == secret.suite && one == other;
        let (keeps, heard) = (same(&self.secret.ours, &secret.ours), same(&self.secret.theirs, &secret.theirs));
        let outgoing = if keeps { self.outgoing } else { context(secret.suite, &secret.ours)? };
        let incoming = if heard { self.incoming } else { Incoming::new(secret.suite, &secret.theirs)? };
        Some(Self { secret: secret.clone(), outgoing, incoming })
    }

    /// An RTP packet as it is sent.
    pub fn seal(&mut self, packet: &[u8]) -> Option<Sealed> {
        self.outgoing.encrypt_rtp(packet).ok().map(Sealed)
    }

    /// An RTCP compound as it is sent.
    pub fn seal_rtcp(&mut self, compound: &[u8]) -> Option<Sealed> {
        self.outgoing.encrypt_rtcp(compound).ok().map(Sealed)
    }

    /// An RTP packet that came; `None` when it is not the peer's.
    pub fn open(&mut self, packet: &[u8]) -> Option<Sealed> {
        self.incoming.open(Content::Sound, packet)
    }

    /// An RTCP compound that came.
    pub fn open_rtcp(&mut self, compound: &[u8]) -> Option<Sealed> {
        self.incoming.open(Content::Report, compound)
    }
}

impl std::fmt::Debug for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Protection").field("suite", &self.secret.suite).finish_non_exhaustive()
    }
}

/// One direction.
pub(super) fn context(suite: Suite, key: &MasterKey) -> Option<Context> {
    let profile = match suite {
        Suite::Cm128Sha80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Suite::Cm128Sha32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Suite::Gcm128 => ProtectionProfile::AeadAes128Gcm,
        Suite::Gcm256 => ProtectionProfile::AeadAes256Gcm,
    };
    let (key, salt) = key.bytes().split_at_checked(suite.key_bytes())?;
    let (rtp, rtcp) = (srtp_replay_protection(WINDOW), srtcp_replay_protection(WINDOW));
    let provider = rtc_srtp::crypto::default_provider().ok()?;
    Context::new(key, salt, profile, Some(rtp), Some(rtcp), provider.crypto()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Header, Packet, rtcp};
    use super::*;
    use crate::base::Chance;
    use crate::media::{OwnKeys, Secrecy};

    /// Both ends of a leg.
    fn ends(suite: Suite) -> (Secret, Protection, Protection) {
        let keys =
            |seed| OwnKeys::draw(&Secrecy::Required.into(), &mut Chance::seeded(seed)).unwrap().of(suite).clone();
        let ours = Secret { suite, ours: keys(1), theirs: keys(2) };
        let theirs = Secret { suite, ours: keys(2), theirs: keys(1) };
        (ours.clone(), Protection::new(&ours).unwrap(), Protection::new(&theirs).unwrap())
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let header = Header { payload_type: 8, marker: false, sequence, timestamp: 160, ssrc: 7 };
        let mut bytes = vec![0; 172];
        header.write(&[0x55; 160], &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_other_end_reads_what_nobody_else_can_and_nothing_twice_in_every_suite() {
        for suite in Suite::ALL {
            let (_, mut one, mut other) = ends(suite);
            // The numbering turns in the middle.
            for sequence in (65_500..=65_535).chain(0..40) {
                let sealed = one.seal(&packet(sequence)).unwrap();
                let sealed = sealed.as_ref();
                assert_ne!(Packet::parse(sealed).unwrap().payload[..160], [0x55; 160], "{suite:?}");
                assert!(ends(suite).1.open(sealed).is_none(), "our own key opens nothing");
                let mut changed = sealed.to_vec();
                changed[20] ^= 1;
                assert!(other.open(&changed).is_none(), "{suite:?}");
                assert_eq!(other.open(sealed).unwrap().as_ref(), packet(sequence), "{suite:?} {sequence}");
                assert!(other.open(sealed).is_none(), "{suite:?}: a replay");
            }
            assert!(other.open(&packet(90)).is_none(), "{suite:?}: in the clear");
            let bye = rtcp::bye(7, "svi").unwrap();
            let sealed = one.seal_rtcp(&bye).unwrap();
            assert!(rtcp::is_rtcp(sealed.as_ref()));
            assert_eq!(other.open_rtcp(sealed.as_ref()).unwrap().as_ref(), bye);
            assert!(other.open_rtcp(&bye).is_none());
            // What says that it is not encrypted is nobody's.
            for length in [40, 44, 60, 120] {
                let mut forged = bye.clone();
                forged.resize(length, 0);
                assert!(other.open_rtcp(&forged).is_none(), "{suite:?}");
            }
        }
    }

    #[test]
    fn strangers_names_fill_no_memory_and_the_peer_may_have_many() {
        let (secret, _, mut other) = ends(Suite::Cm128Sha80);
        let [mut sound, mut report] = [packet(1), rtcp::bye(7, "svi").unwrap()];
        report.resize(60, 0x55);
        let held = allocation_counter::measure(|| {
            for name in 0..20_000_u32 {
                sound[8..12].copy_from_slice(&name.to_be_bytes());
                report[4..8].copy_from_slice(&name.to_be_bytes());
                assert!(other.open(&sound).is_none() && other.open_rtcp(&report).is_none());
            }
        });
        assert!(held.bytes_current < 20_000, "{} bytes stay", held.bytes_current);
        // The peer's own names are read, the first ones again too, and nothing comes twice.
        let mut one = Protection::new(&secret).unwrap();
        for round in 0..40_u32 {
            for sequence in [round as u16 * 2, round as u16 * 2 + 1] {
                let mut sound = packet(sequence);
                sound[11] = (round % 20) as u8;
                let sealed = one.seal(&sound).unwrap();
                assert_eq!(other.open(sealed.as_ref()).unwrap().as_ref(), sound);
                assert!(other.open(sealed.as_ref()).is_none(), "a replay");
            }
        }
    }

    /// The other end hears it all, whatever is lost and however late it comes, across three turns.
    #[test]
    fn turns_of_the_numbering_are_followed_through_loss_and_disorder() {
        for suite in Suite::ALL {
            let mut chance = Chance::seeded(7);
            let (_, mut one, mut other) = ends(suite);
            let mut sent = Vec::new();
            for n in 30_000..30_000 + 3 * 65_536_u32 + 500 {
                // Far from a turn there is one packet of twenty; around it all, but for a burst.
                let near_a_turn = (n + 300) % 65_536 < 600;
                let lost = if near_a_turn { n > 100_000 && (n + 10) % 65_536 < 20 } else { n % 20 != 0 };
                if !lost {
                    let takes = chance.below(50);
                    sent.push((sent.len() * 10 + takes, n as u16, one.seal(&packet(n as u16)).unwrap()));
                }
            }
            sent.sort_by_key(|(arrives, ..)| *arrives);
            for (at, sequence, sealed) in &sent {
                let opened = other.open(sealed.as_ref());
                assert!(
                    opened.is_some_and(|opened| opened.as_ref() == packet(*sequence)),
                    "{suite:?}: {at} {sequence}"
                );
            }
            assert!(sent.len() > 10_000);
        }
    }

    #[test]
    fn a_stream_that_takes_another_name_is_read_on_and_repeats_nothing() {
        let named = |ssrc| {
            let header = Header { payload_type: 8, marker: false, sequence: 5, timestamp: 160, ssrc };
            let mut bytes = vec![0; 172];
            header.write(&[0x55; 160], &mut bytes).unwrap();
            bytes
        };
        for suite in Suite::ALL {
            let (_, mut one, mut other) = ends(suite);
            // The first name's numbering has turned, which the new name's has not.
            for sequence in (65_500..=65_535).chain(0..5) {
                other.open(one.seal(&packet(sequence)).unwrap().as_ref()).unwrap();
            }
            let (old, new) = (one.seal(&named(7)).unwrap(), one.seal(&named(8)).unwrap());
            assert_ne!(old.as_ref()[12..28], new.as_ref()[12..28], "{suite:?}");
            assert_eq!(other.open(new.as_ref()).unwrap().as_ref(), named(8), "{suite:?}");
        }
    }

    #[test]
    fn a_key_that_stays_goes_on_and_a_new_one_is_taken() {
        let (secret, mut one, other) = ends(Suite::Cm128Sha80);
        let sealed = one.seal(&packet(65_535)).unwrap();
        let renewed = Secret { theirs: secret.ours.clone(), ..secret.clone() };
        let mut one = one.renew(&renewed).unwrap();
        let theirs = Secret { suite: secret.suite, ours: secret.theirs.clone(), theirs: secret.ours.clone() };
        let mut other = other.renew(&theirs).unwrap();
        assert!(other.open(sealed.as_ref()).is_some());
        let after = one.seal(&packet(0)).unwrap();
        assert_eq!(other.open(after.as_ref()).unwrap().as_ref(), packet(0), "the turn before is remembered");
    }
}
