use std::f64::consts::TAU;

use super::*;

/// A WAV file of these samples.
fn wav(rate: u32, bits: u16, channels: u16, samples: impl Iterator<Item = f64>) -> Vec<u8> {
    let format = if bits == 32 { SampleFormat::Float } else { SampleFormat::Int };
    let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format };
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, spec).unwrap();
    for sample in samples {
        for _ in 0..channels {
            match format {
                SampleFormat::Float => writer.write_sample(sample as f32).unwrap(),
                SampleFormat::Int => {
                    let scale = 2f64.powi(i32::from(bits) - 1) - 1.0;
                    writer.write_sample((sample * scale).round() as i32).unwrap();
                }
            }
        }
    }
    writer.finalize().unwrap();
    file.into_inner()
}

/// Half a second of silence, a second of a tone that swells and falls, silence again.
fn spoken(rate: u32, loudness: f64) -> impl Iterator<Item = f64> {
    let n = rate as usize;
    (0..2 * n).map(move |i| {
        let t = i as f64 / f64::from(rate);
        let swell = if (0.5..1.5).contains(&t) { 0.6 + 0.4 * (TAU * 3.0 * t).sin() } else { 0.0 };
        loudness * swell * (TAU * 440.0 * t).sin()
    })
}

#[test]
fn every_format_of_a_studio_becomes_the_same_master() {
    let made: Vec<Master> = [(48_000, 24, 2), (44_100, 16, 1), (96_000, 32, 1), (16_000, 16, 1), (22_050, 16, 1)]
        .into_iter()
        .map(|(rate, bits, channels)| Master::from_wav(&*wav(rate, bits, channels, spoken(rate, 0.2))).unwrap())
        .collect();
    for master in &made {
        let seconds = master.length().as_secs_f64();
        assert!((1.05..1.15).contains(&seconds), "a second of tone, 40 ms before and 60 ms after: {seconds}");
        assert!((master.level().active + 20.0).abs() < 0.3, "{:?}", master.level());
    }
}

#[test]
fn loud_and_faint_recordings_come_to_one_level_and_no_peak_is_above_the_ceiling() {
    for loudness in [0.005, 0.05, 0.9] {
        let level = Master::from_wav(&*wav(48_000, 24, 1, spoken(48_000, loudness))).unwrap().level();
        assert!((level.active + 20.0).abs() < 0.3, "{loudness}: {level:?}");
        assert!(level.peak <= -2.99, "{loudness}: {level:?}");
        assert_eq!(level.clipped, 0);
    }
}

/// A crack of the lips that is 30 times as loud as the voice must not keep the voice low.
#[test]
fn a_short_peak_is_limited_rather_than_everything_made_faint() {
    let with_peak = spoken(16_000, 0.03).enumerate().map(|(i, s)| if (15_900..15_904).contains(&i) { 0.9 } else { s });
    let master = Master::from_wav(&*wav(16_000, 16, 1, with_peak)).unwrap();
    let level = master.level();
    assert!(level.peak <= -2.9, "{level:?}");
    assert!(level.active > -24.0, "{level:?}");
}

#[test]
fn what_nobody_should_hear_is_refused_with_the_reason() {
    let refused = |bytes: &[u8]| Master::from_wav(bytes).unwrap_err().to_string();
    assert!(refused(&wav(48_000, 16, 1, spoken(48_000, 0.0))).starts_with("nothing is heard in it"));
    let clipped = spoken(48_000, 3.0).map(|s| s.clamp(-1.0, 1.0));
    let told = refused(&wav(48_000, 16, 1, clipped));
    assert!(told.starts_with("it is clipped at ") && told.contains("record it again"), "{told}");
    assert!(refused(&wav(11_025, 16, 1, spoken(11_025, 0.2))).contains("its rate is 11025 Hz"));
    assert!(refused(b"RIFF, but no more").starts_with("it can't be read as WAV"));
    let whole = wav(48_000, 16, 1, spoken(48_000, 0.2));
    assert!(refused(&whole[..whole.len() / 2]).starts_with("it can't be read as WAV"));
}

#[test]
fn a_master_is_a_clip_that_callers_can_hear() {
    let master = Master::from_wav(&*wav(44_100, 16, 2, spoken(44_100, 0.3))).unwrap();
    let bytes = master.to_wav().unwrap();
    let reader = WavReader::new(&*bytes).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().channels, reader.spec().bits_per_sample), (16_000, 1, 16));
    assert!(crate::media::Clip::from_wav("tone", &*bytes).is_ok());
    let again = Master::from_wav(&*bytes).unwrap();
    assert!((again.level().active - master.level().active).abs() < 0.1, "a master stays as it is");
}

proptest::proptest! {
    /// Whatever the bytes are, they are refused or become a master; never a panic.
    #[test]
    fn any_bytes_are_answered(at in 0usize..400, put in proptest::collection::vec(0u8..=255, 0..40)) {
        let mut bytes = wav(16_000, 16, 1, spoken(16_000, 0.3).take(2_000));
        let end = (at + put.len()).min(bytes.len());
        let start = at.min(end);
        bytes.splice(start..end, put);
        let _ = Master::from_wav(&*bytes);
    }
}
