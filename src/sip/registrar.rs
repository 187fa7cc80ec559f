//! The registrar (RFC 3261, section 10.3): where each agent's phones are.

mod binding;
mod life;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub(crate) use self::binding::{Binding, Device};
use self::binding::{is_outbound, wishes};
pub(crate) use self::life::Question;
pub use self::life::{PhoneLine, Reachable};
use super::deadlines::Deadlines;
use super::digest::{Algorithm, Challenge, Credentials, Freshness, Nonces, Secrets, verify};
use super::guard::{AccountTries, GuardRules, Origin};
use super::message::{Contact, NameAddr, Request, Response};
use super::reply::{respond, with};
use super::transport::{ConnectionId, Hop};
use super::{Account, Event};
use crate::base::{AgentName, Chance, Instant, limits};

/// The agents' accounts and contacts.
#[derive(Debug)]
pub(crate) struct Registrar {
    realm: String,
    /// What phones are challenged with, and must answer with.
    algorithms: Vec<Algorithm>,
    accounts: HashMap<AgentName, Secrets>,
    /// Verified in place of an unknown account's, so that both take the same time.
    nobody: Secrets,
    nonces: Nonces,
    tries: AccountTries,
    /// How many contacts each address has.
    addresses: HashMap<IpAddr, u32>,
    bindings: HashMap<AgentName, Vec<Binding>>,
    deadlines: Deadlines<AgentName>,
    /// Whose phones have registered over which connection, while it is up: one phone may be
    /// several agents'.
    by_connection: HashMap<ConnectionId, Vec<AgentName>>,
    /// How often phones are asked whether they are there.
    ping: Duration,
    /// How many ways there have been.
    last: u64,
    /// Those that are to be asked.
    questions: VecDeque<Question>,
}

/// Whether an answer must be kept for the request's copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remember {
    /// It changed something.
    Yes,
    /// It changed nothing.
    No,
}

/// Who a request's credentials prove it to be from.
enum Proof {
    Agent(AgentName),
    /// Right, but for a nonce that is too old.
    Stale,
    /// Wrong, in words that come from where they say, or may not.
    Wrong(Origin),
    Nothing,
}

/// What a REGISTER comes to.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What is said.
    pub(crate) response: Response,
    /// Whether it is kept.
    pub(crate) remember: Remember,
    /// That the credentials were wrong, and how sure it is who sent them.
    pub(crate) wrong: Option<Origin>,
}

impl Registrar {
    /// A registrar that knows these accounts and no contact.
    pub(crate) fn new(
        (realm, algorithms): (String, Vec<Algorithm>),
        accounts: Vec<Account>,
        (rules, ping): (&GuardRules, Duration),
        chance: &mut Chance,
    ) -> Self {
        let password = chance.token(16);
        Self {
            nobody: Secrets::of_password("nobody", &realm, &password),
            accounts: accounts.into_iter().map(|account| (account.name, account.secrets)).collect(),
            nonces: Nonces::new(chance),
            tries: AccountTries::new(rules),
            addresses: HashMap::new(),
            bindings: HashMap::new(),
            deadlines: Deadlines::default(),
            by_connection: HashMap::new(),
            ping,
            last: 0,
            questions: VecDeque::new(),
            realm,
            algorithms,
        }
    }

    /// Knows these accounts from now on. Who is registered stays so until it is over, also
    /// with another password; who has no account any more does not.
    pub(crate) fn renew(&mut self, accounts: Vec<Account>, events: &mut VecDeque<Event>) {
        self.accounts = accounts.into_iter().map(|account| (account.name, account.secrets)).collect();
        let mut gone: Vec<AgentName> =
            self.bindings.keys().filter(|agent| !self.accounts.contains_key(*agent)).cloned().collect();
        gone.sort();
        for agent in gone {
            self.keep(agent, Vec::new(), events);
        }
    }

    /// Answers a REGISTER. An unknown account and a wrong password get the same answer.
    pub(crate) fn answer(
        &mut self,
        now: Instant,
        request: &Request,
        (source, tag): (Hop, &str),
        events: &mut VecDeque<Event>,
    ) -> Answer {
        let (stale, wrong) = match self.proof(now, request, source.address) {
            Proof::Agent(agent) => {
                let (response, remember) = self.register(now, request, (source, tag), agent, events);
                return Answer { response, remember, wrong: None };
            }
            Proof::Stale => (true, None),
            Proof::Wrong(origin) => (false, Some(origin)),
            Proof::Nothing => (false, None),
        };
        let response = self.challenge(now, (request, source.address), tag, stale);
        Answer { response, remember: Remember::No, wrong }
    }

