//! G.711 both ways. Encoding happens once per clip, so its speed does not show; a
//! bridge between two laws goes through the recommendation's own table.

use audio_codec_algorithms as algorithm;

use super::Codec;

pub(super) fn decode(codec: Codec, byte: u8) -> i16 {
    match codec {
        Codec::Pcma => algorithm::decode_alaw(byte),
        Codec::Pcmu => algorithm::decode_ulaw(byte),
    }
}

pub(super) fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcma => algorithm::encode_alaw(sample),
        Codec::Pcmu => algorithm::encode_ulaw(sample),
    }
}

/// Turns a payload of one codec into another's, in place (G.711, tables 3 and 4).
pub fn transcode(payload: &mut [u8], from: Codec, to: Codec) {
    let convert = match (from, to) {
        (Codec::Pcma, Codec::Pcmu) => algorithm::convert_alaw_to_ulaw,
        (Codec::Pcmu, Codec::Pcma) => algorithm::convert_ulaw_to_alaw,
        (Codec::Pcma, Codec::Pcma) | (Codec::Pcmu, Codec::Pcmu) => return,
    };
    for byte in payload {
        *byte = convert(*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_round_trip_but_the_negative_zero() {
        for code in 0..=255_u8 {
            assert_eq!(encode(Codec::Pcma, decode(Codec::Pcma, code)), code);
            if code != 0x7F {
                assert_eq!(encode(Codec::Pcmu, decode(Codec::Pcmu, code)), code);
            }
        }
    }

    #[test]
    fn the_other_law_says_nearly_the_same_sample() {
        for sample in (-32_000..32_000_i32).step_by(37) {
            let sample = sample as i16;
            for (from, to) in [(Codec::Pcma, Codec::Pcmu), (Codec::Pcmu, Codec::Pcma)] {
                let mut payload = [encode(from, sample)];
                transcode(&mut payload, from, to);
                let off = i32::from(decode(to, payload[0])) - i32::from(sample);
                assert!(off.abs() <= 16 + i32::from(sample).abs() / 12, "{sample}: {off}");
            }
        }
    }
}
