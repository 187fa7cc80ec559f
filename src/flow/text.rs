use std::sync::Arc;

use serde::Deserialize;

use crate::base::{Language, Localized};

/// A text as it is written: one string, or one for each language.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum TextDocument {
    /// One text, in the flow's language.
    One(String),
    /// One for each language.
    Each {
        /// The French text.
        fr: String,
        /// The English text.
        en: Option<String>,
    },
}

impl TextDocument {
    /// The text for callers. One string in an English flow is English.
    pub(super) fn localized(&self, language: Language) -> Localized {
        match self {
            Self::One(text) => {
                let text = one_line(text);
                Localized { en: (language == Language::En).then(|| text.clone()), fr: text }
            }
            Self::Each { fr, en } => Localized { fr: one_line(fr), en: en.as_deref().map(one_line) },
        }
    }
}

/// The text with every run of blanks and line ends as one space: the key of its clip
/// must not depend on how the file is laid out.
fn one_line(text: &str) -> Arc<str> {
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_does_not_change_a_text() {
        let text = TextDocument::One("Bonjour.\n  France   services.\n".into());
        assert_eq!(&*text.localized(Language::Fr).fr, "Bonjour. France services.");
        assert_eq!(text.localized(Language::Fr).en, None);
        assert_eq!(text.localized(Language::En).en.as_deref(), Some("Bonjour. France services."));
    }
}
