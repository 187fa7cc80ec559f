//! One function per kind of value: text in, value or what was expected out.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use super::Role;
use crate::base::{AgentName, PhoneNumber, Private};
use crate::call::TransferTo;
use crate::media::{Codec, KeysBy, KeysInSound, Secrecy};
use crate::service::is_premium;
use crate::sip::digest::Algorithm;
use crate::sip::{Transport, Written};

/// The value, or what should have been written there.
pub(super) type Parsed<T> = Result<T, String>;

pub(super) fn text(text: &str) -> Parsed<String> {
    Ok(text.to_owned())
}

pub(super) fn secret(text: &str) -> Parsed<Private<String>> {
    Ok(Private::new(text.to_owned()))
}

pub(super) fn path(text: &str) -> Parsed<PathBuf> {
    Ok(text.into())
}

pub(super) fn yes_or_no(text: &str) -> Parsed<bool> {
    text.parse().map_err(|_| "write `true` or `false`".into())
}

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| "write an IP address and a port, such as `0.0.0.0:5060`".into())
}

pub(super) fn ip(text: &str) -> Parsed<IpAddr> {
    text.parse().map_err(|_| "write an IP address, such as `192.0.2.10`".into())
}

pub(super) fn network(text: &str) -> Parsed<IpNet> {
    let one = text.parse::<IpAddr>().map(IpNet::from);
    one.or_else(|_| text.parse()).map_err(|_| "write an address or a network, such as `192.0.2.0/24`".to_owned())
}

pub(super) fn host(text: &str) -> Parsed<String> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    match text.chars().all(good) {
        true => Ok(text.to_owned()),
        false => Err("write an IP address or a host name".into()),
    }
}

/// A host, and its port if it is said.
pub(super) fn host_port(text: &str) -> Parsed<(String, Option<u16>)> {
    let wanted = || "write a host and a port, such as `sip.example.fr:5060`".to_owned();
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok((address.ip().to_string(), Some(address.port())));
    }
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().map_err(|_| wanted())?)),
        None => (text, None),
    };
    match name.is_empty() || name.contains(':') {
        true => Err(wanted()),
        false => Ok((host(name)?, port)),
    }
}

pub(super) fn ports(text: &str) -> Parsed<RangeInclusive<u16>> {
    let range = text.split_once('-').and_then(|(from, to)| {
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (1024 <= from && from < to).then_some(from..=to)
    });
    range.ok_or_else(|| "write two ports from 1024 on, the lower one first, such as `16384-32767`".into())
}

pub(super) fn count(text: &str) -> Parsed<usize> {
    let wanted = |_| "write a whole number from 1 on".to_owned();
    text.parse().map(NonZeroUsize::get).map_err(wanted)
}

/// How long a session lasts, in seconds: 90 s at least (RFC 4028, section 5).
pub(super) fn session(text: &str) -> Parsed<u32> {
    let seconds = duration(text)?.as_secs();
    let fits = u32::try_from(seconds).ok().filter(|seconds| (90..=86_400).contains(seconds));
    fits.ok_or_else(|| "write a time from `90s` to `24h`, such as `30m`".into())
}

/// A server for names, at port 53 where none is said.
pub(super) fn name_server(text: &str) -> Parsed<SocketAddr> {
    let one = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    let wanted = || "write the IP address of a server, such as `192.0.2.53` or `127.0.0.1:5353`".to_owned();
    one.or_else(|_| text.parse()).map_err(|_| wanted())
}

/// How often phones are asked: often enough for routers at home, and no flood.
pub(super) fn ping(text: &str) -> Parsed<Duration> {
    let fits = duration(text).ok().filter(|time| (1..=600).contains(&time.as_secs()));
    fits.ok_or_else(|| "write a time from `1s` to `10m`, such as `25s`".into())
}

