//! What would raise the taux de décroché.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::staffing::Pace;
use super::{FEWEST, TARGET, WEEKDAYS, share};
use crate::base::{QueueName, WallTime};
use crate::call::past::PastCall;
use crate::call::past::lessons::Lessons;
use crate::call::past::quiet::Asked;
use crate::call::past::staff::{at_work, local, week_of};
use crate::queue::CallerKey;
use crate::queue::wait::{HalfHour, Lesson, Recalled, WaitEnd};
use crate::service::Hours;
use crate::speech::Wait;

/// When there were too few agents.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Short {
    /// Half hours of the week below the target, those that lost most callers first.
    pub half_hours: Vec<ShortHalfHour>,
    /// How many more calls would have been answered, had these reached the target.
    pub gain: u64,
    /// Half hours below the target with fewer than [`FEWEST`] calls: chance may have done it.
    pub thin: u64,
    /// Calls that nobody answered in those.
    pub thin_lost: u64,
}

/// A half hour of the week in which too few were answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShortHalfHour {
    /// `Mon` to `Sun`.
    pub day: &'static str,
    /// When it begins, as `09:30`.
    pub from: String,
    /// Calls that asked for an agent then, in all weeks.
    pub asked: u64,
    /// Those that were answered.
    pub answered: u64,
    /// In how many weeks.
    pub weeks: u64,
    /// Agents at work in the mean, as far as talks show them.
    pub agents: f64,
    /// How many it takes to answer the target's share of as many calls, talks as long and
    /// callers as patient as the queue has had.
    pub needed: u32,
}

/// Callers by the last wait that they were told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AfterTold {
    /// What was said; none for those who were told no wait.
    pub spoken: Option<Wait>,
    /// How many were told it last.
    pub callers: u64,
    /// Those who were answered.
    pub answered: u64,
    /// Those who hung up while they waited.
    pub gave_up: u64,
}

/// Callers whom nobody answered, and who phoned again; only counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Repeats {
    /// Calls that nobody answered.
    pub unanswered: u64,
    /// Those of a withheld or erased number: nothing is known of them.
    pub withheld: u64,
    /// Those after which the same number asked again within an hour.
    pub again: u64,
    /// Those of the second calls that were answered.
    pub then_answered: u64,
}

/// Who may phone again.
#[derive(Clone, Debug, Default)]
pub(super) struct Callers {
    pub(super) repeats: Repeats,
    /// When the last call ended that nobody answered.
    unanswered: BTreeMap<CallerKey, WallTime>,
}

impl Callers {
    pub(super) fn push(&mut self, call: &PastCall, caller: Option<CallerKey>) {
        let answered = call.connected.is_some();
        self.repeats.unanswered += u64::from(!answered);
        let Some(caller) = caller else {
            self.repeats.withheld += u64::from(!answered);
            return;
        };
        let soon = |ended: &WallTime| call.started.millis() - ended.millis() <= AGAIN_WITHIN_MS;
        if self.unanswered.remove(&caller).as_ref().is_some_and(soon) {
            self.repeats.again += 1;
            self.repeats.then_answered += u64::from(answered);
        }
        if !answered {
            if self.unanswered.len() >= MOST_CALLERS {
                self.unanswered.retain(|_, ended| soon(ended));
            }
            self.unanswered.insert(caller, call.ended);
        }
    }
}

/// Callers by the last step of the wait that they heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(BTreeMap<Option<Wait>, AfterTold>);

impl Told {
    pub(super) fn push(&mut self, call: &PastCall) {
        let spoken = call.told_waits.last().map(|told| told.spoken);
        let none = AfterTold { spoken, callers: 0, answered: 0, gave_up: 0 };
        let step = self.0.entry(spoken).or_insert(none);
        step.callers += 1;
        step.answered += u64::from(call.connected.is_some());
        step.gave_up += u64::from(call.has_given_up());
    }

    /// The shortest wait first, and before it those who were told none.
    pub(super) fn steps(self) -> Vec<AfterTold> {
        let place = |step: &AfterTold| step.spoken.map(|spoken| Wait::STEPS.iter().position(|s| *s == spoken));
        let mut steps: Vec<_> = self.0.into_values().collect();
        steps.sort_by_key(place);
        steps
    }
}

/// A half hour of the week, over all weeks.
#[derive(Clone, Debug, Default)]
struct Seen {
    asked: u64,
    answered: u64,
    agents: f64,
    weeks: BTreeSet<u32>,
}

/// Who was at work and how many phoned, half hour by half hour of the week.
#[derive(Clone, Debug, Default)]
pub(super) struct Staffing {
    queues: BTreeMap<QueueName, BTreeMap<HalfHour, Seen>>,
    habits: BTreeMap<QueueName, Habits>,
}

