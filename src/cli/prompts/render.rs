use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::manifest::Manifests;
use super::texts;
use super::voice::Engine;
use crate::cli::args::Render;
use crate::cli::{Verdict, files, say, tell};
use crate::config::Voice;
use crate::speech::Fragment;

/// Gives a voice to what has none. What has one keeps it, whoever spoke it; a run that
/// was stopped goes on where it was.
pub(super) fn run(args: &Render) -> Result<Verdict> {
    let Some(texts) = texts(&args.paths)? else { return Ok(Verdict::Findings) };
    let mut manifests = Manifests::read(&args.prompts)?;
    let missing: Vec<&Fragment> = texts.keys().filter(|t| !manifests.has(t)).collect();
    if args.list {
        missing.iter().for_each(|t| say(&format!("{}\t{}", t.language, t.text)));
        return Ok(if missing.is_empty() { Verdict::Good } else { Verdict::Findings });
    }
    if missing.is_empty() {
        tell(&format!("{} texts: every one has its audio.", texts.len()));
        return Ok(Verdict::Good);
    }
    let Some(voice) = voice(args)? else { return Ok(Verdict::Findings) };
    let mut engine = Engine::start(&voice)?;
    let bar = ProgressBar::new(missing.len() as u64).with_style(
        ProgressStyle::with_template("{pos}/{len} [{bar:30}] {eta} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    for fragment in &missing {
        bar.set_message(format!("{} {}", fragment.language, fragment.text));
        let (wav, name) = engine.speak(fragment)?;
        manifests.keep(fragment, &wav, &name)?;
        if bar.is_hidden() {
            tell(&format!("{:>5}/{} {} {}", bar.position() + 1, missing.len(), fragment.language, fragment.text));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    tell(&format!("{} texts rendered; `svi prompts check` hears whether they are in order.", missing.len()));
    Ok(Verdict::Good)
}

/// The engine that was typed, or the settings' one; `None` when these hold a mistake,
/// which was shown.
fn voice(args: &Render) -> Result<Option<Voice>> {
    if let Some(lines) = &args.voice {
        return Ok(Some(Voice::Lines(lines.clone())));
    }
    if let Some(command) = &args.voice_command {
        return Ok(Some(Voice::Command(command.clone())));
    }
    Ok(files::settings(args.config.as_deref())?.map(|settings| settings.voice))
}
