//! The form of a service's files as JSON Schema, for editors and for whoever writes such
//! files with a program.
//!
//! It is made from the [`Shape`]s that the parser itself checks with, so that a key which
//! is added there is published without another line. Draft-07 is what the YAML language
//! server of VS Code, Neovim and Emacs has always read; later drafts are
//! [partly ignored](https://github.com/redhat-developer/vscode-yaml/issues/1122) there.

mod words;

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::role::{Role, SUBFLOW};
use super::step::VERBS;
use super::subflow;
use super::trial::{self, TESTS};
use super::yaml::{Field, Kind, Must, Shape, TEXTS, Usual, Written};
use crate::base::limits::FLOW_STEPS;
use crate::diag::rules::{Allowance, Rule, rules};

pub(super) use words::about;

/// The JSON Schema (draft-07) of a file of this role. What it takes may still be refused
/// by [`super::load`], which sees all files of the service together.
pub fn schema(role: Role) -> Value {
    let root = with_allow(value(role.kind(), Written::Freely, role.word()));
    let mut root = if role == Role::Flow { or_subflow(&root) } else { root };
    let title = match role {
        Role::Flow => "A flow of svi",
        Role::Queues => "The queues of a service (queues.yaml)",
        Role::Service => "The card of a service (service.yaml)",
    };
    set(&mut root, "$schema", json!("http://json-schema.org/draft-07/schema#"));
    set(&mut root, "title", json!(title));
    if role == Role::Flow {
        set(&mut root, "definitions", definitions());
    }
    root
}

/// The JSON Schema (draft-07) of a file of tests, `tests/*.yaml` beside the flows. Whether
/// its steps, agents and keys exist is seen by [`super::trials`].
pub fn trials_schema() -> Value {
    let mut root = map(&trial::FILE, TESTS);
    set(&mut root, "$schema", json!("http://json-schema.org/draft-07/schema#"));
    set(&mut root, "title", json!("Tests of the flows of a service (tests/*.yaml)"));
    let answers = json!({ "type": "object", "additionalProperties": true });
    let test = &mut root["properties"][TESTS]["additionalProperties"];
    // A line of a call says one thing.
    let line = &mut test["properties"]["call"]["items"]["anyOf"][1];
    set(line, "minProperties", json!(1));
    set(line, "maxProperties", json!(1));
    set(&mut test["properties"], "lookups", described(answers.clone(), &path(TESTS, "lookups")));
    set(&mut root["properties"], "lookups", described(answers, &path(TESTS, "lookups")));
    root
}

/// A flow, or a sub-flow where the key says that it is one.
fn or_subflow(flow: &Value) -> Value {
    let subflow = with_allow(map(&subflow::HEADER, SUBFLOW));
    json!({ "type": "object", "if": { "required": [SUBFLOW] }, "then": subflow, "else": flow })
}

/// A step, and each kind of step by the name of its verb.
fn definitions() -> Value {
    let mut all = Map::new();
    for verb in VERBS {
        all.insert(verb.name.to_owned(), with_allow(map(verb.shape, verb.name)));
    }
    let offered: Map<String, Value> =
        VERBS.iter().map(|v| (v.name.to_owned(), described(json!({}), &path(v.name, v.name)))).collect();
    let one: Vec<Value> = VERBS.iter().map(|v| json!({ "required": [v.name] })).collect();
    // With `if`, a mistake in a step is told of its own kind only, at its own place.
    let each: Vec<Value> = VERBS
        .iter()
        .map(|v| {
            let reference = format!("#/definitions/{}", v.name);
            json!({ "if": { "required": [v.name] }, "then": { "$ref": reference } })
        })
        .collect();
    all.insert("step".to_owned(), json!({ "type": "object", "properties": offered, "oneOf": one, "allOf": each }));
    Value::Object(all)
}

fn map(shape: &Shape, at: &str) -> Value {
    let properties: Map<String, Value> =
        shape.fields.iter().map(|f| (f.name.to_owned(), property(f, &path(at, f.name)))).collect();
    let needed: Vec<&str> = shape.fields.iter().filter(|f| f.must != Must::Never).map(|f| f.name).collect();
    let mut map = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !needed.is_empty() {
        set(&mut map, "required", json!(needed));
    }
    map
}

