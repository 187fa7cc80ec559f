//! `callbacks:` how citizens are called back, and how many may ask for it.

use std::time::Duration;

use marked_yaml::Node;

use super::document::Document;
use super::value::{self, Parsed};
use crate::callback::Rules;

/// How citizens are called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callbacks {
    /// `attempts:`, `spacing:`, `guard:`, `expire:` and the caps.
    pub rules: Rules,
    /// `ring:` how long a citizen's phone rings; 30 s: five rings, and no voice mailbox yet.
    pub ring: Duration,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self { rules: Rules::default(), ring: Duration::from_secs(30) }
    }
}

pub(super) fn callbacks(file: &mut Document, node: Option<&Node>) -> Callbacks {
    let mut keys = file.section("callbacks", node, KEYS);
    let Callbacks { rules: usual, ring } = Callbacks::default();
    let rules = Rules {
        attempts: keys.read("attempts", attempts).unwrap_or(usual.attempts),
        spacing: keys.read("spacing", value::duration).unwrap_or(usual.spacing),
        guard: keys.read("guard", value::duration).unwrap_or(usual.guard),
        longest: keys.read("expire", value::days).unwrap_or(usual.longest),
        capacity: keys.read("open", value::count).unwrap_or(usual.capacity),
        per_number: keys.read("per_number", number).unwrap_or(usual.per_number),
        per_caller: keys.read("per_caller", number).unwrap_or(usual.per_caller),
        withheld: keys.read("withheld", number).unwrap_or(usual.withheld),
        per_source: keys.read("per_source", number).unwrap_or(usual.per_source),
        per_day: keys.read("per_day", number).unwrap_or(usual.per_day),
        ..usual
    };
    let read = Callbacks { rules, ring: keys.read("ring", ring_time).unwrap_or(ring) };
    if rules.spacing >= rules.longest {
        let message = "the second call would come after the callback has expired".into();
        keys.refuse("wrong-value", "spacing", message, "write less than `expire`");
    }
    read
}

const KEYS: &[&str] = &[
    "attempts",
    "spacing",
    "ring",
    "guard",
    "expire",
    "open",
    "per_number",
    "per_caller",
    "withheld",
    "per_source",
    "per_day",
];

/// Nobody is glad of an eleventh call.
fn attempts(text: &str) -> Parsed<u32> {
    let attempts = text.parse().ok().filter(|n| (1..=10).contains(n));
    attempts.ok_or_else(|| "write how often a citizen is called, from 1 to 10".into())
}

/// Long enough to reach the phone, and shorter than any network lets it ring.
fn ring_time(text: &str) -> Parsed<Duration> {
    let wanted = || "write how long a phone rings, from `5s` to `2m`".to_owned();
    let ring = value::duration(text).map_err(|_| wanted())?;
    let shortest = Duration::from_secs(5);
    let longest = Duration::from_secs(120);
    if (shortest..=longest).contains(&ring) { Ok(ring) } else { Err(wanted()) }
}

fn number(text: &str) -> Parsed<u32> {
    value::count(text).map(|n| u32::try_from(n).unwrap_or(u32::MAX))
}
