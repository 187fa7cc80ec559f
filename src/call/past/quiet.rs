use std::collections::BTreeMap;
use std::time::Duration;

use super::record::PastCall;
use super::staff::{Talked, at_work, local, week_of};
use crate::base::{AgentName, QueueName, WallTime};
use crate::queue::wait::{HalfHour, Week};
use crate::service::{DayHours, Hours, TimeOfDay};
use crate::speech::QuietTime;

/// A call that asked for an agent in opening hours, as far as quiet hours are learned from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The last queue.
    pub queue: QueueName,
    /// When the caller asked.
    pub at: WallTime,
    /// When the call ended.
    pub ended: WallTime,
    /// When an agent answered, if one did.
    pub connected: Option<WallTime>,
    /// Who.
    pub agent: Option<AgentName>,
    /// How long they talked.
    pub talk: Duration,
}

impl Asked {
    /// The call as quiet hours see it; none when it asked for no agent, or never met a queue.
    pub fn of(call: &PastCall) -> Option<Self> {
        Some(Self {
            queue: call.last_queue()?,
            at: call.asked_agent.filter(|_| call.asked_in_hours)?,
            ended: call.ended,
            connected: call.connected,
            agent: call.agent.clone(),
            talk: Duration::from_millis(call.talk_ms.unwrap_or_default()),
        })
    }

    pub(super) fn talked(&self) -> Option<Talked> {
        let (from, agent) = (self.connected?, self.agent.clone()?);
        Some(Talked { agent, queue: self.queue.clone(), from, to: from + self.talk })
    }
}

/// What is usual in the queues of one service, half hour by half hour of the week.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    weeks: BTreeMap<QueueName, Week>,
}

impl Usual {
    /// Takes the calls of one day, or of several whole ones.
    pub fn learn(&mut self, hours: &Hours, calls: &[Asked]) {
        let zone = hours.zone();
        let mut days: BTreeMap<u32, Vec<Talked>> = BTreeMap::new();
        for call in calls {
            let (date, half_hour) = local(call.at, zone);
            let until = call.connected.unwrap_or(call.ended);
            let waited = Duration::from_millis((until.millis() - call.at.millis()).max(0).unsigned_abs());
            self.weeks.entry(call.queue.clone()).or_default().learn_call(week_of(date), half_hour, waited);
            days.entry(week_of(date)).or_default().extend(call.talked());
        }
        for (week, talks) in days {
            for ((queue, half_hour), agents) in at_work(&talks, zone) {
                self.weeks.entry(queue).or_default().learn_agents(week, half_hour, agents);
            }
        }
    }

    /// The quietest time of each queue that has been seen for long enough, within the
    /// ordinary opening hours around `now`.
    pub fn quiet(&self, hours: &Hours, now: WallTime) -> BTreeMap<QueueName, QuietTime> {
        let open = hours.week_at(now);
        let quietest = |week: &Week| week.quietest(|at| is_open(&open, at)).and_then(time);
        self.weeks.iter().filter_map(|(queue, week)| Some((queue.clone(), quietest(week)?))).collect()
    }
}

/// Whether it is open for the whole of a half hour in an ordinary week.
fn is_open(week: &[DayHours; 7], at: HalfHour) -> bool {
    let (day, minute) = (usize::from(at.day()), at.minute());
    let within = |day: usize, minute: u16| {
        let from_to = |(from, to): &(TimeOfDay, TimeOfDay)| from.minutes() <= minute && minute + 30 <= to.minutes();
        week[day].iter().any(from_to)
    };
    // What is open beyond midnight is the day before's.
    within(day, minute) || within((day + 6) % 7, minute + TimeOfDay::END.minutes())
}

fn time(quiet: crate::queue::wait::Quiet) -> Option<QuietTime> {
    let from = quiet.from.minute();
    Some(QuietTime {
        weekday: usize::from(quiet.from.day()),
        from: TimeOfDay::from_minutes(from)?,
        to: TimeOfDay::from_minutes(from + 30 * quiet.length)?,
        wait: quiet.wait,
    })
}
