//! What an editor asks of a service's files while they are being typed: what stands
//! here, where is it defined and used, what may be written, what will be heard.
//!
//! It sees the files as they are in the editor, half-typed ones too: a line that no
//! parser takes is left out for the look. What is wrong is [`super::load`]'s to tell.

mod complete;
mod hover;
mod names;
mod outline;
mod repair;
mod seek;
mod walk;

use std::sync::Arc;

use super::yaml::Tree;
use super::{Audio, Role};
use crate::base::WallTime;
use crate::diag::{Source, Span};

pub use complete::{Completion, Completions, Offered};
pub use names::NoRename;
pub use outline::Outline;

/// The files of one service, as an editor has them.
#[derive(Debug)]
pub struct Look {
    service: Arc<str>,
    sheets: Vec<Sheet>,
}

/// One file.
#[derive(Debug)]
struct Sheet {
    source: Arc<Source>,
    role: Role,
    /// As much of it as can be read.
    tree: Option<Tree>,
}

/// What an editor shows beside a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

impl Look {
    /// Reads a service's files; `service` is its folder's name.
    pub fn new(service: &str, files: &[Arc<Source>]) -> Self {
        let sheet = |source: &Arc<Source>| Sheet {
            source: source.clone(),
            role: Role::of(&source.path),
            tree: repair::tree(source),
        };
        Self { service: service.into(), sheets: files.iter().map(sheet).collect() }
    }

    /// Where the step or the queue that is named at this byte is written.
    pub fn definition(&self, path: &str, byte: usize) -> Option<Span> {
        let name = self.name_at(path, byte)?;
        self.places(path, &name).into_iter().find(|place| place.defines).map(|place| place.span)
    }

    /// Every place that names the step or the queue at this byte, its definition first.
    pub fn references(&self, path: &str, byte: usize) -> Vec<Span> {
        let Some(name) = self.name_at(path, byte) else { return Vec::new() };
        let mut places = self.places(path, &name);
        places.sort_by_key(|place| !place.defines);
        places.into_iter().map(|place| place.span).collect()
    }

    /// The step's name at this byte, if it is one that can be renamed.
    ///
    /// # Errors
    /// When there is something else.
    pub fn renamable(&self, path: &str, byte: usize) -> Result<Span, NoRename> {
        names::renamable(self, path, byte).map(|name| name.span)
    }

    /// Every place where the step at this byte is named, for `new` to be written there.
    ///
    /// # Errors
    /// When there is no step, or `new` is taken or no name of a step.
    pub fn rename(&self, path: &str, byte: usize, new: &str) -> Result<Vec<Span>, NoRename> {
        names::rename(self, path, byte, new)
    }

    /// What to show for this byte: of a step, what will be heard at `now`; of a key, what it means.
    pub fn hover(&self, path: &str, byte: usize, audio: &dyn Audio, now: WallTime) -> Option<Hover> {
        hover::hover(self, self.sheet(path)?, byte, &hover::Ear { audio, now })
    }

    /// What may be written at this byte.
    pub fn complete(&self, path: &str, byte: usize) -> Completions {
        self.sheet(path).map_or_else(|| Completions::none(byte), |sheet| complete::complete(self, sheet, byte))
    }

    /// The parts of a file, for an outline.
    pub fn outline(&self, path: &str) -> Vec<Outline> {
        self.sheet(path).map(outline::outline).unwrap_or_default()
    }

    fn sheet(&self, path: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.source.path == path)
    }
}

#[cfg(test)]
mod tests;
