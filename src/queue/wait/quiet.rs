//! When it is usually quiet, learned from the records.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::speech::Wait;

/// A half hour of the week in local time, from 0 (Monday, midnight) to 335.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HalfHour(u16);

/// A time of the week when the wait is usually short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// The first half hour.
    pub from: HalfHour,
    /// How many half hours, on the same day.
    pub length: u16,
    /// The wait that nine callers in ten do not exceed.
    pub wait: Wait,
}

/// What happened in each half hour of the week, folded from the records week by week.
///
/// Memory is bounded: 336 half hours and [`WEEKS`] weeks, the oldest being forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// For each week (any number that grows by one a week) its half hours.
    weeks: BTreeMap<u32, BTreeMap<HalfHour, Traffic>>,
}

/// One half hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Traffic {
    calls: u32,
    /// Agents at work, in the mean.
    agents: f32,
    /// Callers whose wait, or whose patience, ended within each of [`CLASSES`], and beyond.
    waits: [u32; CLASSES.len() + 1],
}

impl HalfHour {
    /// Of a day (0 is Monday) and a minute of that day; days beyond Sunday begin anew.
    pub fn of(day: u16, minute: u16) -> Self {
        Self((day % 7) * PER_DAY + (minute / 30).min(PER_DAY - 1))
    }

    /// The day, 0 being Monday.
    pub fn day(self) -> u16 {
        self.0 / PER_DAY
    }

    /// The minute of the day at which it begins.
    pub fn minute(self) -> u16 {
        self.0 % PER_DAY * 30
    }
}

impl Week {
    /// A caller who asked for an agent in this half hour, and how long the wait was.
    pub fn learn_call(&mut self, week: u32, at: HalfHour, waited: Duration) {
        let Some(traffic) = self.traffic(week, at) else { return };
        traffic.calls = traffic.calls.saturating_add(1);
        let class = CLASSES.iter().position(|top| waited <= *top).unwrap_or(CLASSES.len());
        traffic.waits[class] = traffic.waits[class].saturating_add(1);
    }

    /// How many agents were at work in this half hour, in the mean.
    pub fn learn_agents(&mut self, week: u32, at: HalfHour, agents: f32) {
        if let Some(traffic) = self.traffic(week, at) {
            traffic.agents = agents.max(0.0);
        }
    }

    /// The quietest time of the week, longest first among equals: an hour or more with the
    /// fewest calls per agent, where nine callers in ten waited less than two minutes, or
    /// if there is none, less than five. `is_open` says whether it is open for the whole of a
    /// half hour; what is closed is never told. None with less than three weeks of data.
    pub fn quietest(&self, is_open: impl Fn(HalfHour) -> bool) -> Option<Quiet> {
        if self.weeks.len() < FEWEST_WEEKS {
            return None;
        }
        let all: Vec<Option<Traffic>> =
            (0..7 * PER_DAY).map(HalfHour).map(|at| if is_open(at) { self.sum(at) } else { None }).collect();
        let mut loads: Vec<f32> = all.iter().flatten().map(Traffic::load).collect();
        loads.sort_unstable_by(f32::total_cmp);
        let usual = *loads.get(loads.len() / 2)?;
        (0..2).find_map(|class| {
            let quiet = |traffic: &Traffic| traffic.load() <= usual && traffic.is_within(class);
            self.longest(&all, quiet, class)
        })
    }

    /// The longest run of quiet half hours within a day, the least loaded among equals.
    fn longest(&self, all: &[Option<Traffic>], quiet: impl Fn(&Traffic) -> bool, class: usize) -> Option<Quiet> {
        let mut best: Option<(u16, f32, HalfHour)> = None;
        for start in (0..7 * PER_DAY).map(HalfHour) {
            let rest = &all[usize::from(start.0)..usize::from((start.day() + 1) * PER_DAY)];
            let run: Vec<&Traffic> = rest.iter().map_while(|t| t.as_ref().filter(|t| quiet(t))).collect();
            let length = u16::try_from(run.len()).unwrap_or(PER_DAY);
            let load = run.iter().map(|t| t.load()).sum::<f32>() / f32::from(length.max(1));
            let better = best.is_none_or(|(longest, least, _)| (length, -load) > (longest, -least));
            if length >= SHORTEST && better {
                best = Some((length, load, start));
            }
        }
        let (length, _, from) = best?;
        let wait = Wait::covering(Duration::ZERO, CLASSES[class]);
        Some(Quiet { from, length, wait })
    }

