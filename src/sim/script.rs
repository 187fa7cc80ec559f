use std::time::Duration;

use super::Simulation;
use crate::base::{Digit, limits, parse_digits};

/// The keys that a caller presses, and when: `2s:1,4s:2`, or `1,3` for keys that are
/// pressed when the flow waits for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    entries: Vec<(When, Vec<Digit>)>,
    /// When the caller hangs up, if the call does not end by itself before.
    hangs_up: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// So long after the call was answered.
    At(Duration),
    /// Half a second after the flow has begun to wait for a key.
    Waiting,
}

/// Why a text is not a [`Script`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// What stands before the colon is no time.
    #[error("`{0}` is not a time; write it as `2s`, `1.5s`, `300ms` or `1m`")]
    Time(String),
    /// There is no key, or a character that is on no telephone.
    #[error("`{0}` is not a key; the keys are 0 to 9, * and #")]
    Key(String),
}

impl std::str::FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut entries = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (when, keys) = match item.split_once(':') {
                Some((time, keys)) => (When::At(read_time(time.trim())?), keys.trim()),
                None => (When::Waiting, item),
            };
            let digits = parse_digits(keys).filter(|digits| !digits.is_empty());
            entries.push((when, digits.ok_or_else(|| ScriptError::Key(keys.to_owned()))?));
        }
        Ok(Self { entries, hangs_up: None })
    }
}

impl Script {
    /// Keys at these times since the call was answered, and when the caller hangs up.
    pub fn timed(keys: &[(Duration, Digit)], hangs_up: Option<Duration>) -> Self {
        Self { entries: keys.iter().map(|(at, key)| (When::At(*at), vec![*key])).collect(), hangs_up }
    }

    /// Plays the keys, then lets the call run to its end.
    pub fn run(&self, simulation: &mut Simulation<'_>) {
        for (when, digits) in &self.entries {
            for digit in digits {
                match when {
                    When::At(at) => simulation.advance_to(*at),
                    When::Waiting => {
                        simulation.run_until_idle();
                        simulation.advance_by(REACTION);
                    }
                }
                simulation.press(*digit);
            }
        }
        if let Some(at) = self.hangs_up {
            simulation.advance_to(at);
            simulation.hang_up();
        }
        simulation.run_to_end(limits::CALL_DURATION);
    }
}

fn read_time(text: &str) -> Result<Duration, ScriptError> {
    let error = || ScriptError::Time(text.to_owned());
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(error)?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err(error()),
    };
    let number: f64 = number.parse().map_err(|_| error())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| error())
}

/// How long a caller takes to press a key.
pub(super) const REACTION: Duration = Duration::from_millis(500);
