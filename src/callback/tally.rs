use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Refused, Rules, Source};
use crate::base::{PhoneNumber, Private, WallTime};

/// Who asked within the last day, for the caps.
#[derive(Debug, Default)]
pub(super) struct Tally {
    asked: VecDeque<(WallTime, Source, Private<PhoneNumber>)>,
    by_number: BTreeMap<Private<PhoneNumber>, u32>,
    by_source: BTreeMap<Source, u32>,
}

impl Tally {
    /// Counts one who has asked.
    pub(super) fn count(&mut self, at: WallTime, source: Source, number: &Private<PhoneNumber>) {
        // Those of before a crash come in the order of their ids, which is nearly that of time.
        self.asked.push_back((at, source, number.clone()));
        *self.by_number.entry(number.clone()).or_default() += 1;
        *self.by_source.entry(source).or_default() += 1;
    }

    /// Why no more may be asked for now, if so.
    pub(super) fn refuses(
        &mut self,
        now: WallTime,
        rules: &Rules,
        who: (Source, &Private<PhoneNumber>),
    ) -> Option<Refused> {
        self.forget(now);
        let number = self.by_number.get(who.1).copied().unwrap_or(0);
        let source = self.by_source.get(&who.0).copied().unwrap_or(0);
        if number >= rules.per_number {
            return Some(Refused::TooOften);
        }
        let day = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
        (source >= rules.per_source || day >= rules.per_day).then_some(Refused::TooMany)
    }

    fn forget(&mut self, now: WallTime) {
        while let Some((_, source, number)) = self.asked.pop_front_if(|(at, ..)| *at + DAY <= now) {
            if let Some(n) = self.by_number.get_mut(&number) {
                *n -= 1;
                if *n == 0 {
                    self.by_number.remove(&number);
                }
            }
            if let Some(n) = self.by_source.get_mut(&source) {
                *n -= 1;
            }
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
