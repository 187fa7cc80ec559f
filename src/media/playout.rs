use super::concealer::{Concealer, LONGEST, SHORTEST, likeness};
use super::decoder::LONGEST as PACKET;
use super::spread::Spread;
use super::{Codec, Decoder, FRAME, lasts};
use crate::base::Instant;

/// An adaptive jitter buffer for one voice that has to be decoded: packets as they come
/// go in, 20 ms of samples at 8 kHz come out whenever they are asked for.
///
/// It waits for as long as all but one packet in fifty need, from 25 ms on and 185 ms at most
/// ([`Spread`]). When that changes, or the peer's clock is not ours, one pitch period is left
/// out or played twice, blended so that nobody hears it: a slip. After a rest of some seconds it
/// begins where the peer's clock has gone meanwhile. What is lost is concealed
/// ([`Concealer`]); where the peer says that it is silent (RFC 3389), noise of that level is heard.
#[derive(Debug)]
pub struct Playout {
    /// Samples by their places ([`Decoder::place`]); those that have not come are [`MISSING`].
    ring: Box<[i32; RING]>,
    ssrc: Option<u32>,
    decoder: Decoder,
    /// Where the last packet that was decoded ended.
    decoded: Option<u32>,
    /// The place that is played next.
    at: u32,
    spread: Spread,
    concealer: Concealer,
    noise: Option<Noise>,
    /// The last noise that was drawn.
    drawn: u32,
    figures: PlayoutFigures,
}

/// What a voice had to bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlayoutFigures {
    /// Pitch periods left out or played twice.
    pub slips: u64,
    /// Samples that were left out.
    pub left_out: u64,
    /// Samples that were played twice, or waited for.
    pub doubled: u64,
    /// Samples that were made up.
    pub concealed: u64,
    /// Packets that came after their turn.
    pub late: u64,
    /// Times that the peer's clock, or ours, leapt.
    pub leaps: u64,
}

impl std::ops::Add for PlayoutFigures {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            slips: self.slips + other.slips,
            left_out: self.left_out + other.left_out,
            doubled: self.doubled + other.doubled,
            concealed: self.concealed + other.concealed,
            late: self.late + other.late,
            leaps: self.leaps + other.leaps,
        }
    }
}

/// What one packet holds for a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A packet of a codec.
    Sound(Codec, &'a [u8]),
    /// The level of the noise in a pause, in −dBov (RFC 3389, section 3). Its colour is not kept.
    Noise(u8),
    /// Nothing that is heard.
    Nothing,
}

/// The peer is silent from a timestamp on.
#[derive(Clone, Copy, Debug)]
struct Noise {
    from: u32,
    /// The largest sample.
    peak: f32,
}

/// Samples that are kept: a second.
const RING: usize = 8_192;
const MISSING: i32 = i32::MIN;
/// What is asked for at once must have come whole.
const WHOLE: i32 = FRAME as i32;
/// More than this that waits without need is left out: 20 ms. A period played twice,
/// 15 ms at the most, never makes as much.
const TOO_MUCH: i32 = 160;
/// Less than this that waits would soon be a hole: 4 ms short of what is needed.
const TOO_LITTLE: i32 = -32;
/// So far, it slips even where the sound is not alike: 40 ms.
const FORCED: i32 = 320;
/// So far, time itself has leapt: 400 ms.
const LEAP: i32 = 3_200;
/// Sounds that are as alike as this can be blended.
const ALIKE: f32 = 0.6;

impl Default for Playout {
    fn default() -> Self {
        Self {
            ring: Box::new([MISSING; RING]),
            ssrc: None,
            decoder: Decoder::default(),
            decoded: None,
            at: 0,
            spread: Spread::default(),
            concealer: Concealer::default(),
            noise: None,
            drawn: 0x9E37_79B9,
            figures: PlayoutFigures::default(),
        }
    }
}

impl Playout {
    /// What it had to bear so far.
    pub fn figures(&self) -> PlayoutFigures {
        self.figures
    }

