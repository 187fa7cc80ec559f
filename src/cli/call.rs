//! `svi call`: places a real call and says what happened.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::args::Call;
use super::softphone::{self, Order, Report};
use super::softphone_ear::Ear;
use super::{Verdict, say};
use crate::base::Digit;

pub(crate) fn run(args: &Call) -> Result<Verdict> {
    let to = address(&args.to)?;
    let bind = match args.bind {
        Some(bind) => bind,
        None => way_to(to)?,
    };
    let order = Order {
        uri: args.to.clone(),

        bind,
        from: args.from.clone(),
        keys: timed_keys(&args.keys)?,
        lasts: args.lasts(),
    };
    let mut ear = Ear::new(args.record.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(softphone::place(&order, &mut ear))?;
    ear.finish()?;
    if args.json {
        say(&serde_json::to_string(&report)?);
    } else {
        say(&told(args, &report));
    }
    Ok(if report.answered { Verdict::Good } else { Verdict::Findings })
}

fn told(args: &Call, report: &Report) -> String {
    if !report.answered {
        return match report.status {
            Some(404) => format!("{} refused: 404, no flow answers this number", args.to),
            Some(408) => format!("{}: no answer; is anything listening there?", args.to),
            Some(status) => format!("{} refused: {status}", args.to),
            None => format!("{} did not answer", args.to),
        };
    }
    let shown = |ms: Option<f64>| ms.map_or("–".to_owned(), |ms| format!("{ms:.1} ms"));
    let media = &report.media;
    let mut lines = vec![
        format!("answered after {}, first sound {} later", shown(report.setup_ms), shown(report.first_audio_ms)),
        format!("lasted {:.1} s, ended by {}, keys sent: {}", report.lasted_s, ended_by(report), report.keys),
        format!(
            "heard {} packets: {} lost, jitter {:.1} ms, longest gap {:.1} ms; sent {}",
            media.received, media.lost, media.jitter_ms, media.longest_gap_ms, media.sent
        ),
    ];
    if let Some(mos) = media.mos {
        let way = media.far.as_ref().and_then(|far| far.round_trip_ms);
        lines.push(format!("sounded like {mos:.1} of 4.5 (estimated MOS), there and back in {}", shown(way)));
    }
    if let Some(path) = &args.record {
        lines.push(format!("what was heard is in {}", path.display()));
    }
    lines.join("\n")
}

fn ended_by(report: &Report) -> &'static str {
    match report.ended_by {
        "us" => "this phone",
        _ => "the other side",
    }
}

/// The address in a SIP URI; 5060 when it names no port.
fn address(uri: &str) -> Result<SocketAddr> {
    let rest =
        uri.strip_prefix("sip:").with_context(|| format!("`{uri}` is no SIP address; write sip:100@host:5060"))?;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?']).next().unwrap_or(host);
    let named = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:5060")
    };
    let found = named.to_socket_addrs().with_context(|| format!("`{host}` is not found"))?.next();
    found.with_context(|| format!("`{host}` has no address"))
}

/// The address by which the system would reach the other side; nothing is sent.
fn way_to(to: SocketAddr) -> Result<SocketAddr> {
    let any = if to.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
    let probe = UdpSocket::bind(any)?;
    probe.connect(to).with_context(|| format!("there is no way to {to}"))?;
    Ok(SocketAddr::new(probe.local_addr()?.ip(), 0))
}

/// Reads `2s:1,4s:2`: a time since the answer, a colon, one or more keys.
fn timed_keys(text: &str) -> Result<Vec<(Duration, Digit)>> {
    let mut keys = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let Some((at, pressed)) = part.split_once(':') else {
            bail!("`{part}` has no time; write `2s:1` for the key 1 after two seconds");
        };
        let seconds: f64 = at
            .trim_end_matches('s')
            .parse()
            .ok()
            .filter(|s| *s >= 0.0)
            .with_context(|| format!("`{at}` is no time; write seconds, as in `2s:1` or `0.5s:#`"))?;
        for key in pressed.chars() {
            let digit = Digit::from_char(key).with_context(|| format!("`{key}` is not a key of the telephone"))?;
            keys.push((Duration::from_secs_f64(seconds.min(86_400.0)), digit));
        }
    }
    keys.sort_by_key(|(at, _)| *at);
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_their_times() {
        let keys = timed_keys("4s:2, 0.5s:1#").unwrap();
        let shown: Vec<String> = keys.iter().map(|(at, d)| format!("{}:{d}", at.as_secs_f64())).collect();
        assert_eq!(shown, ["0.5:1", "0.5:#", "4:2"]);
        assert!(timed_keys("1").unwrap_err().to_string().contains("has no time"));
        assert!(timed_keys("2s:x").unwrap_err().to_string().contains("not a key"));
        assert!(timed_keys("-1s:1").is_err());
    }

    #[test]
    fn an_address_is_found_in_a_sip_uri() {
        assert_eq!(address("sip:100@127.0.0.1:5070").unwrap().to_string(), "127.0.0.1:5070");
        assert_eq!(address("sip:100@127.0.0.1").unwrap().to_string(), "127.0.0.1:5060");
        assert!(address("100@127.0.0.1").is_err());
    }
}
