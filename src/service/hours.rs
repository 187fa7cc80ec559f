use std::ops::Range;
use std::time::Duration;

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use opening_hours::{Context, ContextHolidays, OpeningHours, RuleKind};

use super::calendar::{Calendar, Closure};
use super::syntax::{self, HoursError};
use super::time_of_day::TimeOfDay;
use crate::base::WallTime;

/// Opening hours in OpenStreetMap's `opening_hours` syntax, in a time zone, with
/// public holidays and dated closures.
#[derive(Clone, Debug)]
pub struct Hours {
    text: String,
    calendar: Calendar,
    rules: OpeningHours,
}

/// Whether it is open, and until when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is open.
    Open {
        /// When it closes, if it ever does within a year.
        until: Option<WallTime>,
    },
    /// It is closed.
    Closed {
        /// When it opens, if it ever does within a year.
        opens: Option<WallTime>,
    },
}

/// Open times of one day, in order and apart.
pub type DayHours = Vec<(TimeOfDay, TimeOfDay)>;

/// A day that is closed although its weekday is open in an ordinary week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Why it is closed.
    pub why: WhyClosed,
}

/// Why a day is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyClosed {
    /// A closure of the card.
    Closure(Closure),
    /// A public holiday.
    Holiday,
    /// The hours say so for this date.
    Hours,
}

