use std::collections::BTreeMap;
use std::time::Duration;

use super::record::PastCall;
use super::story::{self, StayEnd};
use crate::base::{AgentName, QueueName, WallTime};
use crate::queue::wait::{Lesson, Recalled, WaitEnd};

/// What past calls taught a service that has been restarted since: the same lessons, in the
/// same order, that the forecast took from the board while they happened.
///
/// Pauses are in no record, and are learned anew.
#[derive(Clone, Debug, Default)]
pub struct Lessons {
    learned: Vec<(WallTime, QueueName, Recalled)>,
    /// When talks ended and phones rang, of every agent.
    shifts: BTreeMap<AgentName, Vec<(WallTime, Shift)>>,
}

/// What an agent did, as far as a wrap-up shows in it.
#[derive(Clone, Debug)]
enum Shift {
    TalkEnded(QueueName),
    /// Rung for a caller who had been waiting since then.
    Rung(WallTime),
}

impl Lessons {
    /// Takes a record; in which order they come does not matter.
    pub fn push(&mut self, call: &PastCall) {
        let ms = Duration::from_millis;
        for stay in call.stays() {
            let at = call.at(stay.ended_ms);
            let mut learn = |lesson| self.learned.push((at, stay.queue.clone(), Recalled::Lesson(lesson)));
            let waited = ms(stay.ended_ms - stay.joined_ms);
            match stay.end {
                StayEnd::Answered(_) => {
                    stay.rung_ms.into_iter().for_each(|rung| learn(Lesson::Ring(ms(stay.ended_ms - rung))));
                    learn(Lesson::Wait(waited, WaitEnd::Answered));
                }
                StayEnd::HungUp => learn(Lesson::Wait(waited, WaitEnd::Left)),
                // Who went on has not lost patience.
                StayEnd::WentOn => {}
            }
        }
        for (queue, outcome) in call.first_promises() {
            self.learned.push((call.ended, queue, Recalled::Promise(outcome)));
        }
        for talk in story::talks(&call.steps) {
            let Some(queue) = talk.queue else { continue };
            let at = call.at(talk.to_ms);
            let length = ms(talk.to_ms - talk.from_ms);
            self.learned.push((at, queue.clone(), Recalled::Lesson(Lesson::Talk(length))));
            self.shifts.entry(talk.agent).or_default().push((at, Shift::TalkEnded(queue)));
        }
        for ring in story::rings(&call.steps) {
            let rung = (call.at(ring.at_ms), Shift::Rung(call.at(ring.joined_ms)));
            self.shifts.entry(ring.agent).or_default().push(rung);
        }
    }

    /// All lessons, the oldest first.
    pub fn in_order(mut self) -> Vec<(QueueName, Recalled)> {
        for shifts in std::mem::take(&mut self.shifts).into_values() {
            self.learned.extend(wrap_ups(shifts));
        }
        self.learned.sort_by_key(|(at, ..)| *at);
        self.learned.into_iter().map(|(_, queue, recalled)| (queue, recalled)).collect()
    }
}

/// An agent who is rung for a caller that has been waiting since before the agent's last
/// talk ended was rung at the first free moment: what lies between was the wrap-up.
fn wrap_ups(mut shifts: Vec<(WallTime, Shift)>) -> Vec<(WallTime, QueueName, Recalled)> {
    shifts.sort_by_key(|(at, _)| *at);
    let mut found = Vec::new();
    for pair in shifts.windows(2) {
        let [(ended, Shift::TalkEnded(queue)), (rung, Shift::Rung(waits_since))] = pair else { continue };
        let length = Duration::from_millis((rung.millis() - ended.millis()).unsigned_abs());
        if waits_since <= ended && length <= LONGEST_WRAP_UP {
            found.push((*rung, queue.clone(), Recalled::Lesson(Lesson::WrapUp(length))));
        }
    }
    found
}

/// Beyond this it was a pause.
const LONGEST_WRAP_UP: Duration = Duration::from_secs(300);
