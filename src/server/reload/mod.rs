//! Puts other flows, cards and queues in the place of those that run, while calls go on.
//!
//! One task does it, one reload after the other: the files are read and checked off the
//! callers' threads; where they have an error, what runs goes on. Else they are kept as a
//! version, and each owner is given the new edition by message: the hub, then the signalling
//! task, then those who only look. A call that is up keeps the flow, the prompts and the
//! settings that it began with.
//!
//! What does not live here: what is a mistake, which is [`crate::flow`]'s, and which files
//! are read, which is the command line's, as for `svi check`.

mod desk;
mod disk;
mod history;
mod notes;
mod opening;
mod outcome;
mod owners;
mod renewal;
mod rollback;
mod watch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use desk::FlowsDesk;
pub use history::History;
pub use opening::{Begin, Opening};
pub use outcome::{By, Differs, FlowsState, Hindrance, Outcome, Swapped, Unsaved};
pub(super) use owners::{Owners, Pages};
pub(super) use renewal::Renewal;

use super::directory::Directory;
use super::prompts::PromptStore;
use crate::call;
use crate::config::Settings;
use crate::diag::Diagnostic;
use crate::flow::{Service, Texts};

/// Reads the services' files and checks them, at the start and at each reload.
pub trait Reading: fmt::Debug + Send + Sync {
    /// The files as they are on the disk.
    ///
    /// # Errors
    /// When one can't be read, or there is no service.
    fn texts(&self) -> anyhow::Result<Texts>;

    /// The settings as they are written.
    ///
    /// # Errors
    /// What is wrong in them.
    fn settings(&self) -> Result<Settings, Vec<Diagnostic>>;

    /// What the texts make of it, with all that is wrong in them, and with what callers are
    /// to hear under these settings.
    fn check(&self, texts: &Texts, prompts: &PromptStore, settings: &Settings) -> Checked;

    /// The file of the settings, if there is one.
    fn settings_file(&self) -> Option<&Path>;

    /// The folder that they are in.
    fn root(&self) -> &Path;

    /// Where a file is, by its path in [`Texts`].
    fn file(&self, path: &str) -> PathBuf;
}

/// Services that were checked.
#[derive(Debug)]
pub struct Checked {
    /// Those without an error.
    pub services: Vec<Arc<Service>>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// All that new calls are received with, of the services' files and the settings.
#[derive(Clone, Debug)]
pub(super) struct Edition {
    /// What counts at present of the settings.
    pub(super) settings: Arc<Settings>,
    /// Which flow answers which number.
    pub(super) directory: Arc<Directory>,
    /// What there is to hear.
    pub(super) prompts: PromptStore,
    /// What the calls share.
    pub(super) calls: Arc<call::Settings>,
}
