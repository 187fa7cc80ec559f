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
    pub fn next(&mut self, codec: Codec) -> Option<&[u8]> {
        let (index, start) = self.at;
        let clip = self.clips.get(index)?;
        if start + FRAME <= clip.samples {
            self.advance(FRAME);
            return self.clips.get(index)?.payload(codec).get(start..start + FRAME);
        }
        let mut filled = 0;
        while filled < FRAME && !self.is_done() {
            let (index, start) = self.at;
            let rest = &self.clips[index].payload(codec)[start..];
            let taken = rest.len().min(FRAME - filled);
            self.joint[filled..filled + taken].copy_from_slice(&rest[..taken]);
            filled += taken;
            self.advance(taken);
        }
        self.joint[filled..].fill(codec.silence());
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A clip whose bytes are all the same.
    fn clip(byte: u8, samples: usize) -> Arc<Clip> {
        let bytes: Box<[u8]> = vec![byte; samples].into();
        Arc::new(Clip { name: "".into(), samples, pcma: bytes.clone(), pcmu: bytes })
    }

    fn frames(player: &mut Player, most: usize) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while let Some(frame) = player.next(Codec::Pcma) {
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
        let frame = player.next(Codec::Pcma).unwrap();
        assert_eq!(frame.as_ptr(), shared.pcma.as_ptr());
        assert!(!player.is_done());
        assert_eq!(player.next(Codec::Pcma).unwrap().as_ptr(), shared.pcma[160..].as_ptr());
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
}
