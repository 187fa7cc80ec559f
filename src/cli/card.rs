//! `svi card`: the card beside the directory of the administration, and in other forms.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};

use super::args::{Card, CardCheck, CardExport, CardFormat, CardImport};
use super::{Verdict, check, files, say};
use crate::base::{limits, local_time};
use crate::diag::{Diagnostic, Source, Span};
use crate::flow::CardFile;
use crate::server::clock;
use crate::service::annuaire::{self, Finding, Record};
use crate::service::json_ld;
use crate::web::hours_page;

pub(crate) fn run(args: &Card) -> Result<Verdict> {
    match args {
        Card::Import(args) => import(args),
        Card::Check(args) => compare(args),
        Card::Export(args) => export(args),
    }
}

fn import(args: &CardImport) -> Result<Verdict> {
    let file = files::source_of(&args.annuaire, limits::ANNUAIRE_BYTES)?;
    let record = record(&file, args.id.as_deref())?;
    let imported = annuaire::import(&record);
    say(imported.yaml.trim_end());
    let findings: Vec<Diagnostic> = imported.findings.iter().map(|finding| told(finding, &file)).collect();
    check::show(&findings);
    Ok(if findings.is_empty() { Verdict::Good } else { Verdict::Findings })
}

fn compare(args: &CardCheck) -> Result<Verdict> {
    let file = files::source_of(&args.annuaire, limits::ANNUAIRE_BYTES)?;
    let folders = files::folders(&args.paths)?;
    if args.id.is_some() && folders.len() > 1 {
        bail!("`--id` names one record, and there are {} services: write `annuaire:` in their cards", folders.len());
    }
    let mut found = Vec::new();
    for folder in &folders {
        match card(folder)? {
            Ok(card) => {
                let id = args.id.as_deref().or(card.card.annuaire.as_deref());
                let record = record(&file, id).with_context(|| format!("for `{}`", folder.display()))?;
                found.extend(card.compare(&record));
            }
            Err(faults) => found.extend(faults),
        }
    }
    let agree = format!("cards: {}; the directory says the same.", folders.len());
    Ok(check::report(&found, args.format, (None, &agree)))
}

fn export(args: &CardExport) -> Result<Verdict> {
    let card = match card(&args.folder)? {
        Ok(file) => file.card,
        Err(faults) => {
            check::show(&faults);
            return Ok(Verdict::Findings);
        }
    };
    let now = match &args.at {
        Some(at) => local_time(at, card.phone_hours.zone())?,
        None => clock::wall(),
    };
    match args.format {
        CardFormat::Annuaire => {
            let file = serde_json::json!({ "service": [annuaire::record_of(&card, now)] });
            say(&serde_json::to_string_pretty(&file)?);
        }
        CardFormat::Jsonld => say(&serde_json::to_string_pretty(&json_ld(args.language, &card, now))?),
        CardFormat::Html => say(&hours_page(args.language, &card, now)),
    }
    Ok(Verdict::Good)
}

/// A service's card, or what is wrong with it.
fn card(folder: &Path) -> Result<Result<CardFile, Vec<Diagnostic>>> {
    let file = if folder.is_file() { folder.to_owned() } else { folder.join("service.yaml") };
    Ok(CardFile::read(&files::source(&file)?))
}

/// The record of an identifier, or the only one.
fn record(file: &Source, id: Option<&str>) -> Result<Record> {
    let path = &file.path;
    let found = annuaire::find(&file.text, id).map_err(|error| anyhow!("`{path}` can't be read: {error}"))?;
    if let Some(record) = found.record {
        return Ok(record);
    }
    let names: Vec<String> = found.first.iter().map(|(id, name)| format!("  {id}  {name}")).collect();
    let more = found.count - names.len();
    let more = if more > 0 { format!("\n  … and {more} more") } else { String::new() };
    let list = format!("{}{more}", names.join("\n"));
    match id {
        Some(id) => bail!("`{path}` has no record `{id}`; it has\n{list}"),
        None if found.count == 0 => bail!("`{path}` has no record"),
        None => {
            bail!("`{path}` has {} records: name one with `--id`, or with `annuaire:` in the card\n{list}", found.count)
        }
    }
}

/// A finding at its words in the file, where they are found.
fn told(finding: &Finding, file: &Arc<Source>) -> Diagnostic {
    let place = finding.words.as_deref().and_then(|words| {
        // In the API's answers, lists are JSON in a string: written twice.
        let once = serde_json::to_string(words).ok()?;
        let once = once.trim_matches('"').to_owned();
        let twice = serde_json::to_string(&once).ok()?.trim_matches('"').to_owned();
        [&once, &twice].into_iter().find_map(|words| {
            let start = file.text.find(words.as_str())?;
            Some(Span { source: Arc::clone(file), bytes: start..start + words.len() })
        })
    });
    Diagnostic::warning(finding.code, &*finding.message, place).help(finding.help)
}