impl Staffing {
    /// Takes the calls of a day, of all queues: an agent may serve several.
    pub(super) fn learn(&mut self, hours: &Hours, calls: &[Asked], lessons: Lessons) {
        let zone = hours.zone();
        for call in calls {
            let (date, at) = local(call.at, zone);
            let seen = self.seen(&call.queue, at);
            seen.asked += 1;
            seen.answered += u64::from(call.connected.is_some());
            seen.weeks.insert(week_of(date));
        }
        let talks: Vec<_> = calls.iter().filter_map(Asked::talked).collect();
        let date = talks.first().map(|talk| local(talk.from, zone).0);
        for ((queue, at), agents) in at_work(&talks, zone) {
            let seen = self.seen(&queue, at);
            seen.agents += f64::from(agents);
            seen.weeks.extend(date.map(week_of));
        }
        for (queue, recalled) in lessons.in_order() {
            self.habits.entry(queue).or_default().learn(&recalled);
        }
    }

    fn seen(&mut self, queue: &QueueName, at: HalfHour) -> &mut Seen {
        self.queues.entry(queue.clone()).or_default().entry(at).or_default()
    }

    /// The half hours of each queue with too few agents.
    pub(super) fn short(self) -> BTreeMap<QueueName, Short> {
        let Self { queues, mut habits } = self;
        let short = |(queue, seen)| {
            let habits = habits.remove(&queue).unwrap_or_default();
            (queue, too_few(seen, &habits))
        };
        queues.into_iter().map(short).collect()
    }
}

fn too_few(seen: BTreeMap<HalfHour, Seen>, habits: &Habits) -> Short {
    let mut short = Short::default();
    for (at, seen) in seen {
        if share(seen.answered, seen.asked).is_none_or(|share| share >= TARGET) {
            continue;
        }
        if seen.asked < FEWEST {
            short.thin += 1;
            short.thin_lost += seen.asked - seen.answered;
            continue;
        }
        let weeks = seen.weeks.len() as u64;
        let agents = seen.agents / weeks as f64;
        let calls = seen.asked as f64 / weeks as f64 / HALF_HOUR;
        // As many as were there did not do.
        let needed = habits.pace(calls).agents_for(TARGET).max(agents.floor() as u32 + 1);
        short.gain += (seen.asked as f64 * TARGET).ceil() as u64 - seen.answered;
        let from = format!("{:02}:{:02}", at.minute() / 60, at.minute() % 60);
        let day = WEEKDAYS[usize::from(at.day())];
        let (asked, answered) = (seen.asked, seen.answered);
        short.half_hours.push(ShortHalfHour { day, from, asked, answered, weeks, agents, needed });
    }
    short.half_hours.sort_by_key(|half_hour| half_hour.answered.cast_signed() - half_hour.asked.cast_signed());
    short
}

/// How long calls take and callers stay, in the mean of a queue.
#[derive(Clone, Debug, Default)]
struct Habits {
    talks: Mean,
    wrap_ups: Mean,
    waits: Mean,
    left: f64,
}

#[derive(Clone, Debug, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn push(&mut self, length: Duration) {
        self.sum += length.as_secs_f64();
        self.count += 1.0;
    }

    /// The mean with one believed length.
    fn with(&self, believed: f64) -> f64 {
        (self.sum + believed) / (self.count + 1.0)
    }
}

impl Habits {
    fn learn(&mut self, recalled: &Recalled) {
        match recalled {
            Recalled::Lesson(Lesson::Talk(length)) => self.talks.push(*length),
            Recalled::Lesson(Lesson::WrapUp(length)) => self.wrap_ups.push(*length),
            Recalled::Lesson(Lesson::Wait(length, end)) => {
                self.waits.push(*length);
                self.left += f64::from(u8::from(*end == WaitEnd::Left));
            }
            Recalled::Lesson(Lesson::Ring(_)) | Recalled::Promise(_) => {}
        }
    }

    fn pace(&self, calls: f64) -> Pace {
        let busy = self.talks.with(TALK) + self.wrap_ups.with(WRAP_UP);
        Pace { calls, busy, leaving: (self.left + 1.0) / (self.waits.sum + PATIENCE) }
    }
}

/// Believed before any is seen, and soon outweighed: seconds of a talk, of a wrap-up, and
/// of patience.
const TALK: f64 = 300.0;
const WRAP_UP: f64 = 20.0;
const PATIENCE: f64 = 720.0;
const HALF_HOUR: f64 = 1800.0;
/// Who phones within an hour of having been lost phones for the same thing.
const AGAIN_WITHIN_MS: i64 = 3_600_000;
/// Beyond so many, those of more than an hour ago are forgotten.
const MOST_CALLERS: usize = 10_000;
