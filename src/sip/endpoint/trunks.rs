use std::sync::Arc;
use std::time::Duration;

use super::Endpoint;
use crate::base::{Instant, LegId};
use crate::sip::dialog::{LegTimer, Purpose};
use crate::sip::message::{Contact, Headers, Method, NameAddr, Params, Request, Response, Scheme, Uri};
use crate::sip::reply::retry_after;
use crate::sip::transaction::TxId;
use crate::sip::trunk::{Answered, PulseState, Registration, TrunkState};
use crate::sip::us::ALLOW;
use crate::sip::{Event, TrunkNews};

/// Calls that go on by another place when one fails them.
impl Endpoint {
    /// Places a call once more, where the trunk has failed it and there is another place:
    /// never one that has rung, or that somebody has declined. `response` is `None` where nothing came.
    pub(super) fn goes_on(&mut self, now: Instant, id: LegId, response: Option<&Response>) -> bool {
        let status = response.map_or(408, |response| response.status);
        let Some(outside) = self.legs.get_mut(id).and_then(|leg| leg.outside.as_ref()) else { return false };
        let trunk = outside.trunk;
        if let (503, Some(wait)) = (status, response.and_then(|response| retry_after(&response.headers))) {
            self.trunks.rest(now, trunk, wait);
        }
        (response.is_none() || (500..600).contains(&status)) && self.moves(now, id, status)
    }

    /// A call of which nothing was heard at all goes on.
    pub(super) fn goes_on_unheard(&mut self, now: Instant, id: LegId) {
        let unheard = |leg: &mut crate::sip::dialog::Leg| leg.timers.get(LegTimer::Unheard).is_some_and(|at| at <= now);
        if self.legs.get_mut(id).is_some_and(unheard) {
            self.moves(now, id, 408);
        }
    }

    fn moves(&mut self, now: Instant, id: LegId, status: u16) -> bool {
        let Some(mut outside) =
            self.legs.get_mut(id).filter(|leg| leg.may_go_elsewhere()).and_then(|leg| leg.outside.take())
        else {
            return false;
        };
        let before = outside.trunk;
        let mut moved = false;
        while !moved {
            let Some(exit) = outside.left.pop_front() else { break };
            let may = outside.numbers.last().is_some_and(|number| self.trunks.may_take(now, exit, number));
            let Some(destination) = self.by_trunk(exit, &outside).filter(|_| may || exit.trunk == before) else {
                continue;
            };
            let way = (destination.reach, destination.access.clone());
            let sdp = self.stack.us.placed(&exit.hop, &outside.sdp).into_owned();
            let mut invite = self.invite(destination, &sdp);
            invite.headers.other.extend(outside.more.iter().cloned());
            invite.headers.max_forwards = Some(self.hops_left(id));
            let Some(leg) = self.legs.get_mut(id) else { return false };
            invite.headers.call_id.clone_from(&leg.dialog.call_id);
            invite.headers.from.params.set("tag", Some(leg.dialog.tag().to_owned()));
            moved = leg.goes_elsewhere(now, &mut self.stack, (invite, exit.hop), way);
            outside.trunk = exit.trunk;
        }
        if moved {
            self.trunks.begin(now, id, outside.trunk);
            self.tell_trunk(before, TrunkNews::Passed { status });
        }
        if let Some(leg) = self.legs.get_mut(id) {
            if moved {
                leg.await_word(now, &outside);
            }
            leg.outside = Some(outside);
        }
        self.legs.settle(id);
        moved
    }

    /// Who answers an INVITE that was given up is told so.
    pub(super) fn call_off(&mut self, now: Instant, tx: TxId) {
        self.stack.transactions.cancel(now, tx, None, Purpose::Nothing);
        if let Some(Purpose::Left(_, called_off)) = self.stack.transactions.user(tx) {
            *called_off = true;
        }
    }

