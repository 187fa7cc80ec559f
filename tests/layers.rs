//! Holds the rooms: imports point down the list, and the core has no clock, socket,
//! thread, file or sleep.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the design, from the one that everything may use to the one that uses everything.
const ROOMS: [&str; 19] = [
    "base",
    "diag",
    "service",
    "speech",
    "flow",
    "engine",
    "queue",
    "callback",
    "media",
    "rtp",
    "sip",
    "call",
    "sim",
    "workbench",
    "config",
    "store",
    "server",
    "web",
    "cli",
];
/// The first rooms are the core: plain values.
const CORE: usize = 15;
/// `server` tells `web` what happened, and `web` is told by `server`'s start: these two are neighbours.
const NEIGHBOURS: [(&str, &str); 1] = [("server", "web")];
/// What the core must not touch.
const NOT_IN_CORE: [&str; 11] = [
    "tokio",
    "std::net::UdpSocket",
    "std::net::TcpStream",
    "std::fs",
    "std::thread",
    "std::time::Instant",
    "SystemTime",
    "std::sync::Mutex",
    "RwLock",
    "sleep(",
    "socket2",
];
const LONGEST_FILE: usize = 420;

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn room_files() -> Vec<(usize, PathBuf, String)> {
    let mut files = Vec::new();
    for (rank, room) in ROOMS.iter().enumerate() {
        for path in rust_files(&Path::new("src").join(room)) {
            // A doc comment may point anywhere; code may not.
            let text = fs::read_to_string(&path).unwrap();
            let code: Vec<&str> = text.lines().map(|l| if l.trim_start().starts_with("//") { "" } else { l }).collect();
            files.push((rank, path, code.join("\n")));
        }
    }
    files
}

/// The rooms that a text names after `crate::`, also in `use crate::{a, b::c}`.
fn rooms_named(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let (mut depth, mut word) = (0, String::new());
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => named.push(std::mem::take(&mut word)),
                        c if depth == 0 => word.push(c),
                        _ => {}
                    }
                }
                named.push(word);
            }
            None => named.push(rest.to_owned()),
        }
    }
    named.iter().map(|n| n.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn every_room_of_the_design_is_there_and_no_other() {
    let mut found: Vec<String> = fs::read_dir("src")
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let mut rooms: Vec<String> = ROOMS.iter().map(|r| (*r).to_owned()).collect();
    rooms.sort();
    assert_eq!(found, rooms);
}

#[test]
fn imports_point_down_the_list_of_rooms() {
    let mut upward = Vec::new();
    for (rank, path, text) in room_files() {
        for named in rooms_named(&text) {
            let Some(other) = ROOMS.iter().position(|r| *r == named) else { continue };
            if other > rank && !NEIGHBOURS.contains(&(ROOMS[rank], ROOMS[other])) {
                upward.push(format!("{} uses {named}", path.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn the_core_has_no_clock_no_socket_no_thread_and_no_file() {
    let mut touched = Vec::new();
    for (_, path, text) in room_files().into_iter().filter(|(rank, ..)| *rank < CORE) {
        for (number, line) in text.lines().enumerate() {
            for word in NOT_IN_CORE {
                if line.contains(word) {
                    touched.push(format!("{}:{}: {word}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(touched.is_empty(), "{touched:#?}");
}

#[test]
fn rsip_stays_in_the_parser_and_the_writer() {
    for (_, path, text) in room_files() {
        let shown = path.display().to_string();
        if !shown.starts_with("src/sip/parse") && !shown.starts_with("src/sip/write") {
            assert!(!text.contains("rsip::"), "{shown} names rsip");
        }
    }
}

#[test]
fn files_stay_small() {
    let long: Vec<String> = room_files()
        .iter()
        .map(|(_, path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_test_that_the_page_of_sip_names_is_there() {
    let code: String = [rust_files(Path::new("src")), rust_files(Path::new("tests"))]
        .concat()
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for page in ["docs/sip.md", "docs/sip.fr.md"] {
        let text = fs::read_to_string(page).unwrap();
        let words = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
        let is_test = |word: &&str| {
            word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c))
                && (word.contains("::") || word.matches('_').count() > 2)
        };
        let named: Vec<&str> = words.filter(is_test).collect();
        assert!(named.len() > 20, "{page}: {named:?}");
        for word in named {
            let last = word.rsplit("::").next().unwrap();
            let is_there = code.contains(&format!("fn {last}(")) || code.contains(&format!("mod {last};"));
            assert!(is_there, "{page}: there is no `{word}`");
        }
    }
}

/// A comparison that ends at the first byte that differs tells whoever measures it how much was right.
#[test]
fn what_a_stranger_shows_is_compared_with_secrets_in_constant_time() {
    let all = room_files();
    for place in ["src/sip/digest.rs", "src/sip/digest/nonce.rs", "src/web/access.rs"] {
        let (.., text) = all.iter().find(|(_, path, _)| path.ends_with(place)).unwrap_or_else(|| panic!("no {place}"));
        assert!(text.contains(".ct_eq("), "{place} compares otherwise");
    }
    for (_, path, text) in &all {
        for plain in ["reveal() ==", "reveal() !=", "response ==", "ha1 ==", "proof =="] {
            assert!(!text.contains(plain), "{}: `{plain}`", path.display());
        }
    }
}
