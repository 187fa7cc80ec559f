//! `svi serve`: answers calls.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::args::Serve;
use super::reading::ServiceFiles;
use super::{Verdict, check, files, tell};
use crate::base::{AgentName, Chance, Private, WallTime, local_time};
use crate::config::{Agent, Credentials, Settings};
use crate::flow::Service;
use crate::server::prompts::PromptStore;
use crate::server::{self, Begin, Opening, clock};
use crate::service::HoursKind;
use crate::store::Store;

pub(crate) fn run(args: &Serve) -> Result<Verdict> {
    let Some(mut settings) = settings(args)? else { return Ok(Verdict::Findings) };
    let prompts = PromptStore::open(&settings.paths.prompts)?;
    logging(settings.log.as_deref())?;
    // One thread for all signalling: its work is short, and waking a second one for it costs more than it does.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Some(opening) = runtime.block_on(opening(args, &settings, prompts))? else { return Ok(Verdict::Findings) };
    if let Some(at) = &args.at {
        clock::shift_to(in_first_zone(at, opening.services())?);
    }
    let mut chance = server::chance().context("the operating system gives no randomness")?;
    let made = make_accounts(&mut settings, opening.services(), &mut chance);
    runtime.block_on(async {
        let running = server::start(&settings, opening, chance).await?;
        greet(&running, &made);
        running.until_stopped().await
    })?;
    Ok(Verdict::Good)
}

/// The settings file with what the command line says in its place.
pub(crate) fn settings(args: &Serve) -> Result<Option<Settings>> {
    Ok(files::settings(args.config.as_deref())?.map(|settings| replaced(settings, args)))
}

/// What the command line says in the place of what the file says.
pub(crate) fn replaced(mut settings: Settings, args: &Serve) -> Settings {
    let replace = |slot: &mut PathBuf, value: &Option<PathBuf>| {
        if let Some(value) = value {
            slot.clone_from(value);
        }
    };
    replace(&mut settings.paths.flows, &args.flows);
    replace(&mut settings.paths.prompts, &args.prompts);
    replace(&mut settings.paths.data, &args.data);
    if !args.sip.is_empty() {
        settings.sip.listen.clone_from(&args.sip);
    }
    settings.http.listen = args.http.unwrap_or(settings.http.listen);
    settings
}

/// The services, if callers can be let in to them.
async fn opening(args: &Serve, settings: &Settings, prompts: PromptStore) -> Result<Option<Opening>> {
    let store = Store::of(settings).await.context("the database can't be opened")?;
    match Opening::read(Arc::new(ServiceFiles::of(args, settings)), (settings, store), prompts).await? {
        Begin::With(opening, diagnostics) => {
            check::show(&diagnostics);
            Ok(Some(*opening))
        }
        Begin::Refused(diagnostics) => {
            check::show(&diagnostics);
            tell("hint: nothing answers until this is mended.");
            Ok(None)
        }
    }
}

/// An account, with a password for this run only, for every agent that the flows name
/// and the settings don't.
fn make_accounts(settings: &mut Settings, services: &[Arc<Service>], chance: &mut Chance) -> Vec<(AgentName, String)> {
    if !settings.agents.is_empty() {
        return Vec::new();
    }
    let mut made: Vec<(AgentName, String)> = Vec::new();
    for member in services.iter().flat_map(|s| &s.queues).flat_map(|q| &q.members).map(|m| &m.agent) {
        if made.iter().all(|(name, _)| name != member) {
            made.push((member.clone(), chance.token(5)));
        }
    }
    settings.agents = made
        .iter()
        .map(|(name, password)| Agent::new(name.clone(), Some(Credentials::Password(Private::new(password.clone())))))
        .collect();
    made
}

/// The moment of a local time in the zone of the first service.
fn in_first_zone(text: &str, services: &[Arc<Service>]) -> Result<WallTime> {
    let zone = services.first().map_or(chrono_tz::Europe::Paris, |s| s.card.phone_hours.zone());
    Ok(local_time(text, zone)?)
}

/// Logs to standard error what `SVI_LOG` says, else the settings, else `info`.
fn logging(setting: Option<&str>) -> Result<()> {
    use tracing_subscriber::{EnvFilter, fmt};
    let said = std::env::var("SVI_LOG").ok();
    let said = said.as_deref().or(setting).unwrap_or("info");
    let filter = EnvFilter::try_new(said).with_context(|| format!("`{said}` is no log filter; write `svi=debug`"))?;
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let _ = fmt().with_ansi(colour).with_env_filter(filter).with_writer(std::io::stderr).with_target(false).try_init();
    Ok(())
}

/// By what it can be reached, each once.
fn spoken(running: &server::Running) -> String {
    let mut names: Vec<&str> = running.doors().iter().map(|door| door.transport.name()).collect();
    names.dedup();
    names.join(", ")
}

/// What answers, where, and how to try it.
fn greet(running: &server::Running, made: &[(AgentName, String)]) {
    let sip = running.reachable();
    let spoken = spoken(running);
    for service in running.directory().services() {
        for flow in &service.flows {
            let numbers: Vec<&str> = flow.numbers.iter().map(|n| n.as_str()).collect();
            let name = &service.card.name;
            let open = match service.card.is_open(HoursKind::Phone, clock::wall()) {
                true => "open now",
                false => "closed now; `--at 2026-11-24T10:00` starts the clock at another time",
            };
            tell(&format!("{name} answers {} on sip:{sip} ({spoken}), {open}", numbers.join(", ")));
        }
    }
    tell(&format!("health and metrics on http://{}", running.http()));
    if !made.is_empty() {
        let accounts: Vec<String> = made.iter().map(|(name, password)| format!("{name} {password}")).collect();
        tell(&format!("agents may register, with passwords for this run: {}", accounts.join(", ")));
    }
    let numbers = running.directory().services().iter().flat_map(|s| &s.flows).flat_map(|f| &f.numbers);
    if let Some(number) = numbers.min_by_key(|n| n.as_str().len()) {
        let program = std::env::args().next().unwrap_or_else(|| "svi".to_owned());
        tell(&format!("try it: {program} call sip:{number}@{sip} --keys 6s:2 --seconds 20 --record heard.wav"));
    }
}
