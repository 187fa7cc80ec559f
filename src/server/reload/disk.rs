//! Writes the files of a version back: every file whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use super::Reading;
use crate::flow::Texts;

/// Puts `new` on the disk where `old` is. First every text is written beside its place,
/// where nobody reads it; only when all of them are on the disk does each take its place.
/// What is in `old` alone is deleted.
///
/// # Errors
///
/// When a file can't be written, or holds what neither version has: unless a renaming
/// has failed, nothing has changed. A renaming that fails is undone as far as can be.
pub(super) fn write(reading: &dyn Reading, old: &Texts, new: &Texts) -> io::Result<()> {
    for path in old.iter().chain(new.iter()).map(|(path, _)| path) {
        untouched(&place(reading, path)?, [old.get(path), new.get(path)])?;
    }
    let waiting = prepared(reading, old, new)?;
    placed(reading, waiting, (old, new)).map_err(|error| {
        let back = prepared(reading, new, old).and_then(|waiting| placed(reading, waiting, (new, old)));
        match back {
            Ok(()) => error,
            Err(back) => io::Error::new(error.kind(), format!("{error}; {back}")),
        }
    })
}

/// Every text of `new` that `old` has not, on the disk beside its place; none when one fails.
fn prepared(reading: &dyn Reading, old: &Texts, new: &Texts) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let mut waiting = Vec::new();
    for (path, text) in new.iter().filter(|(path, text)| old.get(path) != Some(*text)) {
        match beside(&place(reading, path)?, text) {
            Ok(written) => waiting.push(written),
            Err(error) => {
                waiting.iter().for_each(|(beside, _): &(PathBuf, PathBuf)| drop(fs::remove_file(beside)));
                return Err(error);
            }
        }
    }
    Ok(waiting)
}

/// Gives each text its place, and deletes what is in `old` alone.
fn placed(reading: &dyn Reading, mut waiting: Vec<(PathBuf, PathBuf)>, (old, new): (&Texts, &Texts)) -> io::Result<()> {
    for (i, (beside, file)) in waiting.iter().enumerate() {
        if let Err(error) = fs::rename(beside, file) {
            waiting[i..].iter().for_each(|(beside, _)| drop(fs::remove_file(beside)));
            return Err(at(file, &error));
        }
    }
    for (path, _) in old.iter().filter(|(path, _)| new.get(path).is_none()) {
        let file = place(reading, path)?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&file, &error)),
            _ => waiting.push((PathBuf::new(), file)),
        }
    }
    let mut folders: Vec<&Path> = waiting.iter().filter_map(|(_, file)| file.parent()).collect();
    folders.dedup();
    // A renaming lasts once its folder is on the disk.
    folders.into_iter().try_for_each(|folder| File::open(folder)?.sync_all().map_err(|error| at(folder, &error)))
}

/// Tells of a file that holds neither text: somebody's work that no version has.
fn untouched(file: &Path, known: [Option<&str>; 2]) -> io::Result<()> {
    match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(file, &error)),
        Ok(there) if known.iter().flatten().any(|text| text.as_bytes() == there) => Ok(()),
        Ok(_) => Err(io::Error::other(format!("`{}` has changes that no version has", file.display()))),
    }
}

/// Whether a folder has no service at all, or is not there.
pub(super) fn is_bare(root: &Path) -> bool {
    let inside = fs::read_dir(root).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()));
    std::iter::once(root.to_owned()).chain(inside).all(|folder| !folder.join("service.yaml").exists())
}

/// The file of a path, which leads nowhere else; behind a link, what it points to.
fn place(reading: &dyn Reading, path: &str) -> io::Result<PathBuf> {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.split('/').count() != 2 {
        return Err(io::Error::other(format!("`{path}` is no file of a service")));
    }
    let file = reading.file(path);
    Ok(file.canonicalize().unwrap_or(file))
}

