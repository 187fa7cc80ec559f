use std::f64::consts::TAU;
use std::sync::LazyLock;
use std::time::Duration;

use super::super::Law;
use super::*;
use crate::base::Chance;

const SSRC: u32 = 7;

fn at(micros: u64) -> Instant {
    Instant::START + Duration::from_micros(micros)
}

/// A voice of 125 Hz, as A-law, by the peer's own time in samples.
fn voice(from: u64, samples: usize) -> Vec<u8> {
    static PERIOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let sample =
            |i: u32| (1..6).map(|n| (TAU * f64::from(n * i) / 64.0).sin() * 4_000.0 / f64::from(n)).sum::<f64>();
        (0..64).map(|i| Law::A.encode(sample(i) as i16)).collect()
    });
    (from..from + samples as u64).map(|i| PERIOD[i as usize % 64]).collect()
}

/// What was heard of a voice whose packets came like this, and what it had to bear.
struct Heard {
    samples: Vec<i16>,
    figures: PlayoutFigures,
    /// The most and the least that waited, in ms, after the first ten seconds.
    delay_ms: (f64, f64),
}

/// A peer's line, packet by packet: `None` is lost, else how long it takes in µs.
fn heard(seconds: u64, ppm: i64, ptime: u64, mut way: impl FnMut(u64) -> Option<u64>) -> Heard {
    let mut playout = Playout::default();
    let mut under_way: Vec<(u64, u64)> = Vec::new();
    let (mut spoken, mut samples) = (0_u64, Vec::new());
    let mut delay_ms = (f64::MIN, f64::MAX);
    // The peer's first timestamp is near the turn.
    let stamp = |packet: u64| (u32::MAX - 5_000).wrapping_add((packet * ptime * 8) as u32);
    for round in 0..seconds * 50 {
        let now = round * 20_000;
        loop {
            let sent = ((spoken + 1) * ptime * 1_000) as i64;
            let sent = (sent + sent * ppm / 1_000_000) as u64;
            if sent > now {
                break;
            }
            under_way.extend(way(spoken).map(|takes| (sent + takes, spoken)));
            spoken += 1;
        }
        under_way.sort_unstable();
        let here = under_way.partition_point(|(arrives, _)| *arrives <= now);
        for (arrives, packet) in under_way.drain(..here) {
            let sound = voice(packet * ptime * 8, (ptime * 8) as usize);
            playout.push(at(arrives), (SSRC, stamp(packet)), Content::Sound(Codec::Pcma, &sound));
        }
        samples.extend(playout.frame(at(now)));
        if round > 500 {
            let played = f64::from(playout.at.wrapping_sub(stamp(0)) as i32) / 8.0;
            let said = now as f64 / 1_000.0 / (1.0 + ppm as f64 / 1e6);
            delay_ms = (delay_ms.0.max(said - played), delay_ms.1.min(said - played));
        }
    }
    Heard { samples, figures: playout.figures(), delay_ms }
}

/// The steepest step between samples, which a click would be.
fn steepest(samples: &[i16]) -> i32 {
    samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap()
}

#[test]
fn an_even_stream_is_played_as_it_came_with_little_delay() {
    for ptime in [10, 20, 30, 40, 60] {
        let Heard { samples, figures, delay_ms } = heard(20, 0, ptime, |_| Some(30_000));
        assert!(figures.slips <= 1 && figures.late == 0 && figures.leaps == 0, "{ptime} ms: {figures:?}");
        assert!(delay_ms.0 <= (ptime + 30 + 46) as f64, "{ptime} ms: {delay_ms:?}");
        assert!(steepest(&samples[8_000..]) < 5_000, "{ptime} ms");
    }
}

#[test]
fn a_shaky_line_is_waited_for_and_little_is_made_up() {
    let mut chance = Chance::seeded(3);
    let Heard { figures, delay_ms, samples } = heard(60, 0, 20, |_| Some(30_000 + chance.below(100_000) as u64));
    let all = samples.len() as f64;
    assert!((figures.concealed as f64) < all * 0.04, "{figures:?}");
    assert!(delay_ms.0 < 220.0, "{delay_ms:?}");
}

#[test]
fn a_lossy_line_has_neither_holes_nor_clicks() {
    let mut chance = Chance::seeded(4);
    let Heard { samples, figures, .. } = heard(30, 0, 20, |_| (chance.below(10) > 0).then_some(30_000));
    assert!(figures.concealed > 160 * 100, "{figures:?}");
    let quiet = samples[8_000..].windows(80).filter(|w| w.iter().all(|s| s.unsigned_abs() < 50)).count();
    assert_eq!(quiet, 0, "10 ms of silence in the middle of a voice");
    assert!(steepest(&samples[8_000..]) < 8_000, "{}", steepest(&samples[8_000..]));
}