    fn register(
        &mut self,
        now: Instant,
        request: &Request,
        (source, tag): (Hop, &str),
        agent: AgentName,
        events: &mut VecDeque<Event>,
    ) -> (Response, Remember) {
        if request.headers.to.uri.user.as_deref() != Some(agent.as_str()) {
            return (respond(request, 403, tag), Remember::No);
        }
        let outbound = match self.change(now, request, source, &agent, events) {
            Ok(outbound) => outbound,
            Err(refusal) => return (self.refuse(request, refusal, tag), Remember::No),
        };
        let mut ok = with(respond(request, 200, tag), "Supported", "path, outbound");
        ok.headers.other.extend(request.headers.others("Path").map(|path| ("Path".to_owned(), path.to_owned())));
        if outbound {
            ok = with(ok, "Require", "outbound");
            if source.connection.is_some() {
                ok = with(ok, "Flow-Timer", limits::FLOW_TIMER.as_secs().to_string());
            }
        }
        let bindings = self.bindings.get(&agent).map(Vec::as_slice).unwrap_or_default();
        ok.headers.contact = Contact::List(bindings.iter().map(|binding| binding.contact(now)).collect());
        (ok, Remember::Yes)
    }

    /// The agent who calls: by credentials, or from where the agent's phone has registered.
    pub(crate) fn caller(&mut self, now: Instant, invite: &Request, source: SocketAddr) -> Option<AgentName> {
        if let Proof::Agent(agent) = self.proof(now, invite, source) {
            return Some(agent);
        }
        let name = AgentName::from(invite.headers.from.uri.user.as_deref()?);
        let bindings = self.bindings.get(&name)?;
        bindings.iter().any(|binding| binding.is_at(source)).then_some(name)
    }

    /// The challenge of a call that says it is an agent's whose phone stands behind that proxy:
    /// where many send from one address, a password alone tells them apart.
    pub(crate) fn challenge_behind_proxy(
        &self,
        now: Instant,
        (invite, source): (&Request, SocketAddr),
        tag: &str,
    ) -> Option<Response> {
        let name = AgentName::from(invite.headers.from.uri.user.as_deref()?);
        let is_behind = |own: &Binding| !own.path.is_empty() && own.source.ip() == source.ip();
        self.bindings.get(&name)?.iter().any(is_behind).then_some(())?;
        let stale = match invite.headers.other("Authorization").map(Credentials::parse) {
            Some(Ok(said)) if self.nonces.check(now, &said.nonce, source.ip()) == Freshness::Fresh => return None,
            Some(Ok(_)) => true,
            Some(Err(_)) | None => false,
        };
        Some(self.challenge(now, (invite, source), tag, stale))
    }

