//! The settings' agents and trunks, as the endpoint and the calls want them.

use std::net::Ipv6Addr;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::hub::People;
use super::transport::ways;
use crate::base::{Language, PhoneNumber};
use crate::call::{self, Codes, Confirm, Notice, Notices, Reach, Whisper};
use crate::config::{Agent, Credentials, Role, Settings, Trunk};
use crate::sip::digest::{ClientSecret, Secrets};
use crate::sip::{self, Account, EndpointSettings};

/// What the endpoint knows of the outside; where the trunks are that have names is found later.
/// `service` is presented by those for which the settings name no number.
///
/// # Errors
/// When there is no number to present.
pub(super) fn endpoint(
    settings: &Settings,
    doors: Vec<sip::Door>,
    service: Option<&PhoneNumber>,
) -> Result<EndpointSettings> {
    let realm = settings.sip.realm.clone();
    let (accounts, trunks) = (known(settings), trunks(settings, service)?);
    let (session, trusted, ping) = (settings.sip.session, settings.sip.trusted.clone(), settings.sip.ping);
    let (guard, algorithms) = (settings.bans.clone(), settings.digest());
    let (ways, caps) = (ways(), settings.outgoing.caps);
    Ok(EndpointSettings { doors, ways, realm, algorithms, accounts, trunks, caps, trusted, session, guard, ping })
}

/// The trunks of the settings, of which nobody knows yet where they are.
///
/// # Errors
/// When there is no number to present.
pub(super) fn trunks(settings: &Settings, service: Option<&PhoneNumber>) -> Result<Vec<sip::Trunk>> {
    settings.trunks.iter().map(|trunk| self::trunk(trunk, service)).collect()
}

/// Whose phones may register.
pub(super) fn known(settings: &Settings) -> Vec<Account> {
    let realm = &settings.sip.realm;
    let accounts = settings.agents.iter().filter_map(|agent| {
        let secrets = match agent.credentials.as_ref()? {
            Credentials::Password(password) => Secrets::of_password(agent.name.as_str(), realm, password.reveal()),
            Credentials::Ha1(ha1) => {
                let clear = |h: &Option<crate::base::Private<String>>| h.as_ref().map(|h| h.reveal().clone());
                Secrets { ha1_md5: clear(&ha1.md5), ha1_sha256: clear(&ha1.sha256) }
            }
        };
        Some(Account { name: agent.name.clone(), secrets })
    });
    accounts.collect()
}

fn trunk(trunk: &Trunk, service: Option<&PhoneNumber>) -> Result<sip::Trunk> {
    let presented = trunk.presented.as_ref().or(service).cloned();
    let presented = presented.context("`trunk.presented` is missing, and no service has a number to present")?;
    let is_ipv6 = trunk.host.parse::<Ipv6Addr>().is_ok();
    Ok(sip::Trunk {
        name: Arc::clone(&trunk.name),
        hops: Vec::new(),
        ways: Vec::new(),
        from: trunk.from.clone(),
        domain: if is_ipv6 { format!("[{}]", trunk.host) } else { trunk.host.clone() },
        username: trunk.username.clone().unwrap_or_default(),
        secret: ClientSecret::Password(trunk.password.as_ref().map(|p| p.reveal().clone()).unwrap_or_default()),
        presented,
        written: trunk.format,
        asserts: trunk.asserted,
        prefixes: trunk.prefixes.clone(),
        numbers: trunk.numbers.clone(),
        redirects: trunk.redirects,
        caps: trunk.caps,
        keep_alive: trunk.keep_alive,
        register: trunk.register,
    })
}

/// What the calls know of the agents, and of the time that anything may take.
pub(super) fn calls(settings: &Settings, language: Language) -> call::Settings {
    let supervision = settings.supervision;
    let notice = |wanted| if wanted { Notice::Tone } else { Notice::None };
    let may_hear = |agent: &&Agent| supervision.allowed && agent.role == Role::Supervisor;
    call::Settings {
        reach: settings.agents.iter().map(|agent| (agent.name.clone(), reach(agent))).collect(),
        media_silence: settings.limits.media_silence,
        longest: settings.limits.call_duration,
        presented: settings.trunks.iter().find_map(|trunk| trunk.presented.clone()),
        transfers: settings.transfers.clone(),
        whisper: if settings.whisper.unwrap_or(true) { Whisper::Wait } else { Whisper::None },
        codes: codes(settings),
        supervisors: settings.agents.iter().filter(may_hear).map(|agent| agent.name.clone()).collect(),
        notice: Notices { agent: notice(supervision.notice_agent), caller: notice(supervision.notice_caller) },
        recall_rings: settings.callbacks.ring,
        language,
    }
}

fn reach(agent: &Agent) -> Reach {
    let confirm = if agent.confirm { Confirm::Key } else { Confirm::Unasked };
    agent.number.clone().map_or(Reach::Registered, |number| Reach::Number { number, confirm })
}

fn codes(settings: &Settings) -> Codes {
    let codes = settings.codes.clone();
    let extension = |agent: &Agent| Some((agent.extension.clone()?, agent.name.clone()));
    Codes {
        log_in: codes.log_in,
        log_out: codes.log_out,
        pause: codes.pause,
        resume: codes.resume,
        ready: codes.ready,
        supervise: codes.supervise,
        reasons: ('1'..='9').zip(settings.pauses.0.iter().cloned()).collect(),
        extensions: settings.agents.iter().filter_map(extension).collect(),
    }
}

/// Who is known to the boards; those at outside numbers are there without registering.
pub(super) fn people(settings: &Settings) -> People {
    let names = |all: Vec<&Agent>| all.into_iter().map(|agent| agent.name.clone()).collect();
    let outside = settings.agents.iter().filter(|agent| agent.number.is_some()).collect();
    People { accounts: names(settings.agents.iter().collect()), outside: names(outside) }
}
