//! `svi reload`, `svi rollback` and `svi flows`: the flows of a running service, from the terminal.

use anyhow::{Result, bail};
use chrono::{DateTime, Local};
use serde_json::{Value, json};

use super::api::ask;
use super::args::{Flows, FlowsVerb, Reload, Rollback};
use super::{Verdict, say, tell};

pub(crate) fn reload(args: &Reload) -> Result<Verdict> {
    let answer = request(&args.http, "POST /api/v1/flows/reload", &json!({ "by": who() }))?;
    Ok(changed(&answer, "new calls get the flows as they are on the disk"))
}

pub(crate) fn rollback(args: &Rollback) -> Result<Verdict> {
    let Rollback { version, keep, http } = args;
    let wanted = json!({ "version": version, "keep": keep, "by": who() });
    let answer = request(http, "POST /api/v1/flows/rollback", &wanted)?;
    Ok(changed(&answer, "the version is put back, on the disk too: new calls get it"))
}

pub(crate) fn flows(Flows { verb, http }: &Flows) -> Result<Verdict> {
    let path = match verb {
        None => "/api/v1/flows".to_owned(),
        Some(FlowsVerb::Versions) => "/api/v1/flows/versions".to_owned(),
        Some(FlowsVerb::Show { version, .. }) => format!("/api/v1/flows/versions/{version}"),
        Some(FlowsVerb::Diff { version, with }) => {
            let with = with.map(|with| format!("?with={with}")).unwrap_or_default();
            format!("/api/v1/flows/versions/{version}/diff{with}")
        }
    };
    let (status, answer) = request(http, &format!("GET {path}"), &Value::Null)?;
    if status != 200 {
        return Ok(refused(status, &answer));
    }
    match verb {
        None => return Ok(runs(&answer)),
        Some(FlowsVerb::Versions) => {
            for version in answer["versions"].as_array().into_iter().flatten() {
                say(&line(version, version["version"] == answer["runs"]));
            }
        }
        Some(FlowsVerb::Show { file: None, .. }) => {
            for (path, text) in answer["texts"].as_object().into_iter().flatten() {
                say(&format!("# {path}\n{}", text.as_str().unwrap_or_default()));
            }
        }
        Some(FlowsVerb::Show { file: Some(file), version }) => match answer["texts"][file].as_str() {
            Some(text) => say(text.strip_suffix('\n').unwrap_or(text)),
            None => bail!("version {version} has no file `{file}`"),
        },
        Some(FlowsVerb::Diff { .. }) => say(answer["diff"].as_str().unwrap_or_default().trim_end_matches('\n')),
    }
    Ok(Verdict::Good)
}

/// What runs; a finding where the disk has something else.
fn runs(answer: &Value) -> Verdict {
    let version =
        answer["version"].as_u64().map_or("a version that is not kept".to_owned(), |n| format!("version {n}"));
    say(&format!("{version} runs since {}, by {}", time(&answer["since"]), by(answer)));
    let Some(why) = answer["differ"]["why"].as_str() else { return Verdict::Good };
    let words = match why {
        "refused" => format!("they have errors: {}", answer["differ"]["errors"]),
        "unreadable" => "they can't be read".to_owned(),
        _ => "nobody has reloaded them".to_owned(),
    };
    tell(&format!("the files on the disk are not what runs: {words}"));
    tell("hint: `svi reload` tells what is wrong, or loads them.");
    Verdict::Findings
}

/// `  12 *  24 Nov 09:12  watch (amelie)      changed france-services/accueil.yaml +1 -1`
fn line(version: &Value, runs: bool) -> String {
    let mark = if runs { '*' } else { ' ' };
    let restores = version["restores"].as_u64().map(|n| format!(" to {n}")).unwrap_or_default();
    let files = version["files"].as_array().into_iter().flatten().map(file).collect::<Vec<_>>().join(", ");
    let (number, by) = (version["version"].to_string(), format!("{}{restores}", by(version)));
    let line = format!("{number:>5} {mark} {:12}  {by:24}  {files}", time(&version["kept"]));
    line.trim_end().to_owned()
}

fn by(answer: &Value) -> String {
    let how = answer["how"].as_str().unwrap_or_default();
    answer["by"].as_str().map_or(how.to_owned(), |who| format!("{how} ({who})"))
}

fn time(millis: &Value) -> String {
    let time = millis.as_i64().and_then(DateTime::from_timestamp_millis);
    time.map(|time| time.with_timezone(&Local).format("%e %b %H:%M").to_string()).unwrap_or_default()
}

/// `changed france-services/accueil.yaml +1 -1`
fn file(file: &Value) -> String {
    let word = |key: &str| file[key].as_str().unwrap_or_default();
    format!("{} {} +{} -{}", word("what"), word("path"), file["added"], file["removed"])
}

fn request(http: &str, what: &str, body: &Value) -> Result<(u16, Value)> {
    let token = std::env::var("SVI_TOKEN").ok();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Ok(ask(http, what, token.as_deref(), &body)?.json())
}

/// What came of a wish for other flows.
fn changed((status, answer): &(u16, Value), done: &str) -> Verdict {
    findings(answer);
    match (status, answer["result"].as_str()) {
        (200, Some("unchanged")) => say("nothing has changed: these flows run already"),
        (200, _) => {
            let version = answer["version"].as_u64().map(|n| format!("version {n}: ")).unwrap_or_default();
            say(&format!("{version}{done}"));
            answer["files"].as_array().into_iter().flatten().for_each(|changed| say(&format!("  {}", file(changed))));
            let changes = answer["changes"].as_array().into_iter().flatten().filter_map(Value::as_str);
            changes.for_each(|change| say(&format!("  {change}")));
        }
        _ => return refused(*status, answer),
    }
    Verdict::Good
}

fn refused(status: u16, answer: &Value) -> Verdict {
    tell(&format!("refused ({status}): {}", answer["error"].as_str().unwrap_or("no reason was given")));
    Verdict::Findings
}

/// What was found, framed where the service has framed it.
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

/// As the operating system calls who has typed this.
fn who() -> Option<String> {
    let name = |variable| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    name("SUDO_USER").or_else(|| name("USER")).or_else(|| name("LOGNAME"))
}
