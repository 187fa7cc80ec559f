use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::cli::files::{self, Folder};
use crate::diag::{Diagnostic, Severity};
use crate::flow::{Service, TESTS};

/// A service, and the files of its tests.
pub(super) struct Suite {
    pub(super) service: Arc<Service>,
    pub(super) files: Vec<PathBuf>,
}

/// The services under some paths, and what is wrong with them.
pub(super) struct Found {
    pub(super) suites: Vec<Suite>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads the services under these paths; a single file of tests stands for its service.
pub(super) fn find(paths: &[PathBuf]) -> Result<Found> {
    let mut found = Found { suites: Vec::new(), diagnostics: Vec::new() };
    for path in paths {
        let alone = path.is_file().then(|| path.parent()).flatten().filter(|parent| parent.ends_with(TESTS));
        let folder = match alone {
            Some(tests) => tests.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")),
            None => path,
        };
        for files in files::folders_of(folder)? {
            // Words can be tested before they have a voice.
            let checked = files::checked(std::slice::from_ref(&files), &files::Everything);
            let errors = checked.diagnostics.into_iter().filter(|d| d.severity == Severity::Error);
            found.diagnostics.extend(errors);
            let tests = match alone {
                Some(_) => vec![path.clone()],
                None => beside(&files)?,
            };
            found.suites.extend(checked.services.into_iter().map(|service| Suite { service, files: tests.clone() }));
        }
    }
    Ok(found)
}

/// The files of tests beside a service's own files, in the order of their names.
fn beside(service: &Folder) -> Result<Vec<PathBuf>> {
    let folder = service.sources.first().and_then(|source| Path::new(&source.path).parent());
    let tests = folder.unwrap_or(Path::new(".")).join(TESTS);
    if !tests.is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<PathBuf> = fs::read_dir(&tests)
        .with_context(|| format!("`{}` can't be read", tests.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|p| p.is_file() && p.extension().is_some_and(|e| e == "yaml" || e == "yml"))
        .collect();
    files.sort();
    Ok(files)
}