    /// Takes a packet that came now.
    pub fn push(&mut self, now: Instant, (ssrc, timestamp): (u32, u32), content: Content<'_>) {
        match content {
            Content::Nothing => {}
            Content::Noise(level) => {
                let loudness = 10.0_f32.powf(-f32::from(level.min(127)) / 20.0);
                // Even noise has a peak of √3 times its mean.
                let from = self.decoder.place(Codec::Pcma, ssrc, timestamp);
                self.noise = Some(Noise { from, peak: (32_767.0 * loudness * 1.732).min(32_767.0) });
            }
            Content::Sound(codec, payload) => self.sound(now, (ssrc, timestamp), codec, payload),
        }
    }

    fn sound(&mut self, now: Instant, (ssrc, timestamp): (u32, u32), codec: Codec, payload: &[u8]) {
        let place = self.decoder.place(codec, ssrc, timestamp);
        let ahead = distance(place, self.at);
        let is_known = self.ssrc == Some(ssrc) && ahead.unsigned_abs() < LEAP as u32;
        let has_rested = is_known && self.spread.is_stale(now);
        if !is_known {
            self.figures.leaps += u64::from(self.ssrc.is_some());
            self.ssrc = Some(ssrc);
            self.spread = Spread::default();
        } else if has_rested {
            self.spread.forget();
        }
        self.spread.push(now, samples(now).wrapping_sub(place));
        if !is_known || has_rested {
            self.ring.fill(MISSING);
            self.at = self.wanted(now);
            self.noise = None;
            self.decoded = None;
        }
        if distance(place, self.at) + lasts(codec, payload) as i32 <= 0 {
            self.figures.late += 1;
            return;
        }
        let mut sound = [0; PACKET];
        let gap = self.decoded.map_or(0, |decoded| distance(place, decoded));
        if gap < 0 && !codec.is_bytes() {
            // What Opus made up for it has been written already.
            self.figures.late += 1;
            return;
        }
        let made = if gap > 0 { self.decoder.make_up(gap as usize, codec, payload, &mut sound) } else { 0 };
        self.write(place.wrapping_sub(made as u32), &sound[..made]);
        self.figures.concealed += made as u64;
        let length = self.decoder.decode(codec, payload, &mut sound);
        self.write(place, &sound[..length]);
        self.decoded = Some(place.wrapping_add(length as u32));
    }

    /// Keeps samples from a place on that are still to be played.
    fn write(&mut self, place: u32, sound: &[i16]) {
        for (i, &sample) in sound.iter().enumerate() {
            let at = place.wrapping_add(i as u32);
            if distance(at, self.at) >= 0 {
                self.ring[at as usize % RING] = i32::from(sample);
            }
        }
    }

    /// The next 20 ms; silence before the first packet.
    pub fn frame(&mut self, now: Instant) -> [i16; FRAME] {
        let mut out = [0; FRAME];
        if self.ssrc.is_none() {
            return out;
        }
        let early = distance(self.wanted(now), self.at);
        let before = self.at;
        if early.abs() >= LEAP {
            self.figures.leaps += 1;
            self.ring.fill(MISSING);
            self.at = self.wanted(now);
        } else if (early >= TOO_MUCH || early <= TOO_LITTLE) && self.slip(early, &mut out) {
            self.slipped(distance(self.at, before) - FRAME as i32);
            return out;
        }
        let mut from = 0;
        while from < FRAME {
            let is_there = self.cell(from as i32) != MISSING;
            let run = (from..FRAME).take_while(|&i| (self.cell(i as i32) != MISSING) == is_there).count();
            let part = &mut out[from..from + run];
            if is_there {
                for (i, sample) in part.iter_mut().enumerate() {
                    *sample = self.ring[self.at.wrapping_add((from + i) as u32) as usize % RING] as i16;
                }
                self.concealer.heard(part);
                let at = self.at.wrapping_add(from as u32);
                self.noise = self.noise.filter(|noise| distance(noise.from, at) > 0);
            } else {
                self.fill(self.at.wrapping_add(from as u32), part);
            }
            from += run;
        }
        self.advance(FRAME as u32);
        out
    }

    /// So many samples were left out, or fewer than none.
    fn slipped(&mut self, more: i32) {
        self.figures.slips += 1;
        let count = if more > 0 { &mut self.figures.left_out } else { &mut self.figures.doubled };
        *count += u64::from(more.unsigned_abs());
    }