    /// Calls that are over are out no more.
    pub(super) fn count_trunks(&mut self) {
        if !self.trunks.is_idle() {
            let over = self.stack.events.iter().filter(|event| event.is_last()).filter_map(Event::leg);
            over.for_each(|leg| self.trunks.end(leg));
        }
    }

    pub(super) fn tell_trunk(&mut self, trunk: usize, news: TrunkNews) {
        if let Some(carrier) = self.trunks.get(trunk) {
            self.stack.events.push_back(Event::Trunk { name: Arc::clone(&carrier.trunk.name), news });
        }
    }
}

/// Whether the trunks are there, and our place at them.
impl Endpoint {
    /// Every trunk as it is now, in the order of the settings.
    pub fn trunks(&self, now: Instant) -> Vec<TrunkState> {
        self.trunks.states(now)
    }

    /// Whether every registration has been given back, after [`Input::Leave`](crate::sip::Input::Leave).
    pub fn has_left(&self) -> bool {
        self.trunks.have_left()
    }

    pub(super) fn leave_trunks(&mut self, now: Instant) {
        for registration in self.trunks.all_mut().filter_map(|(_, carrier)| carrier.registration.as_mut()) {
            registration.leave(now);
        }
    }

    /// Asks what is to be asked now.
    pub(super) fn ask_trunks(&mut self, now: Instant) {
        if self.trunks.deadline().is_none_or(|at| at > now) {
            return;
        }
        let mut due = Vec::new();
        for (nth, carrier) in self.trunks.all_mut().filter(|(_, carrier)| !carrier.trunk.hops.is_empty()) {
            let mut silent = None;
            let mut probe = None;
            if let Some(pulse) = &mut carrier.pulse {
                silent = pulse.give_up(now, &mut self.stack.chance);
                probe = pulse.ask(now);
            }
            due.push((nth, silent, probe, carrier.registration.as_mut().and_then(|own| own.ask(now))));
        }
        for (nth, silent, probe, register) in due {
            if let Some(state) = silent {
                self.tell_trunk(nth, TrunkNews::Pulse(state));
            }
            if let Some(probe) = probe {
                self.probe(now, nth, probe);
            }
            if let Some(lasts) = register {
                self.register(now, nth, lasts);
            }
        }
    }

    fn probe(&mut self, now: Instant, nth: usize, probe: u32) {
        let exits = self.trunks.get(nth).map_or(0, |carrier| carrier.trunk.hops.len());
        // Each of its addresses in turn, while it does not answer.
        let is_up = self.trunks.get(nth).and_then(|c| c.pulse.as_ref()).is_some_and(|p| p.state() == PulseState::Up);
        let hop = if is_up { 0 } else { probe as usize % exits.max(1) };
        let Some((request, hop)) = self.question(nth, hop, Method::Options) else { return };
        if self.stack.transactions.open_client(now, request, hop, Purpose::Probe(nth, probe)).is_none() {
            self.probed(now, (nth, probe), None);
        }
    }

    /// A trunk has answered our question, or has not.
    pub(super) fn probed(&mut self, now: Instant, (nth, probe): (usize, u32), status: Option<u16>) {
        let chance = &mut self.stack.chance;
        let pulse = self.trunks.get_mut(nth).and_then(|carrier| carrier.pulse.as_mut());
        if let Some(state) = pulse.and_then(|pulse| pulse.answered(now, probe, status, chance)) {
            self.tell_trunk(nth, TrunkNews::Pulse(state));
        }
    }

    fn register(&mut self, now: Instant, nth: usize, lasts: Duration) {
        let Some(carrier) = self.trunks.get(nth) else { return };
        let failures = carrier.registration.as_ref().map_or(0, Registration::failures) as usize;
        let hop = failures % carrier.trunk.hops.len().max(1);
        let Some((mut request, hop)) = self.question(nth, hop, Method::Register) else { return };
        let user = request.headers.to.uri.user.clone();
        let contact = self.stack.us.contact(&hop, user.as_deref(), Scheme::Sip);
        request.headers.contact = Contact::List(vec![contact]);
        request.headers.other.push(("Expires".to_owned(), lasts.as_secs().to_string()));
        if self.stack.transactions.open_client(now, request, hop, Purpose::Register(nth)).is_none() {
            self.registered(now, nth, None);
        }
    }