/// Writes a text to the disk, in the folder of its file and with its permissions.
fn beside(file: &Path, text: &str) -> io::Result<(PathBuf, PathBuf)> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.svi-new"));
    let written = || {
        let mut new = File::create(&beside)?;
        if let Ok(old) = fs::metadata(file) {
            new.set_permissions(old.permissions())?;
        }
        new.write_all(text.as_bytes())?;
        new.sync_all()
    };
    match written() {
        Ok(()) => Ok((beside, file.to_owned())),
        Err(error) => {
            let _ = fs::remove_file(&beside);
            Err(at(file, &error))
        }
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}` can't be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Settings;
    use crate::diag::Diagnostic;
    use crate::server::prompts::PromptStore;
    use crate::server::reload::Checked;

    #[derive(Debug)]
    struct Below(PathBuf);

    impl Reading for Below {
        fn texts(&self) -> anyhow::Result<Texts> {
            Ok(Texts::default())
        }

        fn settings(&self) -> Result<Settings, Vec<Diagnostic>> {
            Ok(Settings::default())
        }

        fn settings_file(&self) -> Option<&Path> {
            None
        }

        fn check(&self, _: &Texts, _: &PromptStore, _: &Settings) -> Checked {
            Checked { services: Vec::new(), diagnostics: Vec::new() }
        }

        fn root(&self) -> &Path {
            &self.0
        }

        fn file(&self, path: &str) -> PathBuf {
            self.0.join(path)
        }
    }

    fn texts(files: &[(&str, &str)]) -> Texts {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    fn names(folder: &Path) -> Vec<String> {
        let names =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_written_changed_and_deleted_with_their_permissions() {
        let root = tempfile::tempdir().unwrap();
        let (below, at) = (Below(root.path().to_owned()), |path: &str| root.path().join(path));
        let old = texts(&[("a/service.yaml", "1"), ("a/accueil.yaml", "1"), ("a/gone.yaml", "1")]);
        write(&below, &Texts::default(), &old).unwrap();
        fs::set_permissions(at("a/accueil.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
        let new = texts(&[("a/service.yaml", "1"), ("a/accueil.yaml", "2"), ("b/service.yaml", "2")]);
        write(&below, &old, &new).unwrap();
        assert_eq!(
            (names(&at("a")), names(&at("b"))),
            (vec!["accueil.yaml".into(), "service.yaml".into()], vec!["service.yaml".into()])
        );
        assert_eq!(fs::read_to_string(at("a/accueil.yaml")).unwrap(), "2");
        assert_eq!(fs::metadata(at("a/accueil.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
        write(&below, &old, &new).expect("what is done already may be done again");
    }

    #[test]
    fn a_link_stays_one_and_what_it_points_to_is_written() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("real.yaml"), "1").unwrap();
        std::os::unix::fs::symlink("../real.yaml", root.path().join("a/accueil.yaml")).unwrap();
        write(&Below(root.path().to_owned()), &texts(&[("a/accueil.yaml", "1")]), &texts(&[("a/accueil.yaml", "2")]))
            .unwrap();
        assert_eq!(fs::read_to_string(root.path().join("real.yaml")).unwrap(), "2");
        assert!(fs::symlink_metadata(root.path().join("a/accueil.yaml")).unwrap().is_symlink());
    }

    #[test]
    fn where_one_file_can_not_be_written_none_is() {
        let root = tempfile::tempdir().unwrap();
        let old = texts(&[("a/accueil.yaml", "1")]);
        let below = Below(root.path().to_owned());
        write(&below, &Texts::default(), &old).unwrap();
        // A file where a folder would have to be.
        fs::write(root.path().join("b"), "").unwrap();
        let error = write(&below, &old, &texts(&[("a/accueil.yaml", "2"), ("b/service.yaml", "2")])).unwrap_err();
        assert!(error.to_string().contains("can't be written"), "{error}");
        assert_eq!(fs::read_to_string(root.path().join("a/accueil.yaml")).unwrap(), "1");
        assert_eq!(names(&root.path().join("a")), ["accueil.yaml"]);
        for path in ["../x.yaml", "/etc/x.yaml", "a/../x.yaml", "x.yaml", "a/b/c.yaml"] {
            assert!(write(&below, &Texts::default(), &texts(&[(path, "1")])).is_err(), "{path}");
        }
    }

    #[test]
    fn what_no_version_has_is_neither_written_over_nor_deleted() {
        let root = tempfile::tempdir().unwrap();
        let reading = Below(root.path().to_owned());
        fs::create_dir(root.path().join("s")).unwrap();
        fs::write(root.path().join("s/a.yaml"), "mine").unwrap();
        fs::write(root.path().join("s/b.yaml"), "old").unwrap();
        // The first is no service's file at present, the second was saved a moment ago.
        for (old, new) in [
            (texts(&[("s/b.yaml", "old")]), texts(&[("s/a.yaml", "new"), ("s/b.yaml", "new")])),
            (texts(&[("s/a.yaml", "before"), ("s/b.yaml", "old")]), texts(&[("s/b.yaml", "new")])),
        ] {
            let refused = write(&reading, &old, &new).unwrap_err().to_string();
            assert!(refused.ends_with("a.yaml` has changes that no version has"), "{refused}");
            assert_eq!(fs::read_to_string(root.path().join("s/a.yaml")).unwrap(), "mine");
            assert_eq!(fs::read_to_string(root.path().join("s/b.yaml")).unwrap(), "old");
            assert_eq!(names(&root.path().join("s")), ["a.yaml", "b.yaml"]);
        }
    }
}
