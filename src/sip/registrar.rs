//! The registrar (RFC 3261, section 10.3): where each agent's phones are.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::deadlines::Deadlines;
use super::digest::{Algorithm, Challenge, Credentials, Freshness, Nonces, Secrets, verify};
use super::guard::{AccountTries, GuardRules, Origin};
use super::message::{Contact, NameAddr, Params, Request, Response, Uri};
use super::reply::{respond, with};
use super::transport::{ConnectionId, Hop};
use super::us::hop_to;
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
    /// Whose phone has registered over which connection, while it is up.
    by_connection: HashMap<ConnectionId, AgentName>,
}

/// One phone of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// What the phone calls itself: the request URI of calls to it.
    pub(crate) uri: Uri,
    /// Where calls to it go: where its REGISTER came from.
    pub(crate) hop: Hop,
    source: SocketAddr,
    call_id: String,
    cseq: u32,
    expires: Instant,
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

/// One contact of a REGISTER that has been read.
struct Wish {
    uri: Uri,
    lasts: Duration,
}

impl Registrar {
    /// A registrar that knows these accounts and no contact.
    pub(crate) fn new(
        (realm, algorithms): (String, Vec<Algorithm>),
        accounts: Vec<Account>,
        rules: &GuardRules,
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
            realm,
            algorithms,
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
        if let Err(refusal) = self.change(now, request, source, &agent, events) {
            return (self.refuse(request, refusal, tag), Remember::No);
        }
        let mut ok = respond(request, 200, tag);
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
        bindings.iter().any(|binding| binding.source == source).then_some(name)
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

    /// The contact that an agent registered last.
    pub(crate) fn latest(&self, agent: &AgentName) -> Option<&Binding> {
        self.bindings.get(agent)?.last()
    }

    /// Forgets the contacts that nothing leads to but a connection that is closed.
    pub(crate) fn disconnected(&mut self, connection: ConnectionId, events: &mut VecDeque<Event>) {
        let Some(agent) = self.by_connection.remove(&connection) else { return };
        if let Some(mut bindings) = self.bindings.get(&agent).cloned() {
            bindings.retain(|binding| binding.hop.connection != Some(connection) || binding.hop.address.port() != 0);
            self.keep(agent, bindings, events);
        }
    }

    /// When the next contact expires.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Forgets the contacts whose time `now` has reached.
    pub(crate) fn expire(&mut self, now: Instant, events: &mut VecDeque<Event>) {
        while let Some(agent) = self.deadlines.pop(now) {
            if let Some(mut bindings) = self.bindings.get(&agent).cloned() {
                bindings.retain(|binding| binding.expires > now);
                self.keep(agent, bindings, events);
            }
        }
    }

    fn proof(&mut self, now: Instant, request: &Request, source: SocketAddr) -> Proof {
        let Some(value) = request.headers.other("Authorization") else { return Proof::Nothing };
        // What is no digest tries no password.
        let Ok(credentials) = Credentials::parse(value) else { return Proof::Nothing };
        let name = AgentName::from(credentials.username.as_str());
        let at_home = self.bindings.get(&name).is_some_and(|own| own.iter().any(|b| b.source == source));
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

    /// Makes the changes that a REGISTER asks for: all or, with the status to refuse it with, none.
    fn change(
        &mut self,
        now: Instant,
        request: &Request,
        source: Hop,
        agent: &AgentName,
        events: &mut VecDeque<Event>,
    ) -> Result<(), u16> {
        let headers = &request.headers;
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
                for Wish { uri, lasts } in wishes(contacts, headers.other("Expires"))? {
                    if bindings.iter().any(|binding| binding.uri.is_same(&uri) && late(binding)) {
                        return Err(500);
                    }
                    bindings.retain(|binding| !binding.uri.is_same(&uri));
                    if !lasts.is_zero() {
                        let (call_id, cseq) = (headers.call_id.clone(), headers.cseq);
                        let hop = way_back(source, &uri);
                        let source = source.address;
                        bindings.push(Binding { uri, hop, source, call_id, cseq, expires: now + lasts });
                    }
                }
                // A phone that lost its old contact must still get in: the oldest goes.
                let surplus = bindings.len().saturating_sub(limits::CONTACTS_PER_AGENT);
                bindings.drain(..surplus);
            }
        }
        if let Some(connection) = source.connection {
            self.by_connection.insert(connection, agent.clone());
        }
        self.keep(agent.clone(), bindings, events);
        Ok(())
    }

    /// Keeps an agent's contacts, and tells when the first has come or the last has gone.
    fn keep(&mut self, agent: AgentName, bindings: Vec<Binding>, events: &mut VecDeque<Event>) {
        let up = !bindings.is_empty();
        self.deadlines.set(&agent, bindings.iter().map(|binding| binding.expires).min());
        for binding in &bindings {
            *self.addresses.entry(binding.source.ip()).or_default() += 1;
        }
        let old = if up { self.bindings.insert(agent.clone(), bindings) } else { self.bindings.remove(&agent) };
        for binding in old.iter().flatten() {
            if let Entry::Occupied(mut contacts) = self.addresses.entry(binding.source.ip()) {
                *contacts.get_mut() -= 1;
                if *contacts.get() == 0 {
                    contacts.remove();
                }
            }
        }
        if up != old.is_some() {
            events.push_back(Event::Registered { agent, up });
        }
    }
}

/// Where calls to a phone go. Should its connection be gone, a phone that no translator
/// stands before is reached where it listens; another one is not.
fn way_back(source: Hop, contact: &Uri) -> Hop {
    let listens = hop_to(contact).map(|hop| hop.address).filter(|address| address.ip() == source.address.ip());
    match (source.connection, listens) {
        (Some(_), Some(address)) => Hop { address, ..source },
        (Some(_), None) => source.by_connection_alone(),
        (None, _) => source,
    }
}

impl Binding {
    fn contact(&self, now: Instant) -> NameAddr {
        let seconds = self.expires.since(now).as_secs();
        let params = Params(vec![("expires".to_owned(), Some(seconds.to_string()))]);
        NameAddr { display: None, uri: self.uri.clone(), params }
    }
}

/// Reads the contacts and how long they shall last (RFC 3261, section 10.3, step 7).
fn wishes(contacts: &[NameAddr], expires: Option<&str>) -> Result<Vec<Wish>, u16> {
    let (shortest, longest) = limits::REGISTRATION;
    let seconds = |text: &str| text.trim().parse::<u64>().map_or(longest, Duration::from_secs);
    let mut wishes = Vec::new();
    for contact in contacts {
        let asked = contact.params.value("expires").or(expires).map_or(longest, seconds);
        if !asked.is_zero() && asked < shortest {
            return Err(423);
        }
        wishes.push(Wish { uri: contact.uri.clone(), lasts: asked.min(longest) });
    }
    Ok(wishes)
}
