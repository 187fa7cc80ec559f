use std::sync::Arc;

use super::{Clip, Codec, FRAME, Repeat};

/// Cuts clips, one after the other without a gap, into payloads of 20 ms.
///
/// A payload is borrowed from its clip; it is copied only where two clips meet and
/// at the end, which is filled up with silence.
#[derive(Debug)]
pub struct Player {
    clips: Vec<Arc<Clip>>,
    repeat: Repeat,
    /// The clip that is being played, and the sample in it.
    at: (usize, usize),
    joint: [u8; FRAME],
}

/// 20 ms of what is played.
#[derive(Debug, PartialEq)]
pub enum Piece<'a> {
    /// As it is sent.
    Payload(&'a [u8]),
    /// In A-law, for who speaks a codec that it has not been encoded in.
    Law(&'a [u8]),
}

impl Player {
    /// Starts before the first sample. Empty clips are left out.
    pub fn new(mut clips: Vec<Arc<Clip>>, repeat: Repeat) -> Self {
        clips.retain(|clip| clip.samples > 0);
        Self { clips, repeat, at: (0, 0), joint: [0; FRAME] }
    }

    /// Goes on where `before` was, when that went round the same clips: music is taken
    /// up again after an announcement, not begun anew.
    pub fn resume(self, before: &Self) -> Self {
        let is_same = self.clips.len() == before.clips.len()
            && self.clips.iter().zip(&before.clips).all(|(one, other)| Arc::ptr_eq(one, other));
        if is_same && self.repeat == Repeat::Resumed { Self { at: before.at, ..self } } else { self }
    }

    /// Whether it never ends by itself.
    pub fn is_endless(&self) -> bool {
        self.repeat != Repeat::Once
    }

    /// Whether everything has been given out.
    pub fn is_done(&self) -> bool {
        self.at.0 >= self.clips.len()
    }

    /// The next 20 ms; `None` after the end.
    pub fn next(&mut self, codec: Codec) -> Option<Piece<'_>> {
        let is_ready = self.clips.get(self.at.0)?.is_in(codec);
        match codec {
            Codec::Opus if is_ready => self.frame().map(Piece::Payload),
            _ if is_ready => self.bytes(codec).map(Piece::Payload),
            _ => self.bytes(Codec::Pcma).map(Piece::Law),
        }
    }

    /// The frame of Opus that is next: where clips meet, each begins with a frame of its own.
    fn frame(&mut self) -> Option<&[u8]> {
        let (index, start) = self.at;
        let rest = self.clips.get(index)?.samples - start;
        self.advance(rest.min(FRAME - start % FRAME));
        self.clips.get(index)?.opus_frame(start)
    }

    /// The next bytes in a codec that has one for each sample, and which the clip here has.
    fn bytes(&mut self, codec: Codec) -> Option<&[u8]> {
        let (index, start) = self.at;
        if start + FRAME <= self.clips.get(index)?.samples {
            self.advance(FRAME);
            return self.clips.get(index)?.bytes(codec)?.get(start..start + FRAME);
        }
        let mut filled = 0;
        while let Some(clip) = self.clips.get(self.at.0).filter(|_| filled < FRAME) {
            // A clip that is not there yet begins with the next packet.
            let Some(rest) = clip.bytes(codec).and_then(|bytes| bytes.get(self.at.1..)) else { break };
            let taken = rest.len().min(FRAME - filled);
            self.joint[filled..filled + taken].copy_from_slice(&rest[..taken]);
            filled += taken;
            self.advance(taken);
        }
        // Silence; of G.722, the code of a step of nearly nothing.
        self.joint[filled..].fill(codec.law().map_or(QUIET, |law| law.silent_frame()[0]));
        Some(&self.joint)
    }

    fn advance(&mut self, samples: usize) {
        let (index, start) = self.at;
        self.at = if start + samples < self.clips[index].samples {
            (index, start + samples)
        } else if index + 1 < self.clips.len() || self.repeat == Repeat::Once {
            (index + 1, 0)
        } else {
            (0, 0)
        };
    }
}

/// The smallest step of both bands of G.722.
const QUIET: u8 = 0xFF;

#[cfg(test)]
mod tests {
    use super::super::Wide;
    use super::*;

