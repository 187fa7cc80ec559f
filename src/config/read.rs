//! Each section of the file into its part of the settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use marked_yaml::Node;

use super::document::{Document, Section};
use super::value;
use super::{Agent, Credentials, Ha1, Http, Limits, Paths, Rtp, Settings, Sip, Trunk};
use crate::diag::{Diagnostic, Source};

pub(super) fn settings(source: &Arc<Source>) -> Result<Settings, Vec<Diagnostic>> {
    let mut document = Document::new(source);
    let tree = document.tree();
    let mut top = document.section("", tree.as_ref(), TOP);
    let log = top.read("log", value::text);
    let [sip_node, http_node, rtp_node, paths_node, agents_node, trunk_node, limits_node] =
        ["sip", "http", "rtp", "paths", "agents", "trunk", "limits"].map(|key| top.node(key).cloned());
    let file = &mut document;
    let settings = Settings {
        sip: sip(file, sip_node.as_ref()),
        http: http(file, http_node.as_ref()),
        rtp: rtp(file, rtp_node.as_ref()),
        paths: paths(file, paths_node.as_ref()),
        agents: agents(file, agents_node.as_ref()),
        trunk: trunk(file, trunk_node.as_ref()),
        limits: limits(file, limits_node.as_ref()),
        log,
    };
    if settings.trunk.is_none() && trunk_node.is_none() {
        numbers_without_trunk(file, &settings.agents, agents_node.as_ref());
    }
    if document.found.is_empty() {
        return Ok(settings);
    }
    document.found.sort_by_key(|d| d.span.as_ref().map(|span| span.bytes.start));
    Err(document.found)
}

const TOP: &[&str] = &["sip", "http", "rtp", "paths", "agents", "trunk", "limits", "log"];

fn sip(file: &mut Document, node: Option<&Node>) -> Sip {
    let mut keys = file.section("sip", node, &["listen", "advertise", "realm", "digest"]);
    let usual = Sip::default();
    Sip {
        listen: keys.read("listen", value::address).unwrap_or(usual.listen),
        advertise: keys.read("advertise", value::host),
        realm: keys.read("realm", value::text).unwrap_or(usual.realm),
        digest: keys.read("digest", value::digest),
    }
}

fn http(file: &mut Document, node: Option<&Node>) -> Http {
    let mut keys = file.section("http", node, &["listen"]);
    Http { listen: keys.read("listen", value::address).unwrap_or(Http::default().listen) }
}

fn rtp(file: &mut Document, node: Option<&Node>) -> Rtp {
    let mut keys = file.section("rtp", node, &["ports", "workers", "pin"]);
    Rtp {
        ports: keys.read("ports", value::ports).unwrap_or(Rtp::default().ports),
        workers: keys.read("workers", value::count),
        pin: keys.read("pin", value::yes_or_no).unwrap_or_default(),
    }
}

fn paths(file: &mut Document, node: Option<&Node>) -> Paths {
    let mut keys = file.section("paths", node, &["flows", "prompts", "data"]);
    let usual = Paths::default();
    Paths {
        flows: keys.read("flows", value::path).unwrap_or(usual.flows),
        prompts: keys.read("prompts", value::path).unwrap_or(usual.prompts),
        data: keys.read("data", value::path).unwrap_or(usual.data),
    }
}

fn limits(file: &mut Document, node: Option<&Node>) -> Limits {
    let mut keys = file.section("limits", node, &["calls", "call_duration", "media_silence"]);
    let usual = Limits::default();
    Limits {
        calls: keys.read("calls", value::count).unwrap_or(usual.calls),
        call_duration: keys.read("call_duration", value::duration).unwrap_or(usual.call_duration),
        media_silence: keys.read("media_silence", value::duration).unwrap_or(usual.media_silence),
    }
}

fn agents(file: &mut Document, node: Option<&Node>) -> Vec<Agent> {
    let Some(node) = node else { return Vec::new() };
    let Some(list) = node.as_sequence() else {
        let help = "write one line per agent: `- { name: amina, password: … }`";
        file.tell("not-a-list", "`agents` must be a list".into(), node, help.into());
        return Vec::new();
    };
    let mut names = BTreeSet::new();
    let mut agents = Vec::new();
    for node in list.iter() {
        let mut keys = file.section("agents", Some(node), &["name", "password", "ha1", "ha1_sha256", "number"]);
        let Some(agent) = agent(&mut keys, node) else { continue };
        if names.insert(agent.name.clone()) {
            agents.push(agent);
        } else {
            let message = format!("there are two agents `{}`", agent.name);
            keys.refuse("duplicate-agent", "name", message, "give each agent one account");
        }
    }
    agents
}

fn agent(keys: &mut Section<'_>, node: &Node) -> Option<Agent> {
    let has = |key: &str| node.as_mapping().is_some_and(|map| map.get_node(key).is_some());
    let name = keys.read("name", value::agent_name);
    let password = keys.read("password", value::secret);
    let md5 = keys.read("ha1", |text| value::hash(text, 32));
    let sha256 = keys.read("ha1_sha256", |text| value::hash(text, 64));
    let number = keys.read("number", value::number);
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
    Some(Agent { name: name?, credentials: password.map(Credentials::Password).or_else(hashes), number })
}

fn numbers_without_trunk(file: &mut Document, agents: &[Agent], node: Option<&Node>) {
    if let (Some(agent), Some(node)) = (agents.iter().find(|agent| agent.number.is_some()), node) {
        let message = format!("agent `{}` has an outside number, but there is no `trunk`", agent.name);
        file.tell("no-trunk", message, node, "add `trunk:` with the provider's `address:`".into());
    }
}

fn trunk(file: &mut Document, node: Option<&Node>) -> Option<Trunk> {
    let node = node?;
    let known = &["address", "username", "password", "presented", "prefixes"];
    let mut keys = file.section("trunk", Some(node), known);
    let address = keys.read("address", value::host_port);
    if node.as_mapping().is_some_and(|map| map.get_node("address").is_none()) {
        keys.lacks("the trunk has no address".into(), "add `address: sip.example.fr:5060`, the provider's");
    }
    let (host, port) = address.unwrap_or_default();
    let trunk = Trunk {
        host,
        port,
        username: keys.read("username", value::text),
        password: keys.read("password", value::secret),
        presented: keys.read("presented", value::number),
        prefixes: keys.read_list("prefixes", value::prefix).unwrap_or_else(|| vec!["+33".into()]),
    };
    if trunk.password.is_some() && trunk.username.is_none() {
        keys.refuse("missing-key", "password", "a password without a user name".into(), "add `username:`");
    }
    Some(trunk)
}
