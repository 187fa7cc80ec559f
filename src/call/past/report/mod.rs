//! The report: what happened in a service's queues day by day, and what would raise its
//! taux de décroché, from the records alone.
//!
//! Where it is asked for a share or a quantile of fewer than [`FEWEST`] callers, it gives
//! none: chance would speak. How it is shown is [`crate::cli`]'s.

mod figures;
mod raise;
mod staffing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

pub use figures::{Figures, Honesty};
pub use raise::{AfterTold, Repeats, Short, ShortHalfHour};

use self::figures::Sums;
use self::raise::{Callers, Staffing, Told};
use super::lessons::Lessons;
use super::quiet::{Asked, Usual};
use super::record::PastCall;
use super::staff::local;
use crate::base::{QueueName, WallTime};
use crate::queue::CallerKey;
use crate::service::Hours;
use crate::speech::QuietTime;

/// The national target of the taux de décroché.
pub const TARGET: f64 = 0.85;
/// Shares and quantiles are given of so many callers and more.
pub const FEWEST: u64 = 10;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The service's opening hours, in its own time zone.
    pub hours: Hours,
    /// The first day, by the service's own clock.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// What a service's records tell of some days.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The target that the taux is held against.
    pub target: f64,
    /// All queues and days.
    pub total: Figures,
    /// Each queue.
    pub queues: Vec<QueueReport>,
    /// Callers who had to phone again.
    pub repeats: Repeats,
}

/// One queue of it.
#[derive(Clone, Debug, Serialize)]
pub struct QueueReport {
    /// Which; none for callers who asked for an agent and never came to a queue.
    pub queue: Option<QueueName>,
    /// All days.
    pub total: Figures,
    /// Each day on which somebody asked for an agent.
    pub days: Vec<DayReport>,
    /// When there were too few agents.
    pub short: Short,
    /// How many gave up after what they had been told.
    pub after_told: Vec<AfterTold>,
    /// When it is quietest, as callers are told; none with less than three weeks of data.
    #[serde(serialize_with = "quiet_text")]
    pub quiet: Option<QuietTime>,
}

/// One day of a queue.
#[derive(Clone, Debug, Serialize)]
pub struct DayReport {
    /// Which.
    pub date: NaiveDate,
    /// What happened.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Folds records into a [`Report`]; the oldest call is to come first.
#[derive(Clone, Debug)]
pub struct Reporter {
    terms: Terms,
    queues: BTreeMap<Option<QueueName>, Queue>,
    callers: Callers,
    staffing: Staffing,
    usual: Usual,
    today: Today,
}

/// What has been seen of a queue.
#[derive(Clone, Debug, Default)]
struct Queue {
    days: BTreeMap<NaiveDate, Sums>,
    told: Told,
}

/// The calls that came on the last day, of all queues together: more than their sums is
/// kept of no other day, so that years fit into memory.
#[derive(Clone, Debug, Default)]
struct Today {
    date: NaiveDate,
    calls: Vec<Asked>,
    lessons: Lessons,
}

impl Reporter {
    /// One that has seen nothing.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            queues: BTreeMap::new(),
            callers: Callers::default(),
            staffing: Staffing::default(),
            usual: Usual::default(),
            today: Today::default(),
        }
    }

    /// Takes a call. Only whoever asked for an agent in opening hours, on one of the days,
    /// counts. By `caller` those are known who phone again; it is kept for an hour.
    pub fn push(&mut self, call: &PastCall, caller: Option<CallerKey>) {
        let Some(asked) = call.asked_agent.filter(|_| call.asked_in_hours) else { return };
        let (date, _) = local(asked, self.terms.hours.zone());
        if !(self.terms.from..=self.terms.to).contains(&date) {
            return;
        }
        let (came, _) = local(call.started, self.terms.hours.zone());
        if came != self.today.date {
            self.end_day();
            self.today.date = came;
        }
        let queue = self.queues.entry(call.last_queue()).or_default();
        queue.days.entry(date).or_default().push(call);
        if call.queue.is_some() {
            queue.told.push(call);
        }
        self.callers.push(call, caller);
        self.today.calls.extend(Asked::of(call));
        self.today.lessons.push(call);
    }

    fn end_day(&mut self) {
        let Today { calls, lessons, .. } = std::mem::take(&mut self.today);
        self.usual.learn(&self.terms.hours, &calls);
        self.staffing.learn(&self.terms.hours, &calls, lessons);
    }

    /// The report, as seen at `now`: the quiet hours are those of the opening hours then.
    pub fn report(mut self, now: WallTime) -> Report {
        self.end_day();
        let Self { terms: Terms { hours, from, to }, queues, callers, staffing, usual, .. } = self;
        let quiet = usual.quiet(&hours, now);
        let mut short = staffing.short();
        let mut total = Sums::default();
        let mut reports = Vec::with_capacity(queues.len());
        for (queue, seen) in queues {
            let mut sum = Sums::default();
            seen.days.values().for_each(|day| sum.add(day));
            total.add(&sum);
            let day = |(date, sums): (&NaiveDate, &Sums)| DayReport { date: *date, figures: sums.figures() };
            reports.push(QueueReport {
                total: sum.figures(),
                days: seen.days.iter().map(day).collect(),
                short: queue.as_ref().and_then(|queue| short.remove(queue)).unwrap_or_default(),
                after_told: seen.told.steps(),
                quiet: queue.as_ref().and_then(|queue| quiet.get(queue).copied()),
                queue,
            });
        }
        Report { from, to, target: TARGET, total: total.figures(), queues: reports, repeats: callers.repeats }
    }
}

/// `Wed 14:00-16:00 <2m`
fn quiet_text<S: serde::Serializer>(quiet: &Option<QuietTime>, serializer: S) -> Result<S::Ok, S::Error> {
    quiet.map(|q| format!("{} {}-{} {}", WEEKDAYS[q.weekday % 7], q.from, q.to, q.wait)).serialize(serializer)
}

/// As the report shows them.
pub const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}