    /// Sound that is not there: a pause of the peer, or a loss.
    fn fill(&mut self, at: u32, part: &mut [i16]) {
        match self.noise.filter(|noise| distance(noise.from, at) <= 0) {
            Some(noise) => {
                for sample in part.iter_mut() {
                    self.drawn = self.drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let even = (self.drawn >> 8) as f32 / 8_388_608.0 - 1.0;
                    *sample = (even * noise.peak) as i16;
                }
                self.concealer.paused(part);
            }
            None => {
                self.figures.concealed += part.len() as u64;
                self.concealer.conceal(part);
            }
        }
    }

    /// Leaves out a period when too much waits, or plays one twice when too little does;
    /// false when this is no place for it. In a pause any number of samples will do.
    fn slip(&mut self, early: i32, out: &mut [i16; FRAME]) -> bool {
        let reach = WHOLE + LONGEST as i32;
        if (0..reach).all(|i| self.cell(i) == MISSING) {
            let wanted = early.clamp(-(FRAME as i32), reach);
            self.fill(self.at, out);
            self.advance((FRAME as i32 + wanted) as u32);
            return true;
        }
        let needed = if early > 0 { reach } else { WHOLE };
        if let Some(missing) = (0..needed).find(|&i| self.cell(i) == MISSING) {
            return early < 0 && self.wait_for(missing as usize, out);
        }
        let sound = |i: i32| if i < 0 { self.concealer.before(i.unsigned_abs() as usize) } else { self.cell(i) as i16 };
        let sign = early.signum();
        let mut start = [0; FRAME / 2];
        let mut other = [0; FRAME / 2];
        (0..).zip(&mut start).for_each(|(i, sample)| *sample = sound(i));
        let mut best = (f32::MIN, SHORTEST as i32);
        for lag in SHORTEST as i32..=LONGEST as i32 {
            (0..).zip(&mut other).for_each(|(i, sample)| *sample = sound(i + sign * lag));
            let like = likeness(&start, &other);
            if like > best.0 {
                best = (like, lag);
            }
        }
        let is_quiet = start.iter().all(|sample| sample.unsigned_abs() < 100);
        if best.0 < ALIKE && !is_quiet && early.abs() < FORCED {
            return false;
        }
        let shift = sign * best.1;
        for (i, sample) in (0..).zip(out.iter_mut()) {
            let share = (i + 1) as f32 / (FRAME + 1) as f32;
            *sample = (f32::from(sound(i)) * (1.0 - share) + f32::from(sound(i + shift)) * share) as i16;
        }
        self.concealer.heard(out);
        self.advance((FRAME as i32 + shift) as u32);
        true
    }

    /// Too little waits: what is there is played, and what is not yet is filled in for
    /// without being given up.
    fn wait_for(&mut self, missing: usize, out: &mut [i16; FRAME]) -> bool {
        let (here, late) = out.split_at_mut(missing);
        (0..).zip(here.iter_mut()).for_each(|(i, sample)| *sample = self.cell(i) as i16);
        self.concealer.heard(here);
        self.concealer.conceal(late);
        self.figures.concealed += late.len() as u64;
        self.advance(missing as u32);
        true
    }

    /// The place that should be played at this moment.
    fn wanted(&self, now: Instant) -> u32 {
        samples(now).wrapping_sub(self.spread.fastest()).wrapping_sub(self.spread.wait() + FRAME as u32)
    }

    fn cell(&self, ahead: i32) -> i32 {
        self.ring[self.at.wrapping_add_signed(ahead) as usize % RING]
    }

    fn advance(&mut self, samples: u32) {
        for i in 0..samples {
            self.ring[self.at.wrapping_add(i) as usize % RING] = MISSING;
        }
        self.at = self.at.wrapping_add(samples);
    }
}

/// How far `a` is ahead of `b`, across the turn at 2³².
fn distance(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b) as i32
}

/// The moment in samples at 8 kHz, which turns at 2³² as timestamps do.
fn samples(now: Instant) -> u32 {
    (now.since_start().as_nanos() / 125_000) as u32
}

#[cfg(test)]
mod tests;
