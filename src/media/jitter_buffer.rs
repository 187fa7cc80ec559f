use std::collections::BTreeMap;

/// Puts packets back into the order of their sequence numbers within a small window,
/// for recording: it trades no delay for a caller, only order for a file.
#[derive(Debug)]
pub struct JitterBuffer<T> {
    window: u64,
    next: Option<u64>,
    held: BTreeMap<u64, T>,
}

impl<T> JitterBuffer<T> {
    /// Waits for a missing packet until `window` later ones have come (1 to 1 000).
    pub fn new(window: usize) -> Self {
        Self { window: window.clamp(1, 1_000) as u64, next: None, held: BTreeMap::new() }
    }

    /// Takes a packet. One that comes twice, or after its turn, is dropped. A jump of
    /// more than 1 000 starts anew behind what is held.
    pub fn push(&mut self, sequence: u16, item: T) {
        let next = *self.next.get_or_insert(u64::from(sequence) + FIRST);
        let ahead = i64::from(sequence.wrapping_sub(next as u16) as i16);
        let number = next.saturating_add_signed(ahead);
        if ahead.unsigned_abs() > JUMP {
            let last = self.held.keys().next_back().map_or(next, |last| last + 1);
            let fresh = (last & !0xFFFF) + 0x1_0000 + u64::from(sequence);
            self.held.insert(fresh, item);
        } else if number >= next {
            self.held.entry(number).or_insert(item);
        }
    }

    /// The next packet whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        let next = self.next?;
        let (&first, _) = self.held.first_key_value()?;
        let (&last, _) = self.held.last_key_value()?;
        if first != next && last - next < self.window {
            return None;
        }
        self.take()
    }

    /// The next packet, whether it is its turn or not: for the end.
    pub fn take(&mut self) -> Option<T> {
        let (number, item) = self.held.pop_first()?;
        self.next = Some(number + 1);
        Some(item)
    }
}

/// Room for packets that come before the first one that came.
const FIRST: u64 = 0x1_0000;
/// A jump of more than this is a new numbering.
const JUMP: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(window: usize, sequences: &[u16]) -> Vec<u16> {
        let mut buffer = JitterBuffer::new(window);
        let mut out = Vec::new();
        for &sequence in sequences {
            buffer.push(sequence, sequence);
            out.extend(std::iter::from_fn(|| buffer.pop()));
        }
        out.extend(std::iter::from_fn(|| buffer.take()));
        out
    }

    #[test]
    fn order_is_restored_across_the_turn() {
        assert_eq!(ordered(4, &[65_534, 0, 65_535, 2, 1, 3]), [65_534, 65_535, 0, 1, 2, 3]);
    }

    #[test]
    fn a_lost_packet_is_waited_for_no_longer_than_the_window() {
        let mut buffer = JitterBuffer::new(3);
        for sequence in [1, 3, 4] {
            buffer.push(sequence, sequence);
        }
        assert_eq!(buffer.pop(), Some(1));
        assert_eq!(buffer.pop(), None);
        buffer.push(5, 5);
        assert_eq!([buffer.pop(), buffer.pop(), buffer.pop(), buffer.pop()], [Some(3), Some(4), Some(5), None]);
        buffer.push(2, 2);
        assert_eq!(buffer.pop(), None);
    }

    #[test]
    fn a_duplicate_is_dropped() {
        assert_eq!(ordered(4, &[1, 2, 2, 1, 3]), [1, 2, 3]);
    }

    #[test]
    fn a_new_numbering_follows_the_old_one() {
        assert_eq!(ordered(4, &[1, 2, 40_000, 40_001]), [1, 2, 40_000, 40_001]);
        assert_eq!(ordered(4, &[40_000, 1, 2, 3]), [40_000, 1, 2, 3]);
    }
}
