use std::time::Duration;

use crate::base::{Digit, Instant};
use crate::media::{Codec, Decoder, KeyTones, KeysInSound, Samples};
use crate::rtp::{DigitReceiver, Packet};

/// The keys that a leg's peer presses, however they come, each once.
///
/// Who sends telephone events sends all keys so: from the first event on, sound is no
/// longer listened to.
#[derive(Debug, Default)]
pub(super) struct KeysIn {
    events: DigitReceiver,
    /// Listens to the sound, where that is wanted.
    tones: Option<Box<(KeyTones, Decoder)>>,
    sends_events: bool,
    /// The key that was heard as a tone last.
    heard: Option<(Digit, Instant)>,
}

/// A gateway that turns tones into events lets the start of a tone pass: the event that
/// follows within this is the same press.
const SAME_PRESS: Duration = Duration::from_millis(500);

impl KeysIn {
    /// What was agreed on.
    pub(super) fn connect(&mut self, wanted: KeysInSound, has_events: bool) {
        let listens = match wanted {
            KeysInSound::WithoutEvents => !has_events,
            KeysInSound::Always => !self.sends_events,
            KeysInSound::Never => false,
        };
        self.tones = if listens { Some(self.tones.take().unwrap_or_default()) } else { None };
    }

    /// A packet of a telephone event.
    pub(super) fn event(&mut self, now: Instant, packet: &Packet<'_>) -> Option<Digit> {
        let digit = self.events.receive(now, packet)?;
        self.sends_events = true;
        self.tones = None;
        let heard = self.heard.take().filter(|(_, at)| now.since(*at) < SAME_PRESS);
        if heard.is_some_and(|(same, _)| same == digit) { None } else { Some(digit) }
    }

    /// A packet of sound.
    pub(super) fn sound(&mut self, now: Instant, codec: Codec, payload: &[u8]) -> Option<Digit> {
        let (tones, decoder) = &mut **self.tones.as_mut()?;
        let mut sound: Samples = [0; _];
        let length = decoder.decode(codec, payload, &mut sound);
        let digit = tones.push(sound.into_iter().take(length))?;
        self.heard = Some((digit, now));
        Some(digit)
    }
}
