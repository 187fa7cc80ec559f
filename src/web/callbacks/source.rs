//! From where a request comes, and whether a browser sent it for another site.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, header};

/// The address that counts: the peer's, or what a proxy that is believed says of it.
///
/// Of `X-Forwarded-For` the last address counts that is no such proxy: what stands before
/// it was written by whoever wanted to.
pub(super) fn client(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip().to_canonical());
    if !proxies.contains(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        let Some(address) = address(hop) else { return peer };
        if !proxies.contains(&address) {
            return address;
        }
    }
    peer
}

/// Some proxies write the port too.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let found = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

/// Whether a page of another site sent this form. A browser says so in `Sec-Fetch-Site`,
/// an old one in `Origin`; a program without a user has nothing that could be abused.
pub(super) fn is_of_another_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_none() || host != text(header::HOST.as_str())
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn seen(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let proxies = ["127.0.0.1", "10.0.0.2"].map(|proxy| proxy.parse().unwrap());
        client(Some(SocketAddr::new(peer.parse().unwrap(), 1)), &headers(lines), &proxies).to_string()
    }

    #[test]
    fn only_a_known_proxy_is_believed_and_only_what_it_added() {
        let forwarded = |list| [("x-forwarded-for", list)];
        assert_eq!(seen("192.0.2.7", &forwarded("198.51.100.1")), "192.0.2.7", "anybody can write this");
        assert_eq!(seen("127.0.0.1", &forwarded("198.51.100.1")), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &forwarded("1.2.3.4, 198.51.100.1, 10.0.0.2")), "198.51.100.1");
        let lines = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(seen("::ffff:127.0.0.1", &lines), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &forwarded("198.51.100.1:4711")), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &forwarded("2001:db8::1")), "2001:db8::1");
        for nonsense in ["unknown", "", "10.0.0.2"] {
            assert_eq!(seen("127.0.0.1", &forwarded(nonsense)), "127.0.0.1", "{nonsense}");
        }
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn a_form_that_another_site_sends_is_known_by_what_the_browser_says() {
        let host = ("host", "rappel.example");
        for site in ["cross-site", "same-site"] {
            assert!(is_of_another_site(&headers(&[host, ("sec-fetch-site", site)])), "{site}");
        }
        for origin in ["https://evil.example", "null", "https://rappel.example.evil.example"] {
            assert!(is_of_another_site(&headers(&[host, ("origin", origin)])), "{origin}");
        }
        let own = [host, ("sec-fetch-site", "same-origin"), ("origin", "https://proxy.example")];
        assert!(!is_of_another_site(&headers(&own)));
        assert!(!is_of_another_site(&headers(&[host, ("origin", "https://rappel.example")])));
        assert!(!is_of_another_site(&headers(&[host])));
    }
}
