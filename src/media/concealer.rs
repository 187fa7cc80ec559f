/// Fills in for sound at 8 kHz that was lost, in the manner of ITU-T G.711, appendix I:
/// the last pitch period is repeated, fainter from 10 ms on, and is gone after 60 ms;
/// what comes next fades in from it.
#[derive(Clone, Debug)]
pub struct Concealer {
    /// What was heard last, the newest at the end.
    history: [i16; HISTORY],
    gap: Option<Gap>,
}

/// What is being filled.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// The pitch period, in samples.
    period: usize,
    /// Samples made so far.
    filled: usize,
}

/// The longest pitch period: 15 ms, a voice of 66 Hz.
pub(super) const LONGEST: usize = 120;
/// The shortest: 5 ms, a voice of 200 Hz; higher voices repeat several of theirs.
pub(super) const SHORTEST: usize = 40;
/// What periods are compared over: 20 ms.
const COMPARED: usize = 160;
const HISTORY: usize = COMPARED + LONGEST + LONGEST / 4;
/// From here on it gets fainter: 10 ms.
const FULL: usize = 80;
/// Here it is gone: 60 ms.
const GONE: usize = 480;
/// What comes next fades in over 5 ms.
const FADE: usize = 40;

impl Default for Concealer {
    fn default() -> Self {
        Self { history: [0; HISTORY], gap: None }
    }
}

impl Concealer {
    /// Sound that came: after a gap, its beginning is blended with what filled the gap.
    pub fn heard(&mut self, samples: &mut [i16]) {
        if let Some(gap) = self.gap.take() {
            for (i, sample) in samples.iter_mut().take(FADE).enumerate() {
                let made = self.made(gap.period, gap.filled + i);
                let share = (i + 1) as f32 / (FADE + 1) as f32;
                *sample = (f32::from(*sample) * share + made * (1.0 - share)) as i16;
            }
        }
        self.remember(samples);
    }

    /// Sound that did not come is made up.
    pub fn conceal(&mut self, out: &mut [i16]) {
        let mut gap = self.gap.unwrap_or_else(|| Gap { period: self.period(), filled: 0 });
        for sample in out.iter_mut() {
            *sample = self.made(gap.period, gap.filled) as i16;
            gap.filled += 1;
        }
        self.gap = Some(gap);
    }

    /// Sound that was no loss, such as a pause of the peer: nothing is blended into it.
    pub fn paused(&mut self, samples: &[i16]) {
        self.gap = None;
        self.remember(samples);
    }

    /// The sample so many before the next one; 1 is the newest.
    pub(super) fn before(&self, back: usize) -> i16 {
        HISTORY.checked_sub(back).map_or(0, |at| self.history[at])
    }

    fn remember(&mut self, samples: &[i16]) {
        let newest = &samples[samples.len().saturating_sub(HISTORY)..];
        self.history.rotate_left(newest.len());
        self.history[HISTORY - newest.len()..].copy_from_slice(newest);
    }

    /// The sample at `at` of a gap that is filled with this period.
    fn made(&self, period: usize, at: usize) -> f32 {
        if at >= GONE {
            return 0.0;
        }
        let phase = at % period;
        let mut sample = f32::from(self.before(period - phase));
        // The end of the period goes over into what was before its start, so that rounds join.
        let quarter = period / 4;
        if let Some(i) = (phase + quarter).checked_sub(period) {
            let share = (i + 1) as f32 / (quarter + 1) as f32;
            sample = sample * (1.0 - share) + f32::from(self.before(2 * period - phase)) * share;
        }
        let fade = at.saturating_sub(FULL) as f32 / (GONE - FULL) as f32;
        sample * (1.0 - fade)
    }

    /// The lag at which the last 20 ms are most like what was before them.
    fn period(&self) -> usize {
        let newest = &self.history[HISTORY - COMPARED..];
        let likeness = |lag: usize| {
            let before = &self.history[HISTORY - COMPARED - lag..HISTORY - lag];
            likeness(newest, before)
        };
        let mut best = (f32::MIN, LONGEST);
        for lag in SHORTEST..=LONGEST {
            let like = likeness(lag);
            if like > best.0 {
                best = (like, lag);
            }
        }
        best.1
    }
}

/// How alike two sounds are, -1 to 1; 0 when one is silent.
pub(super) fn likeness(one: &[i16], other: &[i16]) -> f32 {
    let (mut both, mut first, mut second) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (&a, &b) in one.iter().zip(other) {
        let (a, b) = (f32::from(a), f32::from(b));
        both += a * b;
        first += a * a;
        second += b * b;
    }
    let power = (first * second).sqrt();
    if power > 0.0 { both / power } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

    /// A voice of 125 Hz with its harmonics.
    fn voice(at: usize) -> i16 {
        let t = at as f32 / 8_000.0;
        (1..8).map(|n| (TAU * 125.0 * n as f32 * t).sin() * 6_000.0 / n as f32).sum::<f32>() as i16
    }

    fn voiced(range: std::ops::Range<usize>) -> Vec<i16> {
        range.map(voice).collect()
    }

    #[test]
    fn a_lost_packet_of_a_voice_is_hardly_missed() {
        let mut concealer = Concealer::default();
        concealer.heard(&mut voiced(0..800));
        let mut made = [0; 160];
        concealer.conceal(&mut made);
        let off: f32 = made.iter().zip(voiced(800..960)).map(|(&a, b)| (f32::from(a) - f32::from(b)).powi(2)).sum();
        let all: f32 = voiced(800..960).iter().map(|&b| f32::from(b).powi(2)).sum();
        assert!(10.0 * (all / off).log10() > 15.0, "{} dB", 10.0 * (all / off).log10());
        let mut next = voiced(960..1_120);
        concealer.heard(&mut next);
        let whole = [&voiced(700..800)[..], &made, &next].concat();
        let steepest =
            |sound: &[i16]| sound.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap();
        assert!(steepest(&whole) <= steepest(&voiced(0..800)) * 5 / 4, "a click");
    }

    #[test]
    fn a_long_gap_fades_to_silence_and_does_not_buzz() {
        let mut concealer = Concealer::default();
        concealer.heard(&mut voiced(0..800));
        let mut made = [0; 800];
        concealer.conceal(&mut made);
        let loud = |part: &[i16]| part.iter().map(|s| i32::from(*s).abs()).max().unwrap();
        assert!(loud(&made[..80]) > 2 * loud(&made[320..400]));
        assert_eq!(loud(&made[480..]), 0);
    }

    #[test]
    fn silence_is_concealed_by_silence_and_a_pause_is_no_gap() {
        let mut concealer = Concealer::default();
        let mut made = [1; 160];
        concealer.conceal(&mut made);
        assert_eq!(made, [0; 160]);
        concealer.heard(&mut voiced(0..800));
        concealer.paused(&[0; 400]);
        let mut next = [5; 160];
        concealer.heard(&mut next);
        assert_eq!(next, [5; 160]);
    }
}
