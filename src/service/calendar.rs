use chrono::NaiveDate;
use chrono_tz::Tz;

use super::holiday::Region;
use crate::base::Localized;

/// What all hours of a service share: the clock, the public holidays, the closures.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The time zone.
    pub zone: Tz,
    /// Whose public holidays are kept.
    pub region: Region,
    /// Dated closures, of phone and desk alike.
    pub closures: Vec<Closure>,
}

impl Calendar {
    /// The holidays of metropolitan France and no closures.
    pub fn new(zone: Tz) -> Self {
        Self { zone, region: Region::Metropole, closures: Vec::new() }
    }

    /// The closure that holds a date.
    pub fn closure_on(&self, date: NaiveDate) -> Option<&Closure> {
        self.closures.iter().find(|c| (c.from..=c.to).contains(&date))
    }
}

/// Days on which everything is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Why, in the card's words.
    pub reason: Option<Localized>,
}
