//! Certificates of authorities that no machine knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A certificate for `localhost` that only this house's own authority has signed: the
/// authority's file, the server's, and its key.
pub(crate) fn certificates(dir: &Path) -> [PathBuf; 3] {
    let authority = Authority::new(dir);
    let Paper { certificate, key } = authority.sign("server", "DNS:localhost");
    [authority.certificate, certificate, key]
}

/// An authority whose files are in one folder.
pub(crate) struct Authority {
    dir: PathBuf,
    pub(crate) certificate: PathBuf,
    key: PathBuf,
}

/// A certificate and its key.
pub(crate) struct Paper {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new(dir: &Path) -> Self {
        let [certificate, key] = ["ca.pem", "ca.key"].map(|name| dir.join(name));
        let request = request_of("/CN=Ville de Montreuil", &["-x509", "-days", "30"]);
        openssl(&request, &[("-keyout", &key), ("-out", &certificate)]);
        Self { dir: dir.to_owned(), certificate, key }
    }

    /// Signs a certificate for what stands in its `subjectAltName`, in files of this name.
    pub(crate) fn sign(&self, file: &str, alternative: &str) -> Paper {
        let [certificate, key, request, uses] =
            ["pem", "key", "csr", "cnf"].map(|kind| self.dir.join(format!("{file}.{kind}")));
        fs::write(&uses, format!("subjectAltName={alternative}\nbasicConstraints=CA:FALSE\n")).unwrap();
        openssl(&request_of(&format!("/CN={file}"), &[]), &[("-keyout", &key), ("-out", &request)]);
        openssl(
            &["x509", "-req", "-days", "30", "-CAcreateserial"],
            &[
                ("-in", &request),
                ("-CA", &self.certificate),
                ("-CAkey", &self.key),
                ("-extfile", &uses),
                ("-out", &certificate),
            ],
        );
        Paper { certificate, key }
    }

    /// A certificate and its key in one file.
    pub(crate) fn both(&self, paper: &Paper) -> PathBuf {
        let both = self.dir.join("both.pem");
        let text = [&paper.certificate, &paper.key].map(|path| fs::read_to_string(path).unwrap()).concat();
        fs::write(&both, text).unwrap();
        both
    }
}

fn request_of<'a>(subject: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    [&["req", "-subj", subject], &new[..], more].concat()
}

fn openssl(args: &[&str], files: &[(&str, &Path)]) {
    let mut command = Command::new("openssl");
    command.args(args);
    for (flag, path) in files {
        command.arg(flag).arg(path);
    }
    let done = command.stderr(Stdio::null()).status().expect("openssl is installed");
    assert!(done.success(), "openssl {args:?}");
}
