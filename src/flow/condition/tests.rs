//! Reading, asking and reaching conditions.

use std::collections::BTreeMap;

use super::parse::Fault;
use super::*;
use crate::flow::variables::Scope;
use crate::flow::{ValueKind, Variable};

fn variables() -> Vec<Variable> {
    let variable = |(name, kind): (&str, ValueKind)| Variable { name: name.into(), kind, initial: None };
    [
        ("dossier", ValueKind::Digits),
        ("age", ValueKind::Number),
        ("limite", ValueKind::Number),
        ("statut", ValueKind::Text),
        ("pret", ValueKind::YesNo),
    ]
    .map(variable)
    .to_vec()
}

fn read(text: &str) -> Result<Condition, Fault> {
    parse(text, &Scope { variables: &variables(), prefix: "" })
}

/// A caller of whom this is known.
#[derive(Default)]
struct Call(BTreeMap<u32, Value>);

impl Call {
    fn with(mut self, name: &str, value: Value) -> Self {
        let at = variables().iter().position(|v| *v.name == *name).unwrap();
        self.0.insert(at as u32, value);
        self
    }
}

impl Known for Call {
    fn variable(&self, id: VariableId) -> Option<Value> {
        self.0.get(&id.0).cloned()
    }

    fn fact(&self, fact: Fact) -> Value {
        match fact {
            Fact::Language => Value::Text("en".into()),
            Fact::Caller => Value::Text("mobile".into()),
            Fact::Open => Value::YesNo(true),
            Fact::Day => Value::Text("tuesday".into()),
            Fact::Hour => Value::Number(10),
        }
    }
}

fn holds(call: &Call, text: &str) -> bool {
    read(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.message)).holds(call)
}

#[test]
fn what_is_known_is_compared() {
    let call = Call::default()
        .with("dossier", Value::Digits("0752".into()))
        .with("age", Value::Number(17))
        .with("limite", Value::Number(18))
        .with("statut", Value::Text("en cours".into()))
        .with("pret", Value::YesNo(true));
    for yes in [
        "age = 17",
        "age != 18",
        "age < 18",
        "age <= 17",
        "age > 16",
        "age >= 17",
        "age < limite",
        "dossier = \"0752\"",
        "dossier starts with \"07\"",
        "length of dossier = 4",
        "length of statut > 7",
        "statut = 'en cours'",
        "statut starts with « en »",
        "statut is set",
        "not statut is empty",
        "statut is not empty",
        "pret",
        "pret = yes",
        "not (pret = no)",
        "language = en and open",
        "caller = mobile or caller = landline",
        "day != sunday",
        "hour >= 9 and hour < 17",
        "(age < 10 or age > 16) and not (pret and age = 3)",
    ] {
        assert!(holds(&call, yes), "{yes}");
        assert!(!holds(&call, &format!("not ({yes})")), "{yes}");
    }
}

#[test]
fn a_variable_without_a_value_is_equal_to_nothing() {
    let call = Call::default();
    for no in [
        "age = 0",
        "age < 18",
        "age >= 0",
        "pret",
        "pret = no",
        "dossier starts with \"0\"",
        "age = limite",
        "statut is set",
    ] {
        assert!(!holds(&call, no), "{no}");
    }
    for yes in ["age != 0", "not pret", "statut is empty", "length of statut = 0", "age != limite"] {
        assert!(holds(&call, yes), "{yes}");
    }
    assert!(holds(&Call::default().with("statut", Value::Text("".into())), "statut is empty"));
}

/// The fault with what it marks.
fn fault(text: &str) -> String {
    let fault = read(text).expect_err(text);
    let marked = &text[fault.bytes.clone()];
    format!(
        "{text}\n  {}: {} [{marked}] {} / {}",
        fault.code,
        fault.message,
        fault.label,
        fault.help.unwrap_or_default()
    )
}

#[test]
fn what_is_wrong_is_marked_and_the_right_way_told() {
    let faults = [
        "",
        "age",
        "agee < 18",
        "age < ",
        "< 18",
        "18 > age",
        "age = \"18\"",
        "age = « dix »",
        "dossier = 752",
        "dossier = 0752",
        "dossier = \"7a\"",
        "dossier < 5",
        "statut = cours",
        "statut = 4",
        "pret = 1",
        "pret = oui",
        "language = anglais",
        "language = \"en\"",
        "day = sondag",
        "age starts with 1",
        "statut starts \"a\"",
        "statut is \"a\"",
        "language is set",
        "length of age = 2",
        "length of hour = 2",
        "length statut",
        "age = statut",
        "age < 18 and pret or open",
        "(age < 18",
        "age < 18)",
        "age < 18 pret",
        "age < 18 et pret",
        "pret && open",
        "not",
        "age == 18",
        "âge < 18",
    ];
    insta::assert_snapshot!(faults.map(fault).join("\n"));
}

