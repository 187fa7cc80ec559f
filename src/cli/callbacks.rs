//! `svi callbacks`: the callbacks of a running service, from the terminal.

use anyhow::{Result, bail};
use chrono::{DateTime, Local};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::api::ask;
use super::args::{Callbacks, CallbacksVerb};
use super::{Verdict, say, tell};

pub(crate) fn run(args: &Callbacks) -> Result<Verdict> {
    let id = args.id.unwrap_or_default();
    let mut body = String::new();
    let what = match args.verb {
        CallbacksVerb::List => format!("GET /api/v1/callbacks{}", query(args)?),
        CallbacksVerb::Show => format!("GET /api/v1/callbacks/{id}"),
        CallbacksVerb::Cancel => format!("DELETE /api/v1/callbacks/{id}?by=cli"),
        CallbacksVerb::Times => format!("GET /api/v1/callbacks/by-agent?queue={}", queue(args)?),
        CallbacksVerb::Add => {
            let Callbacks { number, when, reason, .. } = args;
            body = json!({ "number": number, "queue": queue(args)?, "when": when, "reason": reason }).to_string();
            "POST /api/v1/callbacks/by-agent".to_owned()
        }
    };
    let token = std::env::var("SVI_TOKEN").ok();
    let (status, body) = ask(&args.http, &what, token.as_deref(), &body)?.json();
    if status >= 300 {
        let why = body["title"].as_str().or_else(|| body["error"].as_str()).unwrap_or("no reason was given");
        tell(&format!("refused ({status}): {why}"));
        let details = body["errors"].as_array().into_iter().flatten().filter_map(|error| error["detail"].as_str());
        details.for_each(|detail| tell(&format!("  {detail}")));
        return Ok(Verdict::Findings);
    }
    match args.verb {
        CallbacksVerb::Cancel => tell(&format!("callback {id} is cancelled")),
        _ if args.json => say(&body.to_string()),
        CallbacksVerb::Add => {
            tell(&format!("callback {} is promised: {}", body["id"], slot(&body)));
        }
        CallbacksVerb::Times => {
            let slots = body["slots"].as_array().into_iter().flatten();
            slots.for_each(|times| say(&format!("{}  {}", text(times, "when"), span(times))));
        }
        CallbacksVerb::List => {
            body["callbacks"].as_array().into_iter().flatten().for_each(|ticket| say(&line(ticket)));
            if let Some(last) = body["before"].as_u64() {
                tell(&format!("hint: there may be more: `--before {last}`"));
            }
        }
        CallbacksVerb::Show => say(&whole(&body)),
    }
    Ok(Verdict::Good)
}

/// The queue's name, which goes into an address as it is.
fn queue(args: &Callbacks) -> Result<&str> {
    let queue = args.queue.as_deref().unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !queue.chars().all(good) {
        bail!("`{queue}` is no queue's name");
    }
    Ok(queue)
}

fn query(args: &Callbacks) -> Result<String> {
    let mut query = format!("?limit={}", args.limit);
    if let Some(state) = args.state.as_ref().and_then(ValueEnum::to_possible_value) {
        query.push_str(&format!("&state={}", state.get_name()));
    }
    if args.queue.is_some() {
        query.push_str(&format!("&queue={}", queue(args)?));
    }
    if let Some(before) = args.before {
        query.push_str(&format!("&before={before}"));
    }
    Ok(query)
}

/// `12  kept       24 Nov 10:05  24 Nov 14:00–16:00  +33612345678  france-services/agents  web`
fn line(ticket: &Value) -> String {
    let when = slot(ticket);
    let id = ticket["id"].as_u64().unwrap_or_default();
    let asked = time(&ticket["asked"], "%e %b %H:%M").unwrap_or_default();
    let number = ticket["number"].as_str().unwrap_or("erased");
    let (state, queue, source) = (text(ticket, "state"), text(ticket, "queue"), text(ticket, "source"));
    format!("{id:>5}  {state:10} {asked:12}  {when:18}  {number:14} {queue}  {source}")
}

/// `24 Nov 14:00–16:00`, or `soon`.
fn slot(ticket: &Value) -> String {
    if ticket["slot"].is_null() { "soon".to_owned() } else { span(&ticket["slot"]) }
}

fn span(slot: &Value) -> String {
    let at = |end: &str, format| time(&slot[end], format).unwrap_or_default();
    format!("{}–{}", at("from", "%e %b %H:%M"), at("to", "%H:%M"))
}

/// Everything of one, a line each.
fn whole(ticket: &Value) -> String {
    let times = ["asked", "due", "ended"];
    let fields = ticket.as_object().into_iter().flatten();
    let shown = fields.filter(|(_, value)| !value.is_null()).map(|(key, value)| {
        let value = match value {
            Value::Number(_) if times.contains(&key.as_str()) => time(value, "%Y-%m-%d %H:%M:%S").unwrap_or_default(),
            Value::Object(slot) if key == "slot" => {
                let at = |end: &str| slot.get(end).and_then(|at| time(at, "%Y-%m-%d %H:%M")).unwrap_or_default();
                format!("{} to {}", at("from"), at("to"))
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        format!("{key:9} {value}")
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn text(ticket: &Value, key: &str) -> String {
    ticket[key].as_str().unwrap_or_default().to_owned()
}

fn time(value: &Value, format: &str) -> Option<String> {
    let at = DateTime::from_timestamp_millis(value.as_i64()?)?;
    Some(at.with_timezone(&Local).format(format).to_string())
}
