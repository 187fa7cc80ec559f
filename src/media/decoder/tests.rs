use std::f64::consts::TAU;

use super::*;
use crate::media::{Encoder, FRAME};

/// Every payload of a codec, as another program encoded it, and as that program decodes it at
/// 8 kHz: `spandsp` 0.0.6 and `libopus` 1.3.1, of Debian; a word of a prompt of ours.
fn golden(codec: Codec) -> (Vec<&'static [u8]>, Vec<i16>) {
    let (mut packets, sound): (&'static [u8], &[u8]) = match codec {
        Codec::Opus => (include_bytes!("../golden/voice.opus"), include_bytes!("../golden/voice-opus-8k.pcm")),
        _ => (include_bytes!("../golden/voice.g722"), include_bytes!("../golden/voice-g722-8k.pcm")),
    };
    let mut payloads = Vec::new();
    while !packets.is_empty() {
        let (head, length) = match codec {
            Codec::Opus => (2, usize::from(u16::from_le_bytes([packets[0], packets[1]]))),
            _ => (0, FRAME),
        };
        payloads.push(&packets[head..head + length]);
        packets = &packets[head + length..];
    }
    (payloads, sound.chunks(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
}

fn decoded(decoder: &mut Decoder, codec: Codec, payload: &[u8]) -> Vec<i16> {
    let mut out = [0; LONGEST];
    let length = decoder.decode(codec, payload, &mut out);
    out[..length].to_vec()
}

fn power(samples: impl Iterator<Item = f64>) -> f64 {
    samples.map(|sample| sample * sample).sum()
}

/// By how many dB a sound is louder than what is between it and another.
fn clear(sound: &[i16], other: &[i16]) -> f64 {
    let off = power(sound.iter().zip(other).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    10.0 * (power(sound.iter().map(|&s| f64::from(s))) / off.max(1e-9)).log10()
}

#[test]
fn what_other_programs_encode_is_decoded_as_they_decode_it() {
    for codec in [Codec::G722, Codec::Opus] {
        let (payloads, expected) = golden(codec);
        let mut decoder = Decoder::default();
        let heard: Vec<i16> = payloads.iter().flat_map(|payload| decoded(&mut decoder, codec, payload)).collect();
        assert_eq!(heard.len(), expected.len());
        // On the way down to 8 kHz each loses and waits for as much as it likes: half a
        // millisecond here.
        let best = (0..8).map(|early| clear(&expected[early..], &heard));
        let best = (1..8).map(|late| clear(&expected, &heard[late..])).chain(best).fold(f64::MIN, f64::max);
        assert!(best > 15.0, "{codec:?}: {best} dB");
    }
}

#[test]
fn what_is_encoded_on_a_line_is_heard_as_it_was_said() {
    let voice = golden(Codec::G722).1;
    for (codec, late, at_least) in [(Codec::G722, 8..40, 18.0), (Codec::Opus, 20..80, 6.0)] {
        let (mut encoder, mut decoder) = (Encoder::live(codec).unwrap(), Decoder::default());
        let mut heard = Vec::new();
        for frame in voice.chunks_exact(FRAME) {
            let mut payload = [0; 400];
            let length = encoder.encode(frame, &mut payload);
            assert_eq!(lasts(codec, &payload[..length]), FRAME);
            heard.extend(decoded(&mut decoder, codec, &payload[..length]));
        }
        let best = late.map(|late| clear(&voice[..heard.len() - late], &heard[late..])).fold(f64::MIN, f64::max);
        assert!(best > at_least, "{codec:?}: {best} dB");
    }
    assert!(Encoder::live(Codec::Pcma).is_none() && Encoder::live(Codec::Pcmu).is_none());
}

#[test]
fn a_packet_of_opus_that_is_lost_is_made_up_from_the_next_one() {
    let (payloads, expected) = golden(Codec::Opus);
    let part = |n: usize| &expected[n * FRAME..(n + 1) * FRAME];
    let loud = |sound: &[i16]| power(sound.iter().map(|&s| f64::from(s)));
    // The loudest packet, but for the edges.
    let lost = (3..payloads.len() - 2).max_by(|a, b| loud(part(*a)).total_cmp(&loud(part(*b)))).unwrap();
    let mut decoder = Decoder::default();
    for payload in &payloads[..lost] {
        decoded(&mut decoder, Codec::Opus, payload);
    }
    let mut made = [0; LONGEST];
    assert_eq!(decoder.make_up(FRAME, Codec::Opus, payloads[lost + 1], &mut made), FRAME);
    assert!((0.2..5.0).contains(&(loud(&made[..FRAME]) / loud(part(lost)))), "as loud as it was");
    // What comes after is as loud as without the loss.
    let next = decoded(&mut decoder, Codec::Opus, payloads[lost + 1]);
    assert!((0.3..3.0).contains(&(loud(&next) / loud(part(lost + 1)))));
    let mut other = Decoder::default();
    assert_eq!(other.make_up(FRAME, Codec::Opus, payloads[0], &mut made), 0, "nothing was heard yet");
    assert_eq!(decoder.make_up(FRAME, Codec::G722, payloads[0], &mut made), 0);
}

#[test]
fn places_go_on_across_the_turn_of_timestamps_and_begin_anew_with_another_source() {
    let mut decoder = Decoder::default();
    let from = u32::MAX - 1_000;
    let first = decoder.place(Codec::Opus, 1, from);
    for n in 1..10_u32 {
        assert_eq!(decoder.place(Codec::Opus, 1, from.wrapping_add(n * 960)).wrapping_sub(first), n * 160);
    }
    assert_eq!(decoder.place(Codec::Opus, 1, from), first, "and back");
    assert_eq!(decoder.place(Codec::Opus, 2, 6_000), 1_000);
    assert_eq!(decoder.place(Codec::G722, 2, 6_000), 6_000);
    // What is no whole sample does not add up.
    let first = decoder.place(Codec::Opus, 3, 0);
    assert_eq!((1..=600).map(|n| decoder.place(Codec::Opus, 3, n * 7)).last(), Some(first + 700));
}

#[test]
fn what_is_no_sound_is_none() {
    let mut decoder = Decoder::default();
    assert!(decoded(&mut decoder, Codec::Opus, &[]).is_empty());
    assert_eq!((lasts(Codec::Opus, &[]), lasts(Codec::Opus, &[0xFF, 0x3F])), (0, 0));
    assert_eq!(lasts(Codec::G722, &[0; 3_000]), LONGEST);
    assert_eq!(decoded(&mut decoder, Codec::G722, &[0xFF; 3_000]).len(), LONGEST);
}

#[test]
fn the_upper_band_of_g722_is_not_heard_in_the_telephones() {
    use audio_codec::Encoder as _;
    let heard = |hz: f64| {
        let sample = |i: i32| ((TAU * hz * f64::from(i) / 16_000.0).sin() * 10_000.0) as i16;
        let (sound, mut bytes): (Vec<i16>, _) = ((0..16_000).map(sample).collect(), vec![0; 8_000]);
        assert_eq!(audio_codec::g722::G722Encoder::new().encode_into(&sound, &mut bytes).unwrap(), 8_000);
        let mut decoder = Decoder::default();
        let out = bytes.chunks(FRAME).flat_map(|payload| decoded(&mut decoder, Codec::G722, payload));
        out.skip(1_000).map(i16::unsigned_abs).max().unwrap()
    };
    assert!((9_000..11_500).contains(&heard(1_000.0)), "{}", heard(1_000.0));
    assert!(heard(6_000.0) < 1_000, "{}", heard(6_000.0));
}

proptest::proptest! {
    #[test]
    fn whatever_comes_in_whatever_codec_is_decoded_or_not(
        packets in proptest::collection::vec(
            (proptest::prelude::any::<bool>(), proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)), 1..30),
    ) {
        let (mut decoder, mut out) = (Decoder::default(), [0; LONGEST]);
        for (is_opus, payload) in packets {
            let codec = if is_opus { Codec::Opus } else { Codec::G722 };
            proptest::prop_assert!(decoder.make_up(payload.len() * 3, codec, &payload, &mut out) <= MOST_MADE);
            proptest::prop_assert!(decoder.decode(codec, &payload, &mut out) <= LONGEST);
        }
    }
}
