use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::base::Language;
use crate::flow::Audio;
use crate::speech::Fragment;

/// What there is to hear: which text has a file, and how long it lasts.
///
/// Made from the manifests that `svi prompts render` writes; the files themselves are
/// not looked at.
#[derive(Clone, Debug, Default)]
pub struct Library {
    clips: HashMap<Fragment, Recorded>,
}

#[derive(Clone, Debug)]
struct Recorded {
    file: String,
    length: Duration,
}

/// One line of a manifest, `prompts/LANGUAGE/manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The words, as the flow has them.
    pub text: String,
    /// The file's name beside the manifest.
    pub file: String,
    /// Its length.
    pub seconds: f64,
    /// The digest of the file's bytes, in hex.
    #[serde(default)]
    pub sha256: String,
    /// The voice that spoke it.
    #[serde(default)]
    pub voice: String,
    /// The word error rate when it was heard back, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wer: Option<f64>,
    /// What speech recognition heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
}

/// Why a manifest can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no JSON array of entries.
    #[error("the {language} manifest can't be read: {source}")]
    Json {
        /// Whose.
        language: Language,
        /// Why.
        source: serde_json::Error,
    },
    /// A file's name leads out of the folder.
    #[error("the {language} manifest names `{file}`, which is no plain file name")]
    File {
        /// Whose.
        language: Language,
        /// Which.
        file: String,
    },
    /// A length is no length.
    #[error("the {language} manifest says that `{file}` lasts {seconds} s")]
    Length {
        /// Whose.
        language: Language,
        /// Which.
        file: String,
        /// How long.
        seconds: f64,
    },
}

impl Library {
    /// Reads manifests, one per language.
    ///
    /// # Errors
    /// The first thing in them that can't be used.
    pub fn new<'a>(manifests: impl IntoIterator<Item = (Language, &'a str)>) -> Result<Self, ManifestError> {
        let mut clips = HashMap::new();
        for (language, json) in manifests {
            let entries: Vec<ManifestEntry> =
                serde_json::from_str(json).map_err(|source| ManifestError::Json { language, source })?;
            for ManifestEntry { text, file, seconds, .. } in entries {
                if file.contains(['/', '\\']) || file.starts_with('.') || file.is_empty() {
                    return Err(ManifestError::File { language, file });
                }
                let Ok(length) = Duration::try_from_secs_f64(seconds) else {
                    return Err(ManifestError::Length { language, file, seconds });
                };
                let file = format!("{language}/{file}");
                clips.insert(Fragment::new(language, normalise(&text)), Recorded { file, length });
            }
        }
        Ok(Self { clips })
    }

    /// How long the clip of these words lasts; `None` when there is none.
    pub fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(self.find(fragment)?.length)
    }

    /// The clip's file, below the prompts' folder (`fr/bonjour-1a2b3c4d.wav`).
    pub fn file(&self, fragment: &Fragment) -> Option<&str> {
        Some(&self.find(fragment)?.file)
    }

    /// Every clip's file, in no order.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.clips.values().map(|recorded| recorded.file.as_str())
    }

    /// How many clips there are.
    pub fn len(&self) -> usize {
        self.clips.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }

    fn find(&self, fragment: &Fragment) -> Option<&Recorded> {
        self.clips
            .get(fragment)
            .or_else(|| self.clips.get(&Fragment::new(fragment.language, normalise(&fragment.text))))
    }
}

impl Audio for Library {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Self::length(self, fragment)
    }
}

/// The words as a library's key: composed characters (NFC), straight apostrophes,
/// plain single spaces, none at the ends. Case and punctuation stay: they are spoken.
pub fn normalise(text: &str) -> String {
    // Thousands of clips are read at a start, and nearly all are composed already.
    let composed = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    };
    let mut plain = String::with_capacity(composed.len());
    for word in composed.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().map(|c| if c == '’' { '\'' } else { c }));
    }
    plain
}

/// The name of the file of these words: a slug of at most 40 characters for people,
/// and eight hex digits of the words' SHA-256 for certainty.
pub fn file_name(text: &str) -> String {
    let text = normalise(text);
    let digest = Sha256::digest(text.as_bytes());
    let hash: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let slug = slug(&text);
    if slug.is_empty() { format!("{hash}.wav") } else { format!("{slug}-{hash}.wav") }
}

/// The longest slug.
const SLUG: usize = 40;

fn slug(text: &str) -> String {
    let plain: String = text
        .nfd()
        .filter(|&c| !is_combining_mark(c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'œ' => "oe".to_owned(),
            'æ' => "ae".to_owned(),
            'a'..='z' | '0'..='9' => c.to_string(),
            _ => " ".to_owned(),
        })
        .collect();
    let mut slug = String::new();
    for word in plain.split_whitespace() {
        if slug.is_empty() {
            slug.push_str(&word[..word.len().min(SLUG)]);
        } else if slug.len() + 1 + word.len() <= SLUG {
            slug.push('-');
            slug.push_str(word);
        } else {
            break;
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_the_same_words_otherwise_finds_the_same_clip() {
        let json = r#"[{"text": "L'été, c'est ici :", "file": "x.wav", "seconds": 1.25, "wer": 0.0, "other": 1}]"#;
        let library = Library::new([(Language::Fr, json)]).unwrap();
        for text in ["L'été, c'est ici :", "L’e\u{301}te\u{301},  c’est\u{202F}ici\u{A0}:\n"] {
            let fragment = Fragment::new(Language::Fr, text);
            assert_eq!(library.length(&fragment), Some(Duration::from_millis(1_250)));
            assert_eq!(library.file(&fragment), Some("fr/x.wav"));
        }
        assert_eq!(library.length(&Fragment::new(Language::En, "L'été, c'est ici :")), None);
        assert_eq!(library.length(&Fragment::new(Language::Fr, "L'été, c'est ici")), None);
        assert_eq!(library.len(), 1);
    }

    #[test]
    fn a_file_name_can_be_read_and_is_certain() {
        insta::assert_snapshot!([
            "Bonjour.",
            "Bonjour !",
            "Pour une carte d'identité ou un passeport, tapez sur la touche numéro un.",
            "Cœur à l’œuvre",
            "anticonstitutionnellementanticonstitutionnellement",
            "…",
        ].map(file_name).join("\n"), @r"
        bonjour-441278a3.wav
        bonjour-bc744486.wav
        pour-une-carte-d-identite-ou-un-f092f667.wav
        coeur-a-l-oeuvre-14d98e5a.wav
        anticonstitutionnellementanticonstitutio-d0f188b9.wav
        b4935894.wav
        ");
        assert_eq!(file_name("L’été"), file_name("L'e\u{301}te\u{301} "));
    }

    #[test]
    fn a_manifest_that_can_not_be_used_is_said() {
        let said = |json: &str| Library::new([(Language::Fr, json)]).unwrap_err().to_string();
        insta::assert_snapshot!([
            said("{}"),
            said(r#"[{"text": "a", "file": "../a.wav", "seconds": 1}]"#),
            said(r#"[{"text": "a", "file": "a.wav", "seconds": -1}]"#),
        ].join("\n"), @r"
        the fr manifest can't be read: invalid type: map, expected a sequence at line 1 column 0
        the fr manifest names `../a.wav`, which is no plain file name
        the fr manifest says that `a.wav` lasts -1 s
        ");
    }
}