pub(super) fn transfer_to(text: &str) -> Parsed<TransferTo> {
    match text {
        "agents" => Ok(TransferTo::Agents),
        "queues" => Ok(TransferTo::Queues),
        _ => Err("write `agents` or `queues`".into()),
    }
}

pub(super) fn redirects(text: &str) -> Parsed<u8> {
    text.parse().ok().filter(|times| *times <= 5).ok_or_else(|| "write a number from 0 to 5".into())
}

/// How a trunk wants numbers written.
pub(super) fn written(text: &str) -> Parsed<Written> {
    match text {
        "international" => Ok(Written::International),
        "national" => Ok(Written::National),
        _ => Err("write `international` (`+33143124567`) or `national` (`0143124567`)".into()),
    }
}

/// How many calls may go out.
pub(super) fn cap(text: &str) -> Parsed<u32> {
    let fits = text.parse().ok().filter(|most| (1..=100_000).contains(most));
    fits.ok_or_else(|| "write a number of calls, from 1 to 100000".into())
}

/// How often a trunk is asked whether it is there; `None` for never.
pub(super) fn keep_alive(text: &str) -> Parsed<Option<Duration>> {
    if text == "never" {
        return Ok(None);
    }
    let fits = duration(text).ok().filter(|every| (10..=3600).contains(&every.as_secs()));
    fits.map(Some).ok_or_else(|| "write a time from `10s` to `1h`, such as `60s`, or `never`".into())
}

/// For how long we register; `None` for not at all.
pub(super) fn register(text: &str) -> Parsed<Option<Duration>> {
    match text {
        "false" => return Ok(None),
        "true" => return Ok(Some(REGISTERED)),
        _ => {}
    }
    let fits = duration(text).ok().filter(|lasts| (60..=86_400).contains(&lasts.as_secs()));
    fits.map(Some).ok_or_else(|| "write `true`, `false`, or for how long, from `60s` to `24h`".into())
}

/// What operators commonly grant.
const REGISTERED: Duration = Duration::from_secs(600);

pub(super) fn duration(text: &str) -> Parsed<Duration> {
    let wanted = || "write a number and `s`, `m` or `h`, such as `30s` or `2h`".to_owned();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| wanted())?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wanted()),
    };
    let seconds = number.checked_mul(seconds).filter(|s| *s > 0);
    seconds.map(Duration::from_secs).ok_or_else(wanted)
}

/// Whole days, ten years at most: nobody keeps personal data for ever by mistake.
pub(super) fn days(text: &str) -> Parsed<Duration> {
    let wanted = || "write a number of days from 1 to 3650, such as `90d`".to_owned();
    let days: u64 = text.strip_suffix('d').and_then(|days| days.trim().parse().ok()).ok_or_else(wanted)?;
    if (1..=3650).contains(&days) { Ok(Duration::from_secs(days * 24 * 3600)) } else { Err(wanted()) }
}

/// The address of a database, which has a password in it; `sqlite` is the file in the data folder.
pub(super) fn store(text: &str) -> Parsed<Option<Private<String>>> {
    match text {
        "sqlite" => Ok(None),
        _ if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
            Ok(Some(Private::new(text.to_owned())))
        }
        _ => Err("write `sqlite`, or `postgres://user:password@host:5432/svi`".into()),
    }
}

pub(super) fn agent_name(text: &str) -> Parsed<AgentName> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match text.chars().all(good) {
        true => Ok(text.into()),
        false => Err("write letters without accents, digits, `-`, `_` or `.`: it is a SIP user name".into()),
    }
}

/// An ordinary number: no premium rate is ever called or presented.
pub(super) fn number(text: &str) -> Parsed<PhoneNumber> {
    let number = PhoneNumber::parse(text).map_err(|e| format!("{e}; write a number such as `+33143124567`"))?;
    match is_premium(&number) {
        true => Err("this is a premium-rate number: choose an ordinary one".into()),
        false => Ok(number.international()),
    }
}

