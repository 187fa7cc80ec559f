use std::io::{Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::{Codec, RATE, Unpacker};

/// Writes what is received to WAV (8 kHz, 16 bit, mono): in order, what is lost as
/// silence, so that the file lasts as long as the call sounded.
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

    /// Takes a packet's payload as it came.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn push(&mut self, sequence: u16, timestamp: u32, codec: Codec, payload: &[u8]) -> Result<(), hound::Error> {
        self.unpacker.push(sequence, timestamp, (codec, payload), &mut self.samples);
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

    use super::*;

    #[test]
    fn what_is_lost_is_silence_and_what_is_late_is_in_its_place() {
        let mut file = Cursor::new(Vec::new());
        let mut recorder = Recorder::new(&mut file).unwrap();
        for (sequence, byte) in [(0_u16, 1_u8), (2, 3), (1, 2), (4, 5)] {
            recorder.push(sequence, u32::from(sequence) * 160, Codec::Pcma, &[byte; 160]).unwrap();
        }
        recorder.finish().unwrap();
        file.set_position(0);
        let mut wav = hound::WavReader::new(file).unwrap();
        assert_eq!((wav.spec().sample_rate, wav.duration()), (8_000, 800));
        let samples: Vec<i16> = wav.samples().map(Result::unwrap).collect();
        let expected: Vec<i16> = [1, 2, 3, 0, 5]
            .into_iter()
            .flat_map(|byte| [if byte == 0 { 0 } else { Codec::Pcma.decode(byte) }; 160])
            .collect();
        assert!(samples == expected);
    }

    #[test]
    fn a_timestamp_that_jumps_far_makes_no_endless_silence() {
        let mut file = Cursor::new(Vec::new());
        let mut recorder = Recorder::new(&mut file).unwrap();
        for (sequence, timestamp) in [(0, 0), (1, 4_000_000), (2, 100)] {
            recorder.push(sequence, timestamp, Codec::Pcmu, &[7; 160]).unwrap();
        }
        recorder.finish().unwrap();
        file.set_position(0);
        assert_eq!(hound::WavReader::new(file).unwrap().duration(), 480);
    }
}
