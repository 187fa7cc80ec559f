//! Digest authentication with MD5 and SHA-256 (RFC 7616, RFC 8760, RFC 3261 section 22).
//!
//! What is not here: who may do what, which is the registrar's and the trunk's.

mod nonce;
#[cfg(test)]
mod tests;
mod text;

pub use nonce::{Freshness, Nonces};

use sha2::Digest as _;
use subtle::ConstantTimeEq as _;

use super::Method;
use crate::base::Chance;

/// The hash of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `SHA-256`, which is offered first.
    Sha256,
    /// `MD5`, which most desk phones still want.
    Md5,
}

impl Algorithm {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The algorithm of a name in any case; none is MD5 (RFC 7616, section 3.3).
    pub fn from_name(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::Md5),
            Some(name) if name.eq_ignore_ascii_case("MD5") => Some(Self::Md5),
            Some(name) if name.eq_ignore_ascii_case("SHA-256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Sha256 => hex(&sha2::Sha256::digest(text)),
            Self::Md5 => hex(&md5::Md5::digest(text)),
        }
    }

    /// `H(username:realm:password)` in hex: what a settings file may hold in place of a password.
    pub fn ha1(self, username: &str, realm: &str, password: &str) -> String {
        self.hash(&format!("{username}:{realm}:{password}"))
    }
}

/// One `WWW-Authenticate` or `Proxy-Authenticate` value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Whose passwords are asked for.
    pub realm: String,
    /// What the answer has to be made with.
    pub nonce: String,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// The hash.
    pub algorithm: Algorithm,
    /// Whether the last answer was right but for its old nonce.
    pub stale: bool,
    /// Whether `qop=auth` is offered; without it the answer is RFC 2069's.
    pub qop_auth: bool,
}

/// One `Authorization` or `Proxy-Authorization` value, unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Who claims to ask.
    pub username: String,
    /// The realm of the challenge.
    pub realm: String,
    /// The nonce of the challenge.
    pub nonce: String,
    /// The URI that the answer was made with, as it is written.
    pub uri: String,
    /// The answer in hex.
    pub response: String,
    /// The hash.
    pub algorithm: Algorithm,
    /// The challenge's opaque.
    pub opaque: Option<String>,
    /// With `qop=auth`, what the client added.
    pub qop: Option<Qop>,
}

/// What `qop=auth` adds to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qop {
    /// The client's own nonce.
    pub cnonce: String,
    /// How often the nonce has been used, eight hex digits as they are written.
    pub nc: String,
}

/// What is known of an account: HA1 in hex for one or both hashes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// `MD5(username:realm:password)`.
    pub ha1_md5: Option<String>,
    /// `SHA-256(username:realm:password)`.
    pub ha1_sha256: Option<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Both hashes of a password.
    pub fn of_password(username: &str, realm: &str, password: &str) -> Self {
        Self {
            ha1_md5: Some(Algorithm::Md5.ha1(username, realm, password)),
            ha1_sha256: Some(Algorithm::Sha256.ha1(username, realm, password)),
        }
    }

    fn ha1(&self, algorithm: Algorithm) -> Option<&str> {
        match algorithm {
            Algorithm::Sha256 => self.ha1_sha256.as_deref(),
            Algorithm::Md5 => self.ha1_md5.as_deref(),
        }
    }
}

/// Why an answer does not open the door, or can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// The header is no Digest of a kind that we know.
    #[error("the header is no digest with MD5 or SHA-256")]
    Unreadable,
    /// The account has no HA1 for the hash that was chosen.
    #[error("the account has no secret for this algorithm")]
    NoSecret,
    /// The answer is wrong.
    #[error("the answer is wrong")]
    Wrong,
}

impl Challenge {
    /// The challenge to send for one algorithm; several go into a header each, the
    /// preferred first (RFC 8760, section 2.4). `stale` is for an answer whose nonce was
    /// ours but too old.
    pub fn new(algorithm: Algorithm, realm: &str, nonce: &str, stale: bool) -> Self {
        Self { realm: realm.to_owned(), nonce: nonce.to_owned(), opaque: None, algorithm, stale, qop_auth: true }
    }
}

/// The answer to a challenge in hex (RFC 7616, section 3.4.1), from HA1.
pub fn response(credentials: &Credentials, method: &Method, ha1: &str) -> String {
    let algorithm = credentials.algorithm;
    let ha2 = algorithm.hash(&format!("{method}:{}", credentials.uri));
    let nonce = &credentials.nonce;
    match &credentials.qop {
        Some(Qop { cnonce, nc }) => algorithm.hash(&format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}")),
        None => algorithm.hash(&format!("{ha1}:{nonce}:{ha2}")),
    }
}

/// Compares an answer with what the account's secrets give, in constant time. The
/// nonce's age, the realm, the username, and whether the URI is the request's are the
/// caller's to check; a repeated nonce count is not noticed while the nonce is fresh.
///
/// # Errors
/// [`DigestError::NoSecret`] or [`DigestError::Wrong`].
pub fn verify(credentials: &Credentials, method: &Method, secrets: &Secrets) -> Result<(), DigestError> {
    let ha1 = secrets.ha1(credentials.algorithm).ok_or(DigestError::NoSecret)?;
    let expected = response(credentials, method, &ha1.to_ascii_lowercase());
    let given = credentials.response.to_ascii_lowercase();
    if expected.as_bytes().ct_eq(given.as_bytes()).into() { Ok(()) } else { Err(DigestError::Wrong) }
}

/// What a client knows of itself.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientSecret {
    /// The password in clear.
    Password(String),
    /// HA1 for one or both hashes.
    Ha1(Secrets),
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// What is being authorized: the method and the request's URI as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// The URI of the request.
    pub uri: &'a str,
}

/// Answers the first of the challenges that can be answered (RFC 8760, section 2.5):
/// the values of the `WWW-Authenticate` headers in, the value of `Authorization` out.
/// `nc` counts the uses of this nonce, from 1.
///
/// # Errors
/// [`DigestError::Unreadable`] when no challenge can be read, [`DigestError::NoSecret`]
/// when the secret has no HA1 for any of them.
pub fn authorize<'a>(
    challenges: impl IntoIterator<Item = &'a str>,
    username: &str,
    secret: &ClientSecret,
    asked: Asked<'_>,
    chance: &mut Chance,
    nc: u32,
) -> Result<String, DigestError> {
    let mut error = DigestError::Unreadable;
    for challenge in challenges.into_iter().flat_map(Challenge::parse_all) {
        let algorithm = challenge.algorithm;
        let ha1 = match secret {
            ClientSecret::Password(password) => algorithm.ha1(username, &challenge.realm, password),
            ClientSecret::Ha1(secrets) => match secrets.ha1(algorithm) {
                Some(ha1) => ha1.to_ascii_lowercase(),
                None => {
                    error = DigestError::NoSecret;
                    continue;
                }
            },
        };
        let mut credentials = Credentials {
            username: username.to_owned(),
            realm: challenge.realm,
            nonce: challenge.nonce,
            uri: asked.uri.to_owned(),
            response: String::new(),
            algorithm,
            opaque: challenge.opaque,
            qop: challenge.qop_auth.then(|| Qop { cnonce: chance.token(8), nc: format!("{nc:08x}") }),
        };
        credentials.response = response(&credentials, asked.method, &ha1);
        return Ok(credentials.to_string());
    }
    Err(error)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
