//! How `svi serve` reads the services, at its start and at each reload.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::Serve;
use super::files::{self, Folder};
use super::serve;
use crate::base::{AgentName, limits};
use crate::config::Settings;
use crate::diag::{Diagnostic, Source};
use crate::flow::{AtClosing, OfferAction, Service, Step, StepKind, Texts, Value};
use crate::server::prompts::PromptStore;
use crate::server::{Checked, Reading};

/// The services below a folder, for callers: checked with what the settings demand as well.
#[derive(Debug)]
pub(crate) struct ServiceFiles {
    root: PathBuf,
    /// The root is one service's own folder, also once its files are gone.
    alone: bool,
    /// How the service was started.
    args: Serve,
}

impl ServiceFiles {
    /// Those that the settings name.
    pub(crate) fn of(args: &Serve, settings: &Settings) -> Self {
        let path = &settings.paths.flows;
        // A flow's file stands for its folder.
        let folder = path.parent().filter(|parent| path.is_file() && !parent.as_os_str().is_empty());
        let root = match (folder, path.is_file()) {
            (Some(folder), _) => folder,
            (None, true) => Path::new("."),
            (None, false) => path,
        };
        Self { alone: root.join("service.yaml").is_file(), root: root.to_owned(), args: args.clone() }
    }
}

impl Reading for ServiceFiles {
    fn texts(&self) -> Result<Texts> {
        let folders = files::folders_of(&self.root)?;
        let files = folders.iter().flat_map(|folder| folder.sources.iter().map(move |source| (folder, source)));
        let texts: Texts = files.map(|(folder, source)| (place(folder, source), source.text.clone())).collect();
        if texts.bytes() > limits::FLOWS_BYTES {
            let (bytes, most) = (texts.bytes(), limits::FLOWS_BYTES);
            bail!("the files below `{}` have {bytes} bytes, all together may have {most}", self.root.display());
        }
        Ok(texts)
    }

    fn settings(&self) -> Result<Settings, Vec<Diagnostic>> {
        let unreadable = |error| vec![Diagnostic::error("unreadable-files", format!("{error:#}"), None)];
        let written = files::written(self.args.config.as_deref()).map_err(unreadable).flatten();
        written.map(|settings| serve::replaced(settings, &self.args))
    }

    fn settings_file(&self) -> Option<&Path> {
        files::settings_file(self.args.config.as_deref())
    }

    fn check(&self, texts: &Texts, prompts: &PromptStore, settings: &Settings) -> Checked {
        let mut folders: Vec<Folder> = Vec::new();
        for (path, text) in texts.iter() {
            let name = path.split('/').next().unwrap_or_default();
            if folders.last().is_none_or(|folder| folder.name != name) {
                folders.push(Folder { name: name.to_owned(), sources: Vec::new() });
            }
            if let Some(folder) = folders.last_mut() {
                folder.sources.push(Source::new(self.file(path).display().to_string(), text));
            }
        }
        let mut found = files::checked(&folders, prompts.library());
        for service in &found.services {
            found.diagnostics.extend(unreachable(service, settings));
        }
        found.diagnostics.extend(files::missing_music(&found.services, |name| prompts.has_music(name)));
        Checked { services: found.services, diagnostics: found.diagnostics }
    }

    fn root(&self) -> &Path {
        &self.root
    }

    fn file(&self, path: &str) -> PathBuf {
        let below = Path::new(path);
        match self.alone {
            true => self.root.join(below.file_name().unwrap_or_default()),
            false => self.root.join(below),
        }
    }
}

/// The path of a service's file in [`Texts`]: the same wherever the folder is.
fn place(folder: &Folder, source: &Source) -> String {
    let file = Path::new(&source.path).file_name().unwrap_or_default().to_string_lossy();
    format!("{}/{file}", folder.name)
}

/// Whom a service names and the settings know no way to.
pub(super) fn unreachable(service: &Service, settings: &Settings) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let known = |member: &AgentName| settings.agents.is_empty() || settings.agents.iter().any(|a| a.name == *member);
    for queue in &service.queues {
        for member in queue.members.iter().map(|m| &m.agent).filter(|m| !known(m)) {
            let message = format!("the agent `{member}` of the queue `{}` has no account in the settings", queue.name);
            findings.push(Diagnostic::warning("no-account", message, None).help("add it under `agents:`"));
        }
    }
    let steps = service.flows.iter().flat_map(|flow| &flow.steps);
    for step in steps.filter(|s| settings.trunks.is_empty() && calls_out(s)) {
        let message = format!("the step `{}` calls an outside number, and there is no trunk", step.name);
        let finding = Diagnostic::error("no-trunk", message, Some(step.span.clone()));
        findings.push(finding.help("add `trunk:` to the settings"));
    }
    findings.extend(unasked(service, settings));
    for queue in service.queues.iter().filter(|q| settings.trunks.is_empty() && q.at_closing == AtClosing::Callback) {
        let message = format!("the queue `{}` offers a callback at closing time, and there is no trunk", queue.name);
        findings.push(Diagnostic::error("no-trunk", message, None).help("add `trunk:` to the settings"));
    }
    findings
}

/// Look-ups at servers that the settings do not allow: they fail at once.
fn unasked(service: &Service, settings: &Settings) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for step in service.flows.iter().flat_map(|flow| &flow.steps) {
        let StepKind::Lookup(lookup) = &step.kind else { continue };
        let url = lookup.url.filled(|_| Some(Value::Digits("0".into()))).unwrap_or_default();
        if settings.lookups.server(&url).is_none() {
            let message =
                format!("the step `{}` asks `{}`, which the settings don't allow", step.name, lookup.url.written);
            let finding = Diagnostic::warning("lookup-not-allowed", message, Some(step.span.clone()));
            findings.push(finding.help("add the beginning of this address to `lookups.servers:` in the settings"));
        }
    }
    findings
}

/// Whether a step calls an outside number, now or later.
fn calls_out(step: &Step) -> bool {
    match &step.kind {
        StepKind::Transfer(_) | StepKind::Callback(_) => true,
        StepKind::Voicemail(voicemail) => voicemail.callback,
        StepKind::Queue(queue) => {
            let mut offers = queue.busy.iter().flat_map(|busy| &busy.offers);
            offers.any(|offer| offer.action == OfferAction::Callback)
        }
        _ => false,
    }
}
