use std::fmt;

use sha2::{Digest, Sha256, Sha384, Sha512};

/// The hash of a certificate, as SDP tells it (RFC 8122).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Hash,
    digest: Box<[u8]>,
}

/// Hashes that are believed; older ones can be forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// What both sides agreed on of a handshake that gives the keys (DTLS-SRTP, RFC 5763).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Who begins it.
    pub role: Role,
    /// One of these is the peer's certificate's.
    pub fingerprints: Box<[Fingerprint]>,
    /// The peer's name for it, anew for each one (RFC 8842).
    pub tls_id: Option<String>,
}

/// Our part in a handshake (RFC 4145).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We begin.
    Active,
    /// The peer begins.
    Passive,
}

impl Fingerprint {
    /// That of a certificate in DER, with SHA-256.
    pub fn of(certificate: &[u8]) -> Self {
        Self { hash: Hash::Sha256, digest: Hash::Sha256.digest(certificate) }
    }

    /// Reads `sha-256 4A:AD:…`; `None` when it is broken or of a hash that is not believed.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let name = words.next()?;
        let hash = Hash::ALL.into_iter().find(|hash| hash.name().eq_ignore_ascii_case(name))?;
        let octet = |pair: &str| (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok()).flatten();
        let digest: Box<[u8]> = words.next()?.split(':').map(octet).collect::<Option<_>>()?;
        (words.next().is_none() && digest.len() == hash.bytes()).then_some(Self { hash, digest })
    }

    /// Those with the best hash: they alone count where a peer tells several (RFC 8122, section 5).
    pub fn best(mut told: Vec<Self>) -> Box<[Self]> {
        let best = told.iter().map(|fingerprint| fingerprint.hash).max();
        told.retain(|fingerprint| Some(fingerprint.hash) == best);
        told.into()
    }

    /// Whether it is that of a certificate in DER.
    pub fn is_of(&self, certificate: &[u8]) -> bool {
        self.digest == self.hash.digest(certificate)
    }
}

impl fmt::Display for Fingerprint {
    /// As SDP has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.hash.name())?;
        for (index, byte) in self.digest.iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl Hash {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn digest(self, bytes: &[u8]) -> Box<[u8]> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).as_slice().into(),
            Self::Sha384 => Sha384::digest(bytes).as_slice().into(),
            Self::Sha512 => Sha512::digest(bytes).as_slice().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_written_as_it_is_read_and_is_of_its_certificate_alone() {
        let own = Fingerprint::of(b"abc");
        let text = own.to_string();
        assert!(text.starts_with("sha-256 BA:78:16:BF:8F:01:CF:EA:"), "{text}");
        assert_eq!(Fingerprint::read(&text.to_lowercase()), Some(own.clone()));
        assert!(own.is_of(b"abc") && !own.is_of(b"abd"));
        let longer = format!("SHA-512 {}", vec!["0f"; 64].join(":"));
        assert_eq!(Fingerprint::read(&longer).unwrap().to_string().to_lowercase(), longer.to_lowercase());
    }

    #[test]
    fn a_broken_or_forgeable_one_is_none() {
        let sha1 = format!("sha-1 {}", vec!["AB"; 20].join(":"));
        let (short, long) = (vec!["AB"; 31].join(":"), vec!["AB"; 32].join(":"));
        for text in [
            "",
            "sha-256",
            "sha-256 ",
            &sha1,
            &format!("sha-256 {short}"),
            &format!("sha-256 {long} x"),
            &format!("sha-256 {long}:"),
            &format!("sha-384 {long}"),
            &format!("sha-256 {}", long.replacen("AB", "+B", 1).replace("+B", "é")),
        ] {
            assert_eq!(Fingerprint::read(text), None, "{text}");
        }
    }

    #[test]
    fn of_several_those_with_the_best_hash_count() {
        let wide = |byte: &str| Fingerprint::read(&format!("sha-512 {}", vec![byte; 64].join(":"))).unwrap();
        let told = vec![Fingerprint::of(b"abc"), wide("01"), wide("02")];
        assert_eq!(*Fingerprint::best(told), [wide("01"), wide("02")]);
        assert_eq!(*Fingerprint::best(Vec::new()), []);
    }
}
