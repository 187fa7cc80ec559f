use chrono::TimeZone;
use chrono_tz::Tz;
use opening_hours::OpeningHours;

use crate::base::WallTime;

/// Opening hours in OpenStreetMap's syntax, in a time zone, with public holidays.
#[derive(Clone, Debug)]
pub struct Hours {
    text: String,
    zone: Tz,
    rules: OpeningHours,
}

impl Hours {
    /// Reads hours such as `Mo-Fr 09:00-12:30,14:00-17:00; PH off`.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, String> {
        let rules = OpeningHours::parse(text).map_err(|e| e.to_string())?;
        Ok(Self { text: text.to_owned(), zone, rules })
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is open at this moment.
    pub fn is_open(&self, at: WallTime) -> bool {
        let local = self.zone.from_utc_datetime(&at.utc().naive_utc()).naive_local();
        self.rules.is_open(local)
    }
}
