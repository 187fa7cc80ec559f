use super::hand::{Draft, Hand, header, start, starts};
use super::*;
use crate::base::limits;
use crate::sip::digest::{Asked, ClientSecret, authorize};
use crate::sip::{Command, Event, Fault, Identity, Method, Origin, Target};

/// A phone of an agent, by hand.
pub(super) struct Phone {
    pub(super) hand: Hand,
    pub(super) name: &'static str,
    pub(super) password: String,
    /// The challenge of the last 401.
    pub(super) challenge: Vec<String>,
}

impl Phone {
    pub(super) fn new(name: &'static str) -> Self {
        Self { hand: Hand::new(), name, password: format!("{name}-secret"), challenge: Vec::new() }
    }

    pub(super) fn draft(&mut self, more: &[&str]) -> Draft {
        let mut draft = self.hand.draft("REGISTER");
        draft.uri = "sip:svi".into();
        draft.from = format!("<sip:{}@svi>;tag=theirs", self.name);
        draft.to = format!("<sip:{}@svi>", self.name);
        draft.call_id = "registration".into();
        more.iter().fold(draft, |draft, line| draft.with(line))
    }

    pub(super) fn authorized(&self, draft: Draft) -> Draft {
        let method = Method::from_name(&draft.method);
        let asked = Asked { method: &method, uri: &draft.uri.clone() };
        let secret = ClientSecret::Password(self.password.clone());
        let challenges = self.challenge.iter().map(String::as_str);
        let value = authorize(challenges, self.name, &secret, asked, &mut Chance::seeded(5), 1).unwrap();
        draft.with(&format!("Authorization: {value}"))
    }

    /// Keeps the challenge of a 401.
    pub(super) fn take_challenge(&mut self, reply: &str) {
        self.challenge = challenges(reply);
    }

    /// Asks for a challenge, then registers with it; the last reply.
    pub(super) fn register(&mut self, more: &[&str]) -> String {
        let first = self.draft(more).text();
        let replies = self.hand.say(&first);
        assert_eq!(starts(&replies), ["401"]);
        self.challenge = challenges(&replies[0]);
        let again = self.draft(more);
        let again = self.authorized(again).text();
        self.hand.say(&again).remove(0)
    }
}

/// Registers an agent's phone where the hand is.
pub(super) fn at_home(hand: &mut Hand, name: &'static str) {
    let hand_over = std::mem::replace(hand, Hand::new());
    let mut phone = Phone { hand: hand_over, ..Phone::new(name) };
    phone.register(&[&format!("Contact: <sip:{name}@{THERE}>"), "Expires: 600"]);
    *hand = phone.hand;
}

fn challenges(reply: &str) -> Vec<String> {
    reply.lines().filter_map(|line| line.strip_prefix("WWW-Authenticate: ")).map(str::to_owned).collect()
}

/// The contacts in a reply.
fn contacts(reply: &str) -> Vec<&str> {
    reply.lines().filter_map(|line| line.strip_prefix("Contact: ")).collect()
}

fn up(agent: &str) -> Event {
    Event::Registered { agent: AgentName::from(agent), up: true }
}

fn down(agent: &str) -> Event {
    Event::Registered { agent: AgentName::from(agent), up: false }
}

#[test]
fn a_phone_registers_refreshes_and_leaves() {
    let mut phone = Phone::new("amina");
    let ok = phone.register(&["Contact: <sip:amina@10.0.0.5:5062>", "Expires: 600"]);
    assert_eq!((start(&ok), contacts(&ok)), ("200", vec!["<sip:amina@10.0.0.5:5062>;expires=600"]));
    assert_eq!(phone.hand.events, [up("amina")]);

    phone.hand.pass(seconds(100));
    let ok = phone.register(&["Contact: <sip:amina@10.0.0.5:5062>;expires=900"]);
    assert_eq!(contacts(&ok), ["<sip:amina@10.0.0.5:5062>;expires=900"]);
    let asked = phone.register(&[]);
    assert_eq!(contacts(&asked), ["<sip:amina@10.0.0.5:5062>;expires=900"]);
    assert_eq!(phone.hand.events.len(), 1, "a refresh is no news");

    let gone = phone.register(&["Contact: <sip:amina@10.0.0.5:5062>", "Expires: 0"]);
    assert_eq!((start(&gone), contacts(&gone).len()), ("200", 0));
    assert_eq!(phone.hand.events, [up("amina"), down("amina")]);
    assert_eq!(phone.hand.endpoint.deadline(), phone.hand.endpoint.stack.transactions.deadline());
}

