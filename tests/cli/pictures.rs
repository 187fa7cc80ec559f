//! `svi graph` and `svi diff`.

use std::fs;

use super::run::{edited, svi};

#[test]
fn a_flow_is_drawn_into_a_file_or_to_standard_output() {
    let dir = tempfile::tempdir().unwrap();
    let flows = edited(dir.path(), &[]);
    let flows = flows.to_str().unwrap();
    let picture = dir.path().join("accueil.svg");
    let ran = svi(&["graph", flows, "--out", picture.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let drawn = fs::read_to_string(&picture).unwrap();
    assert!(drawn.starts_with("<?xml") && drawn.contains("0 mène de partout à « agents »"), "{drawn}");
    let ran = svi(&["graph", flows, "--format", "mermaid", "--language", "en"]);
    assert!(ran.code == 0 && ran.out.starts_with("flowchart TD\n"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("0 leads to “agents” from everywhere."), "{}", ran.out);
}

#[test]
fn a_difference_is_told_and_a_mistake_can_not_be_compared() {
    let dir = tempfile::tempdir().unwrap();
    let [old, new, wrong] = ["old", "new", "wrong"].map(|name| {
        let folder = dir.path().join(name);
        fs::create_dir(&folder).unwrap();
        folder
    });
    let old = edited(&old, &[]);
    let new = edited(&new, &[("Merci de votre appel. Au revoir.", "Au revoir.")]);
    let wrong = edited(&wrong, &[("then: menu", "then: menuu")]);
    let diff = |a: &std::path::Path, b: &std::path::Path| svi(&["diff", a.to_str().unwrap(), b.to_str().unwrap()]);
    assert_eq!(diff(&old, &old).code, 0);
    let ran = diff(&old, &new);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("le service raccroche et dit : « Au revoir. »"), "{}", ran.out);
    // A copy of the service's own folder, under another name.
    let copy = dir.path().join("copy");
    fs::rename(only_folder(&old), &copy).unwrap();
    assert_eq!(diff(&copy, &new).out, ran.out);
    let ran = diff(&copy, &wrong);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("unknown-step") && ran.err.contains("has mistakes, see above"), "{}", ran.err);
}

/// The folder of the one service that is there.
fn only_folder(path: &std::path::Path) -> std::path::PathBuf {
    if path.join("service.yaml").is_file() {
        return path.to_owned();
    }
    fs::read_dir(path).unwrap().next().unwrap().unwrap().path()
}
