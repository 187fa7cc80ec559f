//! `svi card`: the card beside the directory of the administration.

use std::fs;
use std::path::Path;

use super::run::svi;

const SYNTHETIC: &str = "tests/annuaire/synthetic.json";

#[test]
fn a_card_that_agrees_with_its_record_is_good() {
    let ran = svi(&["card", "check", "--annuaire", SYNTHETIC, "--id", "synthetic-0001", "flows/france-services"]);
    assert_eq!((ran.code, &*ran.out), (0, ""), "{}", ran.err);
    assert!(ran.err.contains("the directory says the same"), "{}", ran.err);
}

#[test]
fn where_they_disagree_the_card_s_line_is_framed() {
    let asked = ["card", "check", "--annuaire", SYNTHETIC, "--id", "synthetic-0002", "flows/france-services"];
    let ran = svi(&asked);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for shown in [
        "error[annuaire-contact]: the directory does not have `+33143124567`",
        "error[annuaire-hours]: the directory has other hours on lundi, mardi, mercredi, jeudi, vendredi",
        "warning[annuaire-comment]: the directory says of the hours: « Fermeture exceptionnelle le 24 décembre. »",
        "service.yaml",
    ] {
        assert!(ran.err.contains(shown), "{shown} is not in\n{}", ran.err);
    }
    let ran = svi(&[&asked[..], &["--format", "json"]].concat());
    let found = ran.json();
    let hours = found["findings"].as_array().unwrap().iter().find(|d| d["code"] == "annuaire-hours").unwrap();
    let card = fs::read_to_string("flows/france-services/service.yaml").unwrap();
    let line = card.lines().position(|line| line.trim_start().starts_with("desk: \"Mo-Fr")).unwrap() + 1;
    assert_eq!(hours["line"], line);
}

#[test]
fn which_record_is_meant_must_be_clear() {
    let ran = svi(&["card", "check", "--annuaire", SYNTHETIC, "flows/france-services"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("4 records") && ran.err.contains("synthetic-0003  SYNTHETIC - Odd hours"), "{}", ran.err);
    let ran = svi(&["card", "import", "--annuaire", SYNTHETIC, "--id", "nobody"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no record `nobody`"), "{}", ran.err);
    let ran = svi(&["card", "import", "--annuaire", "README.md"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn an_imported_card_names_its_record_and_what_a_person_must_decide() {
    let ran = svi(&["card", "import", "--annuaire", "tests/annuaire/sandillon.json"]);
    assert_eq!(ran.code, 1, "there is something to decide");
    assert!(ran.out.contains("annuaire: \"b94f406e-0b1b-4902-974c-3439a08ec1b0\""), "{}", ran.out);
    assert!(ran.err.contains("sandillon.json:21:27"), "the remark is shown where it is written: {}", ran.err);
    assert!(ran.err.contains("« Accueil ouvert uniquement le 2e et 4e samedis de chaque mois. »"), "{}", ran.err);
    let dir = tempfile::tempdir().unwrap();
    let write = |text: &str| fs::write(dir.path().join("service.yaml"), text).unwrap();
    write(&ran.out);
    let asked =
        |path: &Path| svi(&["card", "check", "--annuaire", "tests/annuaire/sandillon.json", path.to_str().unwrap()]);
    let unfinished = asked(dir.path());
    assert_eq!(unfinished.code, 1);
    assert!(unfinished.err.contains("`phone` is missing"), "{}", unfinished.err);
    write(&ran.out.replace("  # phone:", "  phone:").replace("purpose: \"\"", "purpose: vos démarches"));
    let finished = asked(dir.path());
    assert_eq!(finished.code, 0, "by its own `annuaire:`: {}", finished.err);
    assert!(finished.err.contains("warning[annuaire-comment]"), "{}", finished.err);
}

#[test]
fn a_card_goes_to_the_directory_and_agrees_with_it() {
    let ran = svi(&["card", "export", "--format", "annuaire", "--at", "2026-11-25T10:00", "flows/prefecture"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json()["service"][0]["nom"], "Préfecture du Val-de-Loing");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("annuaire.json");
    fs::write(&file, &ran.out).unwrap();
    let checked = svi(&["card", "check", "--annuaire", file.to_str().unwrap(), "flows/prefecture"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
}