    /// A clip whose bytes are all the same.
    fn clip(byte: u8, samples: usize) -> Arc<Clip> {
        let bytes: Box<[u8]> = vec![byte; samples].into();
        Arc::new(Clip { name: "".into(), samples, pcma: bytes.clone(), pcmu: bytes, wide: Wide::default() })
    }

    fn frames(player: &mut Player, most: usize) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while let Some(Piece::Payload(frame)) = player.next(Codec::Pcma) {
            frames.push(frame.to_vec());
            if frames.len() == most {
                break;
            }
        }
        frames
    }

    #[test]
    fn clips_follow_without_a_gap_and_the_end_is_silent() {
        let mut player = Player::new(vec![clip(1, 200), clip(2, 40), clip(9, 0), clip(3, 100)], Repeat::Once);
        let frames = frames(&mut player, 100).concat();
        let expected = [vec![1; 200], vec![2; 40], vec![3; 100], vec![0xD5; 140]].concat();
        assert_eq!(frames, expected);
        assert!(player.is_done());
    }

    #[test]
    fn a_whole_frame_is_borrowed_from_the_clip() {
        let shared = clip(1, 320);
        let mut player = Player::new(vec![Arc::clone(&shared)], Repeat::Once);
        let mut next = || match player.next(Codec::Pcma) {
            Some(Piece::Payload(frame)) => frame.as_ptr(),
            _ => panic!("no payload"),
        };
        assert_eq!(next(), shared.pcma.as_ptr());
        assert_eq!(next(), shared.pcma[160..].as_ptr());
        assert!(player.is_done());
    }

    #[test]
    fn music_goes_round_without_a_gap() {
        let mut player = Player::new(vec![clip(1, 100), clip(2, 90)], Repeat::Forever);
        let heard = frames(&mut player, 19).concat();
        let round = [vec![1; 100], vec![2; 90]].concat();
        assert_eq!(heard, round.repeat(16));
    }

    #[test]
    fn music_goes_on_where_it_was_and_other_music_begins() {
        let (music, other) = (clip(1, 300), clip(2, 300));
        let mut before = Player::new(vec![Arc::clone(&music)], Repeat::Forever);
        before.next(Codec::Pcma);
        let after = |clips, repeat| Player::new(clips, repeat).resume(&before).at;
        assert_eq!(after(vec![Arc::clone(&music)], Repeat::Resumed), (0, 160));
        assert_eq!(after(vec![music], Repeat::Forever), (0, 0));
        assert_eq!(after(vec![other], Repeat::Resumed), (0, 0));
    }

    #[test]
    fn nothing_to_play_is_done_at_once_even_for_ever() {
        for repeat in [Repeat::Once, Repeat::Forever] {
            let mut player = Player::new(vec![clip(1, 0)], repeat);
            assert!(player.is_done());
            assert_eq!(player.next(Codec::Pcma), None);
        }
    }

    #[test]
    fn who_speaks_another_codec_hears_the_telephone_until_the_clip_is_encoded_in_it() {
        let (first, second) = (clip(1, 200), clip(2, 200));
        let wide = |samples: usize| vec![0_i16; 2 * samples];
        for codec in [Codec::G722, Codec::Opus] {
            let mut player = Player::new(vec![Arc::clone(&first), Arc::clone(&second)], Repeat::Once);
            assert_eq!(player.next(codec), Some(Piece::Law(&[1; FRAME])));
            first.widen(codec, &wide(200));
            let joint = player.next(codec);
            assert!(matches!(joint, Some(Piece::Payload(_))), "{codec:?}");
            // The second one is not there yet, and is heard from its first sample on.
            assert_eq!(player.at, (1, 0));
            assert!(matches!(player.next(codec), Some(Piece::Law(_))));
            second.widen(codec, &wide(200));
            let mut all = Player::new(vec![Arc::clone(&first), Arc::clone(&second)], Repeat::Once);
            let mut count = 0;
            while let Some(piece) = all.next(codec) {
                assert!(matches!(piece, Piece::Payload(_)));
                count += 1;
            }
            assert_eq!(count, if codec.is_bytes() { 3 } else { 4 });
        }
    }
}
