//! Fingerprints in SDP (`a=fingerprint`, RFC 8122), and who begins the handshake (`a=setup`,
//! RFC 4145 and 5763).

use sdp_types::{Media, Session};

use crate::base::limits;
use crate::media::{Fingerprint, Handshake, OwnKeys, Role};

/// What the other side says of its handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Whether it begins; `None` leaves it to us.
    setup: Setup,
    fingerprints: Box<[Fingerprint]>,
    pub(super) tls_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setup {
    Active,
    Passive,
    Either,
    /// Nothing is said: who offers begins (RFC 4145, section 4).
    Unsaid,
}

/// The longest name of a handshake (RFC 8842, section 4).
const LONGEST_ID: usize = 255;

/// What a line says, or the session for all lines; `None` when there will be no handshake.
pub(super) fn read(session: &Session, media: &Media) -> Option<Told> {
    let of_line: Vec<&str> = media.get_attribute_values("fingerprint").flatten().collect();
    let of_all = session.get_attribute_values("fingerprint").flatten();
    let texts = if of_line.is_empty() { of_all.collect() } else { of_line };
    let known = texts.into_iter().take(limits::SDP_FINGERPRINTS).filter_map(Fingerprint::read);
    let fingerprints = Fingerprint::best(known.collect());
    let said = |name| {
        let of_line = media.get_first_attribute_value(name);
        of_line.or_else(|| session.get_first_attribute_value(name)).flatten()
    };
    let setup = match said("setup").map(|value| value.trim().to_ascii_lowercase()).as_deref() {
        Some("active") => Setup::Active,
        Some("passive") => Setup::Passive,
        Some("actpass") => Setup::Either,
        None => Setup::Unsaid,
        Some(_) => return None,
    };
    let tls_id = said("tls-id").filter(|id| id.len() <= LONGEST_ID).map(|value| value.trim().to_owned());
    (!fingerprints.is_empty()).then_some(Told { setup, fingerprints, tls_id })
}

/// What comes of an offer: we let those begin who may, for a phone behind a translator of
/// addresses is not reached before it has sent something. What stands already stays.
pub(super) fn answer(keys: &OwnKeys, theirs: &Told) -> Handshake {
    let role = match theirs.setup {
        Setup::Active | Setup::Unsaid => Role::Passive,
        Setup::Passive => Role::Active,
        Setup::Either => keys.role.unwrap_or(Role::Passive),
    };
    theirs.agreed(role)
}

/// What comes of an answer; `None` when it leaves to us what it should have said.
pub(super) fn accept(theirs: &Told) -> Option<Handshake> {
    match theirs.setup {
        Setup::Active => Some(theirs.agreed(Role::Passive)),
        Setup::Passive | Setup::Unsaid => Some(theirs.agreed(Role::Active)),
        Setup::Either => None,
    }
}

/// Our part as an answer tells it.
pub(super) fn setup(role: Role) -> &'static str {
    match role {
        Role::Active => "active",
        Role::Passive => "passive",
    }
}

