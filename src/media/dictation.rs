use std::collections::VecDeque;
use std::time::Duration;

use super::{FRAME, RATE};

/// Listens to a message as it is spoken: gives back what is to be written, without the
/// silence before and after, and says when it is over.
///
/// Levels are kept, and pauses between words are. Silence is told from speech by the
/// level of each 20 ms: what is far above the quietest that was heard lately is
/// speech, what is loud always is, and what is hardly there never is.
#[derive(Debug)]
pub struct Dictation {
    rules: DictationRules,
    /// Samples of a frame that is not whole yet.
    partial: Vec<i16>,
    /// Silent frames that are written only if somebody speaks after them.
    held: VecDeque<[i16; FRAME]>,
    /// Frames of silence since the last sound, or since the start.
    silent: u64,
    /// Frames that were written.
    written: u64,
    /// Frames in which somebody spoke.
    spoken: u64,
    /// The level of the line when nobody speaks, in dB of full scale.
    floor: f64,
    over: Option<Over>,
}

/// When a message is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DictationRules {
    /// The longest message.
    pub at_most: Duration,
    /// How long a caller may take to begin.
    pub begin_within: Duration,
    /// How long a caller may pause.
    pub pause: Duration,
}

/// What was heard until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing that sounds like somebody who speaks.
    Nothing,
    /// Somebody who spoke.
    Speech,
}

/// Why a message is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It is as long as it may be.
    Full,
    /// The caller has said nothing (more) for as long as a caller may.
    Silence,
}

/// The silence that is kept before the first sound, and after the last: a consonant
/// that is softer than the rest of its word is not cut.
const EDGE: u64 = 15;
/// Frames of sound below which nobody has spoken: a click, a cough, a key. 200 ms.
const LEAST_SPEECH: u64 = 10;
/// What is quieter never is speech: the hiss of a line is at -60, a soft voice at -40.
const NEVER: f64 = -50.0;
/// What is louder always is speech.
const ALWAYS: f64 = -28.0;
/// How far speech is above the noise around it, in dB.
const ABOVE: f64 = 10.0;
/// How fast the level of the noise is thought to have risen, in dB per frame: 3 dB a
/// second. Speech falls back to it between any two words.
const RISE: f64 = 0.06;

impl Dictation {
    /// Nothing has been said yet.
    pub fn new(rules: DictationRules) -> Self {
        let (partial, held) = (Vec::with_capacity(FRAME), VecDeque::new());
        Self { rules, partial, held, silent: 0, written: 0, spoken: 0, floor: FLOOR, over: None }
    }

    /// Takes samples as they come (8 kHz) and adds what is to be written.
    pub fn push(&mut self, mut samples: &[i16], out: &mut Vec<i16>) {
        while !samples.is_empty() && self.over.is_none() {
            let (now, later) = samples.split_at(samples.len().min(FRAME - self.partial.len()));
            self.partial.extend_from_slice(now);
            samples = later;
            if let Ok(frame) = <[i16; FRAME]>::try_from(self.partial.as_slice()) {
                self.partial.clear();
                self.frame(frame, out);
            }
        }
    }

    /// Nothing has come for this long: a phone that sends nothing is silent too.
    pub fn idle(&mut self, silent: Duration) {
        if self.over.is_none() && self.is_too_silent(self.silent + frames(silent)) {
            self.over = Some(Over::Silence);
        }
    }

    /// Adds the last that is to be written: the edge of the silence after the last word.
    pub fn finish(mut self, out: &mut Vec<i16>) -> Said {
        let heard = self.heard();
        if heard == Said::Speech {
            let edge = self.held.drain(..).take(EDGE as usize);
            edge.for_each(|frame| out.extend_from_slice(&frame));
        }
        heard
    }

    /// Whether somebody has spoken.
    pub fn heard(&self) -> Said {
        if self.spoken >= LEAST_SPEECH { Said::Speech } else { Said::Nothing }
    }

    /// Why it is over, once it is; what comes then is not listened to.
    pub fn over(&self) -> Option<Over> {
        self.over
    }

    fn frame(&mut self, frame: [i16; FRAME], out: &mut Vec<i16>) {
        let level = level(&frame);
        let is_sound = level > ALWAYS || level > (self.floor + ABOVE).max(NEVER);
        self.floor = level.min(self.floor + RISE).max(FLOOR);
        if is_sound {
            self.spoken += 1;
            self.silent = 0;
            self.written += self.held.len() as u64 + 1;
            for held in self.held.drain(..) {
                out.extend_from_slice(&held);
            }
            out.extend_from_slice(&frame);
        } else {
            self.silent += 1;
            self.held.push_back(frame);
            if self.written == 0 && self.held.len() as u64 > EDGE {
                self.held.pop_front();
            }
        }
        if self.written + self.held.len() as u64 >= frames(self.rules.at_most) {
            self.over = Some(Over::Full);
        } else if self.is_too_silent(self.silent) {
            self.over = Some(Over::Silence);
        }
    }

    /// A click is no beginning: who has not spoken may still begin.
    fn is_too_silent(&self, silent: u64) -> bool {
        let most = match self.heard() {
            Said::Nothing => self.rules.begin_within,
            Said::Speech => self.rules.pause,
        };
        silent >= frames(most)
    }
}

/// Digital silence, as a level.
const FLOOR: f64 = -75.0;

/// How many frames last that long.
fn frames(duration: Duration) -> u64 {
    duration.as_millis() as u64 * u64::from(RATE) / 1_000 / FRAME as u64
}