impl Hours {
    /// Reads hours such as `Mo-Fr 09:00-12:30,14:00-17:00; PH off`, with the public
    /// holidays of metropolitan France and no closures.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, HoursError> {
        Self::with_calendar(text, Calendar::new(zone))
    }

    /// Reads hours that keep the holidays and the closures of a calendar.
    ///
    /// Refused are school holidays (`SH`) and hours by the sun: both would be read and never be right.
    pub fn with_calendar(text: &str, calendar: Calendar) -> Result<Self, HoursError> {
        let rules: OpeningHours = text.parse().map_err(|error| syntax::explain(text, &error))?;
        syntax::refuse_what_is_never_right(text)?;
        let rules = rules.with_context(Context::default().with_holidays(holidays(&calendar)));
        Ok(Self { text: text.to_owned(), calendar, rules })
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The time zone.
    pub fn zone(&self) -> Tz {
        self.calendar.zone
    }

    /// The dated closures.
    pub fn closures(&self) -> &[Closure] {
        &self.calendar.closures
    }

    /// The day and the time on the service's own clock.
    pub fn local(&self, at: WallTime) -> (NaiveDate, TimeOfDay) {
        let local = self.calendar.zone.from_utc_datetime(&at.utc().naive_utc());
        (local.date_naive(), time_of_day(local.time()))
    }

    /// The moment of a day and a time on the service's own clock.
    pub fn moment(&self, day: NaiveDate, time: TimeOfDay) -> Option<WallTime> {
        moment(self.calendar.zone, day, time, Edge::Opens)
    }

    /// The moments at which a date begins and ends on the service's own clock.
    pub fn day(&self, date: NaiveDate) -> Option<Range<WallTime>> {
        let midnight = |date| moment(self.calendar.zone, date, TimeOfDay::MIDNIGHT, Edge::Opens);
        Some(midnight(date)?..midnight(date.succ_opt()?)?)
    }

    /// Whether it is open at this moment.
    pub fn is_open(&self, at: WallTime) -> bool {
        self.open_around(at).is_some()
    }

    /// Whether there is any moment at which it is open, whatever the year.
    pub fn ever_opens(&self) -> bool {
        let start = NaiveDate::from_ymd_opt(HOLIDAY_YEARS.start, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
        self.rules.is_open(start) || self.rules.next_change(start).is_some()
    }

    /// Whether it is open at this moment, and when that changes.
    pub fn state(&self, at: WallTime) -> State {
        match self.open_around(at) {
            Some(span) => State::Open { until: self.end_of_run(span.end) },
            None => State::Closed { opens: self.next_opening(at) },
        }
    }

    /// The open times of one date, closures and holidays kept; ends at `24:00` at the latest.
    pub fn on(&self, date: NaiveDate) -> DayHours {
        if self.calendar.closure_on(date).is_some() { Vec::new() } else { day_hours(&self.rules, date) }
    }

    /// An ordinary week, Monday first, without holidays and closures: for each weekday
    /// the hours that most of the year has.
    pub fn week(&self) -> [DayHours; 7] {
        // A year that begins on a Monday, so that no reader's season is half in it.
        let monday = NaiveDate::from_ymd_opt(2029, 1, 1).unwrap_or_default();
        let mut week = self.usual_week(monday, 52);
        join_over_midnight(&mut week);
        week
    }

    /// The ordinary week that holds around this moment, Monday first: the hours of the coming
    /// seven days, but for a day that is unlike the same weekday in the weeks before and after.
    pub fn week_at(&self, at: WallTime) -> [DayHours; 7] {
        let mut week = self.season(self.local(at).0);
        join_over_midnight(&mut week);
        week
    }

    /// The next days, from today on and beginning within `within`, that are closed although their
    /// weekday is open in an ordinary week; neighbouring ones with one reason are one.
    pub fn next_closure(&self, at: WallTime, within: Duration) -> Option<Closing> {
        let (today, now) = self.local(at);
        let week = self.season(today);
        let usual = |date: NaiveDate| &week[weekday(date)];
        let still_to_come = |date: NaiveDate| date > today || usual(date).iter().any(|(_, end)| *end > now);
        let first = today
            .iter_days()
            .take(whole_days(within).saturating_add(1))
            .find(|date| !usual(*date).is_empty() && still_to_come(*date) && self.on(*date).is_empty())?;
        let why = self.why_closed(first);
        let mut last = first;
        for date in first.iter_days().skip(1).take(SEARCH_DAYS) {
            if !self.on(date).is_empty() || (!usual(date).is_empty() && self.why_closed(date) != why) {
                break;
            }
            if !usual(date).is_empty() {
                last = date;
            }
        }
        Some(Closing { from: first, to: last, why })
    }

    /// The next day from tomorrow on, beginning within `within`, that is open at other times than
    /// its weekday is in an ordinary week.
    pub fn next_other_hours(&self, at: WallTime, within: Duration) -> Option<(NaiveDate, DayHours)> {
        let (today, _) = self.local(at);
        let week = self.season(today);
        today.iter_days().skip(1).take(whole_days(within)).find_map(|date| {
            let (hours, usual) = (self.on(date), &week[weekday(date)]);
            (!hours.is_empty() && hours != *usual).then_some((date, hours))
        })
    }

    pub(super) fn why_closed(&self, date: NaiveDate) -> WhyClosed {
        match self.calendar.closure_on(date) {
            Some(closure) => WhyClosed::Closure(closure.clone()),
            None if self.calendar.region.is_holiday(date) => WhyClosed::Holiday,
            None => WhyClosed::Hours,
        }
    }

    /// The ordinary week around a day, each day on its own.
    pub(super) fn season(&self, today: NaiveDate) -> [DayHours; 7] {
        let ordinary = self.without_holidays();
        let mut week: [DayHours; 7] = Default::default();
        for date in today.iter_days().take(7) {
            week[weekday(date)] = usual_hours(&ordinary, date);
        }
        week
    }

    /// For each weekday the hours that it has most often in so many weeks.
    fn usual_week(&self, monday: NaiveDate, weeks: usize) -> [DayHours; 7] {
        let ordinary = self.without_holidays();
        std::array::from_fn(|weekday| {
            let days = monday.iter_days().skip(weekday).step_by(7).take(weeks);
            most_frequent(days.map(|day| day_hours(&ordinary, day)))
        })
    }

    fn without_holidays(&self) -> OpeningHours {
        self.rules.clone().with_context(Context::default())
    }

    /// The open span that holds this moment.
    fn open_around(&self, at: WallTime) -> Option<Range<WallTime>> {
        let (today, _) = self.local(at);
        // The zone's midnight may come twice, so that yesterday still is.
        let yesterday = today.pred_opt().unwrap_or(today);
        [yesterday, today].into_iter().flat_map(|date| self.spans(date)).find(|span| span.contains(&at))
    }

    fn next_opening(&self, at: WallTime) -> Option<WallTime> {
        let (today, _) = self.local(at);
        today
            .iter_days()
            .take(SEARCH_DAYS)
            .flat_map(|date| self.spans(date))
            .find(|span| span.start > at)
            .map(|span| span.start)
    }

    /// Where a run of spans that touch each other ends.
    fn end_of_run(&self, mut end: WallTime) -> Option<WallTime> {
        for _ in 0..SEARCH_DAYS {
            match self.open_around(end) {
                Some(next) => end = next.end,
                None => return Some(end),
            }
        }
        None
    }

    /// The open spans of a date as moments: where summer time begins, what is left out
    /// is cut; where it ends, the hour that comes twice counts twice.
    fn spans(&self, date: NaiveDate) -> Vec<Range<WallTime>> {
        let moment = |time: TimeOfDay, edge| moment(self.calendar.zone, date, time, edge);
        self.on(date)
            .into_iter()
            .filter_map(|(start, end)| Some(moment(start, Edge::Opens)?..moment(end, Edge::Closes)?))
            .filter(|span| span.start < span.end)
            .collect()
    }
}

#[derive(Clone, Copy)]
enum Edge {
    Opens,
    Closes,
}

fn moment(zone: Tz, date: NaiveDate, time: TimeOfDay, edge: Edge) -> Option<WallTime> {
    let local = date.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::minutes(time.minutes().into()))?;
    let at: DateTime<Tz> = match (zone.from_local_datetime(&local), edge) {
        (MappedLocalTime::Single(at), _) => at,
        (MappedLocalTime::Ambiguous(first, _), Edge::Opens) => first,
        (MappedLocalTime::Ambiguous(_, second), Edge::Closes) => second,
        (MappedLocalTime::None, _) => (1..=MOST_SKIPPED_MINUTES)
            .find_map(|minutes| zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))).earliest())?,
    };
    Some(WallTime::from(at.with_timezone(&Utc)))
}

