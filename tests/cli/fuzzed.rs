//! What `cargo fuzz` started from and has found, once more: the corpus of each target.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/targets.rs"]
mod targets;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        assert!(std::panic::catch_unwind(|| target(&bytes)).is_ok(), "{}", path.display());
        files += 1;
    }
    assert!(files > 0, "{name} has a corpus");
}

#[test]
fn the_corpus_of_sip() {
    replay("sip", targets::sip);
}

#[test]
fn the_corpus_of_sdp() {
    replay("sdp", targets::sdp);
}

#[test]
fn the_corpus_of_rtp() {
    replay("rtp", targets::rtp);
}

#[test]
fn the_corpus_of_rtcp() {
    replay("rtcp", targets::rtcp);
}

#[test]
fn the_corpus_of_flows() {
    replay("flow", targets::flow);
}
