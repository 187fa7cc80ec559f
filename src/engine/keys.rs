//! What keys mean where a step has no other use for them.

use super::io::Note;
use super::machine::{Machine, Next};
use super::speaking::Then;
use crate::base::{Digit, Now, Private, limits};
use crate::flow::StepKind;

impl Machine {
    /// What `0`, `*`, `#` and the keys of the flow's header do wherever a step has no other use
    /// for them.
    pub(super) fn global_key(&mut self, digit: Digit) -> Option<Next> {
        let Some(step) = self.program.key(digit) else { return self.fixed_key(digit) };
        self.note_key(digit);
        self.ahead.clear();
        Some(Next::Go(step))
    }

    /// What `0`, `*` and `#` do, which mean the same in every flow.
    pub(super) fn fixed_key(&mut self, digit: Digit) -> Option<Next> {
        let next = match digit {
            Digit::ZERO => Next::Agent,
            Digit::STAR => Next::Back,
            Digit::HASH => Next::Again,
            _ => return None,
        };
        self.note_key(digit);
        Some(next)
    }

    /// Whether the menu or the number behind what is being said has a use of its own for a key of
    /// the header.
    pub(super) fn is_wanted_next(&self, now: Now, then: Then, digit: Digit) -> bool {
        let (Then::Go(mut step), Some(_)) = (then, self.program.key(digit)) else { return false };
        for _ in 0..limits::STEPS_WITHOUT_WAITING {
            match &self.program.step(step).kind {
                StepKind::Hours(hours) => step = self.way_by_hours(now, hours),
                StepKind::Goto(goto) => step = goto.to,
                StepKind::Set(set) => step = set.then,
                kind @ (StepKind::Menu(_) | StepKind::Collect(_)) => return !kind.leaves_to_header(digit),
                _ => return false,
            }
        }
        false
    }

    /// From a menu to the menu before it, from elsewhere to the last menu; where
    /// there is none, to the start of this step.
    pub(super) fn back(&mut self, now: Now) -> Next {
        if self.menus.last() == Some(&self.step) && self.menus.len() > 1 {
            self.menus.pop();
        }
        let to = self.menus.last().copied().unwrap_or(self.step);
        self.enter(now, to)
    }

    pub(super) fn note_key(&mut self, digit: Digit) {
        self.out.note(Note::Key { digit: Private::new(digit) });
    }

    /// Keeps a key for the next step that wants one.
    pub(super) fn keep_ahead(&mut self, digit: Digit) {
        if self.ahead.len() < limits::TYPE_AHEAD {
            self.ahead.push_back(digit);
        }
    }
}
