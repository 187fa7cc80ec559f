//! `svi explain`.

use super::run::svi;

#[test]
fn every_code_is_listed_in_one_line() {
    let ran = svi(&["explain"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let line = ran.out.lines().find(|l| l.contains("no-agent-path")).unwrap();
    assert!(line.contains("An agent is out of reach"), "{line}");
    let french = svi(&["explain", "--language", "fr"]);
    assert!(french.out.contains("Aucun agent à portée"), "{}", french.out);
}

#[test]
fn a_page_tells_why_whence_and_how_to_mend() {
    let ran = svi(&["explain", "menu-too-wide"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    insta::assert_snapshot!(ran.out);
    let french = svi(&["explain", "menu-too-wide", "--language", "fr"]);
    assert!(french.out.contains("Pour corriger"), "{}", french.out);
    let copied = svi(&["explain", "[menu-too-wide]"]);
    assert_eq!(copied.out, ran.out);
    let markdown = svi(&["explain", "menu-too-wide", "--format", "markdown"]);
    assert!(markdown.out.starts_with("# menu-too-wide\n"), "{}", markdown.out);
}

#[test]
fn a_mistyped_code_is_suggested() {
    let ran = svi(&["explain", "no-agent-pat"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean `no-agent-path`?"), "{}", ran.err);
    let far = svi(&["explain", "zzzzzzzz"]);
    assert!(far.err.contains("`svi explain` lists all"), "{}", far.err);
}
