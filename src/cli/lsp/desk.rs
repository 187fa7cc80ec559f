//! The files that lie open in the editor, over those of the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{Diagnostic, Position, Uri};

use super::wire;
use crate::base::limits::{EDITOR_FILES, EDITOR_OPEN, FLOW_BYTES};
use crate::cli::files::{self, Folder};
use crate::diag::Source;
use crate::flow::{Audio, Look};
use crate::server::prompts::PromptStore;

/// What the editor has open, and whom it has told what.
pub(super) struct Desk {
    prompts: PathBuf,
    store: Option<PromptStore>,
    open: BTreeMap<String, Open>,
    changed: BTreeSet<PathBuf>,
    /// Of each folder, what was told of each of its files.
    pub(super) told: BTreeMap<PathBuf, BTreeMap<String, Vec<Diagnostic>>>,
}

struct Open {
    uri: Uri,
    source: Arc<Source>,
}

impl Desk {
    /// Nothing is open yet.
    pub(super) fn new(prompts: &Path) -> Self {
        let mut desk = Self {
            prompts: prompts.to_owned(),
            store: None,
            open: BTreeMap::new(),
            changed: BTreeSet::new(),
            told: BTreeMap::new(),
        };
        desk.read_prompts();
        desk
    }

    /// A file was opened, or has another text now. Beyond the limit it is not looked at; of
    /// a text that is too long, as much is kept as tells that it is.
    pub(super) fn put(&mut self, uri: Uri, mut text: String) {
        let longest = usize::try_from(FLOW_BYTES).unwrap_or(usize::MAX);
        if text.len() > longest {
            text.truncate(text.ceil_char_boundary(longest + 1));
        }
        let Some(path) = wire::path(&uri) else { return };
        if self.open.len() >= EDITOR_OPEN && !self.open.contains_key(&path) {
            return;
        }
        self.changed.extend(folder_of(&path));
        let source = Source::new(path.as_str(), text);
        self.open.insert(path, Open { uri, source });
    }

    /// A file was closed: the one on the disk counts again.
    pub(super) fn close(&mut self, uri: &Uri) {
        let Some(path) = wire::path(uri) else { return };
        self.open.remove(&path);
        self.changed.extend(folder_of(&path));
    }

    /// A file was saved, perhaps after its sentences were rendered.
    pub(super) fn saved(&mut self, uri: &Uri) {
        self.changed.extend(wire::path(uri).as_deref().and_then(folder_of));
        self.read_prompts();
    }

    /// Files changed that are not open.
    pub(super) fn files_changed(&mut self) {
        self.changed.extend(self.open.keys().filter_map(|path| folder_of(path)));
        self.read_prompts();
    }

    /// Whether something changed of which nothing was told.
    pub(super) fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The folders that changed, for the last time.
    pub(super) fn take_changed(&mut self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut self.changed)
    }

    /// The files of a folder; `None` when no `service.yaml` makes it a service.
    pub(super) fn folder(&self, folder: &Path) -> Option<Folder> {
        let mut paths: BTreeSet<String> = self.open.keys().filter(|path| is_in(path, folder)).cloned().collect();
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        paths.extend(entries.filter_map(|path| Some(path.to_str()?.to_owned())).filter(|path| is_in(path, folder)));
        let card = folder.join("service.yaml");
        if !paths.iter().any(|path| Path::new(path) == card) {
            return None;
        }
        let source = |path: &String| match self.open.get(path) {
            Some(open) => Some(open.source.clone()),
            None => files::source(Path::new(path)).ok(),
        };
        let name = folder.file_name()?.to_string_lossy().into_owned();
        Some(Folder { name, sources: paths.iter().take(EDITOR_FILES).filter_map(source).collect() })
    }

    /// The service that an open file belongs to, and the file.
    pub(super) fn look(&self, uri: &Uri) -> Option<(Look, Arc<Source>)> {
        let path = wire::path(uri)?;
        let source = self.open.get(&path)?.source.clone();
        let folder = self.folder(&folder_of(&path)?)?;
        Some((Look::new(&folder.name, &folder.sources), source))
    }

    /// What was told of a place.
    pub(super) fn told_at(&self, path: &str, at: Position) -> impl Iterator<Item = &Diagnostic> {
        let all = folder_of(path).and_then(|folder| self.told.get(&folder)?.get(path));
        let covers = move |told: &&Diagnostic| told.range.start <= at && at <= told.range.end;
        all.into_iter().flatten().filter(covers)
    }

    /// The address of a file: the editor's own where it has it open.
    pub(super) fn uri(&self, path: &str) -> Option<Uri> {
        self.open.get(path).map(|open| open.uri.clone()).or_else(|| wire::uri(path))
    }

    /// What is recorded. Where there is no folder of prompts, nothing is missed.
    pub(super) fn audio(&self) -> &dyn Audio {
        match &self.store {
            Some(store) => store.library(),
            None => &files::Everything,
        }
    }

    /// The recordings, where there are any.
    pub(super) fn store(&self) -> Option<&PromptStore> {
        self.store.as_ref()
    }

    fn read_prompts(&mut self) {
        self.store = if self.prompts.is_dir() { PromptStore::open(&self.prompts).ok() } else { None };
    }
}

fn folder_of(path: &str) -> Option<PathBuf> {
    let is_yaml = Path::new(path).extension().is_some_and(|e| e == "yaml" || e == "yml");
    Path::new(path).parent().filter(|_| is_yaml).map(Path::to_owned)
}

fn is_in(path: &str, folder: &Path) -> bool {
    folder_of(path).as_deref() == Some(folder)
}
