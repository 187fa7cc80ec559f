use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::Language;

/// The text of one clip, in one language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fragment {
    /// The language it is spoken in.
    pub language: Language,
    /// The words, the key of the recorded clip.
    pub text: Arc<str>,
}

impl Fragment {
    /// A fragment of these words.
    pub fn new(language: Language, text: impl Into<Arc<str>>) -> Self {
        Self { language, text: text.into() }
    }
}

/// How long a clip lasts that nobody has recorded: 15 letters a second, as the
/// French voice speaks, and a breath.
pub fn estimated_length(fragment: &Fragment) -> Duration {
    let letters = u64::try_from(fragment.text.chars().count()).unwrap_or(u64::MAX);
    Duration::from_millis(200 + letters.saturating_mul(1000) / 15)
}

/// What is said in one breath: clips one after the other without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase(pub Vec<Fragment>);

impl Phrase {
    /// A phrase of one clip.
    pub fn one(language: Language, text: impl Into<Arc<str>>) -> Self {
        Self(vec![Fragment::new(language, text)])
    }

    /// Adds a clip at the end.
    pub fn push(&mut self, language: Language, text: impl Into<Arc<str>>) {
        self.0.push(Fragment::new(language, text));
    }

    /// Adds another phrase at the end.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Phrase {
    /// The words as they are heard, fragments joined by a space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fragment) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&fragment.text)?;
        }
        Ok(())
    }
}
