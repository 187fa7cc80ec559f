//! `trunk:`, `trunks:` and `outgoing:` the ways to outside numbers, and how much goes out.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use marked_yaml::Node;

use super::document::{Document, Section};
use super::value::{self, Parsed};
use crate::base::{PhoneNumber, Private, limits};
use crate::sip::{Caps, Transport, Written};

/// A way to outside numbers, and from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trunk {
    /// `name:` what the log, the API and the metrics call it; `trunk` for the only one.
    pub name: Arc<str>,
    /// `address:` the provider's host.
    pub host: String,
    /// `address:` the provider's port, if it is written.
    pub port: Option<u16>,
    /// `transport:` how the provider is reached; `udp`, or what the records of its name say.
    pub transport: Option<Transport>,
    /// `from:` other addresses and networks that its calls come from.
    pub from: Vec<IpNet>,
    /// `username:` of the account, when the provider asks for one.
    pub username: Option<String>,
    /// `password:` of the account.
    pub password: Option<Private<String>>,
    /// `presented:` the number shown to who is called; the service's first number when not said.
    pub presented: Option<PhoneNumber>,
    /// `asserted:` whether that number is asserted too (P-Asserted-Identity); no.
    pub asserted: bool,
    /// `format:` how numbers are written to it; `international`.
    pub format: Written,
    /// `prefixes:` of the numbers that may be called; `["+33"]`. Premium-rate numbers
    /// never may. A short number such as `112` must be listed in full.
    pub prefixes: Vec<String>,
    /// `numbers:` what the numbers that it may call here start with; all when not said.
    pub numbers: Vec<String>,
    /// `redirects:` how often a call is sent on at most when the provider says so; never when not said.
    pub redirects: u8,
    /// `at_once:` and `per_hour:` how many calls go out by it at most; as `outgoing:` says when not said.
    pub caps: Caps,
    /// `keep_alive:` how often it is asked whether it is there; never when not said.
    pub keep_alive: Option<Duration>,
    /// `register:` for how long we register there; not at all when not said.
    pub register: Option<Duration>,
}

impl Trunk {
    /// One of which only the host is said.
    pub fn at(host: &str) -> Self {
        Self {
            name: "trunk".into(),
            host: host.to_owned(),
            port: None,
            transport: None,
            from: Vec::new(),
            username: None,
            password: None,
            presented: None,
            asserted: false,
            format: Written::default(),
            prefixes: vec!["+33".into()],
            numbers: Vec::new(),
            redirects: 0,
            caps: Caps::default(),
            keep_alive: None,
            register: None,
        }
    }
}

/// How many calls go out, by all trunks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// `at_once:` and `per_hour:`.
    pub caps: Caps,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { caps: Caps { at_once: Some(limits::OUTGOING_AT_ONCE), per_hour: Some(limits::OUTGOING_PER_HOUR) } }
    }
}

/// What a profile says where the settings say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Profile {
    #[default]
    None,
    /// What customers of French operators are asked for.
    FrTrunk,
}

pub(super) fn trunks(file: &mut Document, one: Option<&Node>, many: Option<&Node>) -> Vec<Trunk> {
    let Some(many) = many else {
        return one.and_then(|node| trunk(file, "trunk", node)).into_iter().collect();
    };
    if one.is_some() {
        file.tell("wrong-value", "`trunk` beside `trunks`".into(), many, "put them all into `trunks`".into());
    }
    let Some(list) = many.as_sequence().filter(|list| (1..=limits::TRUNKS).contains(&list.len())) else {
        let help = "write `- name: …`, `address: …` for each".to_owned();
        file.tell("not-a-list", format!("`trunks` must be a list of 1 to {}", limits::TRUNKS), many, help);
        return Vec::new();
    };
    let mut trunks: Vec<Trunk> = Vec::new();
    for node in list.iter() {
        let Some(trunk) = trunk(file, "trunks", node) else { continue };
        if trunks.iter().any(|other| other.name == trunk.name) {
            let message = format!("there are two trunks `{}`", trunk.name);
            file.tell("wrong-value", message, node, "give each another `name:`".into());
        }
        trunks.push(trunk);
    }
    trunks
}

