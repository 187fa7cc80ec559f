//! The shortest call that goes wrong in the same way, and the test that is made of it.

use super::Lengths;
use super::judge::{Fault, play};
use super::story::{Story, When};
use crate::service::Topic;
use crate::sim::transcript::sentences;
use crate::sim::{Crowding, Far, Room, trial};
use crate::speech;

/// Leaves out keys, then makes the rest ordinary, for as long as the same goes wrong.
pub(super) fn shrink(story: &Story, fault: Fault, lengths: Lengths<'_>) -> Story {
    let mut best = story.clone();
    let mut tries = 0;
    let mut same = |story: &Story| {
        tries += 1;
        tries <= TRIES && play(story, lengths).1 == Some(fault)
    };
    // Halves, then quarters, then single keys.
    let mut run = best.presses.len();
    while run > 0 {
        let mut at = 0;
        while at < best.presses.len() {
            let mut shorter = best.clone();
            shorter.presses.drain(at..(at + run).min(best.presses.len()));
            if same(&shorter) { best = shorter } else { at += run }
        }
        run /= 2;
    }
    for at in 0..best.presses.len() {
        let mut asked = best.clone();
        asked.presses[at].when = When::Asked;
        if same(&asked) {
            best = asked;
        }
    }
    for plainer in PLAINER {
        let mut story = best.clone();
        plainer(&mut story);
        if same(&story) {
            best = story;
        }
    }
    best
}

/// The call as a test: what the caller does, and what should come of it.
pub(super) fn test(name: &str, story: &Story, fault: Fault, lengths: Lengths<'_>) -> String {
    let (simulation, _) = play(story, lengths);
    let wanted = match fault {
        Fault::NoHours => {
            let card = &story.scenario.program.card;
            let hours = speech::tell(story.scenario.program.language, card, Topic::Hours, story.scenario.at);
            format!("waits-for: {}", trial::quoted(&sentences(&hours)))
        }
        Fault::NoAgent | Fault::GoesRound | Fault::TooLong | Fault::Stuck | Fault::Restless => "ends: agent".to_owned(),
    };
    format!("# Who {}.\n{}", fault.words(), trial::wish(&simulation, name, &wanted))
}

/// What an ordinary call has: an agent, nobody who waits, a number that answers.
const PLAINER: [fn(&mut Story); 6] = [
    |story| story.scenario.room = Room::Enough,
    |story| story.scenario.outside = Far::Answers,
    |story| story.scenario.caller = None,
    |story| story.scenario.waiting = 0,
    |story| story.scenario.agents = Crowding::default().agents,
    |story| story.scenario.seed = 1,
];

/// Calls that are made to find a shorter one.
const TRIES: usize = 2000;
