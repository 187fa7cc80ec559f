use super::Instant;

/// The deadlines of one machine, each under its name: at most one per name.
///
/// A few names at most, so a list is the fastest table.
#[derive(Clone, Debug)]
pub struct TimerTable<T> {
    set: Vec<(T, Instant)>,
}

impl<T> Default for TimerTable<T> {
    fn default() -> Self {
        Self { set: Vec::new() }
    }
}

impl<T: Copy + PartialEq> TimerTable<T> {
    /// Sets the deadline of this name, in place of an earlier one.
    pub fn set(&mut self, timer: T, at: Instant) {
        self.stop(timer);
        self.set.push((timer, at));
    }

    /// Forgets this deadline.
    pub fn stop(&mut self, timer: T) {
        self.set.retain(|(t, _)| *t != timer);
    }

    /// Forgets every deadline.
    pub fn clear(&mut self) {
        self.set.clear();
    }

    /// The deadline of this name.
    pub fn get(&self, timer: T) -> Option<Instant> {
        self.set.iter().find(|(t, _)| *t == timer).map(|(_, at)| *at)
    }

    /// The earliest deadline and its name.
    pub fn next(&self) -> Option<(Instant, T)> {
        self.set.iter().min_by_key(|(_, at)| *at).map(|(t, at)| (*at, *t))
    }

    /// Takes the earliest deadline that `now` has reached.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        let (_, timer) = self.next().filter(|(at, _)| *at <= now)?;
        self.stop(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn deadlines_come_in_order_and_once() {
        let at = |s| Instant::START + Duration::from_secs(s);
        let mut timers = TimerTable::default();
        timers.set('b', at(2));
        timers.set('a', at(1));
        timers.set('a', at(3));
        assert_eq!(timers.next(), Some((at(2), 'b')));
        assert_eq!(timers.pop(at(1)), None);
        assert_eq!(timers.pop(at(9)), Some('b'));
        assert_eq!(timers.pop(at(9)), Some('a'));
        assert_eq!(timers.pop(at(9)), None);
    }
}
