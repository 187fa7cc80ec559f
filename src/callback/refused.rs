/// Why nothing was promised, or cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// As many tickets as allowed are open.
    Full,
    /// The number has asked too often within a day, or for too many others.
    TooOften,
    /// Too many have asked within a day.
    TooMany,
    /// It could not be written down.
    NotKept,
    /// It was cancelled before it was written down.
    Cancelled,
    /// The trunk does not call this number, or there is none.
    NoLine,
    /// There is no such ticket, or it is over.
    Unknown,
    /// The citizen is being called at this moment.
    TooLate,
    /// As many calls as can be made are promised for that time.
    SlotFull,
}

impl Refused {
    /// The word in records, metrics and the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::TooOften => "too-often",
            Self::TooMany => "too-many",
            Self::NotKept => "not-kept",
            Self::Cancelled => "cancelled",
            Self::NoLine => "no-line",
            Self::Unknown => "unknown",
            Self::TooLate => "too-late",
            Self::SlotFull => "slot-full",
        }
    }
}
