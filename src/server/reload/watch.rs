//! Sees that somebody has saved a file.
//!
//! The kernel's word (inotify) only wakes us: what counts is how the files look, by their
//! names. So a file that an editor has put in the place of another is seen, a folder that
//! was exchanged, and a file on a network's disk, of which the kernel says nothing: for
//! that it is looked every few seconds as well.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::server::clock;

/// What is watched.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// The folder of services: its YAML files, and those of the folders in it.
    pub(super) flows: PathBuf,
    /// The folder of prompts: the manifests and the music.
    pub(super) prompts: PathBuf,
    /// The file of the settings, which may be anywhere: nobody listens there, it is looked at.
    pub(super) settings: Option<PathBuf>,
}

/// Somebody has saved something.
#[derive(Debug)]
pub(super) struct Saved {
    /// Whose file it is that was saved last, as the system calls them.
    pub(super) who: Option<Arc<str>>,
}

/// How every file looks.
type Looks = BTreeMap<PathBuf, Look>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    inode: (u64, u64),
    bytes: u64,
    changed: (i64, i64),
    owner: u32,
}

/// Says so when files were saved and have been left alone for a moment since.
pub(super) async fn run(watched: Watched, saved: mpsc::Sender<Saved>) {
    // What was saved while the service was starting is a save as well.
    let mut known = Looks::new();
    loop {
        let (woken, mut alarm) = mpsc::channel(1);
        // Where the kernel has none left to give, looking every few seconds is enough.
        let ears = listen(&watched, woken);
        let seen = loop {
            let seen = looks(&watched).await;
            if seen != known {
                break settled(&watched, seen).await;
            }
            tokio::select! {
                // Without its sender nobody wakes us.
                Some(()) = alarm.recv() => {}
                () = clock::until(Some(clock::now() + LOOK)) => {}
            }
        };
        drop(ears);
        let who = last(&known, &seen).and_then(|look| name(look.owner));
        known = seen;
        if saved.send(Saved { who }).await.is_err() {
            return;
        }
    }
}

/// How the files look once they have been left alone: who saves several, or one in pieces,
/// is let finish.
async fn settled(watched: &Watched, mut seen: Looks) -> Looks {
    let latest = clock::now() + LONGEST;
    loop {
        clock::until(Some(clock::now() + QUIET)).await;
        let again = looks(watched).await;
        if again == seen || clock::now() >= latest {
            return again;
        }
        seen = again;
    }
}

fn listen(watched: &Watched, woken: mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let wake = move |event: notify::Result<notify::Event>| {
        // That somebody reads, as we do ourselves, is no news. One word that waits is as good as many.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            let _ = woken.try_send(());
        }
    };
    let listening = notify::recommended_watcher(wake).and_then(|mut ears| {
        ears.watch(&watched.flows, RecursiveMode::Recursive)?;
        ears.watch(&watched.prompts, RecursiveMode::Recursive)?;
        Ok(ears)
    });
    listening.inspect_err(|error| tracing::debug!(%error, "saved files are seen a few seconds later")).ok()
}

async fn looks(watched: &Watched) -> Looks {
    let watched = watched.clone();
    spawn_blocking(move || look(&watched)).await.unwrap_or_default()
}

fn look(Watched { flows, prompts, settings }: &Watched) -> Looks {
    let mut looks = Looks::new();
    settings.iter().for_each(|file| add_file(file.clone(), &mut looks));
    for folder in std::iter::once(flows.clone()).chain(entries(flows)) {
        add(&folder, &["yaml", "yml"], &mut looks);
    }
    for folder in entries(prompts) {
        let kinds: &[&str] = if folder.ends_with("music") { &["wav"] } else { &["json"] };
        add(&folder, kinds, &mut looks);
    }
    looks
}

/// The files of a folder that end so.
fn add(folder: &Path, kinds: &[&str], looks: &mut Looks) {
    let of_kind = |path: &PathBuf| path.extension().is_some_and(|kind| kinds.iter().any(|known| kind == *known));
    entries(folder).into_iter().filter(of_kind).for_each(|path| add_file(path, looks));
}

fn add_file(path: PathBuf, looks: &mut Looks) {
    if let Ok(file) = fs::metadata(&path) {
        let (inode, changed) = ((file.dev(), file.ino()), (file.ctime(), file.ctime_nsec()));
        looks.insert(path, Look { inode, bytes: file.len(), changed, owner: file.uid() });
    }
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
}

/// The file that was saved last, of those that look otherwise.
fn last(known: &Looks, seen: &Looks) -> Option<Look> {
    let saved = seen.iter().filter(|(path, look)| known.get(*path) != Some(*look));
    saved.map(|(_, look)| *look).max_by_key(|look| look.changed)
}

/// A user's name on this system, or its number.
fn name(user: u32) -> Option<Arc<str>> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = user.to_string();
    let found = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, id) = (parts.next()?, parts.next()?, parts.next()?);
        (id == number).then(|| name.to_owned())
    });
    Some(found.unwrap_or(number).into())
}

/// How long files must have been left alone.
const QUIET: Duration = Duration::from_millis(300);
/// Files that never are left alone are taken as they are.
const LONGEST: Duration = Duration::from_secs(5);
/// How often it is looked without the kernel's word.
const LOOK: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> (tempfile::TempDir, Watched) {
        let root = tempfile::tempdir().unwrap();
        let [flows, prompts] = ["flows", "prompts"].map(|name| root.path().join(name));
        for folder in [flows.join("s"), prompts.join("fr"), prompts.join("music")] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(flows.join("s/service.yaml"), "name: x\n").unwrap();
        (root, Watched { flows, prompts, settings: None })
    }

    #[test]
    fn what_callers_may_hear_is_looked_at_and_nothing_else() {
        let (_root, watched) = folders();
        let known = look(&watched);
        assert_eq!(known.len(), 1);
        for other in ["flows/s/service.yaml~", "flows/s/.service.yaml.swp", "flows/s/4913", "prompts/fr/a.wav"] {
            fs::write(watched.flows.parent().unwrap().join(other), "x").unwrap();
        }
        assert_eq!(look(&watched), known);
        fs::write(watched.prompts.join("fr/manifest.json"), "[]").unwrap();
        fs::write(watched.prompts.join("music/attente.wav"), "").unwrap();
        assert_eq!(look(&watched).len(), 3);
    }

    #[test]
    fn a_file_in_the_place_of_another_is_seen_though_its_text_is_as_long() {
        let (_root, watched) = folders();
        let known = look(&watched);
        let (file, new) = (watched.flows.join("s/service.yaml"), watched.flows.join("s/new"));
        fs::write(&new, "name: y\n").unwrap();
        fs::rename(&new, &file).unwrap();
        let seen = look(&watched);
        assert_ne!(seen, known);
        assert_eq!(last(&known, &seen), seen.get(&file).copied());
        assert!(last(&known, &seen).and_then(|look| name(look.owner)).is_some());
    }

    #[tokio::test]
    async fn what_is_there_at_the_start_is_told_and_each_save_after_it() {
        let (_root, watched) = folders();
        let (saved, mut told) = mpsc::channel(8);
        let file = watched.flows.join("s/service.yaml");
        let task = tokio::spawn(run(watched, saved));
        for text in ["name: y\n", "name: z\n"] {
            let told = tokio::time::timeout(Duration::from_secs(30), told.recv()).await;
            assert!(told.unwrap().is_some());
            fs::write(&file, text).unwrap();
        }
        task.abort();
    }
}
