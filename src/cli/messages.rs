//! `svi messages`: the messages of a running service, from the terminal.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use chrono::{DateTime, Local};
use serde_json::{Value, json};

use super::api::ask;
use super::args::{Messages, MessagesVerb};
use super::{Verdict, say, tell};

pub(crate) fn run(args: &Messages) -> Result<Verdict> {
    let id = args.id.unwrap_or_default();
    let state = args.state.as_ref().map(|state| format!("?state={}", state.word())).unwrap_or_default();
    let what = match args.verb {
        MessagesVerb::List => format!("GET /api/v1/messages{state}"),
        MessagesVerb::Get => format!("GET /api/v1/messages/{id}/sound"),
        MessagesVerb::Settle => format!("POST /api/v1/messages/{id}/settled"),
        MessagesVerb::Reopen => format!("POST /api/v1/messages/{id}/new"),
        MessagesVerb::Delete => format!("DELETE /api/v1/messages/{id}"),
    };
    let token = std::env::var("SVI_TOKEN").ok();
    let body = match args.verb {
        MessagesVerb::Settle | MessagesVerb::Reopen => json!({ "by": args.by }).to_string(),
        MessagesVerb::List | MessagesVerb::Get | MessagesVerb::Delete => String::new(),
    };
    let answer = ask(&args.http, &what, token.as_deref(), &body)?;
    if answer.status >= 300 {
        let (status, body) = answer.json();
        tell(&format!("refused ({status}): {}", body["error"].as_str().unwrap_or("no reason was given")));
        return Ok(Verdict::Findings);
    }
    match args.verb {
        MessagesVerb::List => {
            let (_, body) = answer.json();
            let messages = body["messages"].as_array().cloned().unwrap_or_default();
            messages.iter().for_each(|message| say(&line(message)));
            if messages.is_empty() {
                tell("there are no messages");
            }
        }
        MessagesVerb::Get => {
            let path = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("message-{id}.wav")));
            let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
            let written = file.and_then(|mut file| file.write_all(&answer.body));
            written.with_context(|| format!("`{}` can't be written", path.display()))?;
            // Who has it has heard it, unless it is settled already.
            let heard = json!({ "by": args.by }).to_string();
            let (_, now) = ask(&args.http, &format!("GET /api/v1/messages/{id}"), token.as_deref(), "")?.json();
            if now["state"] == "new" {
                ask(&args.http, &format!("POST /api/v1/messages/{id}/heard"), token.as_deref(), &heard)?;
            }
            say(&path.display().to_string());
        }
        MessagesVerb::Settle | MessagesVerb::Reopen => say(&line(&answer.json().1)),
        MessagesVerb::Delete => tell(&format!("message {id} is erased")),
    }
    Ok(Verdict::Good)
}

/// `12  new      24 Nov 10:05  0:42  +33612345678  france-services/accueil  question  callback: ticket 7`
fn line(message: &Value) -> String {
    let text = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
    let at = message["at"].as_i64().and_then(DateTime::from_timestamp_millis);
    let at = at.map(|at| at.with_timezone(&Local).format("%e %b %H:%M").to_string()).unwrap_or_default();
    let seconds = (message["length_ms"].as_u64().unwrap_or_default() + 500) / 1_000;
    let length = format!("{}:{:02}", seconds / 60, seconds % 60);
    let number = message["from"].as_str().unwrap_or("withheld");
    let id = message["id"].as_u64().unwrap_or_default();
    let callback = match (message["callback"].as_str(), message["ticket"].as_u64()) {
        (_, Some(ticket)) => format!("  callback: ticket {ticket}"),
        (Some(word), None) => format!("  callback: {word}"),
        (None, None) => String::new(),
    };
    let name = message["name"].as_str().map(|name| format!("  {name}")).unwrap_or_default();
    let (state, service, flow) = (text("state"), text("service"), text("flow"));
    format!("{id:>5}  {state:8} {at:12}  {length:>5}  {number:14} {service}/{flow}{name}{callback}")
}