    /// A trunk has answered our REGISTER, or has not.
    pub(super) fn registered(&mut self, now: Instant, nth: usize, answer: Option<(TxId, &Response)>) {
        let Some(carrier) = self.trunks.get_mut(nth) else { return };
        if let Some((tx, response)) = answer {
            let cseq = carrier.asked.1 + 1;
            if self.stack.authorize(now, (tx, response), (&carrier.access, cseq)).is_some() {
                carrier.asked.1 = cseq;
                return;
            }
        }
        let said = answer.map_or(Answered::Silence, |(tx, response)| {
            said(response, self.stack.transactions.request(tx).map(|request| &request.headers.contact))
        });
        let chance = &mut self.stack.chance;
        let news = carrier.registration.as_mut().and_then(|own| own.answered(now, said, chance));
        if let Some(news) = news {
            self.tell_trunk(nth, TrunkNews::Registration(news));
        }
    }

    /// A request outside of calls to a trunk's address.
    fn question(&mut self, nth: usize, hop: usize, method: Method) -> Option<(Request, crate::sip::Hop)> {
        let carrier = self.trunks.get_mut(nth)?;
        let hop = *carrier.trunk.hops.get(hop)?;
        carrier.asked.1 += 1;
        let domain = carrier.trunk.domain.clone();
        let account = carrier.trunk.username.clone();
        let account = if account.is_empty() { carrier.trunk.write(&carrier.trunk.presented) } else { account };
        let own = Uri::sip(Some(&account), domain.clone(), None);
        let address = |uri: Uri| NameAddr { display: None, uri, params: Params::default() };
        let mut from = address(own.clone());
        from.params.set("tag", Some(self.stack.chance.token(16)));
        let to = if method == Method::Register { own } else { Uri::sip(None, domain.clone(), None) };
        let headers = Headers {
            via: vec![self.stack.us.via(&hop, &mut self.stack.chance)],
            from,
            to: address(to),
            call_id: carrier.asked.0.clone(),
            cseq: carrier.asked.1,
            cseq_method: method.clone(),
            contact: Contact::List(vec![self.stack.us.contact(&hop, Some(&account), Scheme::Sip)]),
            route: Vec::new(),
            record_route: Vec::new(),
            max_forwards: Some(70),
            other: vec![("Allow".to_owned(), ALLOW.to_owned()), ("User-Agent".to_owned(), "svi".to_owned())],
        };
        Some((Request { method, uri: Uri::sip(None, domain, None), headers, body: Vec::new() }, hop))
    }
}

/// What an answer to a REGISTER says: how long the contact that is ours lasts, else the
/// header's time (RFC 3261, section 10.2.4).
fn said(response: &Response, asked: Option<&Contact>) -> Answered {
    let headers = &response.headers;
    let read = |text: &str| text.trim().parse::<u64>().ok().map(Duration::from_secs);
    match response.status {
        200..=299 => {
            let contacts = match &headers.contact {
                Contact::List(contacts) => contacts.as_slice(),
                Contact::Star => &[],
            };
            let ours = asked.and_then(Contact::first);
            let ours = contacts.iter().find(|contact| ours.is_some_and(|own| contact.uri.is_same(&own.uri)));
            let ours = ours.or(if contacts.len() == 1 { contacts.first() } else { None });
            let lasts = ours.and_then(|contact| contact.params.value("expires")).and_then(read);
            Answered::Granted(lasts.or_else(|| headers.other("Expires").and_then(read)))
        }
        423 => Answered::TooBrief(headers.other("Min-Expires").and_then(read)),
        status => Answered::Refused(status, retry_after(headers).map(|wait| Duration::from_secs(wait.into()))),
    }
}
