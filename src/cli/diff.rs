//! `svi diff`: what callers will notice of a change, in words.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::args::Diff;
use super::{Verdict, check, files, say, tell};
use crate::base::Language;
use crate::flow::Service;
use crate::workbench::changes;

pub(crate) fn run(args: &Diff) -> Result<Verdict> {
    let (Some(old), Some(new)) = (read(&args.old)?, read(&args.new)?) else { return Ok(Verdict::Findings) };
    let language: Language = args.language.into();
    let found = changes::changes(&old, &new, language);
    if found.is_empty() {
        tell(match language {
            Language::Fr => "Les appelants et les agents ne remarqueront rien.",
            Language::En => "Callers and agents will notice nothing.",
        });
        return Ok(Verdict::Good);
    }
    say(changes::text(&found).trim_end());
    Ok(Verdict::Findings)
}

/// The services of a folder; `None` when they hold a mistake, which was shown.
fn read(path: &Path) -> Result<Option<Vec<Arc<Service>>>> {
    let found = files::services(&[path.to_owned()], &files::Everything)?;
    if found.has_errors() {
        check::show(&found.diagnostics);
        return Ok(None);
    }
    Ok(Some(found.services))
}
