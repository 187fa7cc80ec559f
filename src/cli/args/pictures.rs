//! What can be typed after `svi graph` and `svi diff`.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::base::Language;

#[derive(Debug, clap::Args)]
pub(crate) struct Graph {
    /// Folder of the service, or the file of one of its flows.
    #[arg(value_name = "FLOW")]
    pub(crate) flow: PathBuf,
    /// How it is drawn.
    #[arg(long, value_enum, default_value_t = PictureFormat::Svg)]
    pub(crate) format: PictureFormat,
    /// The language of its words.
    #[arg(long, value_enum, default_value_t = Words::Fr)]
    pub(crate) language: Words,
    /// Writes it to a file rather than to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The service's folder, or the folder of all services, as it was.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The same as it will be.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// The language of what is said.
    #[arg(long, value_enum, default_value_t = Words::Fr)]
    pub(crate) language: Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    /// A picture for browsers and documents.
    Svg,
    /// A text that GitHub, GitLab and many wikis draw.
    Mermaid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Words {
    /// French.
    Fr,
    /// English.
    En,
}

impl From<Words> for Language {
    fn from(words: Words) -> Self {
        match words {
            Words::Fr => Self::Fr,
            Words::En => Self::En,
        }
    }
}
