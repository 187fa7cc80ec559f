//! Challenges and credentials as header values.

use std::fmt;

use super::{Algorithm, Challenge, Credentials, DigestError, Qop};
use crate::sip::parse::{quoted, split};
use crate::sip::write::Quoted;

impl Challenge {
    /// Reads a `WWW-Authenticate` value.
    ///
    /// # Errors
    /// [`DigestError::Unreadable`] when it is no Digest with MD5 or SHA-256, or has
    /// only a `qop` that we don't know.
    pub fn parse(value: &str) -> Result<Self, DigestError> {
        Self::parse_all(value).into_iter().next().ok_or(DigestError::Unreadable)
    }

    /// Reads every challenge of a value that can be answered: some servers put several
    /// into one header, parted by commas.
    pub fn parse_all(value: &str) -> Vec<Self> {
        let mut groups: Vec<String> = Vec::new();
        for part in split(value, b',') {
            match (scheme(part), groups.last_mut()) {
                (None, Some(last)) => {
                    last.push(',');
                    last.push_str(part);
                }
                _ => groups.push(part.to_owned()),
            }
        }
        groups.iter().filter_map(|group| Self::read(group)).collect()
    }

    fn read(value: &str) -> Option<Self> {
        let fields = Fields::read(value)?;
        let qop = fields.get("qop");
        let qop_auth = qop.is_some_and(|qop| qop.split(',').any(|q| q.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !qop_auth {
            return None;
        }
        Some(Self {
            realm: fields.get("realm")?.to_owned(),
            nonce: fields.get("nonce")?.to_owned(),
            opaque: fields.get("opaque").map(str::to_owned),
            algorithm: Algorithm::from_name(fields.get("algorithm"))?,
            stale: fields.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            qop_auth,
        })
    }
}

impl fmt::Display for Challenge {
    /// As a `WWW-Authenticate` value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest realm={}, nonce={}", Quoted(&self.realm), Quoted(&self.nonce))?;
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque={}", Quoted(opaque))?;
        }
        write!(f, ", algorithm={}", self.algorithm.as_str())?;
        if self.stale {
            f.write_str(", stale=true")?;
        }
        if self.qop_auth {
            f.write_str(", qop=\"auth\"")?;
        }
        Ok(())
    }
}

impl Credentials {
    /// Reads an `Authorization` value.
    ///
    /// # Errors
    /// [`DigestError::Unreadable`] when it is no Digest with MD5 or SHA-256, when
    /// something is missing, or when `qop` is not `auth`.
    pub fn parse(value: &str) -> Result<Self, DigestError> {
        Self::read(value).ok_or(DigestError::Unreadable)
    }

    fn read(value: &str) -> Option<Self> {
        let fields = Fields::read(value)?;
        let text = |name| fields.get(name).map(str::to_owned);
        let qop = match fields.get("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => Some(Qop { cnonce: text("cnonce")?, nc: text("nc")? }),
            Some(_) => return None,
        };
        Some(Self {
            username: text("username")?,
            realm: text("realm")?,
            nonce: text("nonce")?,
            uri: text("uri")?,
            response: text("response")?,
            algorithm: Algorithm::from_name(fields.get("algorithm"))?,
            opaque: text("opaque"),
            qop,
        })
    }
}

impl fmt::Display for Credentials {
    /// As an `Authorization` value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest username={}, realm={}", Quoted(&self.username), Quoted(&self.realm))?;
        write!(f, ", nonce={}, uri={}", Quoted(&self.nonce), Quoted(&self.uri))?;
        write!(f, ", response={}, algorithm={}", Quoted(&self.response), self.algorithm.as_str())?;
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque={}", Quoted(opaque))?;
        }
        if let Some(Qop { cnonce, nc }) = &self.qop {
            write!(f, ", qop=auth, nc={nc}, cnonce={}", Quoted(cnonce))?;
        }
        Ok(())
    }
}

/// `name=value` pairs after the word `Digest`.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut fields = Vec::new();
        for part in split(rest, b',').into_iter().map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let value = value.trim();
            let value = match quoted(value) {
                Some((value, "")) => value,
                Some(_) => return None,
                None => value.to_owned(),
            };
            fields.push((name.trim().to_ascii_lowercase(), value));
        }
        Some(Self(fields))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The scheme that a comma-parted piece begins with: a word and a blank before any `=`.
fn scheme(part: &str) -> Option<&str> {
    let (word, rest) = part.trim_start().split_once([' ', '\t'])?;
    (!word.contains('=') && !rest.trim_start().starts_with('=')).then_some(word)
}
