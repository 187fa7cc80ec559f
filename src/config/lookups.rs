//! `lookups:`: the servers that flows may ask, and what they want to be shown.

use std::path::PathBuf;
use std::sync::Arc;

use marked_yaml::Node;

use super::document::Document;
use super::value::{self, Parsed};
use crate::base::Private;

/// The servers that flows may ask; none when not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookUps {
    /// `ca:` certificates (PEM) that are trusted beside the system's: of a house that signs its own.
    pub ca: Option<PathBuf>,
    /// `servers:` where they are, and what they are shown.
    pub servers: Vec<LookUpServer>,
}

/// Addresses that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUpServer {
    /// `url:` what an address must begin with: scheme, host and a folder of the path.
    pub url: Arc<str>,
    /// `headers:` sent with each request to such an address, and to no other: keys and passwords.
    pub headers: Vec<(Arc<str>, Private<String>)>,
}

impl LookUps {
    /// The server that an address belongs to, if it may be asked.
    pub fn server(&self, url: &str) -> Option<&LookUpServer> {
        self.servers.iter().find(|server| server.allows(url))
    }
}

impl LookUpServer {
    /// Whether an address is one of this server's: the same scheme and host, and within
    /// the folder.
    fn allows(&self, url: &str) -> bool {
        let (Some((place, path)), Some((own, folder))) = (split(url), split(&self.url)) else { return false };
        if !place.eq_ignore_ascii_case(own) || climbs(path) {
            return false;
        }
        let Some(rest) = path.strip_prefix(folder) else { return false };
        folder.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?'])
    }
}

pub(super) fn lookups(file: &mut Document, node: Option<&Node>) -> LookUps {
    let mut keys = file.section("lookups", node, &["ca", "servers"]);
    let ca = keys.read("ca", value::path);
    let list = keys.node("servers").cloned();
    let mut servers = Vec::new();
    match list.as_ref().map(|node| (node, node.as_sequence())) {
        None => {}
        Some((_, Some(list))) => servers.extend(list.iter().filter_map(|node| server(file, node))),
        Some((node, None)) => {
            let help = "write one line per server: `- { url: https://api.example.fr/dossiers/ }`";
            file.tell("not-a-list", "`lookups.servers` must be a list".into(), node, help.into());
        }
    }
    LookUps { ca, servers }
}

fn server(file: &mut Document, node: &Node) -> Option<LookUpServer> {
    let mut keys = file.section("lookups.servers", Some(node), &["url", "headers"]);
    if node.as_mapping().is_some_and(|map| map.get_node("url").is_none()) {
        keys.lacks("a server has no `url`".into(), "add `url: https://api.example.fr/dossiers/`");
    }
    let url = keys.read("url", address);
    let headers = keys.node("headers").cloned();
    let mut made = Vec::new();
    if let Some(node) = headers {
        let Some(map) = node.as_mapping() else {
            let help = "write `headers: { Authorization: \"Bearer …\" }`";
            file.tell("not-a-section", "`headers` must hold names and values".into(), &node, help.into());
            return None;
        };
        for (name, value) in map.iter() {
            let text = value.as_scalar().map(|scalar| scalar.as_str());
            match (header_name(name.as_str()), text.map(header_value)) {
                (Ok(name), Some(Ok(value))) => made.push((name, value)),
                (Err(wanted), _) | (_, Some(Err(wanted))) => {
                    file.tell("wrong-value", "this can't be a header".into(), value, wanted);
                }
                (_, None) => file.tell("not-a-value", "a header has one value".into(), value, "write a text".into()),
            }
        }
    }
    Some(LookUpServer { url: url?, headers: made })
}

/// An address with its host and the folder that may be asked; `/` is all of it.
fn address(text: &str) -> Parsed<Arc<str>> {
    let wanted = || {
        "write the beginning of the addresses that may be asked, such as `https://api.example.fr/dossiers/`".to_owned()
    };
    let text = if split(text).is_none() { format!("{text}/") } else { text.to_owned() };
    let (place, path) = split(&text).ok_or_else(wanted)?;
    let host = place.split_once("://").map(|(_, host)| host).ok_or_else(wanted)?;
    let named =
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'_'));
    match named && path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#')) && !climbs(path) {
        true => Ok(text.into()),
        false => Err(wanted()),
    }
}

/// Scheme and host, and the path behind them.
fn split(url: &str) -> Option<(&str, &str)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let path = url[scheme.len()..].find('/')?;
    Some(url.split_at(scheme.len() + path))
}

/// Whether a path has a step out of its folder, which a server may follow.
fn climbs(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|step| step == ".." || step == ".") || path.contains("%2f") && path.contains("..")
}

fn header_name(text: &str) -> Parsed<Arc<str>> {
    let own = ["host", "content-length", "content-type", "transfer-encoding", "connection", "accept"];
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match !text.is_empty() && text.bytes().all(good) && !own.contains(&text.to_ascii_lowercase().as_str()) {
        true => Ok(text.into()),
        false => Err("write a header that the server asks for, such as `Authorization`".into()),
    }
}

fn header_value(text: &str) -> Parsed<Private<String>> {
    match !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        true => Ok(Private::new(text.to_owned())),
        false => Err("write letters, digits and signs of ASCII".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(own: &str, url: &str) -> bool {
        LookUpServer { url: address(own).unwrap(), headers: Vec::new() }.allows(url)
    }

    #[test]
    fn what_is_asked_stays_in_the_folder_that_is_allowed() {
        for url in
            ["https://api.example/dossiers/12", "https://API.example/dossiers/12?x=..", "https://api.example/dossiers/"]
        {
            assert!(allows("https://api.example/dossiers/", url), "{url}");
        }
        for url in [
            "http://api.example/dossiers/12",
            "https://api.example.evil/dossiers/12",
            "https://api.example:444/dossiers/12",
            "https://api.example/dossiers",
            "https://api.example/autres/12",
            "https://api.example/dossiers/../autres",
            "https://api.example/dossiers/%2e%2E/autres",
            "https://api.example@evil.example/dossiers/12",
            "https://evil.example/https://api.example/dossiers/12",
        ] {
            assert!(!allows("https://api.example/dossiers/", url), "{url}");
        }
        assert!(allows("https://api.example", "https://api.example/x"));
        assert!(allows("https://api.example/d", "https://api.example/d?x=1"));
        assert!(!allows("https://api.example/d", "https://api.example/dx"));
    }

    #[test]
    fn what_is_no_beginning_of_an_address_is_refused() {
        for text in [
            "api.example",
            "ftp://api.example/",
            "https://",
            "https:///x",
            "https://a b/",
            "https://a@b/",
            "https://a/../",
            "https://a/?x",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
