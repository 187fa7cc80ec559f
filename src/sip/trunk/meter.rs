use std::collections::VecDeque;
use std::time::Duration;

use crate::base::Instant;

/// How many calls may go out: a password that was stolen, or a flow that goes round, must
/// not cost a year's budget in a night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// At once; no bound when not said.
    pub at_once: Option<u32>,
    /// Within any hour; no bound when not said.
    pub per_hour: Option<u32>,
}

/// What went out.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    caps: Caps,
    up: u32,
    /// When those within the last hour began, the first one first; as many as the cap at most.
    begun: VecDeque<Instant>,
}

impl Meter {
    pub(crate) fn new(caps: Caps) -> Self {
        Self { caps, up: 0, begun: VecDeque::new() }
    }

    /// Whether one more may go out; else when to ask again.
    pub(crate) fn has_room(&self, now: Instant) -> Result<(), Duration> {
        if self.caps.at_once.is_some_and(|most| self.up >= most) {
            return Err(CALL_ENDS);
        }
        let old = self.old(now);
        match self.caps.per_hour {
            Some(most) if self.begun.len() - old >= most as usize => {
                // With a cap that was lowered, more than one have to be an hour old.
                let last = self.begun.get(self.begun.len() - most as usize);
                Err(last.map_or(HOUR, |last| (*last + HOUR).since(now)).max(SOON))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What went out counts against these caps from now on.
    pub(crate) fn cap(&mut self, caps: Caps) {
        self.caps = caps;
    }

    /// One goes out.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.up += 1;
        self.begun.drain(..self.old(now));
        if self.begun.len() < self.caps.per_hour.unwrap_or(REMEMBERED) as usize {
            self.begun.push_back(now);
        }
    }

    /// One is over.
    pub(crate) fn end(&mut self) {
        self.up = self.up.saturating_sub(1);
    }

    /// How many are up, and how many began within the last hour.
    pub(crate) fn counts(&self, now: Instant) -> (u32, usize) {
        (self.up, self.begun.len() - self.old(now))
    }

    /// How many began more than an hour ago.
    fn old(&self, now: Instant) -> usize {
        self.begun.partition_point(|at| *at + HOUR <= now)
    }
}

const HOUR: Duration = Duration::from_secs(3600);
/// When a place may be free again among calls that are up.
const CALL_ENDS: Duration = Duration::from_secs(30);
/// Nobody asks again before.
const SOON: Duration = Duration::from_secs(1);
/// Beginnings that are remembered where there is no cap, to be shown.
const REMEMBERED: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::START + Duration::from_secs(seconds)
    }

    #[test]
    fn so_many_at_once_and_not_one_more() {
        let mut meter = Meter::new(Caps { at_once: Some(2), per_hour: None });
        meter.begin(at(0));
        assert_eq!(meter.has_room(at(0)), Ok(()));
        meter.begin(at(1));
        assert_eq!(meter.has_room(at(2)), Err(CALL_ENDS));
        meter.end();
        assert_eq!((meter.has_room(at(3)), meter.counts(at(3))), (Ok(()), (1, 2)));
    }

    #[test]
    fn so_many_in_any_hour_and_when_to_ask_again_is_told() {
        let mut meter = Meter::new(Caps { at_once: None, per_hour: Some(2) });
        for begins in [0, 600] {
            assert_eq!(meter.has_room(at(begins)), Ok(()));
            meter.begin(at(begins));
            meter.end();
        }
        assert_eq!(meter.has_room(at(1_000)), Err(Duration::from_secs(2_600)));
        assert_eq!(meter.has_room(at(3_599)), Err(SOON));
        assert_eq!(meter.has_room(at(3_600)), Ok(()));
        meter.begin(at(3_600));
        assert_eq!(meter.has_room(at(4_000)), Err(Duration::from_secs(200)), "an hour slides");
        assert_eq!(meter.begun.len(), 2);
    }
}