/// The root mean square in dB of full scale.
fn level(frame: &[i16]) -> f64 {
    let power: f64 = frame.iter().map(|&sample| (f64::from(sample) / f64::from(i16::MAX)).powi(2)).sum();
    10.0 * (power / frame.len() as f64).max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::super::{Clip, Law, ToneDetector};
    use super::*;

    const RULES: DictationRules = DictationRules {
        at_most: Duration::from_secs(20),
        begin_within: Duration::from_secs(6),
        pause: Duration::from_secs(4),
    };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A tone of this level, as a phone would send it.
    fn tone(level: f64, lasts: u64) -> Vec<i16> {
        let clip = Clip::tone(440.0, level, ms(lasts));
        clip.pcma.iter().map(|&byte| Law::A.decode(byte)).collect()
    }

    /// A voice: syllables of 240 ms with 80 ms between them, on a line that hisses.
    fn voice(level: f64, noise: f64, lasts: u64) -> Vec<i16> {
        let (loud, hiss) = (tone(level, lasts), hiss(noise, lasts));
        let speaks = |at: usize| at / (8 * 80) % 4 != 3;
        loud.iter().zip(&hiss).enumerate().map(|(at, (l, h))| if speaks(at) { *l } else { *h }).collect()
    }

    /// Noise of this level, the same at each run.
    fn hiss(level: f64, lasts: u64) -> Vec<i16> {
        let mut state = 1_u32;
        let peak = 10_f64.powf(level / 20.0) * f64::from(i16::MAX) * 3_f64.sqrt();
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(state >> 8) / f64::from(1 << 23) - 1.0) * peak
        };
        (0..lasts * 8).map(|_| next() as i16).collect()
    }

    fn silence(lasts: u64) -> Vec<i16> {
        vec![0; lasts as usize * 8]
    }

    /// What is written of these sounds, and why it was over before they ended.
    fn dictate(sounds: &[Vec<i16>]) -> (Vec<i16>, Option<Over>, Said) {
        let (mut dictation, mut out) = (Dictation::new(RULES), Vec::new());
        // As packets of an uneven length would bring them.
        sounds.concat().chunks(130).for_each(|samples| dictation.push(samples, &mut out));
        let over = dictation.over();
        let heard = dictation.finish(&mut out);
        (out, over, heard)
    }

    #[test]
    fn silence_before_and_after_is_left_out_and_levels_are_kept() {
        let spoken = tone(-12.0, 2_000);
        let (written, over, heard) = dictate(&[silence(3_000), spoken.clone(), silence(3_000)]);
        assert_eq!((over, heard), (None, Said::Speech));
        let lasts = written.len() / 8;
        assert!((2_500..=2_700).contains(&lasts), "the tone and its two edges of 300 ms: {lasts} ms");
        let loudest = |samples: &[i16]| samples.iter().map(|s| s.unsigned_abs()).max();
        assert_eq!(loudest(&written), loudest(&spoken));
        assert!(ToneDetector::share(440.0, &written[8 * 320..8 * 2_280]) > 0.98);
    }

    #[test]
    fn a_pause_between_words_stays_as_long_as_it_was() {
        let (written, over, _) = dictate(&[tone(-12.0, 1_000), silence(2_000), tone(-12.0, 1_000)]);
        assert_eq!((written.len() / 8, over), (4_000, None));
    }

    #[test]
    fn a_long_silence_ends_it() {
        let (written, over, heard) = dictate(&[tone(-12.0, 1_000), silence(5_000), tone(-12.0, 1_000)]);
        assert_eq!((over, heard), (Some(Over::Silence), Said::Speech));
        assert_eq!(written.len() / 8, 1_300, "what comes then is not listened to");
    }

    #[test]
    fn who_says_nothing_has_left_nothing() {
        for quiet in [silence(7_000), hiss(-55.0, 7_000), [silence(500), tone(-10.0, 100), silence(7_000)].concat()] {
            let (written, over, heard) = dictate(&[quiet]);
            assert_eq!((over, heard), (Some(Over::Silence), Said::Nothing), "{}", written.len());
        }
    }

    #[test]
    fn the_longest_message_is_the_longest() {
        let (written, over, heard) = dictate(&[silence(2_000), tone(-12.0, 40_000)]);
        assert_eq!((over, heard), (Some(Over::Full), Said::Speech));
        assert_eq!(written.len() / 8, 20_000);
    }

    #[test]
    fn a_soft_voice_on_a_noisy_line_is_heard_and_the_noise_after_it_is_silence() {
        let (written, over, heard) = dictate(&[hiss(-52.0, 1_000), voice(-34.0, -52.0, 6_000), hiss(-52.0, 8_000)]);
        assert_eq!((over, heard), (Some(Over::Silence), Said::Speech));
        let lasts = written.len() / 8;
        assert!((6_000..=6_900).contains(&lasts), "{lasts} ms");
    }

    #[test]
    fn a_loud_street_is_learnt_and_a_voice_above_it_goes_on() {
        let (written, over, heard) = dictate(&[voice(-15.0, -38.0, 9_000), hiss(-38.0, 9_000)]);
        assert_eq!((over, heard), (Some(Over::Silence), Said::Speech));
        let lasts = written.len() / 8;
        assert!((9_000..=16_000).contains(&lasts), "{lasts} ms");
    }

    #[test]
    fn a_phone_that_sends_nothing_is_silent() {
        let (mut dictation, mut out) = (Dictation::new(RULES), Vec::new());
        dictation.push(&tone(-12.0, 1_000), &mut out);
        dictation.idle(ms(3_900));
        assert_eq!(dictation.over(), None);
        dictation.idle(ms(4_000));
        assert_eq!(dictation.over(), Some(Over::Silence));
    }
}
