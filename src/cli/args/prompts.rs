//! What can be typed after `svi prompts`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::base::Language;

#[derive(Debug, Subcommand)]
pub(crate) enum Prompts {
    /// Renders every sentence that has no audio yet.
    #[command(
        after_help = "Examples:\n  svi prompts render flows\n  svi prompts render flows --voice-command 'my-engine --lang {language}'"
    )]
    Render(Render),
    /// Lists every sentence with its voice: a person's, an engine's, or none.
    #[command(after_help = "Example:\n  svi prompts list flows")]
    List(ListPrompts),
    /// Checks that every sentence has its audio, in the right format, well heard.
    #[command(after_help = "Example:\n  svi prompts check flows")]
    Check(CheckPrompts),
    /// Writes the list that a studio records from (CSV).
    #[command(after_help = "Example:\n  svi prompts studio flows --out studio.csv")]
    Studio(Studio),
    /// Brings in the recordings of a studio: checked, at one level, in place of an engine's.
    #[command(after_help = "Example:\n  svi prompts import recordings --list studio.csv --voice 'Claire'")]
    Import(ImportPrompts),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Render {
    /// Folders of services, or folders that hold them.
    #[arg(value_name = "PATH", default_value = "flows")]
    pub(crate) paths: Vec<PathBuf>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// A speech engine that reads a line of JSON for each text (see `prompts/voice/README.md`);
    /// as the settings say by default.
    #[arg(long, value_name = "COMMAND", conflicts_with = "voice_command")]
    pub(crate) voice: Option<String>,
    /// A speech engine that reads a text and writes a WAV file; `{language}` stands for `fr` or `en`.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) voice_command: Option<String>,
    /// Settings file; `svi.yaml` when there is one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Only prints what is missing.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListPrompts {
    /// Folders of services, or folders that hold them.
    #[arg(value_name = "PATH", default_value = "flows")]
    pub(crate) paths: Vec<PathBuf>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A line each: language, state, length, word error rate, place, text.
    Text,
    /// A JSON array.
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckPrompts {
    /// Folders of services, or folders that hold them.
    #[arg(value_name = "PATH", default_value = "flows")]
    pub(crate) paths: Vec<PathBuf>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Studio {
    /// Folders of services, or folders that hold them.
    #[arg(value_name = "PATH", default_value = "flows")]
    pub(crate) paths: Vec<PathBuf>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// The list.
    #[arg(long, value_name = "FILE", default_value = "studio.csv")]
    pub(crate) out: PathBuf,
    /// Only the texts of this language.
    #[arg(long, value_enum)]
    pub(crate) language: Option<StudioLanguage>,
    /// Also what a person has spoken already.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StudioLanguage {
    /// French.
    Fr,
    /// English.
    En,
}

impl From<StudioLanguage> for Language {
    fn from(language: StudioLanguage) -> Self {
        match language {
            StudioLanguage::Fr => Self::Fr,
            StudioLanguage::En => Self::En,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportPrompts {
    /// Folder of the recordings, named as in the list.
    #[arg(value_name = "DIR")]
    pub(crate) recordings: PathBuf,
    /// The list that `svi prompts studio` wrote.
    #[arg(long, value_name = "FILE", default_value = "studio.csv")]
    pub(crate) list: PathBuf,
    /// Who spoke, for the list of prompts.
    #[arg(long, value_name = "NAME")]
    pub(crate) voice: Option<String>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
}
