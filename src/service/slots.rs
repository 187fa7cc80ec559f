use std::time::Duration;

use chrono::NaiveDate;

use super::hours::DayHours;
use super::time_of_day::TimeOfDay;
use super::{Card, Hours};
use crate::base::WallTime;

/// A time at which somebody may be called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The day, on the service's own clock.
    pub day: NaiveDate,
    /// From when.
    pub from: TimeOfDay,
    /// Until when, on the same day.
    pub to: TimeOfDay,
    /// The first moment.
    pub begins: WallTime,
    /// The last moment.
    pub ends: WallTime,
}

/// A time of the week that the records have shown to be quiet: the day, 0 is Monday, and its hours.
pub type QuietHours = (usize, TimeOfDay, TimeOfDay);

/// What is promised for times to come at a queue, and how much may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diary {
    /// How many calls may be promised for each hour of a slot; without, as many as are asked for.
    pub an_hour: Option<u32>,
    /// The first and the last moment of each promised time, and how many calls are promised then.
    pub promised: Vec<(WallTime, WallTime, u32)>,
}

impl Diary {
    /// Whether one more call can be promised for a time. All that touches that time counts in
    /// full: better one call too few than a promise that is not kept.
    pub fn has_room(&self, begins: WallTime, ends: WallTime) -> bool {
        let Some(an_hour) = self.an_hour else { return true };
        let minutes = u64::try_from(ends.millis() - begins.millis()).unwrap_or(0) / 60_000;
        let room = (u64::from(an_hour) * minutes).div_ceil(60).max(1);
        let touches = |(from, to, _): &&(WallTime, WallTime, u32)| *from < ends && begins < *to;
        self.promised.iter().filter(touches).map(|(.., calls)| u64::from(*calls)).sum::<u64>() < room
    }
}

/// So many slots among the quiet times of today and the next open days, in order.
///
/// Quiet is what the records have taught, else what the card says, else all that the card
/// does not call busy; where there is not enough of it, other open times follow. A slot is at
/// most two hours long, begins an hour from now at the earliest, and each day has at most
/// two. Where the diary is full there is none.
pub fn slots(card: &Card, learned: Option<QuietHours>, now: WallTime, (at_most, diary): (usize, &Diary)) -> Vec<Slot> {
    let hours = &card.phone_hours;
    let today = hours.local(now).0;
    let mut slots: Vec<Slot> = Vec::new();
    for wanted in [Wanted::Quiet, Wanted::Open] {
        for date in today.iter_days().take(DAYS) {
            let times = times(card, learned, date, wanted);
            let fit = times.into_iter().filter_map(|(from, to)| slot(hours, now, date, (from, to)));
            for slot in fit.filter(|slot| diary.has_room(slot.begins, slot.ends)).collect::<Vec<_>>() {
                let same_day = slots.iter().filter(|other| other.day == date).count();
                let apart = slots.iter().all(|other| other.ends <= slot.begins || slot.ends <= other.begins);
                if slots.len() < at_most && same_day < A_DAY && apart {
                    slots.push(slot);
                }
            }
        }
    }
    slots.sort_unstable_by_key(|slot| slot.begins);
    slots
}

/// Which times are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Quiet,
    Open,
}

fn times(card: &Card, learned: Option<QuietHours>, date: NaiveDate, wanted: Wanted) -> DayHours {
    let open = both(&card.phone_hours.on(date), &card.callbacks.lawful.on(date));
    let calm = || card.busy.as_ref().map_or_else(|| open.clone(), |busy| without(&open, &busy.on(date)));
    match (wanted, learned, &card.quiet) {
        (Wanted::Open, ..) | (Wanted::Quiet, None, None) => calm(),
        (Wanted::Quiet, Some((weekday, from, to)), _) => {
            let today = chrono::Datelike::weekday(&date).num_days_from_monday() as usize == weekday;
            if today { both(&open, &vec![(from, to)]) } else { Vec::new() }
        }
        (Wanted::Quiet, None, Some(quiet)) => both(&open, &quiet.on(date)),
    }
}

/// The first two hours of a time, from an hour after now on.
fn slot(hours: &Hours, now: WallTime, day: NaiveDate, (from, to): (TimeOfDay, TimeOfDay)) -> Option<Slot> {
    let (today, time) = hours.local(now + NOTICE);
    let earliest = match day.cmp(&today) {
        std::cmp::Ordering::Less => return None,
        std::cmp::Ordering::Equal => TimeOfDay::from_minutes(time.minutes().div_ceil(HALF_HOUR) * HALF_HOUR)?,
        std::cmp::Ordering::Greater => TimeOfDay::MIDNIGHT,
    };
    let from = from.max(earliest);
    let to = to.min(TimeOfDay::from_minutes(from.minutes() + LONGEST)?);
    if to.minutes() < from.minutes() + HALF_HOUR {
        return None;
    }
    Some(Slot { day, from, to, begins: hours.moment(day, from)?, ends: hours.moment(day, to)? })
}

/// What two lists of times have in common.
fn both(a: &DayHours, b: &DayHours) -> DayHours {
    let pair = |x: &(TimeOfDay, TimeOfDay)| {
        let x = *x;
        b.iter().map(move |y| (x.0.max(y.0), x.1.min(y.1))).filter(|(from, to)| from < to).collect::<Vec<_>>()
    };
    a.iter().flat_map(pair).collect()
}

