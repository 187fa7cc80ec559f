use std::sync::Arc;

use super::outgoing::Scratch;
use super::packing::Packing;
use crate::base::{Instant, PlayId};
use crate::media::{Clip, Codec, Encoder, FRAME, Law, Mixer, Piece, Player, Repeat, Stream};

/// What a leg is told by us, round by round: what plays, or voices added up, or silence, in
/// its peer's codec and in packets as long as it wants them.
#[derive(Debug)]
pub(super) struct Voice {
    codec: Codec,
    /// For a codec whose frames go on from those before: what is no clip, and silence.
    encoder: Option<Encoder>,
    /// Where the peer wants packets of another length than ours.
    packing: Option<Box<Packing>>,
    playing: Option<Playing>,
    /// The music that was interrupted last.
    music: Option<Box<Player>>,
}

#[derive(Debug)]
struct Playing {
    play: PlayId,
    player: Player,
    stop_on_key: bool,
}

impl Default for Voice {
    fn default() -> Self {
        Self { codec: Codec::Pcma, encoder: None, packing: None, playing: None, music: None }
    }
}

impl Voice {
    /// What was agreed on.
    pub(super) fn connect(&mut self, stream: &Stream) {
        if self.codec != stream.codec || self.encoder.is_none() {
            self.codec = stream.codec;
            self.encoder = Encoder::live(stream.codec);
        }
        self.packing = Packing::new(stream.codec, stream.packet_ms);
    }

    pub(super) fn play(&mut self, play: PlayId, clips: Vec<Arc<Clip>>, repeat: Repeat, stop_on_key: bool) {
        self.put_music_aside();
        let mut player = Player::new(clips, repeat);
        if let Some(music) = self.music.take_if(|_| player.is_endless()) {
            player = player.resume(&music);
        }
        self.playing = Some(Playing { play, player, stop_on_key });
    }

    pub(super) fn stop(&mut self) {
        self.put_music_aside();
        self.playing = None;
    }

    /// A key was pressed: what it stops is silent from now on.
    pub(super) fn on_key(&mut self) {
        if self.playing.as_ref().is_some_and(|playing| playing.stop_on_key) {
            self.playing = None;
        }
    }

    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// What has been played to its end, told once.
    pub(super) fn finished(&mut self) -> Option<PlayId> {
        self.playing.take_if(|playing| playing.player.is_done()).map(|playing| playing.play)
    }

    /// Keeps where the music is, so that it goes on there after an announcement.
    fn put_music_aside(&mut self) {
        if let Some(Playing { player, .. }) = self.playing.take_if(|playing| playing.player.is_endless()) {
            self.music = Some(Box::new(player));
        }
    }

    /// Whether packets are other ones than our rounds: they are collected and taken later.
    pub(super) fn is_packed(&self) -> bool {
        self.packing.is_some()
    }

    /// The payload of this round, for who wants packets of 20 ms. What is no clip is written
    /// to `room`.
    pub(super) fn payload<'a>(
        &'a mut self,
        due: Instant,
        mixer: Option<&mut Mixer>,
        room: &'a mut Scratch,
    ) -> &'a [u8] {
        let Self { codec, encoder, playing, .. } = self;
        match next(playing, mixer, (due, *codec)) {
            Next::Payload(payload) => payload,
            Next::Samples(samples) => {
                let length = write(encoder, *codec, &samples, room);
                &room[..length]
            }
        }
    }

    /// Keeps this round's sound for a packet of another length.
    pub(super) fn collect(&mut self, due: Instant, mixer: Option<&mut Mixer>) {
        let Self { codec, encoder, packing, playing, .. } = self;
        let Some(packing) = packing else { return };
        let mut room = [0; FRAME + 256];
        // A frame of Opus can't be cut: where its packets hold 10 ms each, clips are heard
        // in the telephone's band.
        let spoken = if packing.frame() < FRAME && !codec.is_bytes() { Codec::Pcma } else { *codec };
        match next(playing, mixer, (due, spoken)) {
            Next::Payload(payload) if spoken == *codec => packing.push(payload),
            Next::Payload(payload) => {
                let samples = plain(payload);
                for piece in samples.chunks(packing.frame()) {
                    let length = write(encoder, *codec, piece, &mut room);
                    packing.push(&room[..length]);
                }
            }
            Next::Samples(samples) => {
                for piece in samples.chunks(packing.frame()) {
                    let length = write(encoder, *codec, piece, &mut room);
                    packing.push(&room[..length]);
                }
            }
        }
    }

    /// Moves the next packet of another length to `out`: its bytes, and its samples.
    pub(super) fn pop(&mut self, out: &mut Scratch) -> Option<(usize, usize)> {
        self.packing.as_mut()?.pop(out)
    }

    pub(super) fn drop_unpacked(&mut self) {
        if let Some(packing) = &mut self.packing {
            packing.clear();
        }
    }
}

/// 20 ms that a leg is told.
#[allow(
    clippy::large_enum_variant,
    reason = "it lives on the stack for a moment; a box would cost an allocation a packet"
)]
enum Next<'a> {
    Payload(&'a [u8]),
    Samples([i16; FRAME]),
}

fn next<'a>(playing: &'a mut Option<Playing>, mixer: Option<&mut Mixer>, (due, codec): (Instant, Codec)) -> Next<'a> {
    match (playing, mixer) {
        (Some(playing), _) => match playing.player.next(codec) {
            Some(Piece::Payload(payload)) => Next::Payload(payload),
            Some(Piece::Law(payload)) => Next::Samples(plain(payload)),
            None => silent(codec),
        },
        (None, Some(mixer)) => Next::Samples(mixer.frame(due)),
        (None, None) => silent(codec),
    }
}

fn silent<'a>(codec: Codec) -> Next<'a> {
    match codec.law() {
        Some(law) => Next::Payload(law.silent_frame()),
        None => Next::Samples([0; FRAME]),
    }
}

/// 20 ms of A-law as samples.
fn plain(payload: &[u8]) -> [i16; FRAME] {
    let mut samples = [0; FRAME];
    for (sample, &byte) in samples.iter_mut().zip(payload) {
        *sample = Law::A.decode(byte);
    }
    samples
}

/// Writes samples in a codec; how many bytes they became.
fn write(encoder: &mut Option<Encoder>, codec: Codec, samples: &[i16], room: &mut [u8]) -> usize {
    match (encoder, codec.law()) {
        (_, Some(law)) => {
            for (byte, &sample) in room.iter_mut().zip(samples) {
                *byte = law.encode(sample);
            }
            samples.len().min(room.len())
        }
        (Some(encoder), None) => encoder.encode(samples, room),
        (None, None) => 0,
    }
}
