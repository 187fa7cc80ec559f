use std::path::PathBuf;

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Folders of services, folders that hold them, or single files of tests.
    #[arg(value_name = "PATH", default_value = "flows")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only tests whose name holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Folder of recorded prompts, for the true lengths.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// How results are shown.
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub(crate) format: TestFormat,
    /// Also says which steps and which ways out of them no test takes.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Shows each difference, then writes what is heard into the tests.
    #[arg(long, conflicts_with = "format")]
    pub(crate) update: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// A line for each test, and each difference.
    Text,
    /// One JSON object.
    Json,
    /// JUnit's XML, which CI systems show.
    Junit,
}
