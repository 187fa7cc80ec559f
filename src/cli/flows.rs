//! `svi reload`: other flows in a running service, from the terminal.

use anyhow::Result;
use serde_json::{Value, json};

use super::api::ask;
use super::args::Reload;
use super::{Verdict, say, tell};

pub(crate) fn reload(args: &Reload) -> Result<Verdict> {
    let token = std::env::var("SVI_TOKEN").ok();
    let body = json!({ "by": who() }).to_string();
    let (status, answer) = ask(&args.http, "POST /api/v1/flows/reload", token.as_deref(), &body)?.json();
    findings(&answer);
    match (status, answer["result"].as_str()) {
        (200, Some("unchanged")) => say("nothing has changed: the flows on the disk run already"),
        (200, _) => {
            say("new calls get the flows as they are on the disk");
            swapped(&answer);
        }
        _ => {
            tell(&format!("refused ({status}): {}", answer["error"].as_str().unwrap_or("no reason was given")));
            return Ok(Verdict::Findings);
        }
    }
    Ok(Verdict::Good)
}

/// What was wrong, framed where the service has framed it.
fn findings(answer: &Value) {
    if let Some(text) = answer["text"].as_str() {
        return tell(text);
    }
    for finding in answer["diagnostics"].as_array().into_iter().flatten() {
        let word = |key: &str| finding[key].as_str().unwrap_or_default();
        let place = match (finding["path"].as_str(), finding["line"].as_u64()) {
            (Some(path), Some(line)) => format!("{path}:{line}: "),
            _ => String::new(),
        };
        tell(&format!("{place}{}[{}]: {}", word("severity"), word("code"), word("message")));
    }
}

/// The files and what else is different.
fn swapped(answer: &Value) {
    for file in answer["files"].as_array().into_iter().flatten() {
        let (path, what) = (file["path"].as_str().unwrap_or_default(), file["what"].as_str().unwrap_or_default());
        say(&format!("  {what:8} {path}  +{} -{}", file["added"], file["removed"]));
    }
    for line in answer["changes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        say(&format!("  {line}"));
    }
}

/// As the operating system calls who has typed this.
fn who() -> Option<String> {
    let name = |variable| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    let who = name("SUDO_USER").or_else(|| name("USER")).or_else(|| name("LOGNAME"))?;
    Some(who.chars().filter(|c| !c.is_control()).take(60).collect())
}
