use std::collections::VecDeque;

use super::TelephoneEvent;
use crate::base::Digit;

/// Makes the packets of keys, one step of 20 ms after the other: 100 ms of event,
/// its last packet three times (RFC 4733, section 2.5.1.4), then a pause; 200 ms a key.
#[derive(Clone, Debug)]
pub struct DigitSender {
    keys: VecDeque<Digit>,
    step: u16,
    /// Steps of a duration in 20 ms.
    lasts: u16,
}

/// What one step of 20 ms sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An event packet, in place of audio.
    Event {
        /// The payload.
        event: TelephoneEvent,
        /// Whether it is the first of a press: it carries the marker, and its
        /// timestamp is that of the whole press.
        first: bool,
    },
    /// Between keys: audio as ever.
    Pause,
}

/// What 20 ms are in durations at 8 kHz.
const STEP: u16 = 160;
/// Steps that the key is held.
const HELD: u16 = 5;
/// Steps with a packet: the held ones and two repeats of the last.
const SENT: u16 = HELD + 2;
/// Steps from one key to the next.
const WHOLE: u16 = 10;
/// The level of the tone that the packet stands for, in −dBm0.
const VOLUME: u8 = 10;

impl Default for DigitSender {
    fn default() -> Self {
        Self { keys: VecDeque::new(), step: 0, lasts: STEP }
    }
}

impl DigitSender {
    /// Durations have so many steps in a second from now on (RFC 4733, section 2.1).
    pub fn set_clock(&mut self, clock: u32) {
        self.lasts = u16::try_from(clock / 50).unwrap_or(STEP);
    }

    /// Adds keys behind those that are still to be sent, up to `most` in all.
    pub fn push(&mut self, digits: &[Digit], most: usize) {
        let room = most.saturating_sub(self.keys.len());
        self.keys.extend(digits.iter().take(room));
    }

    /// Whether there is nothing to send.
    pub fn is_idle(&self) -> bool {
        self.keys.is_empty()
    }

    /// What the next 20 ms send; `None` when there is nothing more.
    pub fn step(&mut self) -> Option<Step> {
        let code = self.keys.front()?.event();
        let step = self.step;
        self.step += 1;
        if self.step == WHOLE {
            self.step = 0;
            self.keys.pop_front();
        }
        if step >= SENT {
            return Some(Step::Pause);
        }
        let lasted = (step + 1).min(HELD);
        let event = TelephoneEvent { code, end: lasted == HELD, volume: VOLUME, duration: lasted * self.lasts };
        Some(Step::Event { event, first: step == 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DigitReceiver, Header, Packet};
    use super::*;
    use crate::base::{Instant, parse_digits};

    #[test]
    fn a_key_grows_for_100_ms_and_its_end_is_sent_three_times() {
        let mut sender = DigitSender::default();
        sender.push(&[Digit::STAR], 8);
        let steps: Vec<_> = std::iter::from_fn(|| sender.step()).collect();
        assert!(sender.is_idle());
        let lines: Vec<_> = steps
            .iter()
            .map(|step| match step {
                Step::Event { event, first } => {
                    format!(
                        "{} {}{}{}",
                        event.code,
                        event.duration,
                        if *first { " first" } else { "" },
                        if event.end { " end" } else { "" }
                    )
                }
                Step::Pause => "pause".into(),
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        10 160 first
        10 320
        10 480
        10 640
        10 800 end
        10 800 end
        10 800 end
        pause
        pause
        pause
        ");
    }

    #[test]
    fn beside_opus_a_key_lasts_as_long_at_its_clock() {
        let mut sender = DigitSender::default();
        sender.set_clock(48_000);
        sender.push(&[Digit::ZERO], 8);
        let lasted = std::iter::from_fn(|| sender.step()).filter_map(|step| match step {
            Step::Event { event, .. } => Some(event.duration),
            Step::Pause => None,
        });
        assert_eq!(lasted.collect::<Vec<_>>(), [960, 1_920, 2_880, 3_840, 4_800, 4_800, 4_800]);
    }

    #[test]
    fn what_is_sent_is_received() {
        let mut sender = DigitSender::default();
        sender.push(&parse_digits("110*#").unwrap(), 8);
        let mut receiver = DigitReceiver::default();
        let (mut now, mut timestamp, mut sequence, mut heard) = (Instant::START, 0, 0, String::new());
        let mut pressed_at = 0;
        while let Some(step) = sender.step() {
            if let Step::Event { event, first } = step {
                if first {
                    pressed_at = timestamp;
                }
                let header = Header { payload_type: 101, marker: first, sequence, timestamp: pressed_at, ssrc: 1 };
                heard.extend(receiver.receive(now, &Packet { header, payload: &event.bytes() }).map(Digit::as_char));
            }
            sequence += 1;
            timestamp += 160;
            now += std::time::Duration::from_millis(20);
        }
        assert_eq!(heard, "110*#");
    }

    #[test]
    fn keys_beyond_the_bound_are_not_taken() {
        let mut sender = DigitSender::default();
        sender.push(&[Digit::ZERO; 20], 16);
        assert_eq!(std::iter::from_fn(|| sender.step()).count(), 160);
    }
}
