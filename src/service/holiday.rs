use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};

/// The part of France whose public holidays a service keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Region {
    /// The eleven days of the labour code, article L3133-1.
    #[default]
    Metropole,
    /// With Good Friday and 26 December (article L3134-13).
    AlsaceMoselle,
    /// With the abolition of slavery on 27 May (article L3422-2, as the next ones).
    Guadeloupe,
    /// With 22 May.
    Martinique,
    /// With 10 June.
    Guyane,
    /// With 20 December.
    LaReunion,
    /// With 27 April.
    Mayotte,
    /// With 9 October.
    SaintBarthelemy,
    /// With 28 May.
    SaintMartin,
    /// The eleven days.
    SaintPierreEtMiquelon,
}

impl Region {
    /// Every region.
    pub const ALL: [Self; 10] = [
        Self::Metropole,
        Self::AlsaceMoselle,
        Self::Guadeloupe,
        Self::Martinique,
        Self::Guyane,
        Self::LaReunion,
        Self::Mayotte,
        Self::SaintBarthelemy,
        Self::SaintMartin,
        Self::SaintPierreEtMiquelon,
    ];

    /// The name as it is written in a card.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metropole => "metropole",
            Self::AlsaceMoselle => "alsace-moselle",
            Self::Guadeloupe => "guadeloupe",
            Self::Martinique => "martinique",
            Self::Guyane => "guyane",
            Self::LaReunion => "la-reunion",
            Self::Mayotte => "mayotte",
            Self::SaintBarthelemy => "saint-barthelemy",
            Self::SaintMartin => "saint-martin",
            Self::SaintPierreEtMiquelon => "saint-pierre-et-miquelon",
        }
    }

    /// Its public holidays in a year, in order.
    pub fn holidays(self, year: i32) -> Vec<NaiveDate> {
        let fixed = |month, day| NaiveDate::from_ymd_opt(year, month, day);
        let easter = easter(year);
        let after_easter = |days| easter.and_then(|e| e.checked_add_days(Days::new(days)));
        let good_friday = || easter.and_then(|e| e.checked_sub_days(Days::new(2)));
        let own = match self {
            Self::Metropole | Self::SaintPierreEtMiquelon => [None, None],
            Self::AlsaceMoselle => [good_friday(), fixed(12, 26)],
            Self::Guadeloupe => [fixed(5, 27), None],
            Self::Martinique => [fixed(5, 22), None],
            Self::Guyane => [fixed(6, 10), None],
            Self::LaReunion => [fixed(12, 20), None],
            Self::Mayotte => [fixed(4, 27), None],
            Self::SaintBarthelemy => [fixed(10, 9), None],
            Self::SaintMartin => [fixed(5, 28), None],
        };
        let common = [
            fixed(1, 1),
            after_easter(1),
            fixed(5, 1),
            fixed(5, 8),
            after_easter(39),
            after_easter(50),
            fixed(7, 14),
            fixed(8, 15),
            fixed(11, 1),
            fixed(11, 11),
            fixed(12, 25),
        ];
        let mut days: Vec<NaiveDate> = common.into_iter().chain(own).flatten().collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Whether a day is one of its public holidays.
    pub fn is_holiday(self, date: NaiveDate) -> bool {
        self.holidays(date.year()).contains(&date)
    }
}

impl FromStr for Region {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|r| r.name() == name).ok_or_else(|| format!("`{name}` is no region"))
    }
}

/// Easter Sunday of the Gregorian calendar, by the Meeus/Jones/Butcher algorithm
/// (J. Meeus, *Astronomical Algorithms*, chapter 8), whose letters these are.
pub fn easter(year: i32) -> Option<NaiveDate> {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use opening_hours::localization::Country;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn easter_falls_on_the_known_days() {
        for (y, m, d) in [(1818, 3, 22), (1943, 4, 25), (2000, 4, 23), (2024, 3, 31), (2026, 4, 5), (2038, 4, 25)] {
            assert_eq!(easter(y), Some(day(y, m, d)));
        }
    }

    #[test]
    fn the_holidays_are_those_of_the_calendar_of_the_crate() {
        let calendar = Country::FR.holidays();
        for year in 2000..=2076 {
            let theirs: Vec<_> = calendar.get_public().iter().filter(|d| d.year() == year).collect();
            assert_eq!(Region::Metropole.holidays(year), theirs, "{year}");
        }
    }

    #[test]
    fn regions_add_their_own_days() {
        let extra = |region: Region| {
            let common = Region::Metropole.holidays(2026);
            region.holidays(2026).into_iter().filter(|d| !common.contains(d)).collect::<Vec<_>>()
        };
        assert_eq!(extra(Region::AlsaceMoselle), [day(2026, 4, 3), day(2026, 12, 26)]);
        assert_eq!(extra(Region::LaReunion), [day(2026, 12, 20)]);
        assert_eq!(extra(Region::Mayotte), [day(2026, 4, 27)]);
        assert_eq!(extra(Region::SaintPierreEtMiquelon), []);
        assert!(Region::Guyane.is_holiday(day(2031, 6, 10)));
        assert!(!Region::Metropole.is_holiday(day(2031, 6, 10)));
    }

    #[test]
    fn a_region_is_read_by_its_name() {
        for region in Region::ALL {
            assert_eq!(region.name().parse(), Ok(region));
        }
        assert!("alsace".parse::<Region>().is_err());
    }
}
