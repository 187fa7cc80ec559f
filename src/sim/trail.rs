//! The way of one call through its flow, told from what the engine notes and the queue says.

use std::sync::Arc;

use super::coverage::{Coverage, Way};
use crate::base::{Digit, WallTime};
use crate::engine::{Note, QueueNews, TransferNews};
use crate::flow::{Menu, Program, Step, StepKind};

/// Folds one call into its [`Coverage`].
#[derive(Clone, Debug)]
pub(super) struct Trail {
    taken: Coverage,
    visit: Option<Visit>,
}

/// What has happened in the step that runs.
#[derive(Clone, Debug)]
struct Visit {
    step: Step,
    /// The last key that the step took.
    key: Option<Digit>,
    wrong_keys: u32,
    /// The last thing that decides where it leads.
    decided: Option<Way>,
}

impl Trail {
    pub(super) fn new(program: Arc<Program>) -> Self {
        Self { taken: Coverage::new(program), visit: None }
    }

    pub(super) fn taken(&self) -> &Coverage {
        &self.taken
    }

    pub(super) fn note(&mut self, wall: WallTime, note: &Note) {
        if let Note::Step { name } = note {
            self.leave(wall, Some(name));
            self.taken.step(Arc::clone(name));
            let step = self.taken.program().steps.iter().find(|step| step.name == *name).cloned();
            self.visit = step.map(|step| Visit { step, key: None, wrong_keys: 0, decided: None });
            return;
        }
        let Some(visit) = &mut self.visit else { return };
        match note {
            Note::Key { digit } => visit.key(self.taken.program(), *digit.reveal()),
            Note::Collected { .. } => visit.decided = Some(Way::Typed),
            Note::Chose { branch } => visit.decided = Some(branch.map_or(Way::Otherwise, Way::Condition)),
            Note::LookedUp { outcome: "answered", .. } => visit.decided = Some(Way::Answered),
            Note::LookedUp { .. } => visit.decided = Some(Way::Failed),
            Note::Mark { .. } => visit.decided = Some(Way::Mark),
            Note::MessageKept => visit.decided = Some(Way::Message),
            Note::Promised if !matches!(visit.step.kind, StepKind::Voicemail(_)) => visit.decided = Some(Way::Promised),
            Note::Took { .. } => {
                if let Some(key) = visit.key {
                    self.taken.way(Arc::clone(&visit.step.name), Way::Offer(key));
                }
            }
            _ => {}
        }
    }

    pub(super) fn queue(&mut self, news: &QueueNews) {
        let way = match news {
            QueueNews::Full => Way::Full,
            QueueNews::Nobody => Way::Nobody,
            QueueNews::TimedOut => Way::Long,
            QueueNews::Connected { .. } => Way::Talked,
            QueueNews::Joined { .. }
            | QueueNews::Place(_)
            | QueueNews::Ringing
            | QueueNews::Still
            | QueueNews::TalkEnded => return,
        };
        self.decide(way);
    }

    pub(super) fn transfer(&mut self, news: &TransferNews) {
        match news {
            TransferNews::Connected => self.decide(Way::Talked),
            TransferNews::Failed => self.decide(Way::Failed),
            TransferNews::TalkEnded => {}
        }
    }

    /// The flow has ended the call.
    pub(super) fn ended(&mut self, wall: WallTime) {
        self.leave(wall, None);
    }

    fn decide(&mut self, way: Way) {
        let Some(visit) = &mut self.visit else { return };
        visit.decided = Some(way);
        // A call may end in the talk, with the step.
        if way == Way::Talked {
            self.taken.way(Arc::clone(&visit.step.name), way);
        }
    }

    fn leave(&mut self, wall: WallTime, to: Option<&Arc<str>>) {
        let Some(visit) = self.visit.take() else { return };
        if let Some(way) = visit.way(self.taken.program(), wall, to) {
            self.taken.way(visit.step.name, way);
        }
    }
}

impl Visit {
    fn key(&mut self, program: &Program, key: Digit) {
        self.key = Some(key);
        if let StepKind::Menu(menu) = &self.step.kind {
            self.wrong_keys += u32::from(!is_global(program, key) && !is_choice(menu, key));
        }
    }

    /// What led out of the step; nothing when it was a key that means the same everywhere.
    fn way(&self, program: &Program, wall: WallTime, to: Option<&Arc<str>>) -> Option<Way> {
        let chosen =
            matches!(&self.step.kind, StepKind::Menu(menu) if self.key.is_some_and(|key| is_choice(menu, key)));
        let led_away = self.key.is_some_and(|key| is_global(program, key)) && self.decided.is_none() && !chosen;
        match &self.step.kind {
            StepKind::Hours(hours) => Some(match program.card.is_open(hours.kind, wall) {
                true => Way::Open,
                false => Way::Closed,
            }),
            StepKind::Choose(_) | StepKind::Lookup(_) => self.decided,
            StepKind::Set(_) | StepKind::Goto(_) => to.map(|_| Way::Then),
            _ if led_away => None,
            StepKind::Say(_) | StepKind::Tell(_) => to.map(|_| Way::Then),
            StepKind::Menu(menu) => Some(match self.key {
                Some(key) if is_choice(menu, key) => Way::Key(key),
                Some(_) if self.wrong_keys >= menu.question.wrong => Way::WrongKeys,
                Some(_) | None => Way::Silence,
            }),
            StepKind::Collect(_) => Some(self.decided.unwrap_or(Way::NotTyped)),
            StepKind::Queue(_) | StepKind::Transfer(_) => self.decided.or_else(|| self.closed(program, wall)),
            StepKind::Voicemail(_) => Some(self.decided.unwrap_or(Way::NoMessage)),
            StepKind::Callback(_) => Some(self.decided.unwrap_or(Way::NotPromised)),
            StepKind::Survey(_) => Some(self.decided.unwrap_or(Way::NoMark)),
            StepKind::Hangup(_) => Some(Way::End).filter(|_| to.is_none()),
        }
    }

    fn closed(&self, program: &Program, wall: WallTime) -> Option<Way> {
        let closed = !program.card.is_open(crate::service::HoursKind::Phone, wall);
        (closed && matches!(self.step.kind, StepKind::Queue(_))).then_some(Way::Closed)
    }
}

/// Whether the key means the same everywhere, by itself or by the flow's header.
fn is_global(program: &Program, key: Digit) -> bool {
    key.number().is_none() || key == Digit::ZERO || program.keys.iter().any(|(of, _)| *of == key)
}

fn is_choice(menu: &Menu, key: Digit) -> bool {
    menu.choices.iter().any(|choice| choice.key == key)
}