#[test]
fn a_registration_expires() {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.5>", "Expires: 60"]);
    phone.hand.pass(millis(59_999));
    assert_eq!(phone.hand.events, [up("amina")]);
    phone.hand.pass(millis(1));
    assert_eq!(phone.hand.events, [up("amina"), down("amina")]);
}

#[test]
fn star_forgets_every_phone_and_only_with_expires_0() {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:a@10.0.0.5>, <sip:b@10.0.0.6>"]);
    assert_eq!(start(&phone.register(&["Contact: *"])), "400");
    assert_eq!(contacts(&phone.register(&[])).len(), 2);
    assert_eq!(start(&phone.register(&["Contact: *", "Expires: 0"])), "200");
    assert_eq!(phone.hand.events, [up("amina"), down("amina")]);
}

#[test]
fn both_hashes_are_offered_the_stronger_first_and_either_opens() {
    for kept in ["algorithm=SHA-256", "algorithm=MD5"] {
        let mut phone = Phone::new("amina");
        let first = phone.draft(&[]).text();
        let replies = phone.hand.say(&first);
        let offered = challenges(&replies[0]);
        assert_eq!(offered.len(), 2);
        assert!(offered[0].contains("algorithm=SHA-256"), "{offered:?}");
        phone.challenge = offered.into_iter().filter(|challenge| challenge.contains(kept)).collect();
        let again = phone.draft(&[]);
        let again = phone.authorized(again).text();
        assert_eq!(starts(&phone.hand.say(&again)), ["200"], "{kept}");
    }
}

#[test]
fn an_unknown_account_and_a_wrong_password_get_the_same_answer() {
    let answer = |name, password: &str| {
        let mut phone = Phone::new(name);
        phone.password = password.into();
        let reply = phone.register(&["Contact: <sip:x@10.0.0.5>"]);
        let blamed = Event::Blamed { source: phone.hand.from.ip(), fault: Fault::Password, origin: Origin::Proven };
        assert_eq!(phone.hand.events, [blamed]);
        assert_eq!(phone.hand.endpoint.transactions(), 0);
        reply.replace(name, "NAME")
    };
    let (wrong, unknown) = (answer("amina", "guess"), answer("zelda", "guess"));
    assert_eq!(start(&wrong), "401");
    assert_eq!(wrong, unknown);
}

#[test]
fn an_old_nonce_is_called_stale_when_the_password_is_right() {
    let mut phone = Phone::new("amina");
    let contact = ["Contact: <sip:x@10.0.0.5>"];
    phone.register(&contact);
    phone.hand.pass(limits::NONCE);
    for (password, stale) in [("amina-secret", true), ("guess", false)] {
        phone.password = password.into();
        let late = phone.draft(&contact);
        let late = phone.authorized(late).text();
        let replies = phone.hand.say(&late);
        assert_eq!(starts(&replies), ["401"]);
        assert_eq!(replies[0].contains("stale=true"), stale);
    }
}

#[test]
fn an_agent_can_not_register_another() {
    let mut phone = Phone::new("amina");
    phone.register(&[]);
    let mut draft = phone.draft(&["Contact: <sip:x@10.0.0.5>"]);
    draft.to = "<sip:bruno@svi>".into();
    let draft = phone.authorized(draft).text();
    assert_eq!(starts(&phone.hand.say(&draft)), ["403"]);
}

#[test]
fn too_brief_is_423_and_too_long_is_cut() {
    let mut phone = Phone::new("amina");
    let brief = phone.register(&["Contact: <sip:x@10.0.0.5>;expires=59"]);
    assert_eq!((start(&brief), header(&brief, "Min-Expires")), ("423", Some("60")));
    let long = phone.register(&["Contact: <sip:x@10.0.0.5>;expires=86400"]);
    assert_eq!(contacts(&long), ["<sip:x@10.0.0.5>;expires=3600"]);
}

#[test]
fn the_oldest_of_too_many_phones_goes() {
    let mut phone = Phone::new("amina");
    for n in 0..=limits::CONTACTS_PER_AGENT {
        phone.register(&[&format!("Contact: <sip:phone{n}@10.0.0.5>")]);
    }
    let all = phone.register(&[]);
    let all = contacts(&all);
    assert_eq!(all.len(), limits::CONTACTS_PER_AGENT);
    assert!(!all.iter().any(|contact| contact.contains("phone0")), "{all:?}");
}

