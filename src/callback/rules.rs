use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::{WallTime, limits};
use crate::flow::QueueRules;
use crate::service::{Card, Hours, State};

/// How a book behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who is called first.
    pub first: First,
    /// How often a citizen is called before the ticket is given up.
    pub attempts: u32,
    /// How long between two attempts.
    pub spacing: Duration,
    /// How long after a crash nobody is called again who was being called: longer than an
    /// answer without our ACK lives (32 s, RFC 3261, section 13.3.1.4), so that an old call
    /// is over.
    pub guard: Duration,
    /// How long until something that could not be written is written again.
    pub rewrite: Duration,
    /// How long after its time a ticket is still worth a call.
    pub longest: Duration,
    /// How many tickets may be open.
    pub capacity: usize,
    /// How many tickets one number may ask for within a day.
    pub per_number: u32,
    /// How many tickets to other numbers may be asked for within a day from one number.
    pub per_caller: u32,
    /// How many tickets may be asked for within a day from calls without a number.
    pub withheld: u32,
    /// How many tickets may be asked for within a day by one way.
    pub per_source: u32,
    /// How many tickets may be asked for within a day in all.
    pub per_day: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            first: First::Agent,
            attempts: 3,
            spacing: Duration::from_secs(15 * 60),
            guard: Duration::from_secs(3 * 60),
            rewrite: Duration::from_secs(5),
            longest: Duration::from_secs(7 * 24 * 3600),
            capacity: limits::TICKETS,
            per_number: limits::TICKETS_PER_NUMBER,
            per_caller: limits::TICKETS_PER_CALLER,
            withheld: limits::TICKETS_WITHHELD,
            per_source: limits::TICKETS_PER_SOURCE,
            per_day: limits::TICKETS_PER_DAY,
        }
    }
}

/// Who is called first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// The agent, who hears who it is and accepts; nobody waits on the citizen's phone.
    Agent,
    /// The citizen, while an agent is kept free.
    Citizen,
}

/// When citizens may be called for a queue, and how many.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// When its agents answer.
    pub opening: Hours,
    /// When people may be called at all.
    pub lawful: Hours,
    /// How many calls may be promised for each hour of a chosen time; without, any number.
    pub an_hour: Option<u32>,
}

/// Whether calls may be made, and until when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// They may.
    Open {
        /// Until then.
        until: WallTime,
    },
    /// They may not.
    Shut {
        /// Until then.
        until: WallTime,
    },
}

impl Allowed {
    /// What a service's card says, and the queue's rules.
    pub fn of(card: &Card, queue: &QueueRules) -> Self {
        Self { an_hour: Some(queue.callbacks_per_hour), ..Self::by_card(card) }
    }

    /// What a service's card says.
    pub fn by_card(card: &Card) -> Self {
        Self { opening: card.phone_hours.clone(), lawful: card.callbacks.lawful.clone(), an_hour: None }
    }

    /// Whether calls may be made at a moment.
    pub fn door(&self, at: WallTime) -> Door {
        let states = [&self.opening, &self.lawful].map(|hours| hours.state(at));
        let changes = states.iter().filter_map(|state| match state {
            State::Open { until } => *until,
            State::Closed { opens } => *opens,
        });
        // What never changes within a year is looked at again within a day.
        let until = changes.min().unwrap_or(at + LOOK).max(at + SHORTEST);
        let open = states.iter().all(|state| matches!(state, State::Open { .. }));
        if open { Door::Open { until } } else { Door::Shut { until } }
    }
}

impl Door {
    /// Whether calls may be made.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// When to look again.
    pub fn until(self) -> WallTime {
        let (Self::Open { until } | Self::Shut { until }) = self;
        until
    }
}

const LOOK: Duration = Duration::from_secs(24 * 3600);
/// A door is not looked at more often than this.
const SHORTEST: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_made_when_it_is_open_and_lawful() {
        let hours = |text: &str| Hours::parse(text, chrono_tz::Europe::Paris).unwrap();
        let allowed = Allowed {
            opening: hours("Mo-Fr 07:00-12:00,14:00-21:00"),
            lawful: hours("Mo-Sa 08:00-20:00"),
            an_hour: None,
        };
        // Tuesday 24 November 2026 in Paris.
        let at = |hour: u64| WallTime::from_millis(1_795_474_800_000) + Duration::from_secs(hour * 3600);
        assert_eq!(allowed.door(at(7)), Door::Shut { until: at(8) });
        assert_eq!(allowed.door(at(8)), Door::Open { until: at(12) });
        assert_eq!(allowed.door(at(12)), Door::Shut { until: at(14) });
        assert_eq!(allowed.door(at(14)), Door::Open { until: at(20) });
        assert_eq!(allowed.door(at(20)), Door::Shut { until: at(21) }, "looked at again when one of the two changes");
        assert_eq!(allowed.door(at(21)), Door::Shut { until: at(24 + 7) });
    }
}