pub(super) fn outgoing(file: &mut Document, node: Option<&Node>) -> Outgoing {
    let mut keys = file.section("outgoing", node, &["at_once", "per_hour"]);
    let (usual, said) = (Outgoing::default().caps, caps(&mut keys));
    Outgoing { caps: Caps { at_once: said.at_once.or(usual.at_once), per_hour: said.per_hour.or(usual.per_hour) } }
}

fn caps(keys: &mut Section) -> Caps {
    Caps { at_once: keys.read("at_once", value::cap), per_hour: keys.read("per_hour", value::cap) }
}

const KEYS: &[&str] = &[
    "name",
    "profile",
    "address",
    "transport",
    "from",
    "username",
    "password",
    "register",
    "keep_alive",
    "presented",
    "asserted",
    "format",
    "prefixes",
    "numbers",
    "redirects",
    "at_once",
    "per_hour",
];

fn trunk(file: &mut Document, section: &'static str, node: &Node) -> Option<Trunk> {
    // The only one needs no name.
    let known = if section == "trunk" { &KEYS[1..] } else { KEYS };
    let mut keys = file.section(section, Some(node), known);
    let lacks = |key: &str| node.as_mapping().is_some_and(|map| map.get_node(key).is_none());
    if lacks("address") {
        keys.lacks("the trunk has no address".into(), "add `address: sip.example.fr:5060`, the provider's");
    }
    if section == "trunks" && lacks("name") {
        keys.lacks("the trunk has no name".into(), "add `name:`, a word for the log");
    }
    let usual = keys.read("profile", profile).unwrap_or_default();
    let is_french = usual == Profile::FrTrunk;
    let (host, port) = keys.read("address", value::host_port).unwrap_or_default();
    let silent = Trunk::at(&host);
    let trunk = Trunk {
        name: keys.read("name", name).unwrap_or(silent.name),
        host,
        port,
        transport: keys.read("transport", value::transport),
        from: keys.read_list("from", value::network).unwrap_or_default(),
        username: keys.read("username", value::text),
        password: keys.read("password", value::secret),
        presented: keys.read("presented", value::number),
        asserted: keys.read("asserted", value::yes_or_no).unwrap_or(is_french),
        format: keys.read("format", value::written).unwrap_or_default(),
        prefixes: keys.read_list("prefixes", value::prefix).unwrap_or(silent.prefixes),
        numbers: keys.read_list("numbers", own_number).unwrap_or_default(),
        redirects: keys.read("redirects", value::redirects).unwrap_or_default(),
        caps: caps(&mut keys),
        keep_alive: keys.read("keep_alive", value::keep_alive).unwrap_or(is_french.then_some(KEEP_ALIVE)),
        register: keys.read("register", value::register).unwrap_or_default(),
    };
    for (key, message) in [("password", "a password without a user name"), ("register", "no account to register with")]
    {
        let needed = key == "password" && trunk.password.is_some() || key == "register" && trunk.register.is_some();
        if needed && trunk.username.is_none() {
            keys.refuse("missing-key", key, message.into(), "add `username:`");
        }
    }
    Some(trunk)
}

fn profile(text: &str) -> Parsed<Profile> {
    match text {
        "fr-trunk" => Ok(Profile::FrTrunk),
        _ => Err("write `fr-trunk`".into()),
    }
}

fn name(text: &str) -> Parsed<Arc<str>> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match (1..=40).contains(&text.len()) && text.chars().all(good) {
        true => Ok(text.into()),
        false => Err("write a word of letters without accents, digits, `-`, `_` and `.`".into()),
    }
}

/// A number that is ours, or what several begin with.
fn own_number(text: &str) -> Parsed<String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    match (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("write a number without blanks, or what several begin with, such as `+3314312`".into()),
    }
}