fn day_hours(rules: &OpeningHours, date: NaiveDate) -> DayHours {
    let clock = |hour: u8, minute: u8| TimeOfDay::new(hour, minute).unwrap_or(TimeOfDay::END).min(TimeOfDay::END);
    let mut hours = DayHours::new();
    for span in rules.schedule_at(date).into_iter().filter(|span| span.kind == RuleKind::Open) {
        let start = clock(span.range.start.hour(), span.range.start.minute());
        let end = clock(span.range.end.hour(), span.range.end.minute());
        match hours.last_mut() {
            // Comments cut a span in two, callers don't hear them.
            Some((_, last)) if *last == start => *last = end,
            _ => hours.push((start, end)),
        }
    }
    hours
}

/// What is usual on this weekday at this time of the year. A single day that is unlike the
/// weeks around it is an exception; so is the first week of a season in which it is closed.
fn usual_hours(rules: &OpeningHours, date: NaiveDate) -> DayHours {
    let weeks_later = |weeks: i64| {
        let day = date.checked_add_signed(TimeDelta::days(7 * weeks)).unwrap_or(date);
        day_hours(rules, day)
    };
    let (this, around) = (weeks_later(0), [-1, -2, 1, 2].map(weeks_later));
    let just_closed = this.is_empty() && around[0] == around[1] && !around[0].is_empty();
    if around.contains(&this) && !just_closed { this } else { most_frequent(around.into_iter()) }
}

fn whole_days(within: Duration) -> usize {
    usize::try_from(within.as_secs() / (24 * 3600)).unwrap_or(SEARCH_DAYS).min(SEARCH_DAYS)
}

fn weekday(date: NaiveDate) -> usize {
    date.weekday().num_days_from_monday() as usize
}

/// The first of the most frequent ones.
fn most_frequent(days: impl Iterator<Item = DayHours>) -> DayHours {
    let mut counts: Vec<(DayHours, usize)> = Vec::new();
    for day in days {
        match counts.iter_mut().find(|(seen, _)| *seen == day) {
            Some((_, count)) => *count += 1,
            None => counts.push((day, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    counts.into_iter().find(|(_, count)| Some(*count) == most).map(|(day, _)| day).unwrap_or_default()
}

/// `22:00-24:00` and the next day's `00:00-02:00` are one evening, `22:00-26:00`.
fn join_over_midnight(week: &mut [DayHours; 7]) {
    let whole_day = |(start, end): &(TimeOfDay, TimeOfDay)| *start == TimeOfDay::MIDNIGHT && *end == TimeOfDay::END;
    for weekday in 0..7 {
        let next = (weekday + 1) % 7;
        let Some(morning) = week[next].first().copied() else { continue };
        let Some(evening) = week[weekday].last_mut() else { continue };
        let touch = evening.1 == TimeOfDay::END && morning.0 == TimeOfDay::MIDNIGHT;
        if !touch || whole_day(evening) || whole_day(&morning) {
            continue;
        }
        if let Some(end) = TimeOfDay::from_minutes(TimeOfDay::END.minutes() + morning.1.minutes()) {
            evening.1 = end;
            week[next].remove(0);
        }
    }
}

fn time_of_day(time: NaiveTime) -> TimeOfDay {
    u16::try_from(time.num_seconds_from_midnight() / 60).ok().and_then(TimeOfDay::from_minutes).unwrap_or_default()
}

fn holidays(calendar: &Calendar) -> ContextHolidays {
    let none = ContextHolidays::default();
    let mut public = none.get_public().clone();
    for date in HOLIDAY_YEARS.flat_map(|year| calendar.region.holidays(year)) {
        public.insert(date);
    }
    ContextHolidays::new(public.into(), none.get_school().clone().into())
}

/// No opening further away than this is looked for, in days.
const SEARCH_DAYS: usize = 366;
/// Summer time skips an hour, a change of zone may skip a day.
const MOST_SKIPPED_MINUTES: i64 = 24 * 60;
/// Years whose holidays are known to the rules.
const HOLIDAY_YEARS: Range<i32> = 2000..2100;

#[cfg(test)]
mod tests;
