//! Keys in SDP (`a=crypto`, RFC 4568).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sdp_types::Media;

use crate::media::{MasterKey, OwnKeys, Suite};

/// One line that we can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crypto {
    pub(super) tag: u32,
    pub(super) suite: Suite,
    pub(super) key: MasterKey,
}

/// The first line with a suite of ours: those who offer put what they like best first.
pub(super) fn first(media: &Media) -> Option<Crypto> {
    media.get_attribute_values("crypto").flatten().find_map(read)
}

/// What we answer a line of the peer's with.
pub(super) fn answer(keys: &OwnKeys, theirs: &Crypto) -> String {
    line(theirs.tag, theirs.suite, keys.of(theirs.suite))
}

/// All lines of an offer of ours.
pub(super) fn offer(keys: &OwnKeys) -> impl Iterator<Item = String> {
    (1..).zip(Suite::ALL).map(|(tag, suite)| line(tag, suite, keys.of(suite)))
}

/// Whether a line answers one of our offer.
pub(super) fn is_ours(answer: &Crypto) -> bool {
    let offered = answer.tag.checked_sub(1).and_then(|index| Suite::ALL.get(index as usize));
    offered == Some(&answer.suite)
}

/// Section 9.1: `tag suite inline:KEY||params`. What asks for more than the usual (a key
/// identifier in each packet, sound in the clear, several keys) is passed over.
fn read(value: &str) -> Option<Crypto> {
    let mut words = value.split_ascii_whitespace();
    let tag = words.next()?.parse().ok()?;
    let suite = Suite::named(words.next()?)?;
    let params = words.next()?.strip_prefix("inline:")?;
    let usual = words.all(|session| session.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("WSH=")));
    let mut fields = params.split('|');
    let key = STANDARD.decode(fields.next()?).ok()?;
    // The lifetime has no colon, the key identifier has one.
    if !usual || params.contains(';') || fields.any(|field| field.contains(':')) {
        return None;
    }
    Some(Crypto { tag, suite, key: MasterKey::new(suite, &key)? })
}

fn line(tag: u32, suite: Suite, key: &MasterKey) -> String {
    let mut line = String::new();
    let _ = write!(line, "{tag} {} inline:{}", suite.name(), STANDARD.encode(key.bytes()));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 4568, section 4.
    const EXAMPLE: &str = "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20";

    #[test]
    fn the_example_of_the_rfc_is_read_and_written_back() {
        let crypto = read(EXAMPLE).unwrap();
        assert_eq!((crypto.tag, crypto.suite), (1, Suite::Cm128Sha80));
        assert_eq!(crypto.key.bytes(), b"wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#");
        assert_eq!(Some(line(1, crypto.suite, &crypto.key).as_str()), EXAMPLE.strip_suffix("|2^20"));
        assert_eq!(read(&format!("{EXAMPLE} WSH=64")), Some(crypto));
    }

    #[test]
    fn what_we_can_not_do_is_passed_over() {
        for line in [
            format!("{EXAMPLE}|1:4"),
            format!("{EXAMPLE};inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"),
            format!("{EXAMPLE} UNENCRYPTED_SRTP"),
            format!("{EXAMPLE} KDR=1"),
            EXAMPLE.replace("SHA1_80", "SHA1_81"),
            EXAMPLE.replace("inline:d0", "inline:"),
            EXAMPLE.replace("inline:", "uri:"),
            "x".into(),
            String::new(),
        ] {
            assert_eq!(read(&line), None, "{line}");
        }
    }
}