/// How often the profiles ask.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::diag::Source;

    fn read(text: &str) -> Result<Settings, Vec<String>> {
        let source = Arc::new(Source { path: "svi.yaml".into(), text: text.into() });
        Settings::read(&source).map_err(|found| found.into_iter().map(|d| d.message).collect())
    }

    #[test]
    fn several_trunks_are_read_in_their_order_with_all_that_is_said_of_them() {
        let text = r#"
trunks:
  - name: main
    address: sip.operator.example:5080
    transport: tcp
    username: ville
    password: secret
    register: 30m
    keep_alive: 30s
    numbers: ["+3314312", "3939"]
    format: national
    at_once: 30
    per_hour: 300
  - { name: mobile, address: 192.0.2.7, from: [192.0.2.8, 198.51.100.0/28], prefixes: ["+336", "+337"], asserted: true }
outgoing: { at_once: 40 }
"#;
        let settings = read(text).unwrap();
        let [main, mobile] = &settings.trunks[..] else { panic!() };
        assert_eq!(
            (&*main.name, &*main.host, main.port, main.transport),
            ("main", "sip.operator.example", Some(5080), Some(Transport::Tcp))
        );
        assert_eq!((main.register, main.keep_alive), (Some(Duration::from_secs(1800)), Some(Duration::from_secs(30))));
        assert_eq!((main.numbers.len(), main.format, main.asserted), (2, Written::National, false));
        assert_eq!(main.caps, Caps { at_once: Some(30), per_hour: Some(300) });
        assert_eq!((&*mobile.name, mobile.from.len(), mobile.asserted), ("mobile", 2, true));
        assert_eq!((mobile.keep_alive, mobile.register, mobile.caps), (None, None, Caps::default()));
        assert_eq!(settings.outgoing.caps, Caps { at_once: Some(40), per_hour: Some(limits::OUTGOING_PER_HOUR) });
    }

    #[test]
    fn one_trunk_is_called_so_and_the_caps_are_there_when_nothing_is_said() {
        let settings = read("trunk: { address: sip.operator.example }").unwrap();
        assert_eq!((&*settings.trunks[0].name, settings.trunks[0].port), ("trunk", None));
        assert_eq!(settings.outgoing, Outgoing::default());
        assert!(Outgoing::default().caps.at_once.is_some() && Outgoing::default().caps.per_hour.is_some());
    }

    #[test]
    fn the_french_profile_says_what_is_not_written_and_no_more() {
        let trunk = |text: &str| read(text).unwrap().trunks.remove(0);
        let french = trunk("trunk: { profile: fr-trunk, address: a }");
        assert_eq!((french.asserted, french.keep_alive), (true, Some(KEEP_ALIVE)));
        let own =
            trunk("trunk: { profile: fr-trunk, address: a, asserted: false, keep_alive: never, format: national }");
        assert_eq!((own.asserted, own.keep_alive, own.format), (false, None, Written::National));
    }

    #[test]
    fn what_can_not_stand_is_told() {
        let told = |text: &str| read(text).unwrap_err();
        assert_eq!(told("trunks: [{ name: a, address: x }, { name: a, address: y }]"), ["there are two trunks `a`"]);
        assert_eq!(told("trunks: [{ address: x }]"), ["the trunk has no name"]);
        assert_eq!(told("trunk: { address: x }\ntrunks: [{ name: a, address: y }]"), ["`trunk` beside `trunks`"]);
        assert_eq!(told("trunks: { a: { address: x } }"), ["`trunks` must be a list of 1 to 16"]);
        assert_eq!(told("trunk: { address: x, register: true }"), ["no account to register with"]);
        assert_eq!(told("trunk: { address: x, keep_alive: 1s }"), ["this can't be `trunk.keep_alive`"]);
        assert_eq!(told("trunk: { address: x, from: [here] }"), ["this can't be `trunk.from`"]);
        assert_eq!(told("trunk: { address: x, profile: de }"), ["this can't be `trunk.profile`"]);
        assert_eq!(told("outgoing: { at_once: 0 }"), ["this can't be `outgoing.at_once`"]);
        assert_eq!(told("trunk: { address: x, name: y }"), ["`name` is not a key in `trunk`"]);
    }
}