    /// Whether a phone has registered from there.
    pub(crate) fn has_phone_at(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address)
    }

    /// How sure it is that a request's credentials come from where they say; `None` without any.
    pub(crate) fn origin(&self, now: Instant, request: &Request, source: SocketAddr) -> Option<Origin> {
        let value = request.headers.other("Authorization")?;
        let nonce = Credentials::parse(value).map(|credentials| credentials.nonce).unwrap_or_default();
        Some(self.origin_of(now, &nonce, source))
    }

    fn origin_of(&self, now: Instant, nonce: &str, source: SocketAddr) -> Origin {
        match self.nonces.check(now, nonce, source.ip()) {
            Freshness::Fresh | Freshness::Stale => Origin::Proven,
            Freshness::Foreign => Origin::Claimed,
        }
    }

    /// Forgets the contacts that nothing leads to but a connection that is closed.
    pub(crate) fn disconnected(&mut self, connection: ConnectionId, events: &mut VecDeque<Event>) {
        for agent in self.by_connection.remove(&connection).unwrap_or_default() {
            let Some(mut bindings) = self.bindings.get(&agent).cloned() else { continue };
            bindings.retain(|binding| binding.hop.connection != Some(connection) || binding.hop.address.port() != 0);
            self.keep(agent, bindings, events);
        }
    }

    fn proof(&mut self, now: Instant, request: &Request, source: SocketAddr) -> Proof {
        let Some(value) = request.headers.other("Authorization") else { return Proof::Nothing };
        // What is no digest tries no password.
        let Ok(credentials) = Credentials::parse(value) else { return Proof::Nothing };
        let name = AgentName::from(credentials.username.as_str());
        let at_home = self.bindings.get(&name).is_some_and(|own| own.iter().any(|own| own.is_at(source)));
        let may = at_home || self.tries.may_try(now, &name);
        let account = self.accounts.get(&name);
        let known = account.is_some() && self.algorithms.contains(&credentials.algorithm);
        let verified = verify(&credentials, &request.method, account.unwrap_or(&self.nobody)).is_ok();
        if !(verified && known && may && credentials.realm == self.realm) {
            if account.is_some() && !at_home {
                self.tries.wrong(now, &name);
            }
            return Proof::Wrong(self.origin_of(now, &credentials.nonce, source));
        }
        match self.nonces.check(now, &credentials.nonce, source.ip()) {
            Freshness::Fresh => Proof::Agent(name),
            // A nonce of before our restart too: the password is right, nobody need type it again.
            Freshness::Stale | Freshness::Foreign => Proof::Stale,
        }
    }

    fn challenge(&self, now: Instant, (request, source): (&Request, SocketAddr), tag: &str, stale: bool) -> Response {
        let nonce = self.nonces.issue(now, source.ip());
        let challenge = |algorithm: &Algorithm| Challenge::new(*algorithm, &self.realm, &nonce, stale).to_string();
        let unauthorized = respond(request, 401, tag);
        let challenges = self.algorithms.iter().map(challenge);
        challenges.fold(unauthorized, |response, challenge| with(response, "WWW-Authenticate", challenge))
    }

    fn refuse(&self, request: &Request, status: u16, tag: &str) -> Response {
        let response = respond(request, status, tag);
        match status {
            423 => with(response, "Min-Expires", limits::REGISTRATION.0.as_secs().to_string()),
            _ => response,
        }
    }

    /// Makes the changes that a REGISTER asks for: all or, with the status to refuse it with,
    /// none. Tells whether the phone keeps its ways open itself (RFC 5626).
    fn change(
        &mut self,
        now: Instant,
        request: &Request,
        source: Hop,
        agent: &AgentName,
        events: &mut VecDeque<Event>,
    ) -> Result<bool, u16> {
        let headers = &request.headers;
        let mut outbound = false;
        let mut bindings = self.bindings.get(agent).cloned().unwrap_or_default();
        bindings.retain(|binding| binding.expires > now);
        let late = |binding: &Binding| binding.call_id == headers.call_id && binding.cseq >= headers.cseq;
        match &headers.contact {
            Contact::Star => {
                if headers.other("Expires").map(str::trim) != Some("0") {
                    return Err(400);
                }
                if bindings.iter().any(late) {
                    return Err(500);
                }
                bindings.clear();
            }
            Contact::List(contacts) => {
                let path: Vec<NameAddr> = headers.others("Path").flat_map(NameAddr::parse_all).collect();
                outbound = is_outbound(request, contacts, &path)?;
                for wish in wishes(contacts, headers, outbound)? {
                    let meant = bindings.iter().position(|binding| binding.is_meant(&wish));
                    if meant.is_some_and(|place| late(&bindings[place])) {
                        return Err(500);
                    }
                    let before = meant.map(|place| bindings.remove(place));
                    if !wish.lasts.is_zero() {
                        self.last += 1;
                        let (from, number) = ((source, &path[..]), self.last);
                        let mut binding = Binding::new(now, request, from, &wish, (number, before.as_ref()));
                        let half = self.ping / 2;
                        binding.life.next.get_or_insert(now + half + binding.device.share_of(half));
                        bindings.push(binding);
                    }
                }
                // A phone that lost its old contact must still get in: the oldest goes.
                let surplus = bindings.len().saturating_sub(limits::CONTACTS_PER_AGENT);
                bindings.drain(..surplus);
            }
        }
        // A proxy's connection is of many, and is opened again.
        if let Some(connection) = source.connection.filter(|_| headers.other("Path").is_none()) {
            let agents = self.by_connection.entry(connection).or_default();
            if !agents.contains(agent) {
                agents.push(agent.clone());
            }
        }
        self.keep(agent.clone(), bindings, events);
        Ok(outbound)
    }

    /// Keeps an agent's contacts, and tells when the first has come or the last has gone.
    fn keep(&mut self, agent: AgentName, bindings: Vec<Binding>, events: &mut VecDeque<Event>) {
        let up = life::is_up(&bindings);
        self.deadlines.set(&agent, life::deadline(&bindings));
        for binding in &bindings {
            *self.addresses.entry(binding.source.ip()).or_default() += 1;
        }
        let old = match bindings.is_empty() {
            true => self.bindings.remove(&agent),
            false => self.bindings.insert(agent.clone(), bindings),
        };
        for binding in old.iter().flatten() {
            if let Entry::Occupied(mut contacts) = self.addresses.entry(binding.source.ip()) {
                *contacts.get_mut() -= 1;
                if *contacts.get() == 0 {
                    contacts.remove();
                }
            }
        }
        if up != old.is_some_and(|old| life::is_up(&old)) {
            events.push_back(Event::Registered { agent, up });
        }
    }
}
