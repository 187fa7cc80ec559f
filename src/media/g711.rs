//! G.711 both ways. Encoding happens once per clip, so its speed does not show; a
//! bridge between two laws goes through the recommendation's own table.

use audio_codec_algorithms as algorithm;

use super::Law;

pub(super) fn decode(law: Law, byte: u8) -> i16 {
    match law {
        Law::A => algorithm::decode_alaw(byte),
        Law::Mu => algorithm::decode_ulaw(byte),
    }
}

pub(super) fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::A => algorithm::encode_alaw(sample),
        Law::Mu => algorithm::encode_ulaw(sample),
    }
}

/// Turns a payload of one law into the other's, in place (G.711, tables 3 and 4).
pub fn transcode(payload: &mut [u8], from: Law, to: Law) {
    let convert = match (from, to) {
        (Law::A, Law::Mu) => algorithm::convert_alaw_to_ulaw,
        (Law::Mu, Law::A) => algorithm::convert_ulaw_to_alaw,
        (Law::A, Law::A) | (Law::Mu, Law::Mu) => return,
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
            assert_eq!(encode(Law::A, decode(Law::A, code)), code);
            if code != 0x7F {
                assert_eq!(encode(Law::Mu, decode(Law::Mu, code)), code);
            }
        }
    }

    #[test]
    fn the_other_law_says_nearly_the_same_sample() {
        for sample in (-32_000..32_000_i32).step_by(37) {
            let sample = sample as i16;
            for (from, to) in [(Law::A, Law::Mu), (Law::Mu, Law::A)] {
                let mut payload = [encode(from, sample)];
                transcode(&mut payload, from, to);
                let off = i32::from(decode(to, payload[0])) - i32::from(sample);
                assert!(off.abs() <= 16 + i32::from(sample).abs() / 12, "{sample}: {off}");
            }
        }
    }
}
