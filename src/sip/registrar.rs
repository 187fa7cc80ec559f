//! The registrar (RFC 3261, section 10.3): where each agent's phones are.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::deadlines::Deadlines;
use super::digest::{Algorithm, Challenge, Credentials, Freshness, Nonces, Secrets, verify};
use super::message::{Contact, NameAddr, Params, Request, Response, Uri};
use super::reply::{respond, with};
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
    bindings: HashMap<AgentName, Vec<Binding>>,
    deadlines: Deadlines<AgentName>,
}

/// One phone of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// What the phone calls itself: the request URI of calls to it.
    pub(crate) uri: Uri,
    /// Where its REGISTER came from: where calls to it go.
    pub(crate) source: SocketAddr,
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
    Nothing,
}

/// One contact of a REGISTER that has been read.
struct Wish {
    uri: Uri,
    lasts: Duration,
}

impl Registrar {
    /// A registrar that knows these accounts and no contact.
    pub(crate) fn new(realm: String, algorithms: Vec<Algorithm>, accounts: Vec<Account>, chance: &mut Chance) -> Self {
        let password = chance.token(16);
        Self {
            nobody: Secrets::of_password("nobody", &realm, &password),
            accounts: accounts.into_iter().map(|account| (account.name, account.secrets)).collect(),
            nonces: Nonces::new(chance),
            bindings: HashMap::new(),
            deadlines: Deadlines::default(),
            realm,
            algorithms,
        }
    }

    /// Answers a REGISTER. An unknown account and a wrong password get the same answer.
    pub(crate) fn answer(
        &mut self,
        now: Instant,
        request: &Request,
        source: SocketAddr,
        tag: &str,
        events: &mut VecDeque<Event>,
    ) -> (Response, Remember) {
        let agent = match self.proof(now, request) {
            Proof::Agent(agent) => agent,
            Proof::Stale => return (self.challenge(now, request, tag, true), Remember::No),
            Proof::Nothing => return (self.challenge(now, request, tag, false), Remember::No),
        };
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
    pub(crate) fn caller(&self, now: Instant, invite: &Request, source: SocketAddr) -> Option<AgentName> {
        if let Proof::Agent(agent) = self.proof(now, invite) {
            return Some(agent);
        }
        let name = AgentName::from(invite.headers.from.uri.user.as_deref()?);
        let bindings = self.bindings.get(&name)?;
        bindings.iter().any(|binding| binding.source == source).then_some(name)
    }

    /// The contact that an agent registered last.
    pub(crate) fn latest(&self, agent: &AgentName) -> Option<&Binding> {
        self.bindings.get(agent)?.last()
    }

    /// When the next contact expires.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Forgets the contacts whose time `now` has reached.
    pub(crate) fn expire(&mut self, now: Instant, events: &mut VecDeque<Event>) {
        while let Some(agent) = self.deadlines.pop(now) {
            if let Some(mut bindings) = self.bindings.remove(&agent) {
                bindings.retain(|binding| binding.expires > now);
                self.keep(agent, bindings, true, events);
            }
        }
    }

    fn proof(&self, now: Instant, request: &Request) -> Proof {
        let Some(value) = request.headers.other("Authorization") else { return Proof::Nothing };
        let Ok(credentials) = Credentials::parse(value) else { return Proof::Nothing };
        let name = AgentName::from(credentials.username.as_str());
        let (secrets, known) = match self.accounts.get(&name) {
            Some(secrets) => {
                let asked = self.algorithms.contains(&credentials.algorithm);
                (secrets, asked && credentials.realm == self.realm)
            }
            None => (&self.nobody, false),
        };
        if verify(&credentials, &request.method, secrets).is_err() || !known {
            return Proof::Nothing;
        }
        match self.nonces.check(now, &credentials.nonce) {
            Freshness::Fresh => Proof::Agent(name),
            // A nonce of before our restart too: the password is right, nobody need type it again.
            Freshness::Stale | Freshness::Foreign => Proof::Stale,
        }
    }

    fn challenge(&self, now: Instant, request: &Request, tag: &str, stale: bool) -> Response {
        let nonce = self.nonces.issue(now);
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
        source: SocketAddr,
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
                        bindings.push(Binding { uri, source, call_id, cseq, expires: now + lasts });
                    }
                }
                // A phone that lost its old contact must still get in: the oldest goes.
                let surplus = bindings.len().saturating_sub(limits::CONTACTS_PER_AGENT);
                bindings.drain(..surplus);
            }
        }
        let was_up = self.bindings.contains_key(agent);
        self.keep(agent.clone(), bindings, was_up, events);
        Ok(())
    }

    /// Keeps an agent's contacts, and tells when the first has come or the last has gone.
    fn keep(&mut self, agent: AgentName, bindings: Vec<Binding>, was_up: bool, events: &mut VecDeque<Event>) {
        let up = !bindings.is_empty();
        self.deadlines.set(&agent, bindings.iter().map(|binding| binding.expires).min());
        if up {
            self.bindings.insert(agent.clone(), bindings);
        } else {
            self.bindings.remove(&agent);
        }
        if up != was_up {
            events.push_back(Event::Registered { agent, up });
        }
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
