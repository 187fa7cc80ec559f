//! Certificates of an authority that no machine knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A certificate for `localhost` that only this house's own authority has signed: the
/// authority's file, the server's, and its key.
pub(crate) fn certificates(dir: &Path) -> [PathBuf; 3] {
    let [authority, authority_key, server, key, request, uses] =
        ["ca.pem", "ca.key", "server.pem", "server.key", "server.csr", "uses.cnf"].map(|name| dir.join(name));
    fs::write(&uses, "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").unwrap();
    let openssl = |args: &[&str], files: &[(&str, &Path)]| {
        let mut command = Command::new("openssl");
        command.args(args);
        for (flag, path) in files {
            command.arg(flag).arg(path);
        }
        let done = command.stderr(Stdio::null()).status().expect("openssl is installed");
        assert!(done.success(), "openssl {args:?}");
    };
    let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let request_of = |subject, more: &[&'static str]| [&["req", "-subj", subject], &new[..], more].concat();
    openssl(
        &request_of("/CN=Ville de Montreuil", &["-x509", "-days", "30"]),
        &[("-keyout", &authority_key), ("-out", &authority)],
    );
    openssl(&request_of("/CN=localhost", &[]), &[("-keyout", &key), ("-out", &request)]);
    openssl(
        &["x509", "-req", "-days", "30", "-CAcreateserial"],
        &[("-in", &request), ("-CA", &authority), ("-CAkey", &authority_key), ("-extfile", &uses), ("-out", &server)],
    );
    [authority, server, key]
}
