//! The prompts' files: read when they are first needed, decoded once, then shared.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use tokio::sync::OnceCell;

use crate::base::Language;
use crate::media::{Clip, Codec, Library, ManifestError, WavError};
use crate::speech::{Fragment, Phrase};

/// The folder of prompts (`fr/`, `en/` with their manifests, `music/`), which can be
/// cloned. What a manifest gains later is seen by a store that is opened anew: [`Self::reopen`].
#[derive(Clone, Debug)]
pub struct PromptStore(Arc<Shelves>);

#[derive(Debug)]
struct Shelves {
    root: PathBuf,
    library: Library,
    /// Every file below the root that can be played; full once it was asked for.
    clips: HashMap<String, Sound>,
    /// Of the manifests and the music: another one where there is something else to hear.
    mark: u64,
}

/// A file that can be played.
#[derive(Debug, Default)]
struct Sound {
    read: OnceCell<Read>,
    /// Whether somebody encodes it in G.722, and in Opus, or has done so.
    is_widened: [AtomicBool; 2],
}

/// A file that was read.
#[derive(Clone, Debug)]
struct Read {
    clip: Arc<Clip>,
    stamp: Option<Stamp>,
}

/// By what it is seen that a file is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Stamp {
    bytes: u64,
    changed: SystemTime,
}

/// Why prompts can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// A file or folder can't be read.
    #[error("`{path}` can't be read: {source}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A manifest can't be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file can't be played.
    #[error("`{path}` can't be played: {source}", path = path.display())]
    Unplayable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: WavError,
    },
    /// No manifest or folder names it.
    #[error("there is no audio for `{0}`")]
    Missing(String),
}

impl PromptStore {
    /// Reads the manifests and the names of the music; no sound yet. A language
    /// without a manifest has no prompts.
    ///
    /// # Errors
    /// When a manifest or the music's folder is there and can't be used.
    pub fn open(root: &Path) -> Result<Self, PromptError> {
        let mut manifests = Vec::new();
        for language in Language::ALL {
            let path = root.join(language.code()).join("manifest.json");
            match std::fs::read_to_string(&path) {
                Ok(json) => manifests.push((language, json)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(PromptError::Unreadable { path, source }),
            }
        }
        let library = Library::new(manifests.iter().map(|(language, json)| (*language, json.as_str())))?;
        let music = music_files(&root.join("music"))?;
        let mut mark = DefaultHasher::new();
        manifests.hash(&mut mark);
        music.iter().for_each(|file| (file, stamp(&root.join(file))).hash(&mut mark));
        let files = library.files().map(str::to_owned).chain(music);
        let clips = files.map(|file| (file, Sound::default())).collect();
        Ok(Self(Arc::new(Shelves { root: root.to_owned(), library, clips, mark: mark.finish() })))
    }

    /// The same folder as it is now. What was read and has not changed since is shared with
    /// this store, so that two of them take the memory of one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reopen(&self) -> Result<Self, PromptError> {
        let new = Self::open(&self.0.root)?;
        if new.0.mark == self.0.mark {
            return Ok(self.clone());
        }
        for (file, sound) in &new.0.clips {
            let read = self.0.clips.get(file).and_then(|sound| sound.read.get());
            let same = read.filter(|read| read.stamp.is_some() && read.stamp == stamp(&self.0.root.join(file)));
            if let Some(read) = same {
                // The cell is new, and nobody else has it yet.
                let _ = sound.read.set(read.clone());
            }
        }
        Ok(new)
    }

