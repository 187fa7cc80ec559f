use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::check::is_master;
use super::http::Server;
use crate::base::Language;
use crate::config::Voice;
use crate::media::Master;
use crate::speech::Fragment;

/// A speech engine.
pub(super) enum Engine {
    /// Stays and reads a line of JSON for each text.
    Lines(Box<Lines>),
    /// Is started for each text: text on standard input, WAV on standard output.
    Command(String),
    /// Answers HTTP.
    Http(Box<Server>),
}

/// What an engine said, as it came.
pub(super) struct Spoken {
    pub(super) wav: Vec<u8>,
    pub(super) voice: String,
}

impl Engine {
    /// The engine of the settings, started.
    pub(super) fn start(voice: &Voice) -> Result<Self> {
        Ok(match voice {
            Voice::Lines(command) => Self::Lines(Box::new(Lines::start(command)?)),
            Voice::Command(command) => Self::Command(command.clone()),
            Voice::Http(engine) => Self::Http(Box::new(Server::new(engine)?)),
        })
    }

    /// Says a text: the bytes of the master that is kept, and the voice's name.
    pub(super) fn speak(&mut self, fragment: &Fragment) -> Result<(Vec<u8>, String)> {
        let Spoken { wav, voice } = match self {
            Self::Lines(lines) => lines.speak(fragment)?,
            Self::Command(words) => command(words, fragment)?,
            Self::Http(server) => server.speak(fragment)?,
        };
        if is_master(&wav) {
            return Ok((wav, voice));
        }
        let master = Master::from_wav(&*wav).with_context(|| format!("what `{voice}` said of “{}”", fragment.text))?;
        Ok((master.to_wav()?, voice))
    }
}

/// Runs an engine once: `{language}` among its words stands for `fr` or `en`.
fn command(words: &str, fragment: &Fragment) -> Result<Spoken> {
    let mut words = words.split_whitespace().map(|w| w.replace("{language}", fragment.language.code()));
    let Some(program) = words.next() else { bail!("the voice's command is empty") };
    let mut child = Command::new(&program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("the voice `{program}` can't be started"))?;
    if let Some(mut input) = child.stdin.take() {
        // An engine that has stopped reading says why by its exit status.
        let _ = writeln!(input, "{}", fragment.text);
    }
    let said = child.wait_with_output().context("the voice's sound can't be read")?;
    if !said.status.success() {
        bail!("the voice `{program}` ended with {} at “{}”", said.status, fragment.text);
    }
    Ok(Spoken { wav: said.stdout, voice: program })
}

/// An engine that reads a line of JSON for each text, writes the WAV file, and answers
/// with a line of JSON.
pub(super) struct Lines {
    child: Child,
    folder: tempfile::TempDir,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    name: String,
}

#[derive(Serialize)]
struct Order<'a> {
    language: Language,
    text: &'a str,
    out: &'a Path,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    voice: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

impl Lines {
    fn start(command: &str) -> Result<Self> {
        let mut words = command.split_whitespace();
        let Some(program) = words.next() else { bail!("`--voice` names no command") };
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("the voice `{program}` can't be started; see prompts/voice/README.md"))?;
        let (orders, answers) = (child.stdin.take(), child.stdout.take());
        let (Some(orders), Some(answers)) = (orders, answers) else { bail!("the voice has no pipes") };
        let folder = tempfile::tempdir().context("there is no room for the voice's sound")?;
        Ok(Self { child, folder, orders, answers: BufReader::new(answers), name: program.to_owned() })
    }

    fn speak(&mut self, fragment: &Fragment) -> Result<Spoken> {
        let out = self.folder.path().join("said.wav");
        let order = Order { language: fragment.language, text: &fragment.text, out: &out };
        writeln!(self.orders, "{}", serde_json::to_string(&order)?).context("the voice has stopped listening")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Answer = serde_json::from_str(&line)
            .with_context(|| format!("the voice answered {line:?} to “{}”", fragment.text))?;
        if let Some(error) = answer.error {
            bail!("the voice can't say “{}”: {error}", fragment.text);
        }
        if let Some(voice) = answer.voice {
            self.name = voice;
        }
        let wav = fs::read(&out).with_context(|| format!("the voice wrote no sound for “{}”", fragment.text))?;
        // The next text must not be given this one's sound.
        fs::remove_file(&out)?;
        Ok(Spoken { wav, voice: self.name.clone() })
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
