use std::sync::Arc;

use crate::base::{Digit, Instant, Language, Localized};
use crate::engine::Note;
use crate::flow::{Program, StepKind};
use crate::speech::{self, Phrase};

/// What an agent is told of a caller before the two hear each other.
#[derive(Debug, Default)]
pub(super) struct Brief {
    /// When the caller first joined a queue.
    pub(super) since: Option<Instant>,
    /// The step that the caller is in.
    step: Option<Arc<str>>,
    /// What the caller chose last in a menu.
    purpose: Option<Localized>,
}

impl Brief {
    /// Learns from what the flow did.
    pub(super) fn note(&mut self, program: &Program, note: &Note) {
        match note {
            Note::Step { name } => self.step = Some(Arc::clone(name)),
            Note::Key { digit } => {
                if let Some(purpose) = self.chosen(program, *digit.reveal()) {
                    self.purpose = Some(purpose.clone());
                }
            }
            Note::Language(_)
            | Note::Collected { .. }
            | Note::Valued { .. }
            | Note::LookedUp { .. }
            | Note::Chose { .. }
            | Note::AskedAgent { .. }
            | Note::ToldRank { .. }
            | Note::ToldWait { .. }
            | Note::Noticed(_)
            | Note::Took { .. }
            | Note::Promised
            | Note::NotPromised
            | Note::Mark { .. }
            | Note::MessageKept
            | Note::NoMessage { .. }
            | Note::Trouble { .. } => {}
        }
    }

    /// The purpose of the choice that a key made, unless it only chose a language.
    fn chosen<'p>(&self, program: &'p Program, digit: Digit) -> Option<&'p Localized> {
        let name = self.step.as_ref()?;
        let step = program.steps.iter().find(|step| step.name == *name)?;
        let StepKind::Menu(menu) = &step.kind else { return None };
        let choice = menu.choices.iter().find(|choice| choice.key == digit && choice.language.is_none())?;
        Some(&choice.purpose)
    }

    /// What the caller chose last, as the flow says it in a language.
    pub(super) fn purpose_in(&self, language: Language) -> Option<String> {
        self.purpose.as_ref().map(|purpose| purpose.get(language).to_string())
    }

    /// How long the caller has waited, and for what.
    pub(super) fn words(&self, now: Instant, language: Language) -> Phrase {
        let waited = self.since.map(|since| now.since(since)).unwrap_or_default();
        let purpose = self.purpose.as_ref();
        speech::brief(language, waited, purpose.map(|p| speech::purpose_line(p.language(language), p.get(language))))
    }
}
