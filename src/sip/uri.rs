use std::fmt;
use std::net::Ipv6Addr;

use super::{Params, Scheme, Uri};
use crate::base::{self, CharSet, Escaped, limits, unescaped};

/// Why a text is not a URI that we can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Its scheme is not `sip`, `sips` or `tel` (416 when it is a request's).
    #[error("the URI's scheme is unknown")]
    Scheme,
    /// It does not follow the grammar of its scheme.
    #[error("{0}")]
    Syntax(&'static str),
}

impl Uri {
    /// A `sip:` URI without parameters.
    pub fn sip(user: Option<&str>, host: impl Into<String>, port: Option<u16>) -> Self {
        Self {
            scheme: Scheme::Sip,
            user: user.map(str::to_owned),
            host: host.into(),
            port,
            params: Params::default(),
            headers: None,
        }
    }

    /// Reads a URI as it stands between `<` and `>` or in a request line.
    ///
    /// # Errors
    /// Another scheme, or what RFC 3261, section 25.1, does not allow.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'<' | b'>' | b'"')) {
            return Err(UriError::Syntax("a URI holds a blank, a bracket or a quote"));
        }
        let (scheme, rest) = text.split_once(':').ok_or(UriError::Syntax("a URI has no scheme"))?;
        match scheme {
            _ if scheme.eq_ignore_ascii_case("sip") => Self::with_host(Scheme::Sip, rest),
            _ if scheme.eq_ignore_ascii_case("sips") => Self::with_host(Scheme::Sips, rest),
            _ if scheme.eq_ignore_ascii_case("tel") => Self::tel(rest),
            name if is_scheme(name) => Err(UriError::Scheme),
            _ => Err(UriError::Syntax("a URI has no scheme")),
        }
    }

    /// The same without headers, for a request line (RFC 3261, section 19.1.5).
    pub fn for_request(&self) -> Self {
        Self { headers: None, ..self.clone() }
    }

    /// Whether the parameter `lr` says that the proxy routes loosely (RFC 3261, section 16.4).
    pub fn is_loose_router(&self) -> bool {
        self.params.value("lr").is_some()
    }

    /// Whether two URIs name the same resource (RFC 3261, section 19.1.4).
    pub fn is_same(&self, other: &Self) -> bool {
        let place = |uri: &Self| (uri.scheme, uri.user.clone(), uri.host.to_ascii_lowercase(), uri.port);
        let agrees = |(name, value): &(String, Option<String>), in_other: &Params| {
            let theirs = in_other.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_deref().unwrap_or(""));
            let weighty = matches!(name.as_str(), "user" | "ttl" | "method" | "maddr" | "transport");
            theirs.map_or(!weighty, |theirs| theirs.eq_ignore_ascii_case(value.as_deref().unwrap_or("")))
        };
        place(self) == place(other)
            && self.headers == other.headers
            && self.params.0.iter().all(|param| agrees(param, &other.params))
            && other.params.0.iter().all(|param| agrees(param, &self.params))
    }

    fn with_host(scheme: Scheme, rest: &str) -> Result<Self, UriError> {
        let (user, rest) = match rest.rsplit_once('@') {
            Some(("", _)) => return Err(UriError::Syntax("a URI has an empty user")),
            Some((user, rest)) => (Some(unescape(user)?), rest),
            None => (None, rest),
        };
        let (rest, headers) = rest.split_once('?').map_or((rest, None), |(rest, headers)| (rest, Some(headers.into())));
        let (hostport, params) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = host_and_port(hostport).map_err(UriError::Syntax)?;
        Ok(Self { scheme, user, host, port, params: uri_params(params)?, headers })
    }

    fn tel(rest: &str) -> Result<Self, UriError> {
        let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
        let digits = number.strip_prefix('+').unwrap_or(number);
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_hexdigit() || "-.()*#".contains(c)) {
            return Err(UriError::Syntax("a tel URI holds no number"));
        }
        Ok(Self {
            scheme: Scheme::Tel,
            user: Some(number.to_owned()),
            host: String::new(),
            port: None,
            params: uri_params(params)?,
            headers: None,
        })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_deref().unwrap_or_default();
        match self.scheme {
            Scheme::Tel => write!(f, "tel:{}", Escaped(user, TEL))?,
            Scheme::Sip => f.write_str("sip:")?,
            Scheme::Sips => f.write_str("sips:")?,
        }
        if self.scheme != Scheme::Tel {
            if self.user.is_some() {
                write!(f, "{}@", Escaped(user, USER))?;
            }
            f.write_str(&self.host)?;
            if let Some(port) = self.port {
                write!(f, ":{port}")?;
            }
        }
        for (name, value) in &self.params.0 {
            write!(f, ";{}", Escaped(name, PARAM))?;
            if let Some(value) = value {
                write!(f, "={}", Escaped(value, PARAM))?;
            }
        }
        if let Some(headers) = &self.headers {
            write!(f, "?{headers}")?;
        }
        Ok(())
    }
}

/// Reads `host`, `host:port` or `[v6]:port`; blanks around the colon are allowed in a
/// `Via` and can't come in a URI. The host is in lower case only if it came so.
pub(super) fn host_and_port(text: &str) -> Result<(String, Option<u16>), &'static str> {
    let text = text.trim();
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or("an IPv6 host has no closing bracket")?;
        // The grammar of RFC 3261 has a colon too many before an IPv4 tail (RFC 5118, section 4.10).
        let address = address.replacen(":::", "::", 1);
        address.parse::<Ipv6Addr>().map_err(|_| "an IPv6 host is no address")?;
        let after = after.trim();
        let port = match after.strip_prefix(':') {
            Some(port) => Some(port),
            None if after.is_empty() => None,
            None => return Err("something follows an IPv6 host"),
        };
        (format!("[{address}]"), port)
    } else {
        let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
        let host = host.trim();
        if host.is_empty() || !HOST.spans(host) {
            return Err("a host is empty or holds a character that no host has");
        }
        (host.to_owned(), port)
    };
    let number = |port: &str| port.bytes().all(|b| b.is_ascii_digit()).then(|| port.parse::<u16>().ok()).flatten();
    let port = port.map(|port| number(port.trim()).ok_or("a port is no number up to 65535"));
    Ok((host, port.transpose()?))
}

