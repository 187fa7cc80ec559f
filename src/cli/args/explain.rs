use clap::ValueEnum;

use crate::base::Language;

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The code of the finding; without it, all are listed.
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// In which language.
    #[arg(long, value_name = "fr|en", value_parser = language, default_value = "en")]
    pub(crate) language: Language,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For the terminal.
    Text,
    /// As in `docs/rules.md`.
    Markdown,
}

/// A language as it is typed.
pub(crate) fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| "write `fr` or `en`".to_owned())
}
