use crate::base::Instant;

/// How many callers were answered and how many hung up, within the last half hour.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    minutes: [Minute; MINUTES],
}

#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    /// Which minute since the start of the clock, from 1; 0 for none yet.
    nth: u64,
    answered: u32,
    abandoned: u32,
}

/// Long enough to be a share of something in a small queue, short enough to be of now.
const MINUTES: usize = 30;

impl Window {
    /// Counts a caller whom an agent answered.
    pub(super) fn answered(&mut self, now: Instant) {
        self.minute(now).answered += 1;
    }

    /// Counts a caller who hung up while waiting.
    pub(super) fn abandoned(&mut self, now: Instant) {
        self.minute(now).abandoned += 1;
    }

    /// Answered and abandoned callers within the last half hour.
    pub(super) fn counts(&self, now: Instant) -> (u32, u32) {
        let oldest = nth(now).saturating_sub(MINUTES as u64 - 1);
        let recent = self.minutes.iter().filter(|m| m.nth >= oldest);
        recent.fold((0, 0), |(answered, abandoned), m| (answered + m.answered, abandoned + m.abandoned))
    }

    fn minute(&mut self, now: Instant) -> &mut Minute {
        let nth = nth(now);
        let place = usize::try_from(nth).unwrap_or(0) % MINUTES;
        let minute = &mut self.minutes[place];
        if minute.nth != nth {
            *minute = Minute { nth, ..Minute::default() };
        }
        minute
    }
}

fn nth(now: Instant) -> u64 {
    now.since_start().as_secs() / 60 + 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn half_an_hour_is_counted_and_no_more() {
        let at = |minute: u64| Instant::START + Duration::from_secs(60 * minute);
        let mut window = Window::default();
        window.answered(at(0));
        window.abandoned(at(0));
        window.abandoned(at(29));
        assert_eq!(window.counts(at(29)), (1, 2));
        assert_eq!(window.counts(at(30)), (0, 1));
        window.answered(at(30));
        assert_eq!(window.counts(at(30)), (1, 1));
        assert_eq!(window.counts(at(600)), (0, 0));
    }
}
