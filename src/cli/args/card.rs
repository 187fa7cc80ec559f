//! What is typed about cards.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Format;
use crate::base::Language;

#[derive(Debug, Subcommand)]
pub(crate) enum Card {
    /// Writes a card from a record of the directory; what a person has to decide is told beside it.
    #[command(
        after_help = "Example:\n  svi card import --annuaire mairies.json --id mairie-45300-01 > flows/mairie/service.yaml"
    )]
    Import(CardImport),
    /// Says where a card and its record in the directory disagree: 0 nowhere, 1 somewhere, 2 could not run.
    #[command(after_help = "Example:\n  svi card check --annuaire mairies.json flows/mairie")]
    Check(CardCheck),
    /// Gives a card in another form.
    #[command(after_help = "Example:\n  svi card export --format jsonld flows/mairie > mairie.jsonld")]
    Export(CardExport),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CardImport {
    /// File of the directory: the published one, an answer of its API, or one record.
    #[arg(long, value_name = "FILE")]
    pub(crate) annuaire: PathBuf,
    /// Which record: its `id` or its `ancien_code_pivot`; needed when there are several.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CardCheck {
    /// Folders of services, or folders that hold them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// File of the directory: the published one, an answer of its API, or one record.
    #[arg(long, value_name = "FILE")]
    pub(crate) annuaire: PathBuf,
    /// Which record; the card's own `annuaire:` by default.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// How findings are shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CardExport {
    /// Folder of the service.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// In which form.
    #[arg(long, value_enum)]
    pub(crate) format: CardFormat,
    /// In which language, `fr` or `en`; a record is always French.
    #[arg(long, value_name = "LANGUAGE", default_value = "fr", value_parser = language)]
    pub(crate) language: Language,
    /// The day from which holidays and closures are told (`2026-12-25T10:00`, the service's local
    /// time); now by default.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CardFormat {
    /// A record for the directory of the administration.
    Annuaire,
    /// schema.org data (`GovernmentOffice`), for a page of your own.
    Jsonld,
    /// The public page in one file.
    Html,
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| "it is `fr` or `en`".to_owned())
}
