use std::sync::Arc;
use std::time::Duration;

use super::lookups::Answers;
use super::scenario::{Scenario, estimated_length};
use super::simulation::Simulation;
use super::transcript::transcript;
use crate::base::{Chance, Digit, WallTime, limits};
use crate::flow::{Program, Service};
use crate::speech::Fragment;

/// A random caller who was not served as a flow has to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which of the callers, from 0; the same for the same seed.
    pub caller: usize,
    /// What went wrong.
    pub why: &'static str,
    /// The whole call.
    pub transcript: String,
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

/// Lets `n` random callers into a flow, each with a mood, an hour and a queue of
/// their own, and answers those who were not served: an agent wanted in opening hours
/// was neither reached nor refused with the truth, the truth was not told when closed,
/// the flow was stuck or went round.
pub fn random(service: &Arc<Service>, program: &Arc<Program>, n: usize, seed: u64) -> Vec<Failure> {
    random_hearing(service, program, n, seed, &estimated_length)
}

/// The same with clips of other lengths.
pub(super) fn random_hearing(
    service: &Arc<Service>,
    program: &Arc<Program>,
    n: usize,
    seed: u64,
    lengths: &dyn Fn(&Fragment) -> Duration,
) -> Vec<Failure> {
    let mut chance = Chance::seeded(seed);
    (0..n)
        .filter_map(|caller| {
            let mut own = chance.split();
            let mut simulation = Simulation::new(scenario(service, program, &mut own), lengths);
            let why = call(&mut simulation, &mut own).err()?;
            Some(Failure { caller, why, transcript: transcript(simulation.lines()) })
        })
        .collect()
}

fn scenario(service: &Arc<Service>, program: &Arc<Program>, chance: &mut Chance) -> Scenario {
    let wants_open = chance.below(3) > 0;
    let mut at = some_time(chance);
    for _ in 0..200 {
        if program.card.phone_hours.is_open(at) == wants_open {
            break;
        }
        at = some_time(chance);
    }
    Scenario {
        service: Arc::clone(service),
        program: Arc::clone(program),
        at,
        waiting: [0, 0, 1, 3, 12][chance.below(5)],
        agents: [0, 1, 2, 4][chance.below(4)],
        caller: None,
        answers: Answers::made(program, chance),
        seed: chance.u64(),
    }
}

/// A minute of 2026.
fn some_time(chance: &mut Chance) -> WallTime {
    let minutes = u64::try_from(chance.below(365 * 24 * 60)).unwrap_or(0);
    WallTime::from_millis(1_767_222_000_000) + Duration::from_secs(minutes * 60)
}

fn call(simulation: &mut Simulation<'_>, chance: &mut Chance) -> Result<(), &'static str> {
    let moods = [Mood::Patient, Mood::Patient, Mood::Hasty, Mood::Typist, Mood::Silent, Mood::Desperate];
    let mood = moods[chance.below(moods.len())];
    for _ in 0..chance.below(KEYS) {
        press(simulation, mood, chance);
    }
    let keys_end = simulation.elapsed();
    for _ in 0..MOST_EVENTS {
        judge_trouble(simulation)?;
        if simulation.ending().is_some() {
            return judge_end(simulation);
        }
        let served = is_served(simulation);
        if served && simulation.elapsed() > keys_end + LINGERS {
            simulation.hang_up();
            return Ok(());
        }
        if simulation.elapsed() > limits::CALL_DURATION {
            return if served { Ok(()) } else { Err("was not served within two hours") };
        }
        if !simulation.advance_to_next() {
            return Err("is stuck: nothing will ever happen again");
        }
    }
    Err("makes events without end")
}

fn press(simulation: &mut Simulation<'_>, mood: Mood, chance: &mut Chance) {
    let key = |from: &str, chance: &mut Chance| {
        let keys: Vec<Digit> = from.chars().filter_map(Digit::from_char).collect();
        keys[chance.below(keys.len())]
    };
    let pause = Duration::from_millis(u64::from(chance.u32() % 8000));
    match mood {
        Mood::Silent => {}
        Mood::Patient => {
            simulation.run_until_idle();
            simulation.advance_by(Duration::from_millis(500));
            simulation.press(key("11223345*#", chance));
        }
        Mood::Hasty => {
            simulation.advance_by(pause);
            simulation.press(key("0123456789*#", chance));
        }
        Mood::Typist => {
            simulation.advance_by(pause);
            for _ in 0..chance.below(30) {
                simulation.press(key("123456789*#", chance));
            }
        }
        Mood::Desperate => {
            simulation.advance_by(pause / 4);
            simulation.press(Digit::ZERO);
        }
    }
}

fn is_served(simulation: &Simulation<'_>) -> bool {
    let seen = simulation.seen();
    seen.talked || seen.refused || seen.promised || (seen.truth && !simulation.is_open())
}

fn judge_trouble(simulation: &Simulation<'_>) -> Result<(), &'static str> {
    match simulation.seen().trouble {
        Some(what) if what.starts_with("the flow") => Err("went round without waiting"),
        Some(_) | None => Ok(()),
    }
}

fn judge_end(simulation: &Simulation<'_>) -> Result<(), &'static str> {
    let seen = simulation.seen();
    if is_served(simulation) {
        Ok(())
    } else if seen.asked {
        Err("asked for an agent in opening hours and reached none")
    } else if !simulation.is_open() {
        Err("called when it is closed and was not told the hours")
    } else {
        Ok(())
    }
}

/// A caller presses fewer keys, or bursts of keys, than this.
const KEYS: usize = 12;
/// A caller who has been served stays on the line this long.
const LINGERS: Duration = Duration::from_secs(600);
/// Two hours of a call have far fewer events.
const MOST_EVENTS: usize = 100_000;