/// The figures of an hour are in docs/performance.md:
/// `SVI_HOUR=1 cargo test --lib another_clock_makes -- --nocapture`; the gate takes five minutes.
#[test]
fn another_clock_makes_no_delay_and_few_slips() {
    let mut chance = Chance::seeded(5);
    let minutes = if std::env::var_os("SVI_HOUR").is_some() { 60 } else { 5 };
    for ppm in [-200, -100, 100, 200_i64] {
        let Heard { figures, delay_ms, .. } =
            heard(minutes * 60, ppm, 20, |_| Some(30_000 + chance.below(4_000) as u64));
        #[allow(clippy::print_stdout, reason = "the figures of the note")]
        {
            println!("{ppm} ppm: {} slips, delay {:.0} to {:.0} ms", figures.slips, delay_ms.1, delay_ms.0);
        }
        // An hour at 100 ppm is 360 ms: a slip of 5 to 15 ms each.
        let most = ppm.unsigned_abs() * 36 / 50 * minutes / 60 + 8;
        assert!((1..=most).contains(&figures.slips), "{ppm}: {figures:?}");
        assert!(delay_ms.0 - delay_ms.1 < 60.0 && delay_ms.0 < 120.0, "{ppm}: {delay_ms:?}");
        assert!(figures.leaps == 0 && figures.concealed < 160 * 50, "{ppm}: {figures:?}");
    }
}

/// A phone that was muted for half an hour sends nothing, and its clock goes on as it does.
#[test]
fn the_first_word_after_a_long_rest_is_whole_whatever_the_clocks() {
    for ppm in [-200, -100, 0, 100, 200_i64] {
        let mut playout = Playout::default();
        let (mut loud, mut late) = (0, 0);
        for round in 0..(1_830 * 50_u64) {
            let now = round * 20_000;
            // The peer's own time; it speaks for ten seconds, rests, and speaks again.
            let place = (round as i64 * 160 * (1_000_000 + ppm) / 1_000_000) as u64;
            let begins = 1_810 * 50;
            if round < 500 || round >= begins {
                playout.push(at(now), (SSRC, place as u32), Content::Sound(Codec::Pcma, &voice(round * 160, FRAME)));
            }
            let frame = playout.frame(at(now));
            if (begins..begins + 50).contains(&round) {
                loud += u32::from(frame.iter().any(|sample| sample.unsigned_abs() > 3_000));
                late = playout.figures().late;
            }
        }
        assert!(loud >= 47 && late == 0, "{ppm} ppm: {loud} of 50 frames, {late} late");
    }
}

#[test]
fn a_pause_has_the_noise_that_the_peer_tells_and_the_next_word_is_whole() {
    let mut playout = Playout::default();
    let mut heard = Vec::new();
    for round in 0..200_u64 {
        let now = at(round * 20_000);
        let stamp = (round * 160) as u32;
        match round {
            0..50 | 150.. => {
                playout.push(now, (SSRC, stamp), Content::Sound(Codec::Pcma, &voice(round * 160, FRAME)));
            }
            // −60 dBov is a mean of 33.
            50 => playout.push(now, (SSRC, stamp), Content::Noise(60)),
            _ => {}
        }
        heard.push(playout.frame(now));
    }
    let mean = |frames: &[[i16; FRAME]]| {
        let all: Vec<f64> = frames.iter().flatten().map(|&s| f64::from(s).powi(2)).collect();
        (all.iter().sum::<f64>() / all.len() as f64).sqrt()
    };
    assert!((25.0..40.0).contains(&mean(&heard[60..145])), "{}", mean(&heard[60..145]));
    assert!(mean(&heard[160..190]) > 1_500.0 && mean(&heard[20..45]) > 1_500.0);
    assert_eq!(playout.figures().late, 0);
    let loudest = heard[54..150].iter().flatten().map(|s| s.unsigned_abs()).max().unwrap();
    assert!(loudest < 60, "no burst: {loudest}");
}

#[test]
fn another_source_and_a_clock_that_leaps_are_followed_at_once() {
    let mut playout = Playout::default();
    let mut now = 0;
    for (ssrc, from) in [(1, 0_u32), (2, 900_000_000), (2, 5)] {
        let mut loud = 0;
        for i in 0..20_u32 {
            let sound = voice(u64::from(i) * 160, FRAME);
            playout.push(at(now), (ssrc, from + i * 160), Content::Sound(Codec::Pcma, &sound));
            loud += u32::from(playout.frame(at(now)).iter().any(|s| s.unsigned_abs() > 3_000));
            now += 20_000;
        }
        assert!(loud >= 17, "{ssrc} {from}: {loud}");
    }
    assert_eq!(playout.figures().leaps, 2);
    assert_eq!(Playout::default().frame(at(0)), [0; FRAME]);
}

proptest::proptest! {
    #[test]
    fn whatever_comes_whenever_there_is_a_frame(
        packets in proptest::collection::vec(
            (proptest::prelude::any::<u32>(), 0..400_000_u64, 0..3_000_usize, proptest::prelude::any::<bool>()), 1..60),
    ) {
        let mut playout = Playout::default();
        let mut now = 0;
        for (timestamp, later, length, near) in packets {
            now += later;
            let timestamp = if near { (now / 125) as u32 } else { timestamp };
            playout.push(at(now), (SSRC, timestamp), Content::Sound(Codec::Pcmu, &vec![3; length]));
            playout.push(at(now), (SSRC, timestamp), Content::Noise(length as u8));
            playout.frame(at(now));
        }
    }
}
