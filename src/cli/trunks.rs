//! `svi trunks`: the ways to outside numbers of a running service, from the terminal.

use anyhow::Result;
use serde_json::Value;

use super::api::ask;
use super::args::Trunks;
use super::{Verdict, say, tell};

pub(crate) fn run(args: &Trunks) -> Result<Verdict> {
    let token = std::env::var("SVI_TOKEN").ok();
    let (status, body) = ask(&args.http, "GET /api/v1/trunks", token.as_deref(), "")?.json();
    if status != 200 {
        tell(&format!("refused ({status}): {}", body["error"].as_str().unwrap_or("no reason was given")));
        return Ok(Verdict::Findings);
    }
    match body["trunks"].as_array() {
        Some(trunks) if !trunks.is_empty() => trunks.iter().for_each(|trunk| say(&line(trunk))),
        _ => tell("there is no trunk"),
    }
    Ok(Verdict::Good)
}

/// `main  up  registered for 540 s  3 calls of 30, 41 in the hour  udp 192.0.2.9:5060`
fn line(trunk: &Value) -> String {
    let text = |key: &str| trunk[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| trunk[key].as_u64();
    let of = |key: &str| number(key).map_or_else(String::new, |most| format!(" of {most}"));
    let registered = match (trunk["registered"].as_bool(), number("registered_for"), number("refusal")) {
        (Some(true), Some(seconds), _) => format!("registered for {seconds} s"),
        (Some(false), _, Some(408)) => "not registered: no answer".to_owned(),
        (Some(false), _, Some(status)) => format!("not registered: {status}"),
        (Some(_), _, _) => "not registered yet".to_owned(),
        (None, _, _) => String::new(),
    };
    let rests = number("rests_for").map_or_else(String::new, |seconds| format!("  wants no calls for {seconds} s"));
    let addresses: Vec<&str> = trunk["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let calls = format!(
        "{} calls{}, {} in the hour{}",
        number("calls").unwrap_or_default(),
        of("at_once"),
        number("last_hour").unwrap_or_default(),
        of("per_hour")
    );
    let place = match addresses.is_empty() {
        true => format!("`{}` has no address: see its `address`, and `sip.dns`", text("host")),
        false => format!("{} {}", text("transport"), addresses.join(", ")),
    };
    format!("{:16} {:9} {registered:24} {calls}{rests}  {place}", text("name"), text("state"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trunk_is_told_on_one_line() {
        let trunk = serde_json::json!({
            "name": "main", "state": "up", "registered": true, "registered_for": 540, "calls": 3, "at_once": 30,
            "last_hour": 41, "transport": "udp", "addresses": ["192.0.2.9:5060"]
        });
        let told = line(&trunk).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told, "main up registered for 540 s 3 calls of 30, 41 in the hour udp 192.0.2.9:5060");
        let lost = line(&serde_json::json!({ "name": "c", "state": "not-found", "host": "sip.x.example" }));
        assert!(lost.contains("not-found") && lost.contains("`sip.x.example` has no address"), "{lost}");
        let trunk = serde_json::json!({ "name": "b", "state": "down", "addresses": ["192.0.2.9:5060"], "registered": false, "refusal": 403, "rests_for": 60 });
        let told = line(&trunk);
        assert!(told.contains("down") && told.contains("not registered: 403") && told.contains("for 60 s"), "{told}");
    }
}
