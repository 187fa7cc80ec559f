use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Endpoint;
use crate::base::{Instant, LegId, PhoneNumber, limits};
use crate::sip::dialog::{
    Access, Dialog, HOPS, Leg, OpenedBy, Outside, Owner, Purpose, RAISES, Reach, ask, branch_again,
};
use crate::sip::message::{Contact, Headers, Message, Method, NameAddr, Params, Request, Response, Scheme, Uri};
use crate::sip::reply::put_sdp;
use crate::sip::tags::supported;
use crate::sip::transaction::TxId;
use crate::sip::transport::Hop;
use crate::sip::trunk::{Carrier, EXITS, Exit, NoExit, TrunkId};
use crate::sip::us::{ALLOW, hop_to};
use crate::sip::{Event, Identity, InviteName, Later, Target, TrunkNews};

/// Where a call goes, and under which name.
pub(super) struct Destination {
    pub(super) uri: Uri,
    pub(super) hop: Hop,
    pub(super) reach: Reach,
    pub(super) from: NameAddr,
    pub(super) access: Option<Arc<Access>>,
    /// Headers beside the usual ones.
    pub(super) more: Vec<(String, String)>,
    /// The proxies before a phone.
    pub(super) path: Vec<NameAddr>,
    /// Whose phone it is.
    pub(super) owner: Option<Box<Owner>>,
}

/// A call that an earlier run of the service has left behind.
#[derive(Debug)]
pub(super) struct Stranded {
    /// The ACK of its INVITE, but for what the answer brings.
    ack: Request,
    hop: Hop,
    /// The tag of who answered and was hung up on.
    left: Option<String>,
}

/// Whether a 200 has come before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    First,
    Copy,
}

/// A call to outside.
impl Endpoint {
    pub(super) fn call(
        &mut self,
        now: Instant,
        (id, phone): (LegId, usize),
        (to, from): (&Target, &Identity),
        (sdp, name): (&str, Option<InviteName>),
        more: Vec<(String, String)>,
    ) {
        let room = !self.legs.has(id) && self.legs.len() < limits::SIP_DIALOGS;
        let refusal = match (room, to) {
            (false, _) => NoExit { status: 503, later: None },
            (true, Target::Trunk(number)) => match self.trunks.exits(now, number) {
                Ok(left) => {
                    let (numbers, roams) = (vec![number.international()], name.is_none());
                    let (from, sdp) = (from.clone(), sdp.into());
                    let trunk = TrunkId::default();
                    let outside = Outside { trunk, hop: None, left, numbers, roams, from, sdp, more };
                    return self.call_outside(now, id, outside, name);
                }
                Err(refusal) => refusal,
            },
            (true, Target::Agent(_) | Target::Uri(_)) => match self.destination(to, from, phone) {
                Ok(destination) => return self.place(now, id, destination, (sdp, name), more),
                Err(status) => NoExit { status, later: None },
            },
        };
        self.no_exit(id, refusal);
    }

    /// Sends the first INVITE of a call.
    fn place(
        &mut self,
        now: Instant,
        id: LegId,
        destination: Destination,
        (sdp, name): (&str, Option<InviteName>),
        more: Vec<(String, String)>,
    ) {
        let (hop, reach, access) = (destination.hop, destination.reach, destination.access.clone());
        let owner = destination.owner.clone();
        let sdp = self.stack.us.placed(&hop, sdp);
        let mut invite = self.invite(destination, &sdp);
        invite.headers.other.extend(more);
        invite.headers.max_forwards = Some(self.hops_left(id));
        if let Some(name) = name {
            rename(&mut invite, name);
        }
        match Leg::call(now, &mut self.stack, id, (invite, hop), reach, access) {
            Some(mut leg) => {
                leg.owner = owner;
                self.legs.insert(leg, None);
            }
            None => self.no_exit(id, NoExit { status: 503, later: None }),
        }
    }

    /// A call to an outside number goes out at the first place that there is for it.
    fn call_outside(&mut self, now: Instant, id: LegId, mut outside: Outside, name: Option<InviteName>) {
        let first = outside.left.pop_front().and_then(|exit| Some((exit, self.by_trunk(exit, &outside)?)));
        let Some((exit, destination)) = first else { return self.no_exit(id, NoExit { status: 503, later: None }) };
        let (sdp, more) = (outside.sdp.clone(), outside.more.clone());
        self.place(now, id, destination, (&sdp, name), more);
        (outside.trunk, outside.hop) = (exit.trunk, Some(exit.hop));
        if let Some(leg) = self.legs.get_mut(id) {
            self.trunks.begin(now, id, exit.trunk);
            leg.await_word(now, &outside);
            leg.outside = Some(Box::new(outside));
            self.legs.settle(id);
        }
    }

