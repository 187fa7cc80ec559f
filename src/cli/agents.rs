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
        Some(agents) => agents.iter().for_each(|agent| say(&line(agent))),
        None => say(&line(&body)),
    }
    Ok(Verdict::Good)
}

/// `amina  paused  since 24 Nov 09:12  repas`
fn line(agent: &Value) -> String {
    let text = |key: &str| agent[key].as_str().unwrap_or_default().to_owned();
    let since = agent["since"].as_i64().and_then(DateTime::from_timestamp_millis);
    let since = since.map(|since| since.with_timezone(&Local).format("%e %b %H:%M").to_string()).unwrap_or_default();
    let line = format!("{:16} {:10} since {since:12}  {}", text("agent"), text("state"), text("pause"));
    line.trim_end().to_owned()
}
