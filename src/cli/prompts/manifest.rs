use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::base::Language;
use crate::media::{ManifestEntry, file_name, normalise};
use crate::speech::Fragment;

/// The manifests of a prompts folder.
pub(super) struct Manifests {
    folder: PathBuf,
    entries: BTreeMap<Language, BTreeMap<String, ManifestEntry>>,
}

impl Manifests {
    /// Reads those that are there.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let mut entries = BTreeMap::new();
        for language in Language::ALL {
            let path = folder.join(language.code()).join("manifest.json");
            let list: Vec<ManifestEntry> = match fs::read_to_string(&path) {
                Ok(text) => {
                    serde_json::from_str(&text).with_context(|| format!("`{}` is no manifest", path.display()))?
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(error).with_context(|| format!("`{}` can't be read", path.display())),
            };
            entries.insert(language, list.into_iter().map(|e| (normalise(&e.text), e)).collect());
        }
        Ok(Self { folder: folder.to_owned(), entries })
    }

    /// What there is for a text.
    pub(super) fn entry(&self, fragment: &Fragment) -> Option<&ManifestEntry> {
        self.entries.get(&fragment.language)?.get(&normalise(&fragment.text))
    }

    /// Whether a text has its recording.
    pub(super) fn has(&self, fragment: &Fragment) -> bool {
        self.entry(fragment).is_some()
    }

    /// Keeps the bytes of a text's recording, and says in the manifest whose voice it
    /// is. The file is there, whole, before the manifest names it.
    pub(super) fn keep(&mut self, fragment: &Fragment, wav: &[u8], voice: &str) -> Result<()> {
        let reader = hound::WavReader::new(wav)?;
        let seconds = f64::from(reader.duration()) / f64::from(reader.spec().sample_rate);
        let file = file_name(&fragment.text);
        let folder = self.folder.join(fragment.language.code());
        fs::create_dir_all(&folder).with_context(|| format!("`{}` can't be made", folder.display()))?;
        in_place(&folder.join(&file), wav)?;
        let entry = ManifestEntry {
            text: fragment.text.to_string(),
            file,
            seconds: (seconds * 1000.0).round() / 1000.0,
            sha256: digest(wav),
            voice: voice.to_owned(),
            wer: None,
            heard: None,
        };
        self.entries.entry(fragment.language).or_default().insert(normalise(&fragment.text), entry);
        self.write(fragment.language)
    }

    /// Writes one manifest beside itself and puts it in place, so that none is ever half a file.
    fn write(&self, language: Language) -> Result<()> {
        let folder = self.folder.join(language.code());
        fs::create_dir_all(&folder)?;
        let list: Vec<&ManifestEntry> = self.entries.get(&language).into_iter().flat_map(BTreeMap::values).collect();
        in_place(&folder.join("manifest.json"), (serde_json::to_string_pretty(&list)? + "\n").as_bytes())
    }
}

/// The digest of a file's bytes, as manifests have it.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Whether a voice is a person's: such a recording is never replaced by an engine's.
pub(super) fn is_human(entry: &ManifestEntry) -> bool {
    entry.voice.starts_with(HUMAN)
}

/// Writes a file beside its place and puts it there, so that there is never half of one.
fn in_place(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, bytes)
        .and_then(|()| fs::rename(&new, path))
        .with_context(|| format!("`{}` can't be written", path.display()))
}

/// How the voice of a recording begins that a person spoke: `human`, `human: Claire`.
pub(super) const HUMAN: &str = "human";
