use std::fmt;

/// A time on the clock of the service's own zone, in whole minutes.
///
/// It may pass midnight: `26:00` is two in the morning after the day that it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The start of the day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of the day, `24:00`.
    pub const END: Self = Self(24 * 60);
    /// `23:59`, which stands for the end of the day where there is no `24:00`.
    pub const LAST_MINUTE: Self = Self(24 * 60 - 1);

    /// From hours (0 to 48) and minutes (0 to 59); `None` beyond `48:00`.
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        (minute < 60).then(|| u16::from(hour) * 60 + u16::from(minute)).and_then(Self::from_minutes)
    }

    /// From minutes since the day's start; `None` beyond `48:00`.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= 48 * 60).then_some(Self(minutes))
    }

    /// Minutes since the day's start, up to 2880.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// What a clock's hour hand shows, 0 to 23.
    pub fn hour(self) -> u8 {
        u8::try_from(self.0 / 60 % 24).unwrap_or(0)
    }

    /// What a clock's minute hand shows, 0 to 59.
    pub fn minute(self) -> u8 {
        u8::try_from(self.0 % 60).unwrap_or(0)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
