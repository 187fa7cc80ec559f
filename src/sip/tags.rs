//! Option tags: what a peer supports and requires, and what we do (RFC 3261, section 19.2).

use super::message::{Headers, Method};

/// The option tags that we say we support: RFC 4028, RFC 3262, RFC 3891 and RFC 4488.
const SAID: [&str; 4] = ["timer", "100rel", "replaces", "norefersub"];
/// Those that are the registrar's: RFC 3327 and RFC 5626.
const REGISTRARS: [&str; 2] = ["path", "outbound"];

/// What we say in `Supported`.
pub(crate) fn supported() -> (String, String) {
    ("Supported".to_owned(), SAID.join(", "))
}

/// Whether a header that is a list holds a word, in any case.
pub(crate) fn lists(headers: &Headers, name: &str, word: &str) -> bool {
    words(headers, name).any(|listed| listed.eq_ignore_ascii_case(word))
}

/// Whether the sender of a request knows an extension: it says so, or requires it.
pub(crate) fn supports(headers: &Headers, tag: &str) -> bool {
    lists(headers, "Supported", tag) || lists(headers, "Require", tag)
}

/// What a request requires and we don't know.
pub(crate) fn unknown(headers: &Headers) -> Vec<&str> {
    let registers = headers.cseq_method == Method::Register;
    let known = SAID.iter().chain(REGISTRARS.iter().filter(|_| registers));
    words(headers, "Require").filter(|tag| !known.clone().any(|known| known.eq_ignore_ascii_case(tag))).collect()
}

/// The words of every such header, without blanks and empty places.
pub(crate) fn words<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.others(name).flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty())
}
