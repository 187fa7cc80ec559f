use std::time::Duration;

use super::super::situation::{By, Facts, Human, Moment, Situation, To, World};
use super::{Silent, Ways, millis};
use crate::flow::{Callback, StepId, StepKind, Voicemail};
use crate::service::Topic;

impl Ways<'_> {
    /// A message is asked for, spoken, kept, and may become a callback.
    pub(super) fn voicemail(&mut self, voicemail: &Voicemail) {
        match self.at.moment {
            Moment::Enter => {
                self.stay(By::World(World::Room), Moment::Asked(0));
                if !fault!(MessagesAreTaken) {
                    self.stay(By::World(World::Enough), Moment::NoMessage(World::Enough));
                    self.stay(By::World(World::NoRoom), Moment::NoMessage(World::NoRoom));
                }
            }
            Moment::Asked(nth) => {
                self.zero();
                self.stay(By::Nothing, Moment::Spoken(nth));
            }
            Moment::Spoken(nth) => {
                self.stay(By::World(World::Kept), Moment::Kept);
                self.stay(By::World(World::NotKept), Moment::NoMessage(World::NotKept));
                let nothing = if nth == 0 { Moment::Asked(1) } else { Moment::NoMessage(World::NothingSaid) };
                self.stay(By::World(World::NothingSaid), nothing);
            }
            Moment::Kept => {
                self.zero();
                let to = match voicemail.callback && self.at.facts.has(Facts::NUMBER) {
                    true => self.here(Moment::Promising),
                    false => self.behind(voicemail.then, Facts::NONE),
                };
                self.push(By::Nothing, millis(MESSAGE), To::At(to));
            }
            Moment::Promising => {
                let mut promised = self.here(Moment::Promised);
                promised.human = Human::Served;
                self.push(By::World(World::Promised), 0, To::At(promised));
                self.stay(By::World(World::NotNoted), Moment::NotNoted);
            }
            moment => {
                let contact = matches!(moment, Moment::NoMessage(why) if why != World::NothingSaid);
                let told = if contact { self.told(&[Topic::Contact]) } else { Facts::NONE };
                self.zero();
                match (voicemail.then, moment) {
                    (Some(step), _) => self.push(By::Nothing, 0, To::At(self.entered(step, told))),
                    (None, Moment::NoMessage(_)) => self.last_default(),
                    (None, _) => self.ends(),
                }
            }
        }
    }

    /// On to a step; where there is none, a good-bye.
    fn behind(&self, then: Option<StepId>, told: Facts) -> Situation {
        match then {
            Some(step) => self.entered(step, told),
            None => self.here(Moment::Goodbye),
        }
    }

    /// A callback is asked for where the caller waits in no queue.
    pub(super) fn callback(&mut self, callback: &Callback) {
        match self.at.moment {
            Moment::Enter if self.at.facts.has(Facts::REFUSED) => {
                self.hears = 0;
                let to = match callback.otherwise {
                    None if self.at.has_agent_left() => self.to_agent(),
                    otherwise => self.behind(otherwise, Facts::NONE),
                };
                self.push(By::Nothing, 0, To::At(to));
            }
            Moment::Enter | Moment::Again(_) | Moment::Wrong(_) => {
                self.zero();
                let mut promised = self.here(Moment::Promised);
                promised.human = Human::Served;
                self.push(By::Keys, 0, To::At(promised));
                if !fault!(CallbacksAreNoted) {
                    let mut refused = self.here(Moment::NotNoted);
                    refused.facts = refused.facts.with(Facts::REFUSED);
                    self.push(By::Keys, 0, To::At(refused));
                }
                // The second time in a call, who says nothing is not led on by the step.
                let otherwise = callback.otherwise.filter(|_| !self.at.facts.has(Facts::SILENT));
                let default = if self.at.has_agent_left() { Silent::Agent } else { Silent::Goodbye };
                self.silence(CALLBACK, callback.question.silences, otherwise.map_or(default, Silent::On));
                if let Some(To::At(to)) = self.moves.last_mut().map(|way| &mut way.to)
                    && !matches!(to.moment, Moment::Again(_))
                {
                    to.facts = to.facts.with(Facts::SILENT);
                }
            }
            Moment::Promised => {
                self.zero();
                match callback.then {
                    Some(step) => self.on(By::Nothing, step),
                    None => self.ends(),
                }
            }
            _ => {
                self.zero();
                match callback.otherwise {
                    Some(step) => self.on(By::Nothing, step),
                    None => self.last_default(),
                }
            }
        }
    }

    /// Where the flow says nothing of how it goes on: an agent, while none was called in opening
    /// hours; else the end.
    fn last_default(&mut self) {
        match self.at.has_agent_left() {
            true => self.push(By::Nothing, 0, To::At(self.to_agent())),
            false => self.ends(),
        }
    }

    /// What of the two that a caller is owed the last words tell.
    pub(super) fn last_words(&self) -> Facts {
        match (&self.program.step(self.at.step).kind, self.at.moment) {
            (StepKind::Callback(_), Moment::Goodbye | Moment::NotNoted)
            | (StepKind::Voicemail(_), Moment::NoMessage(_)) => self.told(&[Topic::Hours, Topic::Contact]),
            _ => Facts::NONE,
        }
    }
}

/// How long a caller may think about a message, as in the engine.
const MESSAGE: Duration = Duration::from_secs(6);
/// How long a caller may think about a callback, as in the engine.
const CALLBACK: Duration = Duration::from_secs(8);