/// The times of the first list that the second has not.
fn without(open: &DayHours, busy: &DayHours) -> DayHours {
    let mut left = open.clone();
    for (from, to) in busy {
        let cut = |(a, b): (TimeOfDay, TimeOfDay)| [(a, b.min(*from)), (a.max(*to), b)];
        left = left.into_iter().flat_map(cut).filter(|(from, to)| from < to).collect();
    }
    left
}

/// So soon nobody is promised a time: who wants to be called at once says so.
const NOTICE: Duration = Duration::from_secs(3600);
/// Slots begin at a half hour where the time is not that of the hours, and are no shorter.
const HALF_HOUR: u16 = 30;
/// In minutes.
const LONGEST: u16 = 120;
/// Slots of one day.
const A_DAY: usize = 2;
/// Today and so many days after it: a closed week is no reason to have no slot.
const DAYS: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::CardDocument;

    fn card(more: serde_json::Value) -> Card {
        let mut document =
            serde_json::json!({ "name": "F", "hours": { "phone": "Mo-Fr 09:00-12:00,14:00-17:00; PH off" } });
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        let document: CardDocument = serde_json::from_value(document).unwrap();
        Card::build(document).unwrap()
    }

    fn said(card: &Card, learned: Option<QuietHours>, now: WallTime) -> Vec<String> {
        let clock = |t: TimeOfDay| format!("{:02}:{:02}", t.hour(), t.minute());
        let line = |s: Slot| format!("{} {}-{}", s.day.format("%a %d"), clock(s.from), clock(s.to));
        slots(card, learned, now, (3, &Diary::default())).into_iter().map(line).collect()
    }

    /// Tuesday 24 November 2026 in Paris.
    fn tuesday(hour: u64, minute: u64) -> WallTime {
        WallTime::from_millis(1_795_474_800_000) + Duration::from_secs(hour * 3600 + minute * 60)
    }

    #[test]
    fn without_quiet_hours_the_next_open_times_are_offered() {
        let card = card(serde_json::json!({}));
        assert_eq!(
            said(&card, None, tuesday(9, 50)),
            ["Tue 24 11:00-12:00", "Tue 24 14:00-16:00", "Wed 25 09:00-11:00"]
        );
        assert_eq!(said(&card, None, tuesday(16, 40))[0], "Wed 25 09:00-11:00", "no time is left today");
    }

    #[test]
    fn what_the_card_calls_quiet_comes_first_and_what_it_calls_busy_never() {
        let quiet = card(serde_json::json!({ "quiet": { "phone": "We-Th 14:00-16:00" } }));
        assert_eq!(
            said(&quiet, None, tuesday(10, 0)),
            ["Wed 25 14:00-16:00", "Thu 26 14:00-16:00", "Wed 02 14:00-16:00"]
        );
        let busy = card(serde_json::json!({ "busy": { "phone": "Mo-Fr 09:00-11:00" } }));
        assert_eq!(said(&busy, None, tuesday(16, 0))[0], "Wed 25 11:00-12:00");
    }

    #[test]
    fn what_was_learned_comes_before_the_card_and_other_times_fill_up() {
        let card = card(serde_json::json!({}));
        let at = |hour| TimeOfDay::new(hour, 0).unwrap();
        let learned = Some((2, at(15), at(18)));
        assert_eq!(
            said(&card, learned, tuesday(10, 0)),
            ["Tue 24 11:00-12:00", "Wed 25 15:00-17:00", "Wed 02 15:00-17:00"]
        );
    }

    #[test]
    fn holidays_nights_and_unlawful_hours_have_no_slot() {
        // Christmas 2026 is a Friday.
        let eve = WallTime::from_millis(1_795_474_800_000) + Duration::from_secs((30 * 24 + 16) * 3600);
        assert_eq!(said(&card(serde_json::json!({})), None, eve)[0], "Mon 28 09:00-11:00");
        let night = card(serde_json::json!({ "hours": { "phone": "24/7" } }));
        assert_eq!(
            said(&night, None, tuesday(20, 0)),
            ["Wed 25 08:00-10:00", "Thu 26 08:00-10:00", "Fri 27 08:00-10:00"]
        );
    }

    #[test]
    fn a_time_that_is_full_is_not_offered_and_the_next_one_is() {
        let card = card(serde_json::json!({ "quiet": { "phone": "We-Th 14:00-16:00" } }));
        let first = slots(&card, None, tuesday(10, 0), (1, &Diary::default()))[0];
        let promised = |calls| vec![(first.begins, first.ends, calls)];
        let offered = |diary: Diary| slots(&card, None, tuesday(10, 0), (1, &diary))[0].day;
        assert_eq!(offered(Diary { an_hour: Some(3), promised: promised(5) }), first.day, "six in two hours");
        assert_ne!(offered(Diary { an_hour: Some(3), promised: promised(6) }), first.day);
        assert_eq!(offered(Diary { an_hour: None, promised: promised(600) }), first.day);
    }

    #[test]
    fn what_is_promised_for_a_time_that_overlaps_counts_and_what_only_meets_it_does_not() {
        let promised = vec![(tuesday(9, 0), tuesday(11, 0), 2)];
        let diary = Diary { an_hour: Some(1), promised };
        assert!(!diary.has_room(tuesday(10, 30), tuesday(12, 30)));
        assert!(diary.has_room(tuesday(11, 0), tuesday(13, 0)));
        assert!(
            Diary { an_hour: Some(1), promised: Vec::new() }.has_room(tuesday(9, 0), tuesday(9, 30)),
            "one at least"
        );
    }
}
