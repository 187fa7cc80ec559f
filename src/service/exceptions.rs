use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::calendar::Closure;
use super::hours::{DayHours, Hours, WhyClosed};
use crate::base::WallTime;

/// Days of one kind in a row that are not as an ordinary week has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The hours instead; none when it is closed.
    pub hours: DayHours,
    /// Why, when it is closed.
    pub why: Option<WhyClosed>,
}

impl Hours {
    /// The days from today on, among so many, that are not as the week of [`Hours::week_at`] has
    /// them: holidays, closures, other hours. Closed days of one kind are one, with the days between
    /// them that are closed anyway.
    pub fn exceptions(&self, at: WallTime, days: usize) -> Vec<Exception> {
        let (today, _) = self.local(at);
        let week = self.season(today);
        let mut found: Vec<Exception> = Vec::new();
        let mut closed_since = None;
        for date in today.iter_days().take(days) {
            let hours = self.on(date);
            let usual = &week[date.weekday().num_days_from_monday() as usize];
            if hours == *usual {
                closed_since = closed_since.filter(|_| hours.is_empty());
                continue;
            }
            let why = hours.is_empty().then(|| self.why_closed(date));
            match found.last_mut().filter(|last| closed_since.is_some() && last.why == why && why.is_some()) {
                Some(last) => last.to = date,
                None => found.push(Exception { from: date, to: date, hours, why }),
            }
            closed_since = self.on(date).is_empty().then_some(date);
        }
        found
    }

    /// Whether other hours are open at the same times, on every day of a year with all its holidays
    /// and on the closures of both.
    pub fn opens_as(&self, other: &Self) -> bool {
        // A year that begins on a Monday; its seasons and holidays are those of any.
        let year = NaiveDate::from_ymd_opt(2029, 1, 1).unwrap_or_default().iter_days().take(365);
        let closures = self.closures().iter().chain(other.closures()).flat_map(days);
        let dates: BTreeSet<NaiveDate> = year.chain(closures).collect();
        dates.into_iter().all(|date| self.on(date) == other.on(date))
    }
}

fn days(closure: &Closure) -> impl Iterator<Item = NaiveDate> {
    let last = closure.to;
    closure.from.iter_days().take_while(move |date| *date <= last).take(366)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::super::Calendar;
    use super::*;

    /// Tuesday 24 November 2026, nine in the morning in Paris.
    const NOW: WallTime = WallTime::from_millis(1_795_507_200_000);

    fn told(hours: &Hours, days: usize) -> Vec<String> {
        let times = |hours: &DayHours| match &hours[..] {
            [] => "closed".to_owned(),
            times => times.iter().map(|(a, b)| format!("{a}-{b}")).collect::<Vec<_>>().join(","),
        };
        let why = |why: &Option<WhyClosed>| match why {
            Some(WhyClosed::Closure(_)) => " closure",
            Some(WhyClosed::Holiday) => " holiday",
            Some(WhyClosed::Hours) => " hours",
            None => "",
        };
        let line = |e: &Exception| format!("{}..{} {}{}", e.from, e.to, times(&e.hours), why(&e.why));
        hours.exceptions(NOW, days).iter().map(line).collect()
    }

    #[test]
    fn holidays_of_the_coming_year_are_told_but_those_on_a_closed_day() {
        let hours = Hours::parse("Mo-Fr 09:00-17:00; PH off", Paris).unwrap();
        assert_eq!(
            told(&hours, 366),
            [
                "2026-12-25..2026-12-25 closed holiday",
                "2027-01-01..2027-01-01 closed holiday",
                "2027-03-29..2027-03-29 closed holiday",
                "2027-05-06..2027-05-06 closed holiday",
                "2027-05-17..2027-05-17 closed holiday",
                "2027-07-14..2027-07-14 closed holiday",
                "2027-11-01..2027-11-01 closed holiday",
                "2027-11-11..2027-11-11 closed holiday",
            ]
        );
    }

    #[test]
    fn a_closure_over_a_weekend_is_one_and_a_day_with_other_hours_is_told() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 12, d).unwrap();
        let closure = Closure { from: day(3), to: day(8), reason: None };
        let calendar = Calendar { closures: vec![closure], ..Calendar::new(Paris) };
        let text = "Mo-Fr 09:00-17:00; 2026 Dec 10 09:00-12:00; PH off";
        let hours = Hours::with_calendar(text, calendar).unwrap();
        assert_eq!(told(&hours, 20), ["2026-12-03..2026-12-08 closed closure", "2026-12-10..2026-12-10 09:00-12:00"]);
    }

    #[test]
    fn hours_open_alike_however_they_are_written() {
        let hours = |text| Hours::parse(text, Paris).unwrap();
        let own = hours("Mo-Fr 09:00-12:00,14:00-17:00; PH off");
        assert!(own.opens_as(&hours("Mo,Tu,We,Th,Fr 09:00-12:00,14:00-17:00; PH off")));
        assert!(!own.opens_as(&hours("Mo-Fr 09:00-12:00,14:00-17:00")), "open on holidays");
        assert!(!own.opens_as(&hours("Mo-Fr 09:00-12:00; PH off")));
    }
}
