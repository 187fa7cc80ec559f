//! `svi bans`: who is not heard by a running service, from the terminal.

use anyhow::Result;
use serde_json::Value;

use super::api::ask;
use super::args::{Bans, BansVerb};
use super::{Verdict, say, tell};

pub(crate) fn run(args: &Bans) -> Result<Verdict> {
    let what = match &args.verb {
        None => "GET /api/v1/bans".to_owned(),
        Some(BansVerb::Lift { address }) => format!("DELETE /api/v1/bans/{address}"),
    };
    let token = std::env::var("SVI_TOKEN").ok();
    let (status, body) = ask(&args.http, &what, token.as_deref(), "")?.json();
    if status != 200 {
        tell(&format!("refused ({status}): {}", body["error"].as_str().unwrap_or("no reason was given")));
        return Ok(Verdict::Findings);
    }
    match (&args.verb, body["bans"].as_array()) {
        (Some(BansVerb::Lift { address }), _) => tell(&format!("{address} is heard again")),
        (None, Some(bans)) if !bans.is_empty() => bans.iter().for_each(|ban| say(&line(ban))),
        (None, _) => tell("nobody is banned"),
    }
    Ok(Verdict::Good)
}

/// `203.0.113.4       everything  for 59 min  10 faults, the last: wrong-password`
fn line(ban: &Value) -> String {
    let text = |key: &str| ban[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| ban[key].as_u64().unwrap_or_default();
    let minutes = number("seconds_left").div_ceil(60);
    let (faults, fault) = (number("faults"), text("fault"));
    format!("{:40} {:10} for {minutes} min  {faults} faults, the last: {fault}", text("address"), text("scope"))
}
