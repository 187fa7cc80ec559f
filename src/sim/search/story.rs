//! A random caller as a value: what is called, when, how full it is, and which keys.

use std::sync::Arc;
use std::time::Duration;

use crate::base::{Chance, Digit, PhoneNumber, WallTime};
use crate::flow::{Program, Service};
use crate::service::{HoursKind, State};
use crate::sim::{Answers, Far, Room, Scenario, Simulation, script::REACTION};

/// A caller's story: the same call whenever it is played.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) scenario: Scenario,
    pub(super) presses: Vec<Press>,
}

/// A key, and when it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Press {
    pub(super) when: When,
    pub(super) key: Digit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Half a second after the flow has begun to wait for a key.
    Asked,
    /// So long after the key before, whatever is being said.
    After(Duration),
}

/// How a random caller behaves.
#[derive(Clone, Copy, Debug)]
enum Mood {
    /// Hears the menus out, then presses a likely key.
    Patient,
    /// Presses any key at any time.
    Hasty,
    /// Presses many keys at once.
    Typist,
    /// Presses nothing.
    Silent,
    /// Presses `0` as soon as something is heard.
    Desperate,
}

impl Story {
    /// A caller of one of these flows.
    pub(super) fn random(service: &Arc<Service>, programs: &[Arc<Program>], chance: &mut Chance) -> Self {
        let program = Arc::clone(&programs[chance.below(programs.len())]);
        let scenario = scenario(service, program, chance);
        let moods = [Mood::Patient, Mood::Patient, Mood::Hasty, Mood::Typist, Mood::Silent, Mood::Desperate];
        let mood = moods[chance.below(moods.len())];
        let mut presses = Vec::new();
        for _ in 0..chance.below(KEYS) {
            mood.press(chance, &mut presses);
        }
        Self { scenario, presses }
    }

    /// The same with something else: a key more, less or other, another time, another crowd.
    pub(super) fn varied(&self, chance: &mut Chance) -> Self {
        let mut story = self.clone();
        let other = scenario(&self.scenario.service, Arc::clone(&self.scenario.program), chance);
        let at = chance.below(story.presses.len() + 1);
        let mut new = Vec::new();
        Mood::Patient.press(chance, &mut new);
        match chance.below(9) {
            0 if at < story.presses.len() => drop(story.presses.remove(at)),
            1 if at < story.presses.len() => Mood::Hasty.press(chance, &mut story.presses),
            2 => story.scenario.at = other.at,
            3 => (story.scenario.waiting, story.scenario.agents) = (other.waiting, other.agents),
            4 => (story.scenario.room, story.scenario.outside) = (other.room, other.outside),
            5 => (story.scenario.caller, story.scenario.seed) = (other.caller, other.seed),
            6 => story.scenario.answers = other.answers,
            _ if story.presses.len() < MOST_KEYS => drop(story.presses.splice(at..at, new)),
            _ => story.presses.truncate(at),
        }
        story
    }

    /// Plays the keys; what follows them is not played yet.
    pub(super) fn press_all(&self, simulation: &mut Simulation<'_>) {
        for press in &self.presses {
            match press.when {
                When::Asked => {
                    simulation.run_until_idle();
                    simulation.advance_by(REACTION);
                }
                When::After(pause) => simulation.advance_by(pause),
            }
            simulation.press(press.key);
        }
    }
}

impl Mood {
    fn press(self, chance: &mut Chance, presses: &mut Vec<Press>) {
        let key = |from: &str, chance: &mut Chance| {
            let keys: Vec<Digit> = from.chars().filter_map(Digit::from_char).collect();
            keys[chance.below(keys.len())]
        };
        let pause = Duration::from_millis(u64::from(chance.u32() % 8000));
        match self {
            Self::Silent => {}
            Self::Patient => presses.push(Press { when: When::Asked, key: key("11223345*#", chance) }),
            Self::Hasty => presses.push(Press { when: When::After(pause), key: key("0123456789*#", chance) }),
            Self::Typist => {
                let first = When::After(pause);
                let then = When::After(Duration::ZERO);
                for at in 0..chance.below(TYPED) {
                    presses.push(Press { when: if at == 0 { first } else { then }, key: key("123456789*#", chance) });
                }
            }
            Self::Desperate => presses.push(Press { when: When::After(pause / 4), key: Digit::ZERO }),
        }
    }
}

/// A time, a crowd and a caller.
fn scenario(service: &Arc<Service>, program: Arc<Program>, chance: &mut Chance) -> Scenario {
    let at = some_time(&program, chance);
    Scenario {
        waiting: [0, 0, 1, 3, 12][chance.below(5)],
        agents: [0, 1, 2, 4][chance.below(4)],
        room: if chance.below(6) == 0 { Room::Full } else { Room::Enough },
        outside: if chance.below(3) == 0 { Far::Silent } else { Far::Answers },
        caller: caller(&program, chance),
        answers: Answers::made(&program, chance),
        seed: chance.u64(),
        ..Scenario::new(Arc::clone(service), program, at)
    }
}

/// A minute of 2026: open for two callers of three, and every third one within ten
/// minutes of an opening or a closing.
fn some_time(program: &Program, chance: &mut Chance) -> WallTime {
    let wants_open = chance.below(3) > 0;
    let mut at = any_minute(chance);
    for _ in 0..200 {
        if program.card.phone_hours.is_open(at) == wants_open {
            break;
        }
        at = any_minute(chance);
    }
    if chance.below(3) > 0 {
        return at;
    }
    let kind = [HoursKind::Phone, HoursKind::Desk][chance.below(2)];
    let hours = program.card.hours(kind).unwrap_or(&program.card.phone_hours);
    let (State::Open { until: edge } | State::Closed { opens: edge }) = hours.state(at);
    let around = i64::try_from(chance.below(2 * EDGE)).unwrap_or(0) - i64::try_from(EDGE).unwrap_or(0);
    edge.map_or(at, |edge| WallTime::from_millis(edge.millis() + around * 1000))
}

fn any_minute(chance: &mut Chance) -> WallTime {
    let minutes = u64::try_from(chance.below(365 * 24 * 60)).unwrap_or(0);
    WallTime::from_millis(YEAR) + Duration::from_secs(minutes * 60)
}

/// A mobile, a withheld number, a foreign one, or a relay service of the card.
fn caller(program: &Program, chance: &mut Chance) -> Option<PhoneNumber> {
    match chance.below(8) {
        0..3 => PhoneNumber::parse("0612345678").ok(),
        3 => PhoneNumber::parse("+4930123456").ok(),
        4 => program.card.relay.numbers.first().cloned(),
        _ => None,
    }
}

/// 2026-01-01 in Paris.
const YEAR: i64 = 1_767_222_000_000;
/// Seconds around an opening or a closing.
const EDGE: usize = 600;
/// A caller presses fewer keys, or bursts of keys, than this.
const KEYS: usize = 12;
/// A burst has fewer keys than this.
const TYPED: usize = 30;
/// A story that is varied grows no longer.
const MOST_KEYS: usize = 60;
