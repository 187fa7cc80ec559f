//! `svi graph`: a flow as a picture.

use std::fs;

use anyhow::{Context, Result};

use super::args::{Graph, PictureFormat};
use super::{Verdict, check, files, say, simulate, tell};
use crate::workbench::picture;

pub(crate) fn run(args: &Graph) -> Result<Verdict> {
    // What has no voice yet can be drawn.
    let found = files::services(std::slice::from_ref(&args.flow), &files::Everything)?;
    if found.has_errors() {
        check::show(&found.diagnostics);
        return Ok(Verdict::Findings);
    }
    let (_, program) = simulate::choose(&found.services, &args.flow)?;
    let drawn = picture::picture(&program, args.language.into());
    let text = match args.format {
        PictureFormat::Svg => picture::svg(&drawn),
        PictureFormat::Mermaid => picture::mermaid(&drawn),
    };
    match &args.out {
        None => say(text.trim_end()),
        Some(path) => {
            fs::write(path, text).with_context(|| format!("`{}` can't be written", path.display()))?;
            tell(&format!("{} steps drawn in `{}`", drawn.boxes.len(), path.display()));
        }
    }
    Ok(Verdict::Good)
}
