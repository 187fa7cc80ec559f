use super::{Content, FRAME, Playout, PlayoutFigures};
use crate::base::{Instant, LegId};

/// Adds up what one leg hears of several others, 20 ms at a time.
///
/// Each voice waits in a [`Playout`] of its own, since packets of different phones come at
/// different moments of the 20 ms, late, or not at all.
#[derive(Debug)]
pub struct Mixer {
    voices: Vec<(LegId, Playout)>,
}

impl Mixer {
    /// A mixer of these legs' voices.
    pub fn new(legs: &[LegId]) -> Self {
        Self { voices: legs.iter().map(|&leg| (leg, Playout::default())).collect() }
    }

    /// The legs whose voices are added up.
    pub fn legs(&self) -> impl Iterator<Item = LegId> {
        self.voices.iter().map(|(leg, _)| *leg)
    }

    /// What the voices had to bear, in all.
    pub fn figures(&self) -> PlayoutFigures {
        self.voices.iter().map(|(_, voice)| voice.figures()).fold(PlayoutFigures::default(), |sum, one| sum + one)
    }

    /// Takes what a leg's packet holds, with its source and timestamp. Of a leg that is
    /// not listened to, nothing is taken.
    pub fn push(&mut self, leg: LegId, now: Instant, stamp: (u32, u32), content: Content<'_>) {
        if let Some((_, voice)) = self.voices.iter_mut().find(|(known, _)| *known == leg) {
            voice.push(now, stamp, content);
        }
    }

    /// The next 20 ms of all voices together, cut off at the loudest sample that there
    /// is; silence where none speaks.
    pub fn frame(&mut self, now: Instant) -> [i16; FRAME] {
        let mut sum = [0_i32; FRAME];
        for (_, voice) in &mut self.voices {
            for (total, sample) in sum.iter_mut().zip(voice.frame(now)) {
                *total += i32::from(sample);
            }
        }
        sum.map(|total| total.clamp(i16::MIN.into(), i16::MAX.into()) as i16)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Codec, Law};
    use super::*;

    const CALLER: LegId = LegId(256);
    const AGENT: LegId = LegId(257);

    /// The mean of what is heard after half a second of steady voices, each of one sample.
    fn heard(listened: &[LegId], voices: &[(LegId, Law, i16)]) -> i32 {
        let mut mixer = Mixer::new(listened);
        let mut last = [0; FRAME];
        for round in 0..25_u32 {
            let now = Instant::START + Duration::from_millis(20) * round;
            for &(leg, law, sample) in voices {
                let sound = [law.encode(sample); FRAME];
                let codec = if law == Law::A { Codec::Pcma } else { Codec::Pcmu };
                mixer.push(leg, now, (leg.0 as u32, round * FRAME as u32), Content::Sound(codec, &sound));
            }
            last = mixer.frame(now);
        }
        last.iter().map(|&sample| i32::from(sample)).sum::<i32>() / FRAME as i32
    }

    #[test]
    fn two_voices_of_two_codecs_are_heard_together() {
        let voices = [(CALLER, Law::A, 4_000), (AGENT, Law::Mu, 2_000)];
        assert!((heard(&[CALLER, AGENT], &voices) - 6_000).abs() < 200);
        assert!(heard(&[CALLER, AGENT], &[]).abs() <= 8, "silence where none speaks");
    }

    #[test]
    fn loud_voices_are_cut_off_not_turned_over() {
        let voices = [(CALLER, Law::A, 30_000), (AGENT, Law::A, 30_000)];
        assert!(heard(&[CALLER, AGENT], &voices) > 30_000);
    }

    #[test]
    fn who_is_not_listened_to_is_not_heard() {
        let voices = [(CALLER, Law::A, 4_000), (AGENT, Law::A, 9_000)];
        assert!((heard(&[CALLER], &voices) - 4_000).abs() < 200);
    }
}
