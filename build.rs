//! How the program is linked: with relative relocations in a packed form (`DT_RELR`), a
//! kilobyte for each 60 of the usual one. The loader reads all of them at every start, so
//! they count in the memory of a service that does nothing.

use std::process::Command;

/// The first C library whose loader understands them (its release notes of 2022-08).
const GLIBC: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if runs_where_it_is_built() && libc_version().is_some_and(|version| version >= GLIBC) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Of another machine nothing is known.
fn runs_where_it_is_built() -> bool {
    let (host, target) = (std::env::var("HOST"), std::env::var("TARGET"));
    host == target && target.is_ok_and(|target| target.ends_with("-linux-gnu"))
}

/// `glibc 2.36` in numbers; nothing where it can't be asked.
fn libc_version() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let (major, minor) = std::str::from_utf8(&said).ok()?.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}
