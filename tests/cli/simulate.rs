//! `svi simulate`: what a caller would hear.

use super::run::{Ran, svi};

fn simulate(args: &[&str]) -> Ran {
    let ran = svi(&[&["simulate"], args].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    ran
}

/// The words of the lines of one kind.
fn lines(ran: &Ran, who: &str) -> Vec<String> {
    let all = ran.json();
    let of_kind = all.as_array().unwrap().iter().filter(|line| line["who"] == who);
    of_kind.map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn on_a_holiday_zero_is_told_the_truth() {
    let ran = simulate(&["flows/france-services", "--at", "2026-12-25T10:00", "--keys", "0", "--json"]);
    let told = lines(&ran, "service").join("\n");
    for truth in [
        "Nous sommes fermés",
        "du lundi au vendredi",
        "accueil arobase f s tiret montreuil point example",
        "service tiret public point f r",
    ] {
        assert!(
            told.contains(truth),
            "{truth} is not in
{told}"
        );
    }
    assert!(lines(&ran, "queue").is_empty(), "nobody waits in vain: {}", ran.out);
    assert!(lines(&ran, "agent").is_empty(), "{}", ran.out);
}

#[test]
fn who_waits_is_told_the_true_rank() {
    let at = ["--at", "2026-11-24T10:00", "--keys", "0", "--queue", "waiting=12,agents=3", "--json"];
    let ran = simulate(&[&["flows/france-services"], &at[..]].concat());
    let told = lines(&ran, "service").join("\n");
    assert!(told.contains("treizième"), "twelve are before this one:\n{told}");
    assert!(!lines(&ran, "music").is_empty(), "{}", ran.out);
    assert!(!lines(&ran, "agent").is_empty(), "somebody answers in the end: {}", ran.out);
}

/// The words and their order, without the times: those depend on the recorded voice.
#[test]
fn a_script_s_transcript() {
    let ran = simulate(&["flows/france-services", "--at", "2026-11-24T10:00", "--keys", "2,0"]);
    let timeless: Vec<&str> =
        ran.out.lines().map(|line| line.split_once("  ").map_or(line, |(_, rest)| rest)).collect();
    insta::assert_snapshot!(timeless.join("\n"));
}

#[test]
fn random_callers_are_all_served() {
    for flow in ["flows/france-services", "flows/prefecture"] {
        for seed in ["1", "2"] {
            let ran = simulate(&[flow, "--random", "32", "--seed", seed]);
            assert!(
                ran.err.contains("32 random callers") && ran.err.contains(", 0 not served"),
                "{}{}",
                ran.out,
                ran.err
            );
        }
    }
}

#[test]
fn the_same_seed_is_the_same_call() {
    let at = ["flows/prefecture", "--at", "2026-11-24T10:00", "--keys", "1,3", "--queue", "waiting=5,agents=2"];
    assert_eq!(simulate(&at).out, simulate(&at).out);
}

#[test]
fn what_can_not_be_simulated_is_said() {
    for (args, word) in [
        (&["flows/france-services", "--at", "demain"][..], "demain"),
        (&["flows/france-services", "--keys", "1,x"], "x"),
        (&["flows/france-services", "--queue", "wating=3"], "wating"),
        (&["no/such/flow"], "no/such/flow"),
    ] {
        let ran = svi(&[&["simulate"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_simulated_call_is_kept_as_a_test_that_passes() {
    let dir = tempfile::tempdir().unwrap();
    for (number, args) in [
        &["--at", "2026-11-24T10:00", "--keys", "1,0", "--queue", "waiting=3,agents=2"][..],
        &["--at", "2026-11-24T10:00", "--keys", "2s:9,3s:12,9s:0,30s:#,200s:1", "--queue", "waiting=6,agents=1"],
        &["--at", "2026-11-24T20:00:07", "--keys", "9s:0,1"],
        &["--at", "2026-11-24T12:29", "--from", "0612345678", "--queue", "waiting=4,agents=1"],
    ]
    .into_iter()
    .enumerate()
    {
        let own = super::run::edited(&dir.path().join(number.to_string()), &[]);
        let tests = own.join("tests");
        std::fs::create_dir(&tests).unwrap();
        let file = tests.join("appel.yaml");
        let keys = if args.contains(&"--keys") { &[][..] } else { &["--keys", ""] };
        let ran = simulate(&[&[own.to_str().unwrap()], args, keys, &["--record", file.to_str().unwrap()]].concat());
        assert!(ran.err.contains("kept as a test"), "{}", ran.err);
        let tested = svi(&["test", own.to_str().unwrap()]);
        assert_eq!(tested.code, 0, "{}\n{}", tested.out, std::fs::read_to_string(&file).unwrap());
        let again = svi(&["simulate", own.to_str().unwrap(), "--keys", "1", "--record", file.to_str().unwrap()]);
        assert_eq!(again.code, 2, "nothing is written over: {}", again.err);
    }
}

#[test]
fn a_random_caller_who_is_not_served_becomes_a_test_that_passes_once_it_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let told = "  ferme:\n    tell: [hours, contact]";
    let own = super::run::edited(dir.path(), &[(told, "  ferme:\n    tell: [contact]")]);
    let own = own.to_str().unwrap();
    let found = svi(&["simulate", own, "--random", "64"]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    let (_, test) = found.out.split_once("# As a test, which passes once it is mended:\n").unwrap();
    let tests = std::path::Path::new(own).join("tests");
    std::fs::create_dir(&tests).unwrap();
    std::fs::write(tests.join("appelant.yaml"), test.split("\ncaller ").next().unwrap()).unwrap();
    assert_eq!(svi(&["test", own]).code, 1, "{test}");
    let flow = std::path::Path::new(own).join("accueil.yaml");
    let mended = std::fs::read_to_string(&flow).unwrap().replace("  ferme:\n    tell: [contact]", told);
    std::fs::write(&flow, mended).unwrap();
    let ran = svi(&["test", own]);
    assert_eq!(ran.code, 0, "{}{}\n{test}", ran.out, ran.err);
}