/// The same with the key `allow`, which [`super::allow`] takes out before the shape is checked.
fn with_allow(mut map: Value) -> Value {
    let allowed = |rule: &&Rule| rule.allowance == Allowance::WithReason;
    let codes: Vec<&str> = rules().iter().filter(allowed).map(|rule| rule.code).collect();
    let reason = word(Written::Freely);
    let allow = json!({ "type": "object", "propertyNames": { "enum": codes }, "additionalProperties": reason });
    if map["properties"].is_null() {
        set(&mut map, "properties", json!({}));
    }
    set(&mut map["properties"], "allow", described(allow, "allow"));
    map
}

fn property(field: &Field, at: &str) -> Value {
    let mut property = described(value(&field.kind, field.written, at), at);
    if let Some(usual) = usual(field.usual) {
        set(&mut property, "default", usual);
    }
    property
}

fn described(mut schema: Value, at: &str) -> Value {
    if let Some(about) = about(at) {
        set(&mut schema, "description", json!(format!("{}\n\n{}", about.fr, about.en)));
    }
    schema
}

fn value(kind: &Kind, written: Written, at: &str) -> Value {
    match kind {
        Kind::Text => json!({ "anyOf": [word(written), map(&TEXTS, "text")] }),
        Kind::Word | Kind::StepName | Kind::QueueName => word(written),
        Kind::Key => json!({ "enum": keys() }),
        Kind::Count(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Duration => json!({ "type": "string", "pattern": DURATION, "examples": ["20s", "1m30s"] }),
        Kind::Percent => json!({ "type": "string", "pattern": PERCENT, "examples": ["20%"] }),
        Kind::Phone => json!({ "type": "string", "pattern": PHONE, "examples": ["+33143124567"] }),
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::List(each) => json!({ "type": "array", "items": value(each, written, at) }),
        Kind::OneOrMore(each) => {
            let one = value(each, written, at);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Kind::Map(shape) => map(shape, at),
        Kind::MapOr(shape, other) => json!({ "anyOf": [value(other, written, at), map(shape, at)] }),
        Kind::Named(each) => named(each, at),
        Kind::Ending => json!({ "anyOf": [word(written), map(&TEXTS, "text"), { "enum": [null, true] }] }),
        Kind::Any => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Step => json!({ "$ref": "#/definitions/step" }),
    }
}

fn named(each: &Kind, at: &str) -> Value {
    let one = value(each, Written::Freely, at);
    // Of what the admin names, queues are the ones in which findings can be allowed.
    let one = if at == Role::Queues.word() { with_allow(one) } else { one };
    let mut named = json!({ "type": "object", "additionalProperties": one });
    if matches!(each, Kind::Step) {
        set(&mut named, "minProperties", json!(1));
        set(&mut named, "maxProperties", json!(FLOW_STEPS));
    }
    named
}

fn word(written: Written) -> Value {
    match written {
        Written::Freely => json!({ "type": "string", "pattern": "\\S" }),
        Written::As(pattern) => json!({ "type": "string", "pattern": pattern }),
        Written::OneOf(words) => json!({ "enum": words }),
    }
}

/// Every way to write a telephone key.
fn keys() -> Vec<Value> {
    let digits = (0..=9).map(|n| json!(n)).chain((0..=9).map(|n| json!(n.to_string())));
    digits.chain(["star", "hash", "*", "#"].map(|word| json!(word))).collect()
}

/// What holds where a key is not written, as it would be written.
pub(super) fn usual(usual: Usual) -> Option<Value> {
    match usual {
        Usual::Nothing => None,
        Usual::Count(count) => Some(json!(count)),
        Usual::Flag(flag) => Some(json!(flag)),
        Usual::Duration(duration) => Some(json!(spelled(duration))),
        Usual::Word(word) => Some(json!(word)),
    }
}

/// A duration as the language reads it, such as `1m30s`.
fn spelled(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"), (u64::from(millis), "ms")];
    let spelled: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if spelled.is_empty() { "0s".to_owned() } else { spelled }
}

/// A key's place in `words.yaml`.
pub(super) fn path(at: &str, name: &str) -> String {
    format!("{at}.{name}")
}

fn set(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = schema {
        map.insert(key.to_owned(), value);
    }
}

/// As [`super::yaml::duration`] reads it.
const DURATION: &str = r"^\s*([0-9]+(ms|s|min|m|h))+\s*$";
/// As [`super::yaml::percent`] reads it.
const PERCENT: &str = r"^\s*0*([1-9][0-9]?|100)\s*%\s*$";
/// As [`crate::base::PhoneNumber`] reads it.
const PHONE: &str = r"^\s*\+?[ .()\u00a0\u202f-]*([0-9][ .()\u00a0\u202f-]*){2,15}\s*$";

#[cfg(test)]
mod tests;
