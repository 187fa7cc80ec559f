//! `svi diff`: what callers will notice of a change, in words.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::args::Diff;
use super::{Verdict, check, files, say, tell};
use crate::base::Language;
use crate::flow::Service;
use crate::workbench::changes;

pub(crate) fn run(args: &Diff) -> Result<Verdict> {
    let (old, new) = (read(&args.old)?, read(&args.new)?);
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

/// The services of a folder. One with a mistake can't be compared; it is shown.
fn read(path: &Path) -> Result<Vec<Arc<Service>>> {
    let found = files::services(&[path.to_owned()], &files::Everything)?;
    if found.has_errors() {
        check::show(&found.diagnostics);
        bail!("`{}` has mistakes, see above", path.display());
    }
    Ok(found.services)
}
