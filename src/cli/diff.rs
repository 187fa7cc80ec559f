//! `svi diff`: what callers will notice of a change, in words.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::args::Diff;
use super::files::Folder;
use super::{Verdict, check, files, say, tell};
use crate::base::Language;
use crate::flow::Service;
use crate::workbench::changes;

pub(crate) fn run(args: &Diff) -> Result<Verdict> {
    let (mut old, new) = (files::folders_of(&args.old)?, files::folders_of(&args.new)?);
    // Two folders of one service are the same service, whatever a copy of it is called.
    if let ([old], [new]) = (&mut old[..], &new[..]) {
        old.name.clone_from(&new.name);
    }
    let (old, new) = (checked(&old, &args.old)?, checked(&new, &args.new)?);
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
fn checked(folders: &[Folder], path: &Path) -> Result<Vec<Arc<Service>>> {
    let found = files::checked(folders, &files::Everything);
    if found.has_errors() {
        check::show(&found.diagnostics);
        bail!("`{}` has mistakes, see above", path.display());
    }
    Ok(found.services)
}
