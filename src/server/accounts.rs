//! The settings' agents and trunk, as the endpoint and the calls want them.

use std::net::SocketAddr;

use anyhow::{Context, Result};

use crate::base::{AgentName, PhoneNumber};
use crate::call::Reach;
use crate::config::{Credentials, Settings, Trunk};
use crate::sip::digest::{ClientSecret, Secrets};
use crate::sip::{self, Account, EndpointSettings};

/// What the endpoint knows of the outside; the trunk's name is looked up here, once.
/// `service` is presented on the trunk when the settings name no number.
pub(super) async fn endpoint(
    settings: &Settings,
    address: SocketAddr,
    service: Option<PhoneNumber>,
) -> Result<EndpointSettings> {
    let realm = settings.sip.realm.clone();
    let accounts = settings.agents.iter().filter_map(|agent| {
        let secrets = match agent.credentials.as_ref()? {
            Credentials::Password(password) => Secrets::of_password(agent.name.as_str(), &realm, password.reveal()),
            Credentials::Ha1(ha1) => {
                let clear = |h: &Option<crate::base::Private<String>>| h.as_ref().map(|h| h.reveal().clone());
                Secrets { ha1_md5: clear(&ha1.md5), ha1_sha256: clear(&ha1.sha256) }
            }
        };
        Some(Account { name: agent.name.clone(), secrets })
    });
    let accounts = accounts.collect();
    let trunk = match &settings.trunk {
        Some(trunk) => Some(self::trunk(trunk, service).await?),
        None => None,
    };
    Ok(EndpointSettings { address, realm, algorithms: settings.digest(), accounts, trunk })
}

async fn trunk(trunk: &Trunk, service: Option<PhoneNumber>) -> Result<sip::Trunk> {
    let presented = trunk.presented.clone().or(service);
    let presented = presented.context("`trunk.presented` is missing, and no service has a number to present")?;
    let name = format!("{}:{}", trunk.host, trunk.port);
    let mut found = tokio::net::lookup_host(&name).await.with_context(|| format!("the trunk `{name}` is not found"))?;
    let address = found.next().with_context(|| format!("the trunk `{name}` has no address"))?;
    Ok(sip::Trunk {
        address,
        domain: trunk.host.clone(),
        username: trunk.username.clone().unwrap_or_default(),
        secret: ClientSecret::Password(trunk.password.as_ref().map(|p| p.reveal().clone()).unwrap_or_default()),
        presented,
        prefixes: trunk.prefixes.clone(),
    })
}

/// How each agent is reached.
pub(super) fn reach(settings: &Settings) -> Vec<(AgentName, Reach)> {
    let reach = |number: &Option<_>| number.clone().map_or(Reach::Registered, Reach::Number);
    settings.agents.iter().map(|agent| (agent.name.clone(), reach(&agent.number))).collect()
}

/// The agents at outside numbers, who are there without registering.
pub(super) fn outside_agents(settings: &Settings) -> Vec<AgentName> {
    settings.agents.iter().filter(|a| a.number.is_some()).map(|a| a.name.clone()).collect()
}