pub(super) fn prefix(text: &str) -> Parsed<String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("write the start of a number with its country, such as `+33`".into());
    }
    let premium = PhoneNumber::parse(&format!("{text:0<12}")).is_ok_and(|n| text.starts_with('+') && is_premium(&n));
    let short = PhoneNumber::parse(text).is_ok_and(|n| !text.starts_with('+') && is_premium(&n));
    match premium || short {
        true => Err("premium-rate numbers are never called: take it out".into()),
        false => Ok(text.to_owned()),
    }
}

pub(super) fn transport(text: &str) -> Parsed<Transport> {
    Transport::of_word(text).ok_or_else(|| "write `udp`, `tcp` or `tls`".into())
}

pub(super) fn digest(text: &str) -> Parsed<Vec<Algorithm>> {
    match text {
        "md5" => Ok(vec![Algorithm::Md5]),
        "sha-256" => Ok(vec![Algorithm::Sha256]),
        "both" => Ok(vec![Algorithm::Sha256, Algorithm::Md5]),
        _ => Err("write `md5`, `sha-256` or `both`".into()),
    }
}

/// The hash of a password, `digits` long.
pub(super) fn hash(text: &str, digits: usize) -> Parsed<Private<String>> {
    match text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        true => Ok(Private::new(text.to_ascii_lowercase())),
        false => Err(format!("write {digits} hex digits: the hash of `name:realm:password`")),
    }
}

pub(super) fn role(text: &str) -> Parsed<Role> {
    match text {
        "agent" => Ok(Role::Agent),
        "supervisor" => Ok(Role::Supervisor),
        _ => Err("write `agent` or `supervisor`".into()),
    }
}

pub(super) fn tones(text: &str) -> Parsed<KeysInSound> {
    match text {
        "without-events" => Ok(KeysInSound::WithoutEvents),
        "always" => Ok(KeysInSound::Always),
        "never" => Ok(KeysInSound::Never),
        _ => Err("write `without-events`, `always` or `never`".into()),
    }
}

pub(super) fn codec(text: &str) -> Parsed<Codec> {
    let known = Codec::ALL.into_iter().find(|codec| text.eq_ignore_ascii_case(codec.name()));
    known.ok_or_else(|| "write `pcma`, `pcmu`, `g722` or `opus`".into())
}

pub(super) fn srtp(text: &str) -> Parsed<Secrecy> {
    match text {
        "off" => Ok(Secrecy::Off),
        "optional" => Ok(Secrecy::Optional),
        "required" => Ok(Secrecy::Required),
        _ => Err("write `off`, `optional` or `required`".into()),
    }
}

pub(super) fn keys_by(text: &str) -> Parsed<KeysBy> {
    match text {
        "sdes" => Ok(KeysBy::Sdes),
        "dtls" => Ok(KeysBy::Dtls),
        _ => Err("write `sdes` or `dtls`".into()),
    }
}

pub(super) fn extension(text: &str) -> Parsed<Arc<str>> {
    match (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(text.into()),
        false => Err("write one to six digits, such as `\"21\"`".into()),
    }
}

/// A code that no citizen can take for a number: a star and digits.
pub(super) fn code(text: &str) -> Parsed<Arc<str>> {
    let digits = text.strip_prefix('*').unwrap_or_default();
    match (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(text.into()),
        false => Err("write `*` and one to six digits, such as `\"*11\"`".into()),
    }
}

/// Why an agent is on a pause: a word for the log, the metrics and the API.
pub(super) fn reason(text: &str) -> Parsed<Arc<str>> {
    match (1..=40).contains(&text.chars().count()) && !text.contains(char::is_control) {
        true => Ok(text.into()),
        false => Err("write a word or two, of 40 letters at most".into()),
    }
}

pub(super) fn token(text: &str) -> Parsed<Private<String>> {
    match text.len() >= 16 && text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(Private::new(text.to_owned())),
        false => Err("write at least 16 letters and digits that nobody can guess: `openssl rand -hex 24`".into()),
    }
}
