//! Who may use the API: this machine, or who shows the token.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::base::Private;

/// Lets a request through, or refuses it before anything of it is read.
pub(super) async fn guard(State(token): State<Option<Private<String>>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    match judge(peer, request.method(), request.headers(), token.as_ref()) {
        Verdict::Allowed => next.run(request).await,
        Verdict::NoToken => {
            let why = "this needs a bearer token: see http.token in the settings";
            let asked = [(header::WWW_AUTHENTICATE, "Bearer")];
            (StatusCode::UNAUTHORIZED, asked, Json(json!({ "error": why }))).into_response()
        }
        Verdict::NotJson => {
            let why = "send JSON, with `Content-Type: application/json`";
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(json!({ "error": why }))).into_response()
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    NoToken,
    /// What a form of a foreign web page can send without asking: never taken.
    NotJson,
}

fn judge(peer: Option<IpAddr>, method: &Method, headers: &HeaderMap, token: Option<&Private<String>>) -> Verdict {
    let shown = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let proved = match (shown, token) {
        (Some(shown), Some(token)) => bool::from(shown.trim().as_bytes().ct_eq(token.reveal().as_bytes())),
        _ => false,
    };
    if !proved && !is_here(peer, headers) {
        return Verdict::NoToken;
    }
    let json = text(headers, header::CONTENT_TYPE.as_str())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if method == Method::POST && !json { Verdict::NotJson } else { Verdict::Allowed }
}

/// Whether the request was made by a program on this machine: not one that a proxy has
/// passed on, and not one of a web page whose name was made to point here.
fn is_here(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let host = text(headers, header::HOST.as_str()).unwrap_or_default();
    let own = host == "localhost"
        || host.starts_with("localhost:")
        || host.parse::<SocketAddr>().is_ok()
        || host.parse::<IpAddr>().is_ok();
    peer.is_some_and(|peer| peer.to_canonical().is_loopback())
        && own
        && !passed_on.iter().any(|name| headers.contains_key(*name))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn there() -> Option<IpAddr> {
        Some("192.0.2.7".parse().unwrap())
    }

    fn token() -> Private<String> {
        Private::new("0123456789abcdef".to_owned())
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn this_machine_needs_no_token_and_others_the_right_one() {
        let plain = headers(&[("host", "127.0.0.1:8080")]);
        let shown = |token: &str| headers(&[("host", "svi.example"), ("authorization", &format!("Bearer {token}"))]);
        let get =
            |peer, headers: &HeaderMap, token: Option<&Private<String>>| judge(peer, &Method::GET, headers, token);
        assert_eq!(get(HERE, &plain, None), Verdict::Allowed);
        assert_eq!(get(there(), &plain, None), Verdict::NoToken);
        assert_eq!(get(None, &plain, None), Verdict::NoToken);
        assert_eq!(get(there(), &plain, Some(&token())), Verdict::NoToken);
        assert_eq!(get(there(), &shown("0123456789abcdef"), Some(&token())), Verdict::Allowed);
        for wrong in ["0123456789abcdeF", "0123456789abcde", "0123456789abcdef0", ""] {
            assert_eq!(get(there(), &shown(wrong), Some(&token())), Verdict::NoToken, "{wrong}");
        }
        assert_eq!(get(there(), &shown(""), None), Verdict::NoToken, "no token in the settings opens nothing");
    }

    #[test]
    fn what_a_proxy_passes_on_and_a_foreign_name_are_not_this_machine() {
        for more in [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7"), ("via", "1.1 proxy")] {
            let passed_on = headers(&[("host", "127.0.0.1:8080"), more]);
            assert_eq!(judge(HERE, &Method::GET, &passed_on, None), Verdict::NoToken, "{more:?}");
        }
        for host in ["evil.example", "localhost.evil.example", ""] {
            assert_eq!(judge(HERE, &Method::GET, &headers(&[("host", host)]), None), Verdict::NoToken, "{host}");
        }
        for host in ["localhost", "localhost:8080", "[::1]:8080", "127.0.0.1"] {
            assert_eq!(judge(HERE, &Method::GET, &headers(&[("host", host)]), None), Verdict::Allowed, "{host}");
        }
    }

    #[test]
    fn a_form_of_a_web_page_changes_nothing() {
        let post =
            |kind: &str| judge(HERE, &Method::POST, &headers(&[("host", "localhost"), ("content-type", kind)]), None);
        for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""] {
            assert_eq!(post(kind), Verdict::NotJson, "{kind}");
        }
        assert_eq!(post("application/json"), Verdict::Allowed);
        assert_eq!(post("Application/JSON; charset=utf-8"), Verdict::Allowed);
        assert_eq!(judge(HERE, &Method::POST, &headers(&[("host", "localhost")]), None), Verdict::NotJson);
    }
}
