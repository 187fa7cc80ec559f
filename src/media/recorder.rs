use std::io::{Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::{Content, RATE, Unpacker};

/// Writes what is received to WAV (8 kHz, 16 bit, mono): in order, what is lost concealed,
/// so that the file lasts as long as the call sounded ([`Unpacker`]).
pub struct Recorder<W: Write + Seek> {
    wav: WavWriter<W>,
    unpacker: Unpacker,
    samples: Vec<i16>,
}

impl<W: Write + Seek> Recorder<W> {
    /// Starts a file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(writer: W) -> Result<Self, hound::Error> {
        let spec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let wav = WavWriter::new(writer, spec)?;
        Ok(Self { wav, unpacker: Unpacker::default(), samples: Vec::new() })
    }

    /// Takes a packet as it came.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn push(&mut self, sequence: u16, timestamp: u32, content: Content<'_>) -> Result<(), hound::Error> {
        self.unpacker.push(sequence, timestamp, content, &mut self.samples);
        self.write()
    }

    /// Writes what is left and completes the file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> Result<(), hound::Error> {
        self.unpacker.finish(&mut self.samples);
        self.write()?;
        self.wav.finalize()
    }

    fn write(&mut self) -> Result<(), hound::Error> {
        for sample in self.samples.drain(..) {
            self.wav.write_sample(sample)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::{Codec, Law};
    use super::*;

    fn recorded(packets: &[(u16, u32, Content<'_>)]) -> Vec<i16> {
        let mut file = Cursor::new(Vec::new());
        let mut recorder = Recorder::new(&mut file).unwrap();
        for &(sequence, timestamp, content) in packets {
            recorder.push(sequence, timestamp, content).unwrap();
        }
        recorder.finish().unwrap();
        file.set_position(0);
        let mut wav = hound::WavReader::new(file).unwrap();
        assert_eq!(wav.spec().sample_rate, 8_000);
        wav.samples().map(Result::unwrap).collect()
    }

    const VOICE: Content<'_> = Content::Sound(Codec::Pcma, &[0x12; 160]);

    #[test]
    fn what_is_late_is_in_its_place() {
        let sounds = [1_u8, 3, 2, 4].map(|byte| [byte; 160]);
        let packets = [0_u16, 2, 1, 3].into_iter().zip(&sounds);
        let packets: Vec<_> =
            packets.map(|(n, sound)| (n, u32::from(n) * 160, Content::Sound(Codec::Pcma, sound))).collect();
        let expected: Vec<i16> = [1, 2, 3, 4].into_iter().flat_map(|byte| [Law::A.decode(byte); 160]).collect();
        assert!(recorded(&packets) == expected);
    }

    #[test]
    fn what_is_lost_is_made_up_and_what_was_not_sent_is_silence() {
        let lost = recorded(&[(0, 0, VOICE), (1, 160, VOICE), (3, 480, VOICE)]);
        assert_eq!(lost.len(), 640);
        assert!(lost[330..400].iter().all(|&s| s == Law::A.decode(0x12)), "{:?}", &lost[320..480]);
        let paused = recorded(&[(0, 0, VOICE), (1, 160, VOICE), (2, 480, VOICE)]);
        assert!(paused.len() == 640 && paused[320..480] == [0; 160]);
        let noise = recorded(&[(0, 0, VOICE), (1, 160, Content::Noise(60)), (2, 480, VOICE)]);
        assert!(noise.len() == 640 && noise[160..480].iter().all(|&s| s == 0));
        let key = recorded(&[(0, 0, VOICE), (1, 160, Content::Nothing), (2, 160, Content::Nothing), (3, 480, VOICE)]);
        assert!(key.len() == 640 && key[160..480].iter().all(|&s| s == 0));
    }

    #[test]
    fn a_timestamp_that_jumps_far_makes_no_endless_silence() {
        let far = [(0, 0), (1, 4_000_000), (2, 100)].map(|(sequence, timestamp)| (sequence, timestamp, VOICE));
        assert_eq!(recorded(&far).len(), 480);
    }
}
