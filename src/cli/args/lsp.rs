use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Lsp {
    /// Folder of recorded prompts, for the seconds of speech; below the editor's folder.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// Some editors ask for it; there is no other way.
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}
