use std::collections::BTreeSet;

use serde_json::Value;

use super::words::{about, paths};
use super::*;
use crate::base::PhoneNumber;
use crate::diag::{Diagnostic, Source};
use crate::flow::tests::{AUDIO, CARD, QUEUES};
use crate::flow::yaml::{Tree, duration, parse, percent};
use crate::flow::{Loaded, load};

/// Calls `seen` for every key of every shape, with its path.
fn every_key(seen: &mut dyn FnMut(&'static Field, &str)) {
    fn walk(kind: &'static Kind, at: &str, seen: &mut dyn FnMut(&'static Field, &str)) {
        match kind {
            Kind::List(each) | Kind::OneOrMore(each) | Kind::Named(each) => walk(each, at, seen),
            Kind::Map(shape) => fields(shape, at, seen),
            Kind::MapOr(shape, other) => {
                fields(shape, at, seen);
                walk(other, at, seen);
            }
            _ => {}
        }
    }
    fn fields(shape: &'static Shape, at: &str, seen: &mut dyn FnMut(&'static Field, &str)) {
        for field in shape.fields {
            let at = path(at, field.name);
            seen(field, &at);
            walk(&field.kind, &at, seen);
        }
    }
    for role in Role::ALL {
        walk(role.kind(), role.word(), seen);
    }
    for verb in VERBS {
        fields(verb.shape, verb.name, seen);
    }
    fields(&subflow::HEADER, SUBFLOW, seen);
    fields(&TEXTS, "text", seen);
    fields(&trial::FILE, TESTS, seen);
}

/// What is no part of any shape.
const ALLOW: &str = "allow";

#[test]
fn every_key_is_explained_in_both_languages_and_no_other() {
    let mut keys = BTreeSet::from([ALLOW.to_owned()]);
    every_key(&mut |_, at| {
        keys.insert(at.to_owned());
    });
    let missing: Vec<_> = keys.iter().filter(|key| about(key).is_none()).collect();
    assert!(missing.is_empty(), "add to src/flow/schema/words.yaml: {missing:#?}");
    let is_used = |path: &str| match path.strip_prefix("any.") {
        Some(name) => keys.iter().any(|key| key.rsplit('.').next() == Some(name)),
        None => keys.contains(path),
    };
    let idle: Vec<_> = paths().filter(|path| !is_used(path)).collect();
    assert!(idle.is_empty(), "no shape has these keys of words.yaml: {idle:#?}");
    for path in paths() {
        let about = about(path).unwrap();
        for text in [&about.fr, &about.en] {
            assert!(text.ends_with('.') && !text.contains(['\n', '`']) && text.chars().count() < 160, "{path}: {text}");
        }
    }
}

#[test]
fn the_published_schemas_are_current() {
    for role in Role::ALL {
        let word = role.word();
        let published = match role {
            Role::Flow => include_str!("../../../docs/schema/flow.json"),
            Role::Queues => include_str!("../../../docs/schema/queues.json"),
            Role::Service => include_str!("../../../docs/schema/service.json"),
        };
        let made = format!("{:#}\n", schema(role));
        assert!(published == made, "run `svi schema {word} > docs/schema/{word}.json`");
    }
    let made = format!("{:#}\n", trials_schema());
    let published = include_str!("../../../docs/schema/tests.json");
    assert!(published == made, "run `svi schema tests > docs/schema/tests.json`");
}

/// A value of a kind that every check of form takes.
fn sample(field: &Field, all: bool) -> String {
    match field.written {
        Written::As(_) if matches!(field.name, "url" | "site" | "online") => "https://www.service-public.fr".to_owned(),
        Written::As(_) if field.name == "address" => "a@b.example".to_owned(),
        Written::As(_) if field.name == "abroad" => "['+32']".to_owned(),
        Written::As(_) => "'2026-12-24'".to_owned(),
        Written::OneOf(words) => words[0].to_owned(),
        Written::Freely => of_kind(&field.kind, all),
    }
}

fn of_kind(kind: &Kind, all: bool) -> String {
    match kind {
        Kind::Text => "{ fr: Bonjour, en: Hello }".to_owned(),
        Kind::Word => "mot".to_owned(),
        Kind::StepName => "agents".to_owned(),
        Kind::QueueName => "agents".to_owned(),
        Kind::Key => "1".to_owned(),
        Kind::Count(least, _) => least.to_string(),
        Kind::Flag => "true".to_owned(),
        Kind::Duration => "10s".to_owned(),
        Kind::Percent => "20%".to_owned(),
        Kind::Phone => "'+33143124567'".to_owned(),
        Kind::OneOf(words) => words[0].to_owned(),
        Kind::OneOrMore(each) => of_kind(each, all),
        Kind::List(each) => format!("[{}]", of_kind(each, all)),
        Kind::Map(shape) | Kind::MapOr(shape, _) if all => in_braces(shape, all),
        Kind::Map(shape) => in_braces(shape, all),
        Kind::MapOr(_, other) => of_kind(other, all),
        Kind::Named(each) => format!("{{ agents: {} }}", of_kind(each, all)),
        Kind::Ending => "true".to_owned(),
        Kind::Any => "'42'".to_owned(),
        Kind::Step => "{ queue: agents, nobody: agents }".to_owned(),
    }
}