#[test]
fn no_depth_and_no_length_is_too_much() {
    for text in
        ["(".repeat(5_000), "not ".repeat(199), "pret and ".repeat(5_000), format!("{}pret", "not (".repeat(60))]
    {
        assert!(read(&text).is_err());
    }
    assert!(read(&format!("{}pret{}", "(".repeat(10), ")".repeat(10))).is_ok());
}

fn reached(texts: &[&str]) -> Vec<Reach> {
    let conditions: Vec<Condition> = texts.iter().map(|text| read(text).unwrap()).collect();
    reach(&conditions.iter().collect::<Vec<_>>(), &variables())
}

#[test]
fn a_condition_that_contradicts_itself_is_found() {
    for never in [
        "age < 18 and age > 18",
        "age > 17 and age < 18",
        "age > 999999999999",
        "not (age = 1 or age != 1)",
        "dossier starts with \"75\" and dossier starts with \"92\"",
        "dossier = \"75\" and length of dossier = 3",
        "length of dossier > 32",
        "statut = \"a\" and statut is empty",
        "pret and not pret",
        "language = fr and language = en",
        "hour < 24 and hour > 23",
        "day = monday and day = tuesday",
        "statut starts with \"abc\" and length of statut < 3",
    ] {
        assert_eq!(reached(&[never]), [Reach::Never], "{never}");
    }
    for open in [
        "age < 18 or age > 18",
        "age > 17 and age < 19",
        "age != 1 and age != 2",
        "dossier starts with \"7\" and not dossier starts with \"75\"",
        "dossier starts with \"7\" and length of dossier = 32",
        "age < limite and limite < age",
        "statut != \"a\" and statut is set and length of statut = 1",
        "pret != yes and pret != no",
    ] {
        assert_eq!(reached(&[open]), [Reach::Open], "{open}");
    }
}

#[test]
fn digits_that_begin_with_every_digit_are_all_digits() {
    let mut every: Vec<String> = (0..10).map(|d| format!("dossier starts with \"{d}\"")).collect();
    every.push("dossier is set".to_owned());
    let texts: Vec<&str> = every.iter().map(String::as_str).collect();
    assert_eq!(reached(&texts).last(), Some(&Reach::Shadowed(None)));
    assert_eq!(reached(&texts[1..]).last(), Some(&Reach::Open));
}

#[test]
fn a_condition_behind_a_wider_one_is_shadowed() {
    use Reach::{Open, Shadowed};
    assert_eq!(reached(&["age < 18", "age < 10", "age >= 18"]), [Open, Shadowed(Some(0)), Open]);
    assert_eq!(reached(&["age < 18", "age >= 18", "age is set"]), [Open, Open, Shadowed(None)]);
    assert_eq!(reached(&["age < 18", "age >= 18", "age is empty"]), [Open; 3]);
    assert_eq!(
        reached(&["language = fr", "pret", "language = en", "language != fr"]),
        [Open, Open, Open, Shadowed(Some(2))]
    );
    assert_eq!(reached(&["language = fr", "language = en", "age = 3 and language = en"])[2], Shadowed(Some(1)));
    assert_eq!(
        reached(&["statut = \"clos\"", "statut starts with \"clo\"", "statut starts with \"clos\""])[2],
        Shadowed(Some(1))
    );
}

proptest::proptest! {
    /// Whatever is written, it is read or told, and what is marked is in the text.
    #[test]
    fn no_text_is_too_much(text in r#"([(]|[)]|age|pret|not|and|or|is|set|starts|with|length|of|"75"|18|<=|=|!=|é| |'|0){0,20}"#) {
        match read(&text) {
            Ok(condition) => { let _ = condition.holds(&Call::default()); }
            Err(fault) => proptest::prop_assert!(text.get(fault.bytes.clone()).is_some(), "{:?}", fault),
        }
    }

    /// What is said never to hold holds for nobody: tried with many ages.
    #[test]
    fn what_never_holds_holds_for_nobody(a in 0u64..6, b in 0u64..6, c in 0u64..6, signs in proptest::collection::vec(0usize..6, 3), join in 0usize..4) {
        let sign = |i: usize| ["=", "!=", "<", "<=", ">", ">="][signs[i]];
        let (x, y, z) = (format!("age {} {a}", sign(0)), format!("age {} {b}", sign(1)), format!("age {} {c}", sign(2)));
        let text = match join {
            0 => format!("{x} and {y} and {z}"),
            1 => format!("({x} or {y}) and {z}"),
            2 => format!("{x} and not ({y} or {z})"),
            _ => format!("{x} and not {y}"),
        };
        let condition = read(&text).unwrap();
        let someone = (0..8).map(|n| Call::default().with("age", Value::Number(n))).chain([Call::default()]).any(|call| condition.holds(&call));
        let expected = if someone { Reach::Open } else { Reach::Never };
        proptest::prop_assert_eq!(reach(&[&condition], &variables())[0], expected, "{}", text);
    }
}
