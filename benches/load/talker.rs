//! What a phone of ours sends: 50 packets a second, and the keys that are pressed on it.

use std::collections::VecDeque;

use crate::clock::Nanos;
use crate::packet::{AUDIO, EVENT, HEADER, Header, Stamp};

/// The sending half of one stream.
#[derive(Clone, Debug)]
pub(crate) struct Talker {
    line: u32,
    header: Header,
    codec: u8,
    event: u8,
    /// Sends sound, or keys only.
    pub(crate) audio: bool,
    keys: VecDeque<u8>,
    /// Packets of the key that is being sent.
    step: u16,
    packet: [u8; AUDIO],
}

impl Talker {
    /// A phone on this line; `codec` and `event` are payload types.
    pub(crate) fn new(line: u32, codec: u8, event: Option<u8>, audio: bool) -> Self {
        let n = line.wrapping_mul(2_654_435_761);
        let header =
            Header { marker: true, kind: codec, sequence: (n >> 16) as u16, time: n, ssrc: 0x1000_0000 | (n >> 4) };
        // Silence in A-law: what we say must not be taken for a tone.
        let packet = [0xd5; AUDIO];
        Self { line, header, codec, event: event.unwrap_or(EVENT), audio, keys: VecDeque::new(), step: 0, packet }
    }

    /// Presses a key: 0 to 9, 10 for star, 11 for hash.
    pub(crate) fn press(&mut self, key: u8) {
        self.keys.push_back(key);
    }

    /// The packet of this slot, if there is one.
    pub(crate) fn next(&mut self, now: Nanos) -> Option<&[u8]> {
        if let Some(key) = self.keys.front().copied() {
            return Some(self.event(key));
        }
        if !self.audio {
            return None;
        }
        self.header.kind = self.codec;
        self.header.write(&mut self.packet);
        Stamp { line: self.line, sent: now }.write(&mut self.packet);
        self.header.marker = false;
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.time = self.header.time.wrapping_add(160);
        Some(&self.packet)
    }

    /// A key of 100 ms: five packets of one time stamp, then the end three times (RFC 4733,
    /// sections 2.5.1.3 and 2.5.1.4), in place of the sound.
    fn event(&mut self, key: u8) -> &[u8] {
        let length = 160 * (self.step + 1).min(UPDATES);
        let header = Header { kind: self.event, marker: self.step == 0, ..self.header };
        header.write(&mut self.packet);
        let end = if self.step >= UPDATES { 0x80 } else { 0 };
        let [high, low] = length.to_be_bytes();
        self.packet[HEADER..HEADER + 4].copy_from_slice(&[key, end | VOLUME, high, low]);
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.step += 1;
        if self.step == UPDATES + 3 {
            self.step = 0;
            self.keys.pop_front();
            self.header.time = self.header.time.wrapping_add(160 * u32::from(UPDATES + 3));
            // A pause between two presses, so that two of one key are two.
            self.header.marker = true;
        }
        &self.packet[..HEADER + 4]
    }
}

/// Packets of a key before its end.
const UPDATES: u16 = 5;
const VOLUME: u8 = 10;
