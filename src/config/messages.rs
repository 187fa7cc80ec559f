//! `messages:` and `mail:`: what callers may leave, and who is told.

use std::path::PathBuf;

use marked_yaml::Node;

use super::document::Document;
use super::value::{self, Parsed};
use crate::base::{Private, limits};

/// What callers may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// `space:` what all messages may take on the disk, in bytes; `2GB`.
    pub space: u64,
    /// `per_number:` what one number may leave in 24 hours; 10.
    pub per_number: u32,
}

impl Default for Messages {
    fn default() -> Self {
        Self { space: limits::MESSAGES_BYTES, per_number: limits::MESSAGES_PER_NUMBER }
    }
}

/// Who is told by mail of each message, and through which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `server:` the mail server's host.
    pub host: String,
    /// `server:` its port; 587, 465 with `security: tls`, 25 with `none`.
    pub port: u16,
    /// `security:` how the connection is kept private; `starttls`.
    pub security: Security,
    /// `ca:` certificates (PEM) that are trusted beside the system's: of a house that signs its own.
    pub ca: Option<PathBuf>,
    /// `username:` of the account, when the server asks for one.
    pub username: Option<String>,
    /// `password:` of the account.
    pub password: Option<Private<String>>,
    /// `from:` the sender's address.
    pub from: String,
    /// `to:` the addresses of who is told.
    pub to: Vec<String>,
    /// `sound:` whether the message itself is attached; no when not said.
    pub sound: bool,
}

/// How a connection to a mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// From its start.
    Tls,
    /// Before anything is said.
    StartTls,
    /// It is not: for a server on the same machine.
    None,
}

pub(super) fn messages(file: &mut Document, node: Option<&Node>) -> Messages {
    let mut keys = file.section("messages", node, &["space", "per_number"]);
    let usual = Messages::default();
    let most = keys.read("per_number", value::count);
    Messages {
        space: keys.read("space", size).unwrap_or(usual.space),
        per_number: most.map_or(usual.per_number, |most| u32::try_from(most).unwrap_or(u32::MAX)),
    }
}

pub(super) fn mail(file: &mut Document, node: Option<&Node>) -> Option<Mail> {
    let node = node?;
    let known = &["server", "security", "ca", "username", "password", "from", "to", "sound"];
    let mut keys = file.section("mail", Some(node), known);
    let written = |key: &str| node.as_mapping().is_some_and(|map| map.get_node(key).is_some());
    let needed = [
        ("server", "add `server: smtp.example.fr`, the one that takes your mail"),
        ("from", "add `from: svi@example.fr`, an address that the server lets you write from"),
        ("to", "add `to: [accueil@example.fr]`, who is told of a message"),
    ];
    for (key, help) in needed {
        if !written(key) {
            keys.lacks(format!("the mail has no `{key}`"), help);
        }
    }
    let security = keys.read("security", security).unwrap_or(Security::StartTls);
    let usual = match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::None => 25,
    };
    let (host, port) = keys.read("server", |text| server(text, usual)).unwrap_or_default();
    let mail = Mail {
        host,
        port,
        security,
        ca: keys.read("ca", value::path),
        username: keys.read("username", value::text),
        password: keys.read("password", value::secret),
        from: keys.read("from", mailbox).unwrap_or_default(),
        to: keys.read_list("to", mailbox).unwrap_or_default(),
        sound: keys.read("sound", value::yes_or_no).unwrap_or_default(),
    };
    if mail.to.is_empty() && written("to") {
        let help = "write an address, or take `mail` out";
        keys.refuse("wrong-value", "to", "nobody is told".into(), help);
    }
    if mail.password.is_some() && security == Security::None {
        let help = "write `security: starttls` or `security: tls`";
        keys.refuse("wrong-value", "password", "a password is never sent in the clear".into(), help);
    }
    if mail.ca.is_some() && security == Security::None {
        let help = "write `security: starttls` or `security: tls`";
        keys.refuse("wrong-value", "ca", "nothing is checked without TLS".into(), help);
    }
    if mail.password.is_some() != mail.username.is_some() {
        let (key, other) = if mail.password.is_some() { ("password", "username") } else { ("username", "password") };
        keys.refuse("missing-key", key, format!("`{key}` without `{other}`"), "write both, or none");
    }
    Some(mail)
}

fn security(text: &str) -> Parsed<Security> {
    match text {
        "tls" => Ok(Security::Tls),
        "starttls" => Ok(Security::StartTls),
        "none" => Ok(Security::None),
        _ => Err("write `starttls`, `tls`, or `none` for a server on this machine".into()),
    }
}

fn server(text: &str, usual: u16) -> Parsed<(String, u16)> {
    let wanted = || "write a host, or a host and a port, such as `smtp.example.fr:587`".to_owned();
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().map_err(|_| wanted())?),
        None => (text, usual),
    };
    match name.is_empty() || name.contains(':') {
        true => Err(wanted()),
        false => Ok((value::host(name)?, port)),
    }
}

fn mailbox(text: &str) -> Parsed<String> {
    match text.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("write an address, such as `accueil@example.fr`".into()),
    }
}

fn size(text: &str) -> Parsed<u64> {
    let wanted = || "write a size, such as `500MB` or `2GB`".to_owned();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit: u64 = match unit.trim() {
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => return Err(wanted()),
    };
    let number: u64 = number.parse().map_err(|_| wanted())?;
    number.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(wanted)
}