    fn no_exit(&mut self, leg: LegId, NoExit { status, later }: NoExit) {
        if let Some(Later::Capped(_)) = later {
            self.stack.events.push_back(Event::Trunk { name: "".into(), news: TrunkNews::Capped });
        }
        self.stack.events.push_back(Event::Failed { leg, status, later });
    }

    /// The last number that a call is for, by one of the trunks.
    pub(super) fn by_trunk(&self, exit: Exit, outside: &Outside) -> Option<Destination> {
        let Carrier { trunk, access, .. } = self.trunks.get(exit.trunk)?;
        let uri = |user: &str| Uri::sip(Some(user), trunk.domain.clone(), None);
        let presented = uri(&trunk.write(&trunk.presented));
        let asserted = ("P-Asserted-Identity".to_owned(), format!("<{presented}>"));
        Some(Destination {
            uri: uri(&trunk.write(outside.numbers.last()?)),
            hop: exit.hop,
            reach: Reach::Contact(exit.hop),
            from: NameAddr { display: outside.from.display.clone(), uri: presented, params: Params::default() },
            access: Some(Arc::clone(access)),
            more: if trunk.asserts { vec![asserted] } else { Vec::new() },
            path: Vec::new(),
            owner: None,
        })
    }

    /// The hops that a call of ours has left: one less than the call that it is made for, so
    /// that two switches which send calls to each other do not for ever (RFC 7332).
    pub(super) fn hops_left(&mut self, id: LegId) -> u32 {
        // A call's legs follow its first one.
        let first = LegId(self.devices.stands_for(id).0 & !0xFF);
        let peers = self.legs.get_mut(first).filter(|leg| leg.opened_by == OpenedBy::Peer);
        peers.map_or(HOPS, |leg| leg.hops.saturating_sub(1)).into()
    }

    /// Every request goes where the INVITE went: whoever does not know the dialog answers 481.
    /// The INVITE may have been sent again after a challenge or a 422, under a branch that follows
    /// from the first; which one the crash has met nobody knows, so that each is cancelled.
    pub(super) fn end_stranded(
        &mut self,
        now: Instant,
        (to, from): (&Target, &Identity),
        (name, to_tag): (InviteName, Option<String>),
    ) {
        let destinations = match to {
            Target::Trunk(number) => self.may_have_gone_to(number, from),
            Target::Agent(_) | Target::Uri(_) => self.destination(to, from, 0).into_iter().collect(),
        };
        let places = u32::try_from(destinations.len().min(EXITS)).unwrap_or(1);
        for destination in destinations {
            self.end_stranded_at(now, (destination, places), (name.clone(), to_tag.clone()));
        }
    }

    /// Every place that a call to a number may have gone out by.
    fn may_have_gone_to(&self, number: &PhoneNumber, from: &Identity) -> Vec<Destination> {
        let numbers = vec![number.international()];
        let (left, sdp, more) = (VecDeque::new(), "".into(), Vec::new());
        let (from, trunk) = (from.clone(), TrunkId::default());
        let outside = Outside { trunk, hop: None, left, numbers, roams: false, from, sdp, more };
        self.trunks.ever(number).into_iter().filter_map(|exit| self.by_trunk(exit, &outside)).collect()
    }

    fn end_stranded_at(
        &mut self,
        now: Instant,
        (destination, places): (Destination, u32),
        (name, to_tag): (InviteName, Option<String>),
    ) {
        let (hop, challenged) = (destination.hop, destination.access.is_some());
        let mut invite = self.invite(destination, "");
        rename(&mut invite, name);
        invite.headers.contact = Contact::List(Vec::new());
        (invite.body, invite.headers.other) = (Vec::new(), Vec::new());
        let mut bye = invite.clone();
        self.remember_stranded(invite.clone(), hop);
        (invite.method, invite.headers.cseq_method) = (Method::Cancel, Method::Cancel);
        let last = places * (if challenged { CHALLENGES + 1 } else { 1 }) + u32::from(RAISES);
        for cseq in 1..=last {
            if cseq > 1 {
                again(&mut invite, cseq);
            }
            self.stack.transactions.open_client(now, invite.clone(), hop, Purpose::Nothing);
        }
        if to_tag.is_some() {
            (bye.method, bye.headers.cseq_method, bye.headers.cseq) = (Method::Bye, Method::Bye, LAST_CSEQ);
            bye.headers.to.params.set("tag", to_tag);
            bye.headers.via = vec![self.stack.us.via(&hop, &mut self.stack.chance)];
            self.stack.transactions.open_client(now, bye, hop, Purpose::Stranded);
        }
    }

