use super::Endpoint;
use crate::base::{PhoneNumber, Private};
use crate::sip::Diverted;
use crate::sip::message::{Headers, NameAddr};
use crate::sip::parse::split;
use crate::sip::transport::Hop;

/// Who calls, and through whom.
impl Endpoint {
    /// The caller's user part: what who is trusted asserts (RFC 3325), else what the caller
    /// claims; nothing when privacy is asked for (RFC 3323).
    pub(super) fn caller(&self, from: &Hop, headers: &Headers) -> Option<String> {
        let private = headers.others("Privacy").flat_map(|value| value.split(';')).map(str::trim);
        if private.into_iter().any(|kind| matches!(kind.to_ascii_lowercase().as_str(), "id" | "user" | "header")) {
            return None;
        }
        let asserted = headers.others("P-Asserted-Identity").filter(|_| self.trusts(from)).map(NameAddr::parse_all);
        let asserted: Vec<NameAddr> = asserted.flatten().collect();
        // A name beside the number is no number (section 9.1): the number counts.
        let number = |asserted: &&NameAddr| asserted.uri.user.as_deref().is_some_and(|u| PhoneNumber::parse(u).is_ok());
        let asserted = asserted.iter().find(number).or(asserted.first());
        let caller = asserted.map_or(&headers.from.uri, |asserted| &asserted.uri);
        if caller.host.eq_ignore_ascii_case("anonymous.invalid") {
            return None;
        }
        caller.user.clone().filter(|user| !user.eq_ignore_ascii_case("anonymous") && !user.is_empty())
    }

    /// Whether an address is our operator's, or one that the settings trust.
    pub(super) fn trusts(&self, from: &Hop) -> bool {
        self.is_trunk(from) || self.trusted.contains(&from.address.ip())
    }
}

/// Who has sent the call on to us, and why: the last one by `Diversion` (RFC 5806), else by
/// `History-Info` (RFC 7044, RFC 4244).
pub(super) fn diverted(headers: &Headers) -> Option<Diverted> {
    by_diversion(headers).or_else(|| by_history(headers))
}

/// The topmost `Diversion` is the last one (RFC 5806, section 6.2).
fn by_diversion(headers: &Headers) -> Option<Diverted> {
    let last = headers.others("Diversion").flat_map(NameAddr::parse_all).next()?;
    let why = last.params.value("reason").unwrap_or_default().to_ascii_lowercase();
    let why = DIVERSIONS.into_iter().find(|known| *known == why).unwrap_or("unknown");
    Some(Diverted { number: number(&last), why })
}

/// The entry before the last one, when the last one says why it followed (RFC 4458).
fn by_history(headers: &Headers) -> Option<Diverted> {
    let all = headers.others("History-Info").flat_map(|value| split(value, b','));
    let entries: Vec<NameAddr> = all.flat_map(NameAddr::parse_all).collect();
    let [.., from, to] = &entries[..] else { return None };
    let why = match to.uri.params.value("cause")? {
        "302" => "unconditional",
        "408" => "no-answer",
        "480" => "deflection",
        "486" => "user-busy",
        "503" => "unavailable",
        _ => "unknown",
    };
    Some(Diverted { number: number(from), why })
}

fn number(from: &NameAddr) -> Option<Private<PhoneNumber>> {
    let user = from.uri.user.as_deref()?;
    PhoneNumber::parse(user).ok().map(Private::new)
}

/// The reasons of RFC 5806, section 4.1.
const DIVERSIONS: [&str; 10] = [
    "user-busy",
    "no-answer",
    "unavailable",
    "unconditional",
    "time-of-day",
    "do-not-disturb",
    "deflection",
    "follow-me",
    "out-of-service",
    "away",
];
