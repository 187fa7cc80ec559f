use super::reoffer::busy;
use super::{Invited, Leg, Purpose, Stack};
use crate::base::Instant;
use crate::sip::message::{Method, Request};
use crate::sip::refer::{Referral, Unfit};
use crate::sip::reply::{respond, with};
use crate::sip::tags::{lists, supports};
use crate::sip::transaction::TxId;
use crate::sip::{Event, reason_phrase};

/// The peer's REFER, and what it is told of it (RFC 3515; RFC 4488).
#[derive(Clone, Debug)]
pub(crate) enum Referring {
    /// It waits for the call's word.
    Asked(Invited),
    /// It is under way; the number of the REFER, where the peer wants to be told.
    UnderWay(Option<u32>),
}

/// Requests to be connected elsewhere, within the dialog.
impl Leg {
    /// Takes a REFER: the call decides. One at a time.
    pub(crate) fn referred(&mut self, now: Instant, stack: &mut Stack, tx: TxId, refer: Request) {
        let tag = self.dialog.tag().to_owned();
        let refusal = match Referral::read(&refer.headers) {
            _ if !self.talks() => respond(&refer, 403, &tag),
            _ if self.referring.is_some() => busy(stack, &refer, &tag),
            Err(Unfit::Malformed) => respond(&refer, 400, &tag),
            Err(Unfit::NoCall) => respond(&refer, 403, &tag),
            Ok(referral) => {
                self.referring = Some(Box::new(Referring::Asked(Invited { tx, invite: Box::new(refer) })));
                stack.events.push_back(Event::Referred { leg: self.id, referral: Box::new(referral) });
                return;
            }
        };
        stack.respond(now, tx, &refusal);
    }

    /// 202: the call tries it, and tells how it goes, unless the peer does not want to know.
    pub(crate) fn accept_refer(&mut self, now: Instant, stack: &mut Stack) {
        let Some(Referring::Asked(asked)) = self.referring.take().map(|referring| *referring) else { return };
        let headers = &asked.invite.headers;
        let silent = lists(headers, "Refer-Sub", "false") && supports(headers, "norefersub");
        let mut accepted = respond(&asked.invite, 202, self.dialog.tag());
        accepted.headers.contact = self.our_contact(stack);
        if silent {
            accepted = with(accepted, "Refer-Sub", "false");
        }
        stack.respond(now, asked.tx, &accepted);
        let cseq = (!silent).then_some(headers.cseq);
        self.referring = Some(Box::new(Referring::UnderWay(cseq)));
        self.refer_progress(now, stack, 100);
    }

    /// Refuses it, before anything has happened.
    pub(crate) fn refuse_refer(&mut self, now: Instant, stack: &mut Stack, status: u16) {
        match self.referring.take().map(|referring| *referring) {
            Some(Referring::Asked(asked)) => stack.refuse(now, &asked, status, self.dialog.tag()),
            under_way => self.referring = under_way.map(Box::new),
        }
    }

    /// Tells how the new call goes; a final status is the last thing that is told.
    pub(crate) fn refer_progress(&mut self, now: Instant, stack: &mut Stack, status: u16) {
        let Some(Referring::UnderWay(cseq)) = self.referring.as_deref() else { return };
        let cseq = *cseq;
        if status >= 200 {
            self.referring = None;
        }
        let Some(cseq) = cseq.filter(|_| self.talks()) else { return };
        let (mut notify, hop) = self.dialog.request(Method::Notify, &stack.us, &mut stack.chance);
        let state = if status < 200 { SUBSCRIBED } else { "terminated;reason=noresource" };
        let kind = "message/sipfrag;version=2.0";
        let event = format!("refer;id={cseq}");
        for (name, value) in [("Event", event.as_str()), ("Subscription-State", state), ("Content-Type", kind)] {
            notify.headers.other.push((name.to_owned(), value.to_owned()));
        }
        notify.body = format!("SIP/2.0 {status} {}\r\n", reason_phrase(status)).into_bytes();
        stack.ask(now, (notify, hop), Purpose::Aside(self.id));
    }

    /// Refuses the REFER that still waits: the dialog ends.
    pub(crate) fn drop_refer(&mut self, now: Instant, stack: &mut Stack) {
        self.refuse_refer(now, stack, 487);
    }
}

/// A phone that rings is given up long before.
const SUBSCRIBED: &str = "active;expires=180";
