//! Offers to a phone that speaks encrypted alone. An offer of plain RTP with keys beside it
//! leaves the choice (RFC 8643), and linphone for one refuses it when its user insists.

/// Our offer on the next line that is encrypted for certain, for which it has keys; `None`
/// where there is none left.
pub(crate) fn insist(offer: &str) -> Option<String> {
    let next = match profile(offer)? {
        PLAIN if offer.contains(KEYS) => SAVP,
        PLAIN | SAVP if offer.contains(HANDSHAKE) => TLS_SAVP,
        _ => return None,
    };
    Some(on_line_of(offer, next))
}

/// A new offer of ours on a line of the same kind as what we said last, where it leaves the
/// choice and has the keys: the kind of a line does not change in a call.
pub(crate) fn like_before(offer: String, said: Option<&str>) -> String {
    let Some(before) = said.and_then(profile) else { return offer };
    let fits = match before {
        SAVP | "RTP/SAVPF" => offer.contains(KEYS) || offer.contains(HANDSHAKE),
        TLS_SAVP | "UDP/TLS/RTP/SAVPF" => offer.contains(HANDSHAKE),
        _ => false,
    };
    if fits && profile(&offer) == Some(PLAIN) { on_line_of(&offer, before) } else { offer }
}

/// What is spoken on the audio line.
fn profile(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix("m=audio ")?.split(' ').nth(1))
}

fn on_line_of(offer: &str, profile: &str) -> String {
    offer.replacen(&format!(" {} ", self::profile(offer).unwrap_or_default()), &format!(" {profile} "), 1)
}

const PLAIN: &str = "RTP/AVP";
const SAVP: &str = "RTP/SAVP";
const TLS_SAVP: &str = "UDP/TLS/RTP/SAVP";
const KEYS: &str = "\r\na=crypto:";
const HANDSHAKE: &str = "\r\na=fingerprint:";

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(profile: &str, lines: &str) -> String {
        format!("v=0\r\nm=audio 4000 {profile} 8\r\na=rtpmap:8 PCMA/8000\r\n{lines}a=sendrecv\r\n")
    }

    const CRYPTO: &str = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n";
    const FINGERPRINT: &str = "a=setup:actpass\r\na=fingerprint:sha-256 AA\r\n";

    #[test]
    fn an_offer_insists_by_each_kind_of_keys_that_it_has_and_no_other() {
        let (both, keys) = ([CRYPTO, FINGERPRINT].concat(), CRYPTO);
        assert_eq!(insist(&offer("RTP/AVP", &both)), Some(offer("RTP/SAVP", &both)));
        assert_eq!(insist(&offer("RTP/SAVP", &both)), Some(offer("UDP/TLS/RTP/SAVP", &both)));
        assert_eq!(insist(&offer("UDP/TLS/RTP/SAVP", &both)), None);
        assert_eq!(insist(&offer("RTP/SAVP", keys)), None);
        assert_eq!(insist(&offer("RTP/AVP", FINGERPRINT)), Some(offer("UDP/TLS/RTP/SAVP", FINGERPRINT)));
        assert_eq!(insist(&offer("RTP/AVP", "")), None);
        assert_eq!(insist(""), None);
    }

    #[test]
    fn a_new_offer_is_of_the_kind_of_the_last_one_if_it_has_its_keys() {
        let next = offer("RTP/AVP", CRYPTO);
        let after = |before: &str| like_before(next.clone(), Some(&offer(before, "")));
        assert_eq!(after("RTP/SAVPF"), offer("RTP/SAVPF", CRYPTO));
        assert_eq!([after("UDP/TLS/RTP/SAVP"), after("RTP/AVPF")], [next.clone(), next.clone()]);
        assert_eq!(like_before(next.clone(), None), next);
        assert_eq!(like_before(offer("RTP/AVP", ""), Some(&offer("RTP/SAVP", CRYPTO))), offer("RTP/AVP", ""));
    }
}