    /// Whether both stores have the same to hear.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.mark == other.0.mark
    }

    /// What there is to hear, and how long it lasts.
    pub fn library(&self) -> &Library {
        &self.0.library
    }

    /// Whether there is music of this name.
    pub fn has_music(&self, name: &str) -> bool {
        self.0.clips.contains_key(&music_file(name))
    }

    /// The clips of a phrase for somebody who speaks this codec. What can't be had is logged
    /// and left out, so that the caller hears the rest.
    pub async fn phrase(&self, phrase: &Phrase, codec: Codec) -> Vec<Arc<Clip>> {
        let mut clips = Vec::with_capacity(phrase.0.len());
        for fragment in &phrase.0 {
            match self.fragment(fragment, codec).await {
                Ok(clip) => clips.push(clip),
                Err(error) => tracing::error!(%error, "a caller does not hear a prompt"),
            }
        }
        clips
    }

    /// The clip of one fragment.
    ///
    /// # Errors
    /// When there is none, or its file can't be played.
    pub async fn fragment(&self, fragment: &Fragment, codec: Codec) -> Result<Arc<Clip>, PromptError> {
        let missing = || PromptError::Missing(fragment.text.to_string());
        let file = self.0.library.file(fragment).ok_or_else(missing)?;
        self.clip(file, &fragment.text, codec).await
    }

    /// Music on hold, by its name without `.wav`.
    ///
    /// # Errors
    /// When there is none, or its file can't be played.
    pub async fn music(&self, name: &str, codec: Codec) -> Result<Arc<Clip>, PromptError> {
        self.clip(&music_file(name), name, codec).await
    }

    /// Looks at the headers of all files, off the callers' threads, and gives the errors
    /// of those that can't be played. No sound is read or kept.
    pub async fn faults(&self) -> Vec<PromptError> {
        let shelves = Arc::clone(&self.0);
        let look = move || shelves.clips.keys().filter_map(|file| check(&shelves.root.join(file)).err()).collect();
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }

    /// However many ask at once, a file is read once, off the threads of the callers.
    async fn clip(&self, file: &str, name: &str, codec: Codec) -> Result<Arc<Clip>, PromptError> {
        let sound = self.0.clips.get(file).ok_or_else(|| PromptError::Missing(name.to_owned()))?;
        let clip = sound.read.get_or_try_init(|| async {
            let path = self.0.root.join(file);
            let name: Arc<str> = name.into();
            let read = tokio::task::spawn_blocking(move || read(&path, name));
            read.await.map_err(|error| {
                let path = self.0.root.join(file);
                PromptError::Unreadable { path, source: io::Error::other(error) }
            })?
        });
        let clip = Arc::clone(&clip.await?.clip);
        self.widen(sound, file, &clip, codec);
        Ok(clip)
    }

    /// Has a clip encoded in a codec that few speak, once, for the first who does: nobody
    /// waits for it, and until it is there the clip is heard in the telephone's band.
    fn widen(&self, sound: &Sound, file: &str, clip: &Arc<Clip>, codec: Codec) {
        let begun = match codec {
            Codec::Pcma | Codec::Pcmu => return,
            Codec::G722 => &sound.is_widened[0],
            Codec::Opus => &sound.is_widened[1],
        };
        if clip.is_in(codec) || begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let (path, clip) = (self.0.root.join(file), Arc::clone(clip));
        tokio::task::spawn_blocking(move || match open(&path).map(Clip::wide_sound) {
            Ok(Ok(sound)) => clip.widen(codec, &sound),
            Ok(Err(error)) => tracing::warn!(path = %path.display(), %error, "a clip stays in the telephone's band"),
            Err(error) => tracing::warn!(%error, "a clip stays in the telephone's band"),
        });
    }
}