fn uri_params(text: &str) -> Result<Params, UriError> {
    let mut params = Params::default();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
        if name.is_empty() {
            return Err(UriError::Syntax("a URI parameter has no name"));
        }
        if params.0.len() >= limits::SIP_PARAMETERS {
            return Err(UriError::Syntax("there are too many parameters"));
        }
        params.0.push((unescape(name)?.to_ascii_lowercase(), value.map(unescape).transpose()?));
    }
    Ok(params)
}

fn is_scheme(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Takes `%41` back to `A`; what would not be UTF-8 stays escaped as it is.
pub(super) fn unescape(text: &str) -> Result<String, UriError> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let bytes = unescaped(text).ok_or(UriError::Syntax("a `%` in a URI is not followed by two hex digits"))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned()))
}

/// What a host's name or IPv4 address is made of.
const HOST: CharSet = CharSet::alphanumeric_and(".-_");
/// What may stand unescaped anywhere (RFC 3261, section 25.1).
const UNRESERVED: CharSet = base::UNRESERVED.and("!*'()");
/// What may in a user part (the colon parts a password off, which is kept with the user).
const USER: CharSet = UNRESERVED.and("&=+$,;?/:");
/// The same for the name and the value of a URI parameter.
const PARAM: CharSet = UNRESERVED.and("[]/:&+$");
/// The same for the number of a `tel:` URI.
const TEL: CharSet = UNRESERVED.and("+#");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_the_field_are_taken_apart_and_written_again() {
        for (text, user, host, port) in [
            ("sip:svi.example", None, "svi.example", None),
            ("sip:+33143124567@203.0.113.1:5060;user=phone", Some("+33143124567"), "203.0.113.1", Some(5060)),
            ("sip:j.doe@[2001:db8::1]:5080;transport=udp;lr", Some("j.doe"), "[2001:db8::1]", Some(5080)),
            ("sips:%2331%23@host", Some("#31#"), "host", None),
            ("sip:amina:secret@host", Some("amina:secret"), "host", None),
            ("sip:bob%40mairie.fr@host", Some("bob@mairie.fr"), "host", None),
            ("sip:%C3%A9lise@host", Some("élise"), "host", None),
        ] {
            let uri = Uri::parse(text).unwrap();
            assert_eq!((uri.user.as_deref(), uri.host.as_str(), uri.port), (user, host, port), "{text}");
            assert_eq!(uri.to_string(), text);
        }
    }

    #[test]
    fn a_tel_uri_has_its_number_as_user_and_no_host() {
        let uri = Uri::parse("TEL:7042;phone-context=example.com").unwrap();
        assert_eq!((uri.scheme, uri.user.as_deref(), uri.host.as_str()), (Scheme::Tel, Some("7042"), ""));
        assert_eq!(uri.to_string(), "tel:7042;phone-context=example.com");
        assert_eq!(Uri::parse("tel:"), Err(UriError::Syntax("a tel URI holds no number")));
        assert_eq!(Uri::parse("tel:bob"), Err(UriError::Syntax("a tel URI holds no number")));
    }

    #[test]
    fn a_sloppy_user_with_an_at_sign_is_read_to_the_last_one() {
        let uri = Uri::parse("sip:bob@mairie.fr@host").unwrap();
        assert_eq!(
            (uri.user.as_deref(), uri.to_string().as_str()),
            (Some("bob@mairie.fr"), "sip:bob%40mairie.fr@host")
        );
    }

    #[test]
    fn the_examples_of_rfc_3261_are_the_same_or_not() {
        let same = |a: &str, b: &str| {
            let (a, b) = (Uri::parse(a).unwrap(), Uri::parse(b).unwrap());
            assert_eq!(a.is_same(&b), b.is_same(&a));
            a.is_same(&b)
        };
        assert!(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"));
        assert!(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
        assert!(same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
        assert!(!same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
        assert!(!same("sip:carol@chicago.com;security=off", "sip:carol@chicago.com;security=on"));
        assert!(!same("sip:bob@biloxi.com", "sips:bob@biloxi.com"));
        assert!(!same("sip:carol@chicago.com?Subject=next%20meeting", "sip:carol@chicago.com"));
    }

    #[test]
    fn what_is_no_uri_says_why() {
        for text in [
            "",
            "bob",
            "sip:",
            "sip:@host",
            "sip:a@",
            "sip:a@h:",
            "sip:a@h:x",
            "sip:a@h:65536",
            "sip:a@h:+1",
            "sip:a@[::1]x",
            "sip:a@[zz]",
            "sip:a b@h",
            "<sip:a@h>",
            "sip:a%zz@h",
            "sip:a@h;=x",
            "sip:a@hé",
            ":x",
            "1x:y",
        ] {
            assert!(matches!(Uri::parse(text), Err(UriError::Syntax(_))), "{text}");
        }
        assert_eq!(Uri::parse("https://svi.example"), Err(UriError::Scheme));
        assert_eq!(Uri::parse("urn:service:sos"), Err(UriError::Scheme));
    }
}
