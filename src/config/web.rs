//! `web:`: what citizens may ask for on the web, and from where.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use marked_yaml::Node;

use super::document::Document;
use super::value::{self, Parsed};
use crate::base::{Localized, QueueName, limits};

/// What citizens may ask for on the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// `callbacks:` the queues for which a callback may be asked for; none when not said,
    /// and then there is no page and no public request.
    pub callbacks: Vec<Offered>,
    /// `embed:` the origins of web sites that may show the pages in a frame; none when not said.
    pub embed: Vec<String>,
    /// `proxies:` whose `X-Forwarded-For` is believed; this machine when not said.
    pub proxies: Vec<IpAddr>,
    /// `per_address:` requests from one address within an hour; 10.
    pub per_address: u32,
}

/// A queue that calls back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// `queue:` with its service, such as `france-services/agents`.
    pub queue: QueueName,
    /// `name:` and `name_en:` as citizens know it; the service's name when not said.
    pub name: Option<Localized>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            callbacks: Vec::new(),
            embed: Vec::new(),
            proxies: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            per_address: limits::WEB_REQUESTS_PER_ADDRESS,
        }
    }
}

pub(super) fn web(file: &mut Document, node: Option<&Node>) -> Web {
    let list = node.and_then(Node::as_mapping).and_then(|map| map.get_node("callbacks")).cloned();
    let callbacks = list.map_or_else(Vec::new, |list| offered(file, &list));
    let mut keys = file.section("web", node, &["callbacks", "embed", "proxies", "per_address"]);
    let usual = Web::default();
    let most = keys.read("per_address", value::count);
    Web {
        callbacks,
        embed: keys.read_list("embed", origin).unwrap_or(usual.embed),
        proxies: keys.read_list("proxies", address).unwrap_or(usual.proxies),
        per_address: most.map_or(usual.per_address, |most| u32::try_from(most).unwrap_or(u32::MAX)),
    }
}

fn offered(file: &mut Document, list: &Node) -> Vec<Offered> {
    let Some(lines) = list.as_sequence() else {
        let help = "write one line per queue: `- queue: france-services/agents`";
        file.tell("not-a-list", "`web.callbacks` must be a list".into(), list, help.into());
        return Vec::new();
    };
    let mut offered: Vec<Offered> = Vec::new();
    for node in lines.iter() {
        let mut keys = file.section("web.callbacks", Some(node), &["queue", "name", "name_en"]);
        let (fr, en) = (keys.read("name", label), keys.read("name_en", label));
        if let (None, Some(_)) = (&fr, &en) {
            keys.refuse("missing-key", "name_en", "`name_en` without `name`".into(), "write the French name too");
        }
        let Some(queue) = keys.read("queue", queue) else {
            if node.as_mapping().is_some_and(|map| map.get_node("queue").is_none()) {
                keys.lacks(
                    "this has no `queue`".into(),
                    "add `queue: service/queue`, as the folder and `queues.yaml` call it",
                );
            }
            continue;
        };
        if offered.iter().any(|other| other.queue == queue) {
            keys.refuse("duplicate-queue", "queue", format!("`{queue}` is offered twice"), "take one out");
            continue;
        }
        offered.push(Offered { queue, name: fr.map(|fr| Localized { fr, en }) });
    }
    offered
}

fn queue(text: &str) -> Parsed<QueueName> {
    match text.split_once('/') {
        Some((service, queue)) if !service.is_empty() && !queue.is_empty() => Ok(text.into()),
        _ => Err("write the service's folder and the queue, such as `france-services/agents`".into()),
    }
}

fn label(text: &str) -> Parsed<Arc<str>> {
    match text.chars().count() <= 60 && !text.contains(char::is_control) {
        true => Ok(text.into()),
        false => Err("write a few words, of 60 letters at most".into()),
    }
}

/// An origin as a browser writes it (RFC 6454, section 6.2): nothing in it can end a header.
fn origin(text: &str) -> Parsed<String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    match !host.is_empty() && host.chars().all(good) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("write the origin of a web site, such as `https://www.mairie.example`".into()),
    }
}

fn address(text: &str) -> Parsed<IpAddr> {
    text.parse().map_err(|_| "write an IP address, such as `192.0.2.7`".into())
}