/// A map with all its keys, or with those that are needed.
fn in_braces(shape: &Shape, all: bool) -> String {
    let fields = shape.fields.iter().filter(|f| all || f.must != Must::Never);
    let pairs: Vec<String> = fields.map(|f| format!("{}: {}", f.name, sample(f, all))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A flow of an agent's step and of the step `probe` with these keys.
fn flow_with(keys: &str) -> String {
    let steps = format!("  agents: {{ queue: agents, nobody: probe }}\n  probe: {keys}\n");
    format!("flow: f\nnumbers: ['100']\nagent: agents\nstart: probe\nsteps:\n{steps}")
}

fn with_step(keys: &str) -> Loaded {
    let flow = flow_with(keys);
    let files = [("service.yaml", CARD), ("queues.yaml", QUEUES), ("f.yaml", flow.as_str())];
    load("test", &files.map(|(path, text)| Source::new(path, text)), &AUDIO)
}

/// What the form of a file can be wrong in.
fn faults_of_form(diagnostics: &[Diagnostic]) -> Vec<String> {
    let form = ["wrong-type", "unknown-key", "missing-key", "yaml-syntax"];
    let faults = diagnostics.iter().filter(|d| form.contains(&d.code));
    faults.map(|d| format!("{}: {}", d.code, d.message)).collect()
}

#[test]
fn every_key_that_is_published_is_read() {
    for verb in VERBS {
        for all in [true, false] {
            let keys = in_braces(verb.shape, all);
            // Whatever the shape leaves open and the other keys of the step make necessary.
            let keys = keys.replace("method: get, send", "method: post, send");
            let keys = if all { keys } else { keys.replace("for: { fr: Bonjour", "go: agents, for: { fr: Bonjour") };
            assert_eq!(faults_of_form(&with_step(&add_nobody(verb.name, &keys)).diagnostics), [""; 0], "{keys}");
        }
    }
    for (role, all) in Role::ALL.into_iter().flat_map(|r| [(r, true), (r, false)]) {
        let text = of_kind(role.kind(), all).replace(", to: '2026-12-24'", ", to: '2026-12-25'");
        let text = text.replace("keys: { agents: agents }", "keys: { 9: agents }");
        let file = |r: Role, usual: &'static str| if r == role { text.clone() } else { usual.to_owned() };
        let flow = "flow: f\nnumbers: ['100']\nagent: a\nstart: a\nsteps:\n  a: { queue: agents, nobody: a }\n";
        let files = [
            Source::new("service.yaml", file(Role::Service, CARD)),
            Source::new("queues.yaml", file(Role::Queues, QUEUES)),
            Source::new("f.yaml", file(Role::Flow, flow)),
        ];
        assert_eq!(faults_of_form(&load("test", &files, &AUDIO).diagnostics), [""; 0], "{text}");
    }
}

fn add_nobody(verb: &str, keys: &str) -> String {
    if verb == "queue" && !keys.contains("nobody") { keys.replace(" }", ", nobody: agents }") } else { keys.to_owned() }
}

fn tree(path: &str, text: &str) -> Tree {
    parse(&Source::new(path, text), &mut Vec::new()).unwrap()
}

#[test]
fn every_default_that_is_published_is_the_one_that_holds() {
    fn pairs(shape: &Shape, usuals: bool) -> String {
        let field = |f: &Field| match (&f.kind, f.must, usual(f.usual)) {
            (Kind::Map(inner), Must::Always, _) => Some(pairs(inner, usuals)),
            (Kind::MapOr(inner, _), Must::Always, _) if usuals => Some(pairs(inner, usuals)),
            (_, Must::Always, _) => Some(sample(f, false)),
            (_, _, Some(usual)) if usuals => Some(usual.to_string()),
            _ => None,
        };
        let pairs: Vec<String> =
            shape.fields.iter().filter_map(|f| Some(format!("{}: {}", f.name, field(f)?))).collect();
        format!("{{ {} }}", pairs.join(", "))
    }
    for verb in VERBS {
        let built = |usuals: bool| {
            let keys = pairs(verb.shape, usuals).replace("for: { fr: Bonjour", "go: agents, for: { fr: Bonjour");
            let keys = add_nobody(verb.name, &keys);
            let file = flow_with(&keys);
            let context = crate::flow::file::Context {
                service: "test".into(),
                card: crate::flow::card::read(tree("service.yaml", CARD), &mut Vec::new()).map(|f| f.card),
                queues: crate::flow::queues::read("test", &tree("queues.yaml", QUEUES), &mut Vec::new()),
                subflows: std::sync::Arc::default(),
            };
            let mut out = Vec::new();
            let flow = crate::flow::file::read(&context, tree("f.yaml", &file), &mut out);
            assert_eq!(faults_of_form(&out), [""; 0], "{keys}");
            format!("{:?}", flow.unwrap().program.steps[1].kind)
        };
        assert_eq!(built(false), built(true), "{}", verb.name);
    }
}

#[test]
fn patterns_show_examples_that_are_read() {
    let text = schema(Role::Flow).to_string();
    for (pattern, good) in [
        (DURATION, duration("1m30s").is_some() && duration("20s").is_some()),
        (PERCENT, percent("20%").is_some()),
        (PHONE, PhoneNumber::parse("+33143124567").is_ok()),
    ] {
        assert!(good && text.contains(&Value::from(pattern).to_string()), "{pattern}");
    }
}

#[test]
fn a_duration_is_spelled_as_it_is_read() {
    for (millis, text) in [(0, "0s"), (500, "500ms"), (5_000, "5s"), (90_000, "1m30s"), (3_600_000, "1h")] {
        let span = Duration::from_millis(millis);
        assert_eq!(spelled(span), text);
        assert_eq!(duration(text), Some(span));
    }
}
