//! Who was at work, as far as talks show it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::base::{AgentName, QueueName, WallTime};
use crate::queue::wait::HalfHour;

/// A talk of one day.
#[derive(Clone, Debug)]
pub(super) struct Talked {
    pub(super) agent: AgentName,
    pub(super) queue: QueueName,
    pub(super) from: WallTime,
    pub(super) to: WallTime,
}

/// How many agents were at work for each queue in each half hour of a day, in the mean.
///
/// Records know nothing of who has logged in. An agent counts as at work from the
/// beginning of the first talk to the end of the last, but for an hour and more without
/// one, which was a break; and who answers several queues counts in each by the share of
/// that day's talk that it got.
pub(super) fn at_work(talks: &[Talked], zone: Tz) -> BTreeMap<(QueueName, HalfHour), f32> {
    let mut agents: BTreeMap<&AgentName, Vec<&Talked>> = BTreeMap::new();
    for talk in talks {
        agents.entry(&talk.agent).or_default().push(talk);
    }
    let mut found = BTreeMap::new();
    for talks in agents.into_values() {
        let spells = spells(&talks);
        for (queue, share) in shares(&talks) {
            for (half_hour, part) in spells.iter().flat_map(|(from, to)| half_hours(*from, *to, zone)) {
                *found.entry((queue.clone(), half_hour)).or_insert(0.0) += share * part;
            }
        }
    }
    found
}

/// The stretches of work.
fn spells(talks: &[&Talked]) -> Vec<(WallTime, WallTime)> {
    let mut times: Vec<_> = talks.iter().map(|talk| (talk.from, talk.to.max(talk.from))).collect();
    times.sort_unstable();
    let mut spells: Vec<(WallTime, WallTime)> = Vec::new();
    for (from, to) in times {
        match spells.last_mut() {
            Some((_, last)) if from.millis() - last.millis() < BREAK_MS => *last = to.max(*last),
            _ => spells.push((from, to)),
        }
    }
    spells
}

/// Each queue's share of an agent's talk.
fn shares<'a>(talks: &[&'a Talked]) -> BTreeMap<&'a QueueName, f32> {
    let mut sums: BTreeMap<&QueueName, f32> = BTreeMap::new();
    for talk in talks {
        // A talk that was over at once was a talk.
        *sums.entry(&talk.queue).or_default() += (talk.to.millis() - talk.from.millis()).max(1_000) as f32;
    }
    let all: f32 = sums.values().sum();
    sums.values_mut().for_each(|sum| *sum /= all);
    sums
}

/// The half hours that a time lies in, each with the part of it that it fills.
fn half_hours(from: WallTime, to: WallTime, zone: Tz) -> Vec<(HalfHour, f32)> {
    let mut parts = Vec::new();
    let mut at = from.millis();
    while at < to.millis() {
        // Zones are whole quarters of an hour from UTC, and half hours begin anew at each quarter's change.
        let end = (at.div_euclid(QUARTER_MS) * QUARTER_MS + QUARTER_MS).min(to.millis());
        let part = (end - at) as f32 / HALF_HOUR_MS as f32;
        parts.push((local(WallTime::from_millis(at), zone).1, part));
        at = end;
    }
    parts
}

/// The day, and the half hour of the week, on the service's own clock.
pub(super) fn local(at: WallTime, zone: Tz) -> (NaiveDate, HalfHour) {
    use chrono::Datelike;
    let local = zone.from_utc_datetime(&at.utc().naive_utc());
    let minute = local.hour() * 60 + local.minute();
    let weekday = local.weekday().num_days_from_monday();
    let small = |n: u32| u16::try_from(n).unwrap_or_default();
    (local.date_naive(), HalfHour::of(small(weekday), small(minute)))
}

/// A number that grows by one each Monday.
pub(super) fn week_of(date: NaiveDate) -> u32 {
    use chrono::Datelike;
    // The first day of our era was a Monday.
    u32::try_from((date.num_days_from_ce() - 1).div_euclid(7)).unwrap_or_default()
}

const BREAK_MS: i64 = 3_600_000;
const QUARTER_MS: i64 = 900_000;
const HALF_HOUR_MS: i64 = 1_800_000;

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;

    /// Tuesday 24 November 2026, 9:00 in Paris, and so many minutes.
    fn at(minutes: i64) -> WallTime {
        WallTime::from_millis(1_795_507_200_000 + minutes * 60_000)
    }

    fn talk(agent: &str, queue: &str, from: i64, to: i64) -> Talked {
        Talked { agent: agent.into(), queue: queue.into(), from: at(from), to: at(to) }
    }

    fn tuesday(minute: u16) -> HalfHour {
        HalfHour::of(1, minute)
    }

    #[test]
    fn an_agent_is_at_work_between_talks_and_not_in_an_hour_without_one() {
        let talks = [talk("amina", "q", 15, 20), talk("amina", "q", 50, 65), talk("amina", "q", 180, 195)];
        let seen = at_work(&talks, Paris);
        let of = |minute| seen.get(&("q".into(), tuesday(minute))).copied();
        assert_eq!(
            [of(540), of(570), of(600), of(630), of(720)],
            [Some(0.5), Some(1.0), Some(5.0 / 30.0), None, Some(0.5)]
        );
    }

    #[test]
    fn who_answers_two_queues_counts_in_each_by_its_share() {
        let talks = [talk("amina", "p", 0, 10), talk("amina", "q", 10, 30), talk("bruno", "q", 0, 30)];
        let seen = at_work(&talks, Paris);
        let of = |queue: &str| seen[&(queue.into(), tuesday(540))];
        assert!((of("p") - 1.0 / 3.0).abs() < 1e-3 && (of("q") - 5.0 / 3.0).abs() < 1e-3, "{seen:?}");
    }

    #[test]
    fn days_and_weeks_are_the_service_s_own() {
        let (date, half_hour) = local(WallTime::from_millis(1_795_476_600_000), Paris);
        assert_eq!(
            (date.to_string().as_str(), half_hour),
            ("2026-11-24", tuesday(30)),
            "half past eleven in Greenwich"
        );
        let monday = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(week_of(monday), week_of(date));
        assert_eq!(week_of(monday.pred_opt().unwrap()) + 1, week_of(date));
    }
}