    fn remember_stranded(&mut self, mut ack: Request, hop: Hop) {
        (ack.method, ack.headers.cseq_method) = (Method::Ack, Method::Ack);
        if self.stranded.len() >= limits::SIP_DIALOGS {
            self.stranded.pop_front();
        }
        self.stranded.push_back(Stranded { ack, hop, left: None });
    }

    /// A response to a request that this run has not sent: to an INVITE of an earlier run, it
    /// may be what became of a call that a crash left behind.
    pub(super) fn unasked(&mut self, now: Instant, from: SocketAddr, response: &Response) {
        let headers = &response.headers;
        if headers.cseq_method != Method::Invite {
            return;
        }
        let same = |ack: &Headers| ack.call_id == headers.call_id && ack.from.tag() == headers.from.tag();
        let here = |old: &Stranded| same(&old.ack.headers) && old.hop.address == from;
        let nth = self.stranded.iter().position(here);
        let nth = nth.or_else(|| self.stranded.iter().position(|old| same(&old.ack.headers)));
        let Some(stranded) = nth.and_then(|nth| self.stranded.get_mut(nth)) else { return };
        let (ack, hop) = (stranded.ack.clone(), stranded.hop);
        match response.status {
            200..=299 => {
                let tag = headers.to.tag().map(str::to_owned);
                let copy = std::mem::replace(&mut stranded.left, tag.clone()) == tag;
                let mut dialog = Dialog::of_answer(&ack, response, Reach::Contact(hop));
                dialog.local_cseq = headers.cseq;
                self.stranded_talks(now, dialog, if copy { Answer::Copy } else { Answer::First });
            }
            487 => self.stranded_unanswered((ack, hop), response),
            _ => {}
        }
    }

    /// Somebody has answered to nobody, before the CANCEL came: is not kept on the line. A
    /// copy of the answer says that the ACK was lost; the BYE sees to itself.
    fn stranded_talks(&mut self, now: Instant, mut dialog: Dialog, answer: Answer) {
        let (ack, to) = dialog.ack(dialog.local_cseq, &self.stack.us, &mut self.stack.chance);
        self.stack.send(to, &Message::Request(ack));
        if answer == Answer::First {
            dialog.local_cseq = LAST_CSEQ;
            let (bye, to) = dialog.request(Method::Bye, &self.stack.us, &mut self.stack.chance);
            self.stack.transactions.open_client(now, bye, to, Purpose::Stranded);
        }
    }

    /// 487 says that nobody had answered, which no other response does: a 200 to CANCEL comes
    /// as well when the answer is on its way (RFC 6026, section 7.1), and 481 when the call is over.
    fn stranded_unanswered(&mut self, (mut ack, hop): (Request, Hop), response: &Response) {
        let headers = &response.headers;
        (ack.headers.to, ack.headers.cseq) = (headers.to.clone(), headers.cseq);
        let branch = headers.via.first().and_then(|via| via.params.value("branch")).map(str::to_owned);
        if let Some(via) = ack.headers.via.first_mut() {
            via.params.set("branch", branch);
        }
        self.stack.send(hop, &Message::Request(ack));
        self.stack.events.push_back(Event::StrandedUnanswered { call_id: headers.call_id.clone() });
    }

    /// A trunk may want the password for the BYE too.
    pub(super) fn stranded_answered(&mut self, now: Instant, tx: TxId, response: &Response) {
        let hop = self.stack.transactions.hop(tx);
        if let Some(access) = hop.and_then(|hop| self.trunks.access_at(hop.address)) {
            self.stack.authorize(now, (tx, response), (&access, LAST_CSEQ + 2));
        }
    }

