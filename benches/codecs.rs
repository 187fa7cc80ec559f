//! What 20 ms cost in each codec: to decode, to encode on a line, and from one to another.
//!
//! `cargo bench --bench codecs`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use svi::media::{Codec, Decoder, Encoder, FRAME};

/// A second of something like a voice: a tone whose level and pitch move.
fn sound() -> Vec<[i16; FRAME]> {
    let sample = |i: usize| {
        let t = i as f64 / 8_000.0;
        let pitch = 120.0 + 40.0 * (t * 3.0).sin();
        let voice: f64 = (1..12).map(|n| (f64::from(n) * pitch * t * std::f64::consts::TAU).sin() / f64::from(n)).sum();
        (voice * 4_000.0 * (0.6 + 0.4 * (t * 20.0).sin())) as i16
    };
    (0..50).map(|frame| std::array::from_fn(|i| sample(frame * FRAME + i))).collect()
}

/// Writes a frame in a codec; how many bytes it became.
fn encode(encoder: &mut Option<Encoder>, codec: Codec, frame: &[i16; FRAME], out: &mut [u8; 400]) -> usize {
    match (encoder, codec.law()) {
        (Some(encoder), _) => encoder.encode(frame, out),
        (None, law) => {
            let law = law.expect("invariant: what has no encoder has a law");
            out.iter_mut().zip(frame).for_each(|(byte, &sample)| *byte = law.encode(sample));
            FRAME
        }
    }
}

fn payloads(codec: Codec) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::live(codec);
    let mut write = |frame: &[i16; FRAME]| {
        let mut out = [0; 400];
        let length = encode(&mut encoder, codec, frame, &mut out);
        out[..length].to_vec()
    };
    sound().iter().map(&mut write).collect()
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    for codec in Codec::ALL {
        let (payloads, sound) = (payloads(codec), sound());
        let (mut decoder, mut samples, mut at) = (Decoder::default(), [0; _], 0);
        group.bench_function(format!("decode {}", codec.name()), |bencher| {
            bencher.iter(|| {
                at += 1;
                black_box(decoder.decode(codec, &payloads[at % 50], &mut samples))
            });
        });
        let (mut encoder, mut out) = (Encoder::live(codec), [0; 400]);
        group.bench_function(format!("encode {}", codec.name()), |bencher| {
            bencher.iter(|| {
                at += 1;
                black_box(encode(&mut encoder, codec, &sound[at % 50], &mut out))
            });
        });
    }
    group.finish();
}

criterion_group!(codecs, frames);
criterion_main!(codecs);
