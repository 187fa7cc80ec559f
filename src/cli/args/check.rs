use std::path::PathBuf;

use clap::ValueEnum;

use super::explain::language;
use crate::base::Language;

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Folders of services, or folders that hold them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// How findings are shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Address of the folder where `rules.md` can be read, for the links of SARIF.
    #[arg(long, value_name = "URL")]
    pub(crate) docs: Option<String>,
    /// Writes the compliance report too: `report.html`, `report.json`, or both, each after its own `--report`.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Vec<PathBuf>,
    /// In which language the page of the report is.
    #[arg(long, value_name = "fr|en", value_parser = language, default_value = "fr")]
    pub(crate) language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Each finding with its line framed.
    Text,
    /// One line each.
    Line,
    /// A JSON object with its version.
    Json,
    /// SARIF 2.1.0, for GitHub, GitLab and editors.
    Sarif,
    /// GitHub's workflow commands, which mark the lines in a review.
    Github,
}