impl Told {
    fn agreed(&self, role: Role) -> Handshake {
        Handshake { role, fingerprints: self.fingerprints.clone(), tls_id: self.tls_id.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Direction, Local, SdpError, accept, answer, offer};
    use crate::base::Chance;
    use crate::media::{Codec, Encryption, Fingerprint, Handshake, KeysBy, OwnKeys, Role, Sealing, Secrecy, Stream};

    const CODECS: [Codec; 1] = [Codec::Pcma];
    const BOTH: Direction = Direction::SendRecv;

    fn local(secrecy: Secrecy, keys: &[KeysBy], name: &str) -> Local {
        let fingerprint = Some(Fingerprint::of(name.as_bytes()));
        let encryption = Encryption { secrecy, keys: keys.into(), fingerprint };
        let keys = OwnKeys::draw(&encryption, &mut Chance::seeded(name.len() as u64));
        Local { address: ([192, 0, 2, 1], 4_000).into(), session: 1, version: 1, keys }
    }

    fn handshake(stream: &Stream) -> &Handshake {
        match stream.secret.as_deref() {
            Some(Sealing::Handshake(handshake)) => handshake,
            other => panic!("no handshake: {other:?}"),
        }
    }

    fn line<'a>(sdp: &'a str, start: &str) -> Option<&'a str> {
        sdp.lines().find_map(|line| line.strip_prefix(start))
    }

    /// A browser's way of saying it: for the session, with two hashes, in upper and lower case.
    fn theirs(profile: &str, setup: &str) -> String {
        let (good, better) = (Fingerprint::of(b"x"), format!("SHA-512 {}", vec!["0a"; 64].join(":")));
        format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\na=fingerprint:{good}\r\n\
             a=fingerprint:{better}\r\nm=audio 5000 {profile} 8\r\na=rtcp-mux\r\n{setup}"
        )
    }

    #[test]
    fn a_handshake_is_offered_and_answered_with_roles_that_fit() {
        use KeysBy::{Dtls, Sdes};
        for (caller, callee) in [(&[Dtls][..], &[Dtls][..]), (&[Dtls, Sdes], &[Sdes, Dtls])] {
            let (ours, there) = (local(Secrecy::Required, caller, "a"), local(Secrecy::Required, callee, "bb"));
            let offered = offer(&ours, &CODECS, BOTH);
            assert!(offered.contains("m=audio 4000 UDP/TLS/RTP/SAVP 8 101\r\n"), "{offered}");
            assert!(!offered.contains("a=crypto"), "{offered}");
            assert_eq!(line(&offered, "a=setup:"), Some("actpass"));
            assert_eq!(line(&offered, "a=tls-id:").map(str::len), Some(32));
            let (answered, theirs) = answer(&offered, &there, &CODECS, BOTH).unwrap();
            assert!(answered.contains(" UDP/TLS/RTP/SAVP "), "{answered}");
            assert_eq!(line(&answered, "a=setup:"), Some("passive"));
            assert!(answered.contains("\r\na=rtcp-mux\r\n"), "{answered}");
            let here = accept(&answered, &ours, &CODECS, BOTH).unwrap();
            assert_eq!((handshake(&here).role, handshake(&theirs).role), (Role::Active, Role::Passive));
            assert!(handshake(&here).fingerprints[0].is_of(b"bb") && handshake(&theirs).fingerprints[0].is_of(b"a"));
            assert_eq!(handshake(&theirs).tls_id.as_deref(), line(&offered, "a=tls-id:"));
            assert_eq!(handshake(&here).tls_id.as_deref(), line(&answered, "a=tls-id:"));
        }
    }

    #[test]
    fn who_may_choose_is_offered_both_on_a_plain_line_and_what_we_prefer_wins() {
        use KeysBy::{Dtls, Sdes};
        let offered = offer(&local(Secrecy::Optional, &[Sdes, Dtls], "a"), &CODECS, BOTH);
        assert!(offered.contains("m=audio 4000 RTP/AVP ") && offered.contains("a=crypto:1 "), "{offered}");
        assert!(offered.contains("a=fingerprint:sha-256 "), "{offered}");
        let answered =
            |keys: &[KeysBy]| answer(&offered, &local(Secrecy::Optional, keys, "bb"), &CODECS, BOTH).unwrap();
        let by = |keys: &[KeysBy]| match answered(keys).1.secret.as_deref() {
            Some(Sealing::Keys(_)) => Some(Sdes),
            Some(Sealing::Handshake(_)) => Some(Dtls),
            None => None,
        };
        assert_eq!((by(&[Sdes, Dtls]), by(&[Dtls, Sdes]), by(&[Dtls])), (Some(Sdes), Some(Dtls), Some(Dtls)));
        let text = answered(&[Dtls]).0;
        assert!(text.contains(" RTP/AVP ") && !text.contains("a=crypto"), "{text}");
    }

    #[test]
    fn a_peer_s_setup_is_answered_and_what_stands_stays() {
        let ours = local(Secrecy::Optional, &[KeysBy::Sdes, KeysBy::Dtls], "a");
        let role = |setup: &str, ours: &Local| {
            let (text, stream) = answer(&theirs("UDP/TLS/RTP/SAVPF", setup), ours, &CODECS, BOTH).unwrap();
            assert!(text.contains(" UDP/TLS/RTP/SAVPF ") && !text.contains("tls-id"), "{text}");
            assert_eq!(handshake(&stream).fingerprints.len(), 1, "the best hash alone");
            (line(&text, "a=setup:").unwrap().to_owned(), handshake(&stream).role)
        };
        let passive = ("passive".to_owned(), Role::Passive);
        let active = ("active".to_owned(), Role::Active);
        assert_eq!(role("a=setup:actpass\r\n", &ours), passive);
        assert_eq!(role("a=setup:ACTIVE\r\n", &ours), passive);
        assert_eq!(role("", &ours), passive);
        assert_eq!(role("a=setup:passive\r\n", &ours), active);
        let mut standing = ours;
        std::sync::Arc::make_mut(standing.keys.as_mut().unwrap()).role = Some(Role::Active);
        assert_eq!(role("a=setup:actpass\r\n", &standing), active);
    }

    #[test]
    fn a_handshake_that_can_not_be_is_refused() {
        use KeysBy::{Dtls, Sdes};
        let refused = |offer: &str, ours: &Local| {
            answer(offer, ours, &CODECS, BOTH).is_err_and(|error| error == SdpError::NoAudio)
        };
        let ours = local(Secrecy::Optional, &[Sdes, Dtls], "a");
        let good = theirs("UDP/TLS/RTP/SAVP", "a=setup:actpass\r\n");
        assert!(!refused(&good, &ours));
        assert!(refused(&good.replace("sha-256", "sha-1").replace("SHA-512", "md5"), &ours));
        assert!(refused(&good.replace("actpass", "holdconn"), &ours));
        assert!(refused(&good, &local(Secrecy::Required, &[Sdes], "a")), "`keys: [sdes]`");
        assert!(refused(&good, &local(Secrecy::Off, &[Sdes, Dtls], "a")));
        // An answer may not leave to us who begins, nor have what was not offered.
        let answered = |setup: &str, ours: &Local| accept(&theirs("UDP/TLS/RTP/SAVP", setup), ours, &CODECS, BOTH);
        assert_eq!(answered("a=setup:actpass\r\n", &ours).unwrap_err(), SdpError::NoAudio);
        assert_eq!(handshake(&answered("a=setup:active\r\n", &ours).unwrap()).role, Role::Passive);
        let insists = local(Secrecy::Required, &[Sdes, Dtls], "a");
        assert_eq!(answered("a=setup:active\r\n", &insists).unwrap_err(), SdpError::NoAudio);
    }
}
