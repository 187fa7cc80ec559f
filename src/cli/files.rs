//! Reads services and prompts from folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::check;
use crate::base::limits;
use crate::config::Settings;
use crate::diag::{self, Diagnostic, Source};
use crate::flow::{self, Audio, QueueRules, Service};
use crate::speech::Fragment;

/// The settings of a file, or of `svi.yaml` when there is one, with what the environment
/// says in its place; `None` when there are mistakes in it, which were shown.
pub(crate) fn settings(path: Option<&Path>) -> Result<Option<Settings>> {
    match written(path)? {
        Ok(settings) => Ok(Some(settings)),
        Err(diagnostics) => {
            check::show(&diagnostics);
            Ok(None)
        }
    }
}

/// The file of the settings: this one, or `svi.yaml` when there is one.
pub(crate) fn settings_file(path: Option<&Path>) -> Option<&Path> {
    let default = Path::new("svi.yaml");
    path.or_else(|| default.is_file().then_some(default))
}

/// The same settings, or the mistakes in them.
pub(crate) fn written(path: Option<&Path>) -> Result<Result<Settings, Vec<Diagnostic>>> {
    let mut settings = match settings_file(path).map(source).transpose()? {
        None => Settings::default(),
        Some(source) => match Settings::read(&source) {
            Ok(settings) => settings,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        },
    };
    if let Ok(address) = std::env::var("SVI_STORE") {
        settings.keep_in(&address).map_err(|wanted| anyhow!("this can't be SVI_STORE: {wanted}"))?;
    }
    Ok(Ok(settings))
}

/// Stands in for the recordings where they don't matter: all are there, and take no time.
pub(crate) struct Everything;

impl Audio for Everything {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(Duration::ZERO)
    }
}

/// Services as they were read, with what was found wrong.
pub(crate) struct Services {
    pub(crate) services: Vec<Arc<Service>>,
    /// The files that were read.
    pub(crate) sources: Vec<Arc<Source>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Services {
    pub(crate) fn has_errors(&self) -> bool {
        diag::has_errors(&self.diagnostics)
    }
}

/// The files of a service, in the order of their names.
pub(crate) struct Folder {
    /// The service's name.
    pub(crate) name: String,
    pub(crate) sources: Vec<Arc<Source>>,
}

/// Reads and checks every service under these paths.
pub(crate) fn services(paths: &[PathBuf], audio: &dyn Audio) -> Result<Services> {
    let mut folders = Vec::new();
    for path in paths {
        folders.extend(folders_of(path)?);
    }
    Ok(checked(&folders, audio))
}

/// Reads every service under this path.
pub(crate) fn folders_of(path: &Path) -> Result<Vec<Folder>> {
    let read = |folder: PathBuf| {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Folder { name, sources: sources(&folder)? })
    };
    service_folders(path)?.into_iter().map(read).collect()
}

/// Checks services that were read.
pub(crate) fn checked(folders: &[Folder], audio: &dyn Audio) -> Services {
    let (mut services, mut sources, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    for folder in folders {
        sources.extend(folder.sources.iter().cloned());
        let loaded = flow::load(&folder.name, &folder.sources, audio);
        diagnostics.extend(loaded.diagnostics);
        services.extend(loaded.service.map(Arc::new));
    }
    diagnostics.extend(flow::conflicts(&services));
    Services { services, sources, diagnostics }
}

/// Every service's folder under these paths.
pub(crate) fn folders(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let found: Result<Vec<Vec<PathBuf>>> = paths.iter().map(|path| service_folders(path)).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Queues whose music is not there, which is in `prompts/music`.
pub(crate) fn missing_music(services: &[Arc<Service>], is_there: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let queues = services.iter().flat_map(|s| &s.queues).filter(|q| !is_there(&q.music));
    let finding = |queue: &Arc<QueueRules>| {
        let message = format!("the queue `{}` plays `{}`, which is not in `prompts/music`", queue.name, queue.music);
        Diagnostic::error("unknown-music", message, None)
            .help(format!("put `{}.wav` there, or name another", queue.music))
    };
    queues.map(finding).collect()
}

/// The folder itself when it holds a `service.yaml`, else the folders in it that do.
/// A flow's file stands for its folder.
fn service_folders(path: &Path) -> Result<Vec<PathBuf>> {
    let canonical = path.canonicalize().with_context(|| format!("`{}` can't be read", path.display()))?;
    if canonical.is_file() {
        return service_folders(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    }
    if path.join("service.yaml").is_file() {
        // `.` has no name of its own; the service is named after the real folder.
        return Ok(vec![if path.file_name().is_some() { path.to_owned() } else { canonical }]);
    }
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .with_context(|| format!("`{}` can't be read", path.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|p| p.join("service.yaml").is_file())
        .collect();
    found.sort();
    if found.is_empty() {
        bail!("`{}` holds no service: a service is a folder with a `service.yaml`", path.display());
    }
    Ok(found)
}

/// The YAML files of a service, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<Arc<Source>>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("`{}` can't be read", folder.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|p| p.is_file() && p.extension().is_some_and(|e| e == "yaml" || e == "yml"))
        .collect();
    paths.sort();
    paths.iter().map(|p| source(p)).collect()
}

/// One file, if it is no larger than a flow may be.
pub(crate) fn source(path: &Path) -> Result<Arc<Source>> {
    source_of(path, limits::FLOW_BYTES)
}

/// One file, if it has no more than so many bytes.
pub(crate) fn source_of(path: &Path, most: u64) -> Result<Arc<Source>> {
    let shown = path.display().to_string();
    let size = fs::metadata(path).with_context(|| format!("`{shown}` can't be read"))?.len();
    if size > most {
        bail!("`{shown}` has {size} bytes, a file may have {most}");
    }
    let text = fs::read_to_string(path).with_context(|| format!("`{shown}` can't be read as UTF-8 text"))?;
    Ok(Source::new(shown, text))
}