#[test]
fn a_register_that_comes_late_changes_nothing() {
    let mut phone = Phone::new("amina");
    phone.register(&[]);
    let gone = phone.draft(&["Contact: <sip:x@10.0.0.5>;expires=0"]);
    let gone = phone.authorized(gone).text();
    phone.register(&["Contact: <sip:x@10.0.0.5>"]);
    assert_eq!(starts(&phone.hand.say(&gone)), ["500"]);
    assert_eq!(phone.hand.events, [up("amina")]);
}

fn invite_agent(hand: &mut Hand) -> Vec<String> {
    let to = Target::Agent(AgentName::from("amina"));
    hand.command(Command::Invite { leg: OUT, to, from: Identity::default(), sdp: "offer".into() })
}

#[test]
fn a_call_to_an_agent_goes_where_the_phone_registered_from() {
    let mut phone = Phone::new("amina");
    phone.hand.from = address("203.0.113.7:40000");
    phone.register(&["Contact: <sip:line@192.168.1.5:5062;ob>"]);
    let invites = invite_agent(&mut phone.hand);
    assert!(invites[0].starts_with("INVITE sip:line@192.168.1.5:5062;ob SIP/2.0\r\n"), "{}", invites[0]);
    assert!(invites[0].contains("From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="), "{}", invites[0]);
    assert_eq!(phone.hand.last_to, Some(address("203.0.113.7:40000")));

    let via = header(&invites[0], "Via").unwrap();
    let (from, call_id) = (header(&invites[0], "From").unwrap(), header(&invites[0], "Call-ID").unwrap());
    let ok = format!(
        "SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: {from}\r\nTo: <sip:line@192.168.1.5:5062;ob>;tag=phone\r\nCall-ID: {call_id}\r\n\
         CSeq: 1 INVITE\r\nContact: <sip:line@192.168.1.5:5062;ob>\r\nContent-Type: application/sdp\r\n\
         Content-Length: 6\r\n\r\nanswer"
    );
    assert_eq!(starts(&phone.hand.say(&ok)), ["ACK"]);
    assert_eq!(phone.hand.last_to, Some(address("203.0.113.7:40000")), "the way that it registered, not its Contact");
    assert_eq!(phone.hand.events[1], Event::Answered { leg: OUT, sdp: "answer".into() });

    let forked = ok.replace("tag=phone", "tag=other");
    assert_eq!(starts(&phone.hand.say(&forked)), ["ACK", "BYE"], "who answers second is let go");
    assert_eq!(starts(&phone.hand.say(&ok)), ["ACK"]);
    assert_eq!(starts(&phone.hand.say(&forked)), ["ACK"]);
    assert_eq!(phone.hand.events.len(), 2);
}

#[test]
fn a_call_to_an_agent_without_a_phone_fails() {
    let mut hand = Hand::new();
    assert_eq!(invite_agent(&mut hand), [""; 0]);
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 480, later: None }]);
}

#[test]
fn an_agent_who_calls_is_known_by_password_or_by_phone() {
    let caller = |phone: &mut Phone, prepare: &dyn Fn(&Phone, Draft) -> Draft| {
        let mut invite = phone.hand.draft("INVITE");
        invite.from = format!("<sip:{}@svi>;tag=theirs", phone.name);
        let invite = prepare(phone, invite).text();
        phone.hand.say(&invite);
        match phone.hand.events.pop() {
            Some(Event::Incoming(incoming)) => incoming.agent,
            other => panic!("{other:?}"),
        }
    };
    let mut phone = Phone::new("amina");
    assert_eq!(caller(&mut phone, &|_, draft| draft), None, "a name proves nothing");
    phone.register(&[]);
    let by_password = caller(&mut phone, &|phone: &Phone, draft| phone.authorized(draft));
    assert_eq!(by_password, Some(AgentName::from("amina")));
    phone.register(&["Contact: <sip:x@10.0.0.5>"]);
    assert_eq!(caller(&mut phone, &|_, draft| draft), Some(AgentName::from("amina")));
    phone.hand.from = address("192.0.2.99:5060");
    assert_eq!(caller(&mut phone, &|_, draft| draft), None, "another phone with the name");
}
