//! What is wrong with a service, file by file.

use std::collections::BTreeMap;
use std::path::Path;

use lsp_types::{Diagnostic as Told, DiagnosticSeverity, NumberOrString, PublishDiagnosticsParams, Range};

use super::desk::Desk;
use super::wire;
use crate::cli::files::{self, Folder};
use crate::diag::{Diagnostic, Severity};
use crate::flow;

/// What is wrong in each folder that changed, with an empty list for each file in which
/// nothing is wrong any more.
pub(super) fn of_changed(desk: &mut Desk) -> Vec<PublishDiagnosticsParams> {
    let mut all = Vec::new();
    for folder in desk.take_changed() {
        let found = desk.folder(&folder).map(|service| found(desk, &folder, &service)).unwrap_or_default();
        let earlier = desk.told.insert(folder, found.clone()).unwrap_or_default();
        let gone = earlier.into_keys().filter(|path| !found.contains_key(path)).map(|path| (path, Vec::new()));
        let gone: Vec<_> = gone.collect();
        for (path, diagnostics) in found.into_iter().chain(gone) {
            let uri = desk.uri(&path);
            all.extend(uri.map(|uri| PublishDiagnosticsParams { uri, diagnostics, version: None }));
        }
    }
    all
}

/// Of every file of a service, what is wrong in it.
fn found(desk: &Desk, folder: &Path, service: &Folder) -> BTreeMap<String, Vec<Told>> {
    let loaded = flow::load(&service.name, &service.sources, desk.audio());
    let mut diagnostics = loaded.diagnostics;
    if let (Some(service), Some(store)) = (loaded.service, desk.store()) {
        diagnostics.extend(files::missing_music(&[service.into()], |name| store.has_music(name)));
    }
    let mut found: BTreeMap<String, Vec<Told>> =
        service.sources.iter().map(|file| (file.path.clone(), Vec::new())).collect();
    // What has no place of its own is told at the head of the card.
    let card = folder.join("service.yaml").to_string_lossy().into_owned();
    for diagnostic in &diagnostics {
        let path = diagnostic.span.as_ref().map_or(&card, |span| &span.source.path);
        found.entry(path.clone()).or_default().push(told(diagnostic));
    }
    found
}

fn told(diagnostic: &Diagnostic) -> Told {
    let range = diagnostic.span.as_ref().map_or_else(Range::default, |span| {
        // One line is marked, not a page.
        let text = span.source.text.get(span.bytes.clone()).unwrap_or_default();
        let first = text.find('\n').map_or(span.bytes.end, |at| span.bytes.start + at);
        wire::range(&span.source, &(span.bytes.start..first))
    });
    let severity = match diagnostic.severity {
        // It is true of every sentence that was just typed.
        Severity::Error if diagnostic.code == "missing-prompt" => DiagnosticSeverity::INFORMATION,
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::HINT,
    };
    let allowed = diagnostic.allowed.as_ref().map(|reason| format!("\nallowed here: {reason}")).unwrap_or_default();
    let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    Told {
        range,
        severity: Some(severity),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        source: Some("svi".to_owned()),
        message: format!("{}{allowed}{help}", diagnostic.message),
        ..Told::default()
    }
}
