//! Makes a real call again from its record, which keeps no digit.
//!
//! The story of a record says when a key was taken, and which steps followed. The keys
//! are found by trying: the one after which the simulated call goes the same way.

use std::time::Duration;

use super::{Scenario, Script, Simulation};
use crate::base::Digit;
use crate::flow::StepKind;
use crate::speech::Fragment;

/// One line of a record's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The time since the call was answered.
    pub at: Duration,
    /// What happened, such as `step menu` or `key`.
    pub what: String,
}

/// How far a call could be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraced {
    /// The keys, and when they are pressed.
    pub keys: Vec<(Duration, Digit)>,
    /// When the caller hung up.
    pub hangs_up: Option<Duration>,
    /// Whether digits of a typed number stand in for those that the caller typed.
    pub made_up: bool,
    /// The line of the story that the simulated call could not follow.
    pub lost: Option<Told>,
}

impl Retraced {
    /// The keys for a [`Simulation`].
    pub fn script(&self) -> Script {
        Script::timed(&self.keys, self.hangs_up)
    }
}

/// Finds the keys of a call from its story; `marks` are those that its record has.
pub fn retrace(
    scenario: &Scenario,
    story: &[Told],
    marks: &[Digit],
    lengths: &dyn Fn(&Fragment) -> Duration,
) -> Retraced {
    let hung_up = story.iter().find(|told| told.what == HUNG_UP);
    let mut found = Retraced { keys: Vec::new(), hangs_up: hung_up.map(|told| told.at), made_up: false, lost: None };
    let mut marks = marks.iter();
    for (at, told) in story.iter().enumerate() {
        if told.what == KEY {
            let wanted = follows(&story[at + 1..], told.at);
            let tried = KEYS.chars().filter_map(Digit::from_char).find(|key| {
                let mut simulation = again(scenario, &found.keys, told.at, lengths);
                let before = simulation.story().len();
                simulation.press(*key);
                let after = &simulation.story()[before..];
                // What comes before it is what the key cut.
                let taken = after.iter().position(|told| told.what == KEY);
                taken.is_some_and(|taken| follows(&after[taken + 1..], simulation.elapsed()) == wanted)
            });
            match tried {
                Some(key) => found.keys.push((told.at, key)),
                None => {
                    found.lost = Some(told.clone());
                    return found;
                }
            }
        } else if told.what.starts_with("typed ") {
            let entered = story[..at].iter().rev().find_map(|told| told.what.strip_prefix("step "));
            let step = scenario.program.steps.iter().find(|step| Some(&*step.name) == entered);
            let Some(StepKind::Collect(collect)) = step.map(|step| &step.kind) else {
                found.lost = Some(told.clone());
                return found;
            };
            found.made_up = true;
            let length = collect.form.all_lengths().min().unwrap_or(1);
            let digits = std::iter::repeat_n('1', length).filter_map(Digit::from_char);
            found.keys.extend(digits.map(|key| (told.at, key)));
            if collect.form.all_lengths().any(|other| other > length) {
                found.keys.push((told.at, Digit::HASH));
            }
        } else if told.what.starts_with("marked ") {
            found.keys.extend(marks.next().map(|mark| (told.at, *mark)));
        }
    }
    found
}

/// The call as it is just before this moment.
fn again<'a>(
    scenario: &Scenario,
    keys: &[(Duration, Digit)],
    at: Duration,
    lengths: &'a dyn Fn(&Fragment) -> Duration,
) -> Simulation<'a> {
    let mut simulation = Simulation::new(scenario.clone(), lengths);
    for (at, key) in keys {
        simulation.advance_to(*at);
        simulation.press(*key);
    }
    simulation.advance_to(at);
    simulation
}

/// What comes of a key at once, until the next one.
fn follows(story: &[Told], at: Duration) -> Vec<&str> {
    let soon = story.iter().take_while(|told| told.what != KEY && told.at <= at + AT_ONCE);
    soon.map(|told| told.what.as_str()).filter(|what| WORDS.iter().any(|word| what.starts_with(word))).collect()
}

const KEY: &str = "key";
const HUNG_UP: &str = "ended caller hangup";
/// What a key leads to, among all that a story tells.
const WORDS: [&str; 4] = ["step ", "asked ", "took ", "typed "];
/// What a key leads to happens within this.
const AT_ONCE: Duration = Duration::from_millis(50);
/// The keys in the order in which they are tried.
const KEYS: &str = "1234567890*#";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::estimated_length;
    use crate::sim::tests::tuesday;

    fn story(lines: &[(u64, &str)]) -> Vec<Told> {
        let told = |(at, what): &(u64, &str)| Told { at: Duration::from_millis(*at), what: (*what).to_owned() };
        lines.iter().map(told).collect()
    }

    #[test]
    fn keys_are_found_from_the_steps_behind_them() {
        let story = story(&[
            (0, "step bonjour"),
            (1000, "step menu"),
            (1000, "key"),
            (1000, "step infos"),
            (9000, "step menu"),
            (9500, "key"),
            (9500, "step agents"),
            (9500, "asked agent"),
            (20_000, "ended caller hangup"),
        ]);
        let found = retrace(&tuesday(10, 0, 2), &story, &[], &estimated_length);
        let keys: Vec<(u128, char)> = found.keys.iter().map(|(at, key)| (at.as_millis(), key.as_char())).collect();
        assert_eq!(keys, [(1000, '1'), (9500, '2')]);
        assert_eq!((found.hangs_up, found.lost), (Some(Duration::from_secs(20)), None));
    }

    #[test]
    fn a_flow_that_goes_another_way_today_is_told_from_where_on() {
        let story = story(&[(0, "step bonjour"), (1000, "step menu"), (1000, "key"), (1000, "step passeports")]);
        let found = retrace(&tuesday(10, 0, 2), &story, &[], &estimated_length);
        assert_eq!(found.lost, Some(Told { at: Duration::from_secs(1), what: "key".to_owned() }));
        assert_eq!(found.keys, []);
    }
}