    fn destination(&self, to: &Target, from: &Identity, phone: usize) -> Result<Destination, u16> {
        match to {
            Target::Agent(name) => {
                let binding = self.registrar.phone(name, phone).ok_or(480_u16)?;
                Ok(Destination {
                    uri: binding.uri.for_request(),
                    hop: binding.hop,
                    // A proxy that wants to stay in the path says so in the answer.
                    reach: match binding.path.is_empty() {
                        true => Reach::Here(binding.hop),
                        false => Reach::Contact(binding.hop),
                    },
                    from: self.presented(from, &binding.hop),
                    access: None,
                    more: Vec::new(),
                    path: binding.path.clone(),
                    owner: Some(Box::new(Owner { agent: name.clone(), device: binding.device })),
                })
            }
            // By which of them is the trunks' to say.
            Target::Trunk(_) => Err(503),
            Target::Uri(text) => {
                let uri = Uri::parse(text).map_err(|_| 404_u16)?;
                let hop = hop_to(&uri).ok_or(404_u16)?;
                let reach = Reach::Contact(hop);
                let from = self.presented(from, &hop);
                Ok(Destination { uri, hop, reach, from, access: None, more: Vec::new(), path: Vec::new(), owner: None })
            }
        }
    }

    /// The `From` of a call; anonymous without a user (RFC 3323, section 4.1.1.3).
    fn presented(&self, from: &Identity, hop: &Hop) -> NameAddr {
        let (display, uri) = match &from.user {
            Some(user) => (from.display.clone(), self.stack.us.uri(hop, Some(user.reveal()))),
            None => {
                let display = from.display.clone().unwrap_or_else(|| "Anonymous".to_owned());
                (Some(display), Uri::sip(Some("anonymous"), WITHHELD, None))
            }
        };
        NameAddr { display, uri, params: Params::default() }
    }

    pub(super) fn invite(&mut self, destination: Destination, sdp: &str) -> Request {
        let Destination { uri, hop, mut from, more, path, .. } = destination;
        from.params.set("tag", Some(self.stack.chance.token(16)));
        let user = from.uri.user.clone();
        let scheme = if uri.scheme == Scheme::Sips { Scheme::Sips } else { Scheme::Sip };
        let mut headers = Headers {
            via: vec![self.stack.us.via(&hop, &mut self.stack.chance)],
            from,
            to: NameAddr { display: None, uri: uri.clone(), params: Params::default() },
            call_id: self.stack.chance.token(16),
            cseq: 1,
            cseq_method: Method::Invite,
            contact: Contact::List(vec![self.stack.us.contact(&hop, user.as_deref(), scheme)]),
            route: path,
            record_route: Vec::new(),
            max_forwards: Some(HOPS.into()),
            other: vec![("Allow".to_owned(), ALLOW.to_owned()), ("User-Agent".to_owned(), "svi".to_owned())],
        };
        if headers.from.uri.host == WITHHELD {
            headers.other.push(("Privacy".to_owned(), "id".to_owned()));
        }
        headers.other.extend(more);
        headers.other.push(supported());
        ask(&mut headers, self.stack.session);
        let mut body = Vec::new();
        put_sdp(&mut headers, &mut body, sdp);
        Request { method: Method::Invite, uri, headers, body }
    }
}

/// Gives an INVITE the names that were written down for it.
fn rename(invite: &mut Request, name: InviteName) {
    invite.headers.call_id = name.call_id;
    invite.headers.from.params.set("tag", Some(name.from_tag));
    if let Some(via) = invite.headers.via.first_mut() {
        via.params.set("branch", Some(name.branch));
    }
}

/// Gives an INVITE the number and the branch under which it goes out after a challenge.
fn again(invite: &mut Request, cseq: u32) {
    invite.headers.cseq = cseq;
    if let Some(via) = invite.headers.via.first_mut() {
        let branch = via.params.value("branch").map(|branch| branch_again(branch, cseq));
        via.params.set("branch", branch);
    }
}

/// The host of who does not want to be known (RFC 3323, section 4.1.1.3).
const WITHHELD: &str = "anonymous.invalid";
/// How often an INVITE is challenged at most: by the operator's proxy (407) and by who is
/// behind it (401), each of which is answered once.
const CHALLENGES: u32 = 2;
/// Above every number that a run of the service gives a request of one short call, so that
/// the peer takes it as new (RFC 3261, section 12.2.2).
const LAST_CSEQ: u32 = 100_000;
