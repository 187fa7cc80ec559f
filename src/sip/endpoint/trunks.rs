use std::sync::Arc;
use std::time::Duration;

use super::Endpoint;
use crate::base::{Instant, LegId};
use crate::sip::dialog::{LegTimer, Purpose, Stack};
use crate::sip::message::{Contact, Headers, Method, NameAddr, Params, Request, Response, Scheme, Uri};
use crate::sip::reply::retry_after;
use crate::sip::transaction::TxId;
use crate::sip::transport::Hop;
use crate::sip::trunk::{Answered, Caps, Carrier, Exit, RegistrationNews, Trunk, TrunkId, TrunkState};
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
        if let Some(hop) = outside.hop.filter(|_| matches!(status, 408 | 503)) {
            self.trunks.postpone(now, Exit { trunk: before, hop });
        }
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
            (outside.trunk, outside.hop) = (exit.trunk, Some(exit.hop));
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

    pub(super) fn tell_trunk(&mut self, trunk: TrunkId, news: TrunkNews) {
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
        for registration in self.trunks.all_mut().filter_map(|carrier| carrier.registration.as_mut()) {
            registration.leave(now);
        }
    }

    pub(super) fn renew_trunks(&mut self, now: Instant, trunks: Vec<Trunk>, caps: Caps) {
        self.trunks.renew(now, (trunks, caps), &mut self.stack.chance);
        self.stack.us.lead(self.trunks.ways());
    }

    /// Asks what is to be asked now.
    pub(super) fn ask_trunks(&mut self, now: Instant) {
        if self.trunks.deadline().is_none_or(|at| at > now) {
            return;
        }
        let (mut probes, mut changed, mut registers) = (Vec::new(), Vec::new(), Vec::new());
        for carrier in self.trunks.all_mut().filter(|carrier| carrier.is_found()) {
            let before = carrier.pulse();
            for place in &mut carrier.places {
                let Some(pulse) = &mut place.pulse else { continue };
                pulse.give_up(now, &mut self.stack.chance);
                probes.extend(pulse.ask(now).map(|nth| (carrier.id, place.nth, nth)));
            }
            let after = carrier.pulse().filter(|after| Some(*after) != before);
            changed.extend(after.map(|state| (carrier.id, state)));
            let lasts = carrier.registration.as_mut().and_then(|own| own.ask(now));
            registers.extend(lasts.map(|lasts| (carrier.registers_as, lasts)));
        }
        changed.into_iter().for_each(|(trunk, state)| self.tell_trunk(trunk, TrunkNews::Pulse(state)));
        probes.into_iter().for_each(|probe| self.probe(now, probe));
        registers.into_iter().for_each(|(trunk, lasts)| self.register(now, trunk, lasts));
    }

    fn probe(&mut self, now: Instant, (trunk, place, nth): (TrunkId, u32, u32)) {
        let Some(carrier) = self.trunks.get_mut(trunk) else { return };
        let Some(hop) = carrier.places.iter().find(|known| known.nth == place).map(|place| place.hop) else { return };
        let request = question(carrier, &mut self.stack, (Method::Options, hop));
        if self.stack.transactions.open_client(now, request, hop, Purpose::Probe(trunk, place, nth)).is_none() {
            self.probed(now, (trunk, place, nth), None);
        }
    }

    /// A trunk has answered our question at one of its places, or has not.
    pub(super) fn probed(&mut self, now: Instant, (trunk, place, nth): (TrunkId, u32, u32), status: Option<u16>) {
        let Some(carrier) = self.trunks.get_mut(trunk) else { return };
        let before = carrier.pulse();
        let pulse = carrier.places.iter_mut().find(|known| known.nth == place).and_then(|place| place.pulse.as_mut());
        if let Some(pulse) = pulse {
            pulse.answered(now, nth, status, &mut self.stack.chance);
        }
        if let Some(state) = carrier.pulse().filter(|after| Some(*after) != before) {
            self.tell_trunk(trunk, TrunkNews::Pulse(state));
        }
    }

    fn register(&mut self, now: Instant, trunk: TrunkId, lasts: Duration) {
        let Some(carrier) = self.trunks.registrar(trunk) else { return };
        let Some(hop) = carrier.registrar() else { return self.registered(now, trunk, None) };
        let mut request = question(carrier, &mut self.stack, (Method::Register, hop));
        let user = request.headers.to.uri.user.clone();
        let contact = self.stack.us.contact(&hop, user.as_deref(), Scheme::Sip);
        request.headers.contact = Contact::List(vec![contact]);
        request.headers.other.push(("Expires".to_owned(), lasts.as_secs().to_string()));
        if self.stack.transactions.open_client(now, request, hop, Purpose::Register(trunk)).is_none() {
            self.registered(now, trunk, None);
        }
    }

    /// A trunk has answered our REGISTER, or has not.
    pub(super) fn registered(&mut self, now: Instant, trunk: TrunkId, answer: Option<(TxId, &Response)>) {
        let Some(carrier) = self.trunks.registrar(trunk) else { return };
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
        let Some(own) = carrier.registration.as_mut() else { return };
        let mut news = own.answered(now, said, &mut self.stack.chance);
        match said {
            Answered::Granted(_) => carrier.granted(),
            Answered::Silence | Answered::Refused(500..=599, None) if carrier.has_elsewhere() => {
                if let Some(own) = &mut carrier.registration {
                    own.renew(now);
                }
                if let Some(RegistrationNews::Failed { again, .. }) = &mut news {
                    *again = 0;
                }
            }
            Answered::TooBrief(_) | Answered::Refused(..) | Answered::Silence => {}
        }
        let told = carrier.id;
        if let Some(news) = news {
            self.tell_trunk(told, TrunkNews::Registration(news));
        }
        self.trunks.forget_left();
    }
}

/// A request outside of calls to a trunk's address.
fn question(carrier: &mut Carrier, stack: &mut Stack, (method, hop): (Method, Hop)) -> Request {
    carrier.asked.1 += 1;
    let trunk = &carrier.trunk;
    let account = Some(trunk.username.clone()).filter(|name| !name.is_empty());
    let account = account.unwrap_or_else(|| trunk.write(&trunk.presented));
    let domain = || trunk.domain.clone();
    let own = Uri::sip(Some(&account), domain(), None);
    let address = |uri: Uri| NameAddr { display: None, uri, params: Params::default() };
    let mut from = address(own.clone());
    from.params.set("tag", Some(stack.chance.token(16)));
    let to = if method == Method::Register { own } else { Uri::sip(None, domain(), None) };
    let headers = Headers {
        via: vec![stack.us.via(&hop, &mut stack.chance)],
        from,
        to: address(to),
        call_id: carrier.asked.0.clone(),
        cseq: carrier.asked.1,
        cseq_method: method.clone(),
        contact: Contact::List(vec![stack.us.contact(&hop, Some(&account), Scheme::Sip)]),
        route: Vec::new(),
        record_route: Vec::new(),
        max_forwards: Some(70),
        other: vec![("Allow".to_owned(), ALLOW.to_owned()), ("User-Agent".to_owned(), "svi".to_owned())],
    };
    Request { method, uri: Uri::sip(None, domain(), None), headers, body: Vec::new() }
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
