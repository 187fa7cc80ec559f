use super::StepKind;

impl StepKind {
    /// Whether the step wants more of the caller than to listen: keys, words, or somebody to
    /// talk with. A network need not carry any of that before the call is answered.
    pub fn needs_answer(&self) -> bool {
        match self {
            Self::Menu(_)
            | Self::Collect(_)
            | Self::Queue(_)
            | Self::Transfer(_)
            | Self::Voicemail(_)
            | Self::Callback(_)
            | Self::Survey(_) => true,
            Self::Say(_)
            | Self::Hours(_)
            | Self::Tell(_)
            | Self::Set(_)
            | Self::Choose(_)
            | Self::Goto(_)
            | Self::Lookup(_)
            | Self::Hangup(_) => false,
        }
    }
}