    /// A half hour over all weeks; none when too few weeks or callers have shown it.
    fn sum(&self, at: HalfHour) -> Option<Traffic> {
        let mut sum = Traffic::default();
        let mut weeks = 0_u16;
        for traffic in self.weeks.values().filter_map(|week| week.get(&at)).filter(|t| t.agents > 0.0) {
            weeks += 1;
            sum.calls += traffic.calls;
            sum.agents += traffic.agents;
            for (sum, n) in sum.waits.iter_mut().zip(traffic.waits) {
                *sum += n;
            }
        }
        (usize::from(weeks) >= FEWEST_WEEKS && sum.calls >= FEWEST_CALLS).then_some(sum)
    }

    fn traffic(&mut self, week: u32, at: HalfHour) -> Option<&mut Traffic> {
        self.weeks.entry(week).or_default();
        while self.weeks.len() > WEEKS {
            self.weeks.pop_first();
        }
        Some(self.weeks.get_mut(&week)?.entry(at).or_default())
    }
}

impl Traffic {
    /// Calls per agent.
    fn load(&self) -> f32 {
        self.calls as f32 / self.agents.max(0.1)
    }

    /// Whether nine waits in ten were within a class.
    fn is_within(&self, class: usize) -> bool {
        let within: u32 = self.waits[..=class].iter().sum();
        u64::from(within) * 10 >= u64::from(self.calls) * 9
    }
}

const PER_DAY: u16 = 48;
/// Waits are sorted into these.
const CLASSES: [Duration; 2] = [Duration::from_secs(120), Duration::from_secs(300)];
const FEWEST_WEEKS: usize = 3;
/// With fewer callers, nine in ten is chance.
const FEWEST_CALLS: u32 = 10;
/// An hour.
const SHORTEST: u16 = 2;
/// A quarter of a year is remembered.
const WEEKS: usize = 13;

#[cfg(test)]
mod tests {
    use super::*;

    /// Weeks with two agents and so many calls in each half hour from nine to five,
    /// Monday to Friday; all wait four minutes, on quiet afternoons one.
    fn weeks(n: u32) -> Week {
        let mut week = Week::default();
        for w in 0..n {
            for day in 0..5 {
                for at in (540..1020).step_by(30).map(|minute| HalfHour::of(day, minute)) {
                    week.learn_agents(w, at, 2.0);
                    let quiet = day == 2 && (840..960).contains(&at.minute());
                    let (calls, waited) = if quiet { (5, 60) } else { (12, 400) };
                    (0..calls).for_each(|_| week.learn_call(w, at, Duration::from_secs(waited)));
                }
            }
        }
        week
    }

    #[test]
    fn wednesday_afternoon_is_told_after_three_weeks() {
        assert_eq!(weeks(2).quietest(|_| true), None);
        let expected = Quiet { from: HalfHour::of(2, 840), length: 4, wait: Wait::Under(2) };
        assert_eq!(weeks(3).quietest(|_| true), Some(expected));
    }

    #[test]
    fn a_closed_time_is_never_told() {
        let closes_early = |at: HalfHour| at.day() != 2 || at.minute() < 930;
        let expected = Quiet { from: HalfHour::of(2, 840), length: 3, wait: Wait::Under(2) };
        assert_eq!(weeks(3).quietest(closes_early), Some(expected));
        assert_eq!(weeks(3).quietest(|at| at.day() != 2), None, "everywhere else they wait too long");
    }

    #[test]
    fn a_wait_of_under_five_minutes_is_told_when_there_is_no_better() {
        let mut week = Week::default();
        for w in 0..4 {
            for minute in (540..720).step_by(30) {
                week.learn_agents(w, HalfHour::of(0, minute), 1.0);
                let (calls, waited) = if minute < 600 { (3, 200) } else { (8, 500) };
                (0..calls).for_each(|_| week.learn_call(w, HalfHour::of(0, minute), Duration::from_secs(waited)));
            }
        }
        let expected = Quiet { from: HalfHour::of(0, 540), length: 2, wait: Wait::Under(5) };
        assert_eq!(week.quietest(|_| true), Some(expected));
    }

    #[test]
    fn a_half_hour_without_agents_says_nothing() {
        let mut week = Week::default();
        for w in 0..4 {
            for minute in [540, 570] {
                (0..9).for_each(|_| week.learn_call(w, HalfHour::of(0, minute), Duration::ZERO));
            }
        }
        assert_eq!(week.quietest(|_| true), None);
    }

    #[test]
    fn a_quarter_of_a_year_is_remembered() {
        let mut week = Week::default();
        for w in 0..40 {
            week.learn_call(w, HalfHour::of(0, 600), Duration::ZERO);
        }
        assert_eq!(week.weeks.len(), WEEKS);
        assert_eq!(week.weeks.first_key_value().unwrap().0, &27);
    }
}
