//! `svi backup` and `svi forget`: at the store, beside the running service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use super::api::ask;
use super::args::{Backup, Forget, StoreArgs};
use super::{Verdict, files, say, tell};
use crate::base::{PhoneNumber, Private};
use crate::config::Settings;
use crate::server::clock;
use crate::store::{Erased, Store, Wiped};

pub(crate) fn backup(args: &Backup) -> Result<Verdict> {
    let Some(settings) = settings(&args.at)? else { return Ok(Verdict::Findings) };
    runtime()?.block_on(async {
        let store = Store::beside(&settings).await?;
        store.backup(&args.file).await?;
        store.close().await;
        let bytes = std::fs::metadata(&args.file).map_or(0, |file| file.len());
        say(&format!("`{}`: {:.1} MB, whole and readable", args.file.display(), bytes as f64 / 1e6));
        let sound = store.data().join("messages");
        if sound.is_dir() {
            tell(&format!("the messages' sound is not in it: copy `{}` too", sound.display()));
        }
        Ok(Verdict::Good)
    })
}

pub(crate) fn forget(args: &Forget) -> Result<Verdict> {
    let number = PhoneNumber::parse(&args.number).context("write a number such as +33612345678")?;
    let Some(settings) = settings(&args.at)? else { return Ok(Verdict::Findings) };
    let (erased, wiped) = runtime()?.block_on(async {
        let store = Store::beside(&settings).await?;
        let done = store.forget(&number, clock::wall()).await;
        store.close().await;
        done
    })?;
    lines(&Private::new(number.clone()), &erased, wiped.as_ref().ok().copied()).iter().for_each(|line| say(line));
    if let Err(error) = &wiped {
        tell(&format!("the database's files may still hold what was erased: {error}; say this again later"));
    }
    for file in &erased.stuck {
        tell(&format!("`{}` can't be deleted: delete it, then say this again", file.display()));
    }
    let running = running(args.http, &settings, &number);
    let told = running.is_none_or(|(good, line)| {
        if good {
            say(&line)
        } else {
            tell(&line)
        }
        good
    });
    Ok(if erased.stuck.is_empty() && wiped.is_ok() && told { Verdict::Good } else { Verdict::Findings })
}

/// Tells the service that runs, if one does, which remembers more than its database.
fn running(http: Option<SocketAddr>, settings: &Settings, number: &PhoneNumber) -> Option<(bool, String)> {
    let at = http.unwrap_or(settings.http.listen);
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let at = SocketAddr::new(ip, at.port()).to_string();
    // The number is told to nobody but a service of ours.
    let ready = ask(&at, "GET /readyz", None, "").ok()?.json().1;
    ready.get("ready")?;
    let token = std::env::var("SVI_TOKEN").ok();
    let token = token.as_deref().or_else(|| settings.http.token.as_ref().map(|token| token.reveal().as_str()));
    let body = json!({ "number": number.as_str() }).to_string();
    Some(match ask(&at, "POST /api/v1/forget", token, &body) {
        Ok(answer) if answer.status == 200 => (true, format!("the service at {at} remembers nothing of it")),
        Ok(answer) => {
            let (status, body) = answer.json();
            let why = body["error"].as_str().unwrap_or("no reason was given");
            (false, format!("the service at {at} may still remember it: {why} ({status})"))
        }
        Err(error) => (false, format!("the service at {at} may still remember it: {error}; say this again")),
    })
}

/// What was done, and what an operator has to think of.
fn lines(number: &Private<PhoneNumber>, erased: &Erased, wiped: Option<Wiped>) -> Vec<String> {
    let mut lines = Vec::new();
    if erased.is_nothing() {
        lines.push(format!("{number}: nothing was kept of this number"));
    } else {
        lines.push(format!("{number}:"));
        let mut add = |n: u64, what: &str| {
            if n > 0 {
                lines.push(format!("  {n} {what}"));
            }
        };
        add(erased.numbers, "call records: number, Call-ID and story erased, figures kept");
        add(erased.tickets, "callbacks: emptied");
        add(erased.cancelled, "of them still open: cancelled, nobody is called");
        add(erased.messages, "voice messages: deleted with their sound");
    }
    lines.extend(wiped.map(|wiped| match wiped {
        Wiped::Gone => "the database's files hold nothing of it any more".into(),
        Wiped::Soon => "the database is being read: its log holds it for some minutes more".into(),
        Wiped::Later => "PostgreSQL overwrites what was deleted in its own time".into(),
    }));
    lines.push("records.jsonl and the log have masked numbers only; backups are yours to renew".into());
    lines
}

fn settings(at: &StoreArgs) -> Result<Option<Settings>> {
    let mut settings = files::settings(at.config.as_deref())?;
    if let (Some(settings), Some(data)) = (&mut settings, &at.data) {
        settings.paths.data = PathBuf::clone(data);
    }
    Ok(settings)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_is_said_without_the_number() {
        let number = Private::new(PhoneNumber::parse("+33612345678").unwrap());
        let erased = Erased { numbers: 3, tickets: 2, cancelled: 1, messages: 1, ..Erased::default() };
        let said = lines(&number, &erased, Some(Wiped::Gone));
        assert_eq!(said[..2], ["+33•••••••78:", "  3 call records: number, Call-ID and story erased, figures kept"]);
        assert_eq!(said[3], "  1 of them still open: cancelled, nobody is called");
        assert!(!said.concat().contains("345678"));
        assert_eq!(lines(&number, &erased, None)[..5], said[..5], "also when the files could not be wiped");
        let nothing = lines(&number, &Erased::default(), Some(Wiped::Later));
        assert_eq!(nothing[0], "+33•••••••78: nothing was kept of this number");
    }
}