fn read(path: &Path, name: Arc<str>) -> Result<Read, PromptError> {
    // Before it is read: what is written meanwhile is another file.
    let stamp = stamp(path);
    match Clip::from_wav(name, open(path)?) {
        Ok(clip) => Ok(Read { clip: Arc::new(clip), stamp }),
        Err(source) => Err(PromptError::Unplayable { path: path.to_owned(), source }),
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = std::fs::metadata(path).ok()?;
    Some(Stamp { bytes: file.len(), changed: file.modified().ok()? })
}

fn check(path: &Path) -> Result<(), PromptError> {
    Clip::check_wav(open(path)?).map_err(|source| PromptError::Unplayable { path: path.to_owned(), source })
}

fn open(path: &Path) -> Result<BufReader<File>, PromptError> {
    let file = File::open(path).map_err(|source| PromptError::Unreadable { path: path.to_owned(), source })?;
    Ok(BufReader::new(file))
}

/// The WAV files of the music's folder, below the root; none without the folder.
fn music_files(folder: &Path) -> Result<Vec<String>, PromptError> {
    let unreadable = |source| PromptError::Unreadable { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.map_err(unreadable)?.file_name();
        files.extend(name.to_str().and_then(|name| name.strip_suffix(".wav")).map(music_file));
    }
    files.sort();
    Ok(files)
}

fn music_file(name: &str) -> String {
    format!("music/{name}.wav")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_wav(path: &Path, samples: u32) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for _ in 0..samples {
            writer.write_sample(1_000_i16).unwrap();
        }
        writer.finalize().unwrap();
    }

    fn folder() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in ["fr", "music"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        let manifest = r#"[{"text": "Bonjour.", "file": "a.wav", "seconds": 0.5},
                           {"text": "Cassé.", "file": "b.wav", "seconds": 0.5},
                           {"text": "Parti.", "file": "c.wav", "seconds": 0.5}]"#;
        std::fs::write(root.path().join("fr/manifest.json"), manifest).unwrap();
        std::fs::write(root.path().join("fr/b.wav"), "RIFF").unwrap();
        write_wav(&root.path().join("fr/a.wav"), 8_000);
        write_wav(&root.path().join("music/attente.wav"), 16_000);
        root
    }

    #[tokio::test]
    async fn a_clip_is_read_once_and_shared() {
        let root = folder();
        let store = PromptStore::open(root.path()).unwrap();
        let bonjour = Fragment::new(Language::Fr, "Bonjour.");
        let first = store.fragment(&bonjour, Codec::Pcma).await.unwrap();
        assert_eq!((first.samples, &*first.name), (4_000, "Bonjour."));
        std::fs::remove_file(root.path().join("fr/a.wav")).unwrap();
        let again = store.clone().fragment(&bonjour, Codec::Pcma).await.unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(store.music("attente", Codec::Pcma).await.unwrap().samples, 8_000);
        assert!(store.has_music("attente") && !store.has_music("../fr/a"));
    }

    #[tokio::test]
    async fn a_clip_is_encoded_in_a_wide_codec_for_the_first_who_speaks_it_and_for_nobody_before() {
        let root = folder();
        let store = PromptStore::open(root.path()).unwrap();
        let clip = store.music("attente", Codec::Pcmu).await.unwrap();
        assert!(!clip.is_in(Codec::G722) && !clip.is_in(Codec::Opus));
        for codec in [Codec::G722, Codec::Opus] {
            let same = store.music("attente", codec).await.unwrap();
            assert!(Arc::ptr_eq(&clip, &same));
            let ready = async {
                while !clip.is_in(codec) {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(20), ready).await.unwrap();
        }
        assert_eq!(clip.bytes(Codec::G722).unwrap().len(), clip.samples);
    }

    #[tokio::test]
    async fn what_can_not_be_played_is_left_out_of_a_phrase() {
        let root = folder();
        let store = PromptStore::open(root.path()).unwrap();
        let mut phrase = Phrase::default();
        for text in ["Cassé.", "Bonjour.", "Parti.", "Jamais dit."] {
            phrase.push(Language::Fr, text);
        }
        let clips = store.phrase(&phrase, Codec::Pcma).await;
        assert_eq!(clips.iter().map(|clip| &*clip.name).collect::<Vec<_>>(), ["Bonjour."]);
        assert_eq!(store.faults().await.len(), 2);
        let missing = store.fragment(&Fragment::new(Language::En, "Bonjour."), Codec::Pcma).await.unwrap_err();
        assert_eq!(missing.to_string(), "there is no audio for `Bonjour.`");
    }

    #[tokio::test]
    async fn a_store_that_is_opened_anew_shares_what_has_not_changed() {
        let root = folder();
        let store = PromptStore::open(root.path()).unwrap();
        let bonjour = Fragment::new(Language::Fr, "Bonjour.");
        let (first, music) =
            (store.fragment(&bonjour, Codec::Pcma).await.unwrap(), store.music("attente", Codec::Pcma).await.unwrap());
        assert!(store.is_same(&store.reopen().unwrap()), "nothing has changed");
        write_wav(&root.path().join("music/attente.wav"), 32_000);
        let new = store.reopen().unwrap();
        assert!(!store.is_same(&new));
        assert!(Arc::ptr_eq(&first, &new.fragment(&bonjour, Codec::Pcma).await.unwrap()));
        assert_eq!(new.music("attente", Codec::Pcma).await.unwrap().samples, 16_000);
        assert!(
            Arc::ptr_eq(&music, &store.music("attente", Codec::Pcma).await.unwrap()),
            "who has the old store hears the old one"
        );
    }

    #[test]
    fn an_empty_folder_has_no_prompts_and_a_broken_manifest_is_said() {
        let root = tempfile::tempdir().unwrap();
        assert!(PromptStore::open(root.path()).unwrap().library().is_empty());
        std::fs::create_dir(root.path().join("en")).unwrap();
        std::fs::write(root.path().join("en/manifest.json"), "[").unwrap();
        assert!(PromptStore::open(root.path()).unwrap_err().to_string().contains("en manifest"));
    }
}
