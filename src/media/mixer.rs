use std::collections::VecDeque;

use super::{Codec, FRAME};
use crate::base::LegId;

/// Adds up what one leg hears of several others, 20 ms at a time.
///
/// Each voice waits in a short buffer of its own, since packets of different phones
/// come at different moments of the 20 ms: a voice begins once a packet's worth is
/// there, so that jitter of less than a packet is not heard, and what is older than
/// [`LONGEST`] is dropped, so that a burst never stays a delay.
#[derive(Debug)]
pub struct Mixer {
    voices: Vec<Voice>,
}

#[derive(Debug)]
struct Voice {
    leg: LegId,
    waiting: VecDeque<i16>,
    /// Whether it has begun and not run dry since.
    flows: bool,
}

/// Samples of one voice that wait at most: 60 ms.
const LONGEST: usize = 3 * FRAME;

impl Mixer {
    /// A mixer of these legs' voices.
    pub fn new(legs: &[LegId]) -> Self {
        let voice = |&leg| Voice { leg, waiting: VecDeque::with_capacity(LONGEST), flows: false };
        Self { voices: legs.iter().map(voice).collect() }
    }

    /// The legs whose voices are added up.
    pub fn legs(&self) -> impl Iterator<Item = LegId> {
        self.voices.iter().map(|voice| voice.leg)
    }

    /// Takes a payload of a leg's sound, one byte per sample. Of a leg that is not
    /// listened to, nothing is taken.
    pub fn push(&mut self, leg: LegId, codec: Codec, payload: &[u8]) {
        let Some(voice) = self.voices.iter_mut().find(|voice| voice.leg == leg) else { return };
        let newest = &payload[payload.len().saturating_sub(LONGEST)..];
        let too_many = (voice.waiting.len() + newest.len()).saturating_sub(LONGEST);
        voice.waiting.drain(..too_many);
        voice.waiting.extend(newest.iter().map(|&byte| codec.decode(byte)));
        voice.flows |= voice.waiting.len() >= FRAME;
    }

    /// The next 20 ms of all voices together, cut off at the loudest sample that there
    /// is; silence where none speaks.
    pub fn frame(&mut self, codec: Codec) -> [u8; FRAME] {
        let mut sum = [0_i32; FRAME];
        for voice in self.voices.iter_mut().filter(|voice| voice.flows) {
            let there = voice.waiting.len().min(FRAME);
            for (total, sample) in sum.iter_mut().zip(voice.waiting.drain(..there)) {
                *total += i32::from(sample);
            }
            voice.flows = there == FRAME;
        }
        sum.map(|total| codec.encode(total.clamp(i16::MIN.into(), i16::MAX.into()) as i16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: LegId = LegId(256);
    const AGENT: LegId = LegId(257);

    fn sound(codec: Codec, sample: i16, samples: usize) -> Vec<u8> {
        vec![codec.encode(sample); samples]
    }

    fn heard(mixer: &mut Mixer) -> i32 {
        let frame = mixer.frame(Codec::Pcma);
        assert!(frame.iter().all(|&byte| byte == frame[0]));
        i32::from(Codec::Pcma.decode(frame[0]))
    }

    #[test]
    fn two_voices_of_two_codecs_are_heard_together() {
        let mut mixer = Mixer::new(&[CALLER, AGENT]);
        mixer.push(CALLER, Codec::Pcma, &sound(Codec::Pcma, 4_000, FRAME));
        mixer.push(AGENT, Codec::Pcmu, &sound(Codec::Pcmu, 2_000, FRAME));
        assert!((heard(&mut mixer) - 6_000).abs() < 200);
        assert_eq!(heard(&mut mixer).abs(), 8, "silence follows");
    }

    #[test]
    fn loud_voices_are_cut_off_not_turned_over() {
        let mut mixer = Mixer::new(&[CALLER, AGENT]);
        for leg in [CALLER, AGENT] {
            mixer.push(leg, Codec::Pcma, &sound(Codec::Pcma, 30_000, FRAME));
        }
        assert!(heard(&mut mixer) > 30_000);
    }

    #[test]
    fn a_voice_begins_once_a_packet_is_there_and_its_last_samples_are_not_lost() {
        let mut mixer = Mixer::new(&[CALLER]);
        mixer.push(CALLER, Codec::Pcma, &sound(Codec::Pcma, 4_000, 80));
        assert_eq!(heard(&mut mixer).abs(), 8);
        mixer.push(CALLER, Codec::Pcma, &sound(Codec::Pcma, 4_000, 120));
        assert!(heard(&mut mixer) > 3_900);
        let last = mixer.frame(Codec::Pcma).map(|byte| Codec::Pcma.decode(byte));
        assert!(last[..40].iter().all(|&s| s > 3_900) && last[40..].iter().all(|&s| s.abs() <= 8));
    }

    #[test]
    fn a_burst_is_cut_to_the_newest_60_ms_and_strangers_are_not_heard() {
        let mut mixer = Mixer::new(&[CALLER]);
        mixer.push(AGENT, Codec::Pcma, &sound(Codec::Pcma, 9_000, FRAME));
        for sample in [1_000, 2_000, 3_000, 4_000, 5_000] {
            mixer.push(CALLER, Codec::Pcma, &sound(Codec::Pcma, sample, FRAME));
        }
        let heard: Vec<i32> = (0..4).map(|_| (heard(&mut mixer) + 500) / 1_000).collect();
        assert_eq!(heard, [3, 4, 5, 0]);
        mixer.push(CALLER, Codec::Pcma, &sound(Codec::Pcma, 9_000, 2_000));
        assert_eq!(mixer.voices[0].waiting.len(), LONGEST);
    }
}
