//! `svi agents`: the API of a running service, from the terminal.

use anyhow::{Result, bail};
use chrono::{DateTime, Local};
use serde_json::{Value, json};

use super::api::ask;
use super::args::{Agents, AgentsVerb};
use super::{Verdict, say, tell};

pub(crate) fn run(args: &Agents) -> Result<Verdict> {
    let token = std::env::var("SVI_TOKEN").ok();
    let errand = match args.verb {
        AgentsVerb::List => None,
        AgentsVerb::Pause => Some("pause"),
        AgentsVerb::Resume => Some("resume"),
        AgentsVerb::Login => Some("login"),
        AgentsVerb::Logout => Some("logout"),
        AgentsVerb::Ready => Some("ready"),
    };
    let (status, body) = match (errand, &args.name) {
        (None, _) => ask(&args.http, "GET /api/v1/agents", token.as_deref(), "")?.json(),
        (Some(errand), name) => {
            let name = name.as_deref().unwrap_or_default();
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || !name.chars().all(good) {
                bail!("`{name}` is no agent's name");
            }
            let body = json!({ "reason": args.reason }).to_string();
            ask(&args.http, &format!("POST /api/v1/agents/{name}/{errand}"), token.as_deref(), &body)?.json()
        }
    };
    if status != 200 {
        tell(&format!("refused ({status}): {}", body["error"].as_str().unwrap_or("no reason was given")));
        return Ok(Verdict::Findings);
    }
    match body["agents"].as_array() {
        Some(agents) => agents.iter().flat_map(with_phones).for_each(|line| say(&line)),
        None => say(&line(&body)),
    }
    Ok(Verdict::Good)
}

/// An agent's line, and one for each phone below it.
fn with_phones(agent: &Value) -> Vec<String> {
    let phones = agent["phones"].as_array().into_iter().flatten().map(phone);
    std::iter::once(line(agent)).chain(phones).collect()
}

/// `    udp 192.0.2.7:5062  reachable, 12 ms  590 s left  Yealink SIP-T46U`
fn phone(phone: &Value) -> String {
    let text = |key: &str| phone[key].as_str().unwrap_or_default().to_owned();
    let answers = match (phone["reachable"].as_str(), phone["round_trip_ms"].as_u64()) {
        (Some("yes"), Some(took)) => format!("reachable, {took} ms"),
        (Some("no"), _) => "not reachable".to_owned(),
        _ => "no answer yet".to_owned(),
    };
    let proxy = if phone["proxy"] == json!(true) { " (proxy)" } else { "" };
    let place = format!("{} {}{proxy}", text("transport"), text("address"));
    let left = phone["expires_in"].as_u64().unwrap_or_default();
    // What a phone says of itself can hold anything.
    let software: String = text("software").chars().filter(|c| !c.is_control()).collect();
    format!("    {place:30} {answers:18} {left:>5} s left  {software}").trim_end().to_owned()
}

/// `amina  paused  since 24 Nov 09:12  repas`
fn line(agent: &Value) -> String {
    let text = |key: &str| agent[key].as_str().unwrap_or_default().to_owned();
    let since = agent["since"].as_i64().and_then(DateTime::from_timestamp_millis);
    let since = since.map(|since| since.with_timezone(&Local).format("%e %b %H:%M").to_string()).unwrap_or_default();
    let line = format!("{:16} {:10} since {since:12}  {}", text("agent"), text("state"), text("pause"));
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phone_of_an_agent_has_a_line() {
        let agent = json!({ "agent": "amina", "state": "available", "pause": null, "since": null, "phones": [
            { "software": "Yealink \u{1b}[31m", "transport": "udp", "address": "192.0.2.7:5062", "proxy": false,
              "expires_in": 590, "reachable": "yes", "round_trip_ms": 12 },
            { "software": null, "transport": "tls", "address": "[2001:db8::7]:40000", "proxy": true,
              "expires_in": 60, "reachable": "no", "round_trip_ms": 9 },
        ] });
        let lines = with_phones(&agent);
        assert_eq!(
            lines[1..],
            [
                "    udp 192.0.2.7:5062             reachable, 12 ms     590 s left  Yealink [31m",
                "    tls [2001:db8::7]:40000 (proxy) not reachable         60 s left",
            ]
        );
        assert!(lines[0].starts_with("amina "), "{}", lines[0]);
    }
}
