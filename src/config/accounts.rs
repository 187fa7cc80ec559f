//! The sections on agents: their accounts, their codes, and who may hear them.

use std::sync::Arc;

use marked_yaml::Node;

use super::document::{Document, Section};
use super::value;
use super::{Agent, Codes, Credentials, Ha1, Role, Supervision};
use crate::call::Transfers;

pub(super) fn agents(file: &mut Document, node: Option<&Node>) -> Vec<Agent> {
    let Some(node) = node else { return Vec::new() };
    let Some(list) = node.as_sequence() else {
        let help = "write one line per agent: `- { name: amina, password: … }`";
        file.tell("not-a-list", "`agents` must be a list".into(), node, help.into());
        return Vec::new();
    };
    let mut agents: Vec<Agent> = Vec::new();
    for node in list.iter() {
        let mut keys = file.section("agents", Some(node), AGENT);
        let Some(agent) = agent(&mut keys, node) else { continue };
        if agents.iter().any(|other| other.name == agent.name) {
            let message = format!("there are two agents `{}`", agent.name);
            keys.refuse("duplicate-agent", "name", message, "give each agent one account");
            continue;
        }
        let same = |other: &&Agent| agent.extension.is_some() && other.extension == agent.extension;
        if let Some(other) = agents.iter().find(same) {
            let message = format!("`{}` and `{}` have one extension", other.name, agent.name);
            keys.refuse("duplicate-extension", "extension", message, "give each agent another one");
        }
        agents.push(agent);
    }
    agents
}

const AGENT: &[&str] = &["name", "password", "ha1", "ha1_sha256", "number", "confirm", "role", "extension"];

fn agent(keys: &mut Section<'_>, node: &Node) -> Option<Agent> {
    let has = |key: &str| node.as_mapping().is_some_and(|map| map.get_node(key).is_some());
    let name = keys.read("name", value::agent_name);
    let password = keys.read("password", value::secret);
    let md5 = keys.read("ha1", |text| value::hash(text, 32));
    let sha256 = keys.read("ha1_sha256", |text| value::hash(text, 64));
    let number = keys.read("number", value::number);
    let confirm = keys.read("confirm", value::yes_or_no);
    if confirm.is_some() && !has("number") {
        let help = "take it out: only at an outside number a machine may answer";
        keys.refuse("useless-key", "confirm", "`confirm` means nothing without `number`".into(), help);
    }
    let who = name.as_ref().map_or("an agent".to_owned(), |name| format!("agent `{name}`"));
    if has("password") && (has("ha1") || has("ha1_sha256")) {
        let help = "keep the hashes and take the password out";
        keys.refuse("two-secrets", "password", format!("{who} has a password and its hash"), help);
    }
    if !["password", "ha1", "ha1_sha256", "number"].into_iter().any(has) {
        let help = "add `password:`, `ha1:` or `ha1_sha256:` for a phone that registers, or `number:`";
        keys.lacks(format!("{who} can't be reached"), help);
    }
    if !has("name") {
        keys.lacks("an agent has no name".into(), "add `name:` as the queues call the agent");
    }
    let hashes = || (md5.is_some() || sha256.is_some()).then_some(Credentials::Ha1(Ha1 { md5, sha256 }));
    let role = keys.read("role", value::role);
    let extension = keys.read("extension", value::extension);
    let agent = Agent::new(name?, password.map(Credentials::Password).or_else(hashes));
    Some(Agent { number, confirm: confirm.unwrap_or(true), role: role.unwrap_or(Role::Agent), extension, ..agent })
}

pub(super) fn numbers_without_trunk(file: &mut Document, agents: &[Agent], node: Option<&Node>) {
    if let (Some(agent), Some(node)) = (agents.iter().find(|agent| agent.number.is_some()), node) {
        let message = format!("agent `{}` has an outside number, but there is no `trunk`", agent.name);
        file.tell("no-trunk", message, node, "add `trunk:` with the provider's `address:`".into());
    }
}

pub(super) fn codes(file: &mut Document, node: Option<&Node>) -> Codes {
    let mut keys = file.section("codes", node, CODES);
    let usual = Codes::default();
    let mut read = |key: &str, usual: Arc<str>| keys.read(key, value::code).unwrap_or(usual);
    let codes = Codes {
        log_in: read("log_in", usual.log_in),
        log_out: read("log_out", usual.log_out),
        pause: read("pause", usual.pause),
        resume: read("resume", usual.resume),
        ready: read("ready", usual.ready),
        supervise: read("supervise", usual.supervise),
    };
    let all = [&codes.log_in, &codes.log_out, &codes.pause, &codes.resume, &codes.ready, &codes.supervise];
    let clash = CODES.iter().enumerate().find_map(|(i, key)| {
        let other = (0..all.len()).find(|other| *other != i && all[i].starts_with(&**all[*other]))?;
        Some((*key, CODES[other]))
    });
    if let (Some((key, other)), Some(node)) = (clash, node) {
        let message = format!("the code `{key}` begins with the code `{other}`");
        file.tell("same-code", message, node, "no code may be the beginning of another".into());
    }
    codes
}

const CODES: &[&str] = &["log_in", "log_out", "pause", "resume", "ready", "supervise"];

pub(super) fn supervision(file: &mut Document, node: Option<&Node>) -> Supervision {
    let mut keys = file.section("supervision", node, &["allowed", "notice_agent", "notice_caller"]);
    let usual = Supervision::default();
    Supervision {
        allowed: keys.read("allowed", value::yes_or_no).unwrap_or(usual.allowed),
        notice_agent: keys.read("notice_agent", value::yes_or_no).unwrap_or(usual.notice_agent),
        notice_caller: keys.read("notice_caller", value::yes_or_no).unwrap_or(usual.notice_caller),
    }
}

/// What agents' phones may send callers on to.
pub(super) fn transfers(file: &mut Document, node: Option<&Node>) -> Transfers {
    let mut keys = file.section("transfers", node, &["to", "numbers"]);
    let usual = Transfers::default();
    Transfers {
        to: keys.read_list("to", value::transfer_to).unwrap_or(usual.to),
        numbers: keys.read_list("numbers", value::prefix).unwrap_or(usual.numbers),
    }
}
