//! Runs the program and keeps what it said.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `svi` with these arguments, in the repository's folder.
pub(crate) fn svi<A: AsRef<OsStr>>(args: &[A]) -> Ran {
    svi_with(&[], args)
}

/// The same with these variables in its environment.
pub(crate) fn svi_with<A: AsRef<OsStr>>(variables: &[(&str, &str)], args: &[A]) -> Ran {
    let out = Command::new(env!("CARGO_BIN_EXE_svi"))
        .args(args)
        .envs(variables.iter().copied())
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: out.status.code().unwrap(), out: text(out.stdout), err: text(out.stderr) }
}

/// A copy of `flows/france-services` in which texts were replaced in `accueil.yaml`; each
/// must have been there.
pub(crate) fn edited(dir: &Path, edits: &[(&str, &str)]) -> PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/france-services");
    let own = dir.join("france-services");
    fs::create_dir_all(&own).unwrap();
    for entry in fs::read_dir(shipped).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let mut text = fs::read_to_string(entry.path()).unwrap();
        if entry.file_name() == "accueil.yaml" {
            for (from, to) in edits {
                assert!(text.contains(from), "the shipped flow has no `{from}`");
                text = text.replacen(from, to, 1);
            }
        }
        fs::write(own.join(entry.file_name()), text).unwrap();
    }
    own
}
