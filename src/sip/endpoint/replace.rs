use std::net::SocketAddr;

use super::Endpoint;
use crate::base::{Instant, LegId};
use crate::sip::message::Request;
use crate::sip::refer::Replaces;
use crate::sip::{Event, Identity, Taking, Target};

/// Dialogs that take another's place (RFC 3891).
impl Endpoint {
    /// Places a call that is to take the place of one that the called phone is in.
    pub(super) fn call_in_place(
        &mut self,
        now: Instant,
        leg: LegId,
        (to, from): (&Target, &Identity),
        sdp: &str,
        (taking, referred_by): (Option<Taking>, Option<String>),
    ) {
        let replaces = match taking {
            Some(Taking::Named(replaces)) => Some(replaces),
            Some(Taking::Partner(known)) => {
                self.legs.get_mut(self.devices.talks(LegId(known.0 + 1))).map(|partner| Replaces {
                    call_id: partner.dialog.call_id.clone(),
                    to_tag: partner.dialog.remote.tag().unwrap_or_default().to_owned(),
                    from_tag: partner.dialog.tag().to_owned(),
                })
            }
            None => None,
        };
        let mut more = Vec::new();
        if let Some(replaces) = replaces {
            more.extend([replaces.header(), ("Require".to_owned(), "replaces".to_owned())]);
        }
        more.extend(referred_by.map(|by| ("Referred-By".to_owned(), by)));
        self.call(now, (leg, 0), (to, from), (sdp, None), more);
    }

    /// Says of a wish that has just come which leg of ours it names, if it names one.
    pub(super) fn find_replaced(&mut self) {
        if let Some(Event::Referred { referral, .. }) = self.stack.events.back_mut() {
            referral.known = referral.replaces.as_ref().and_then(|replaces| self.legs.of_replaces(replaces));
            referral.known = referral.known.map(|own| self.devices.stands_for(own));
        }
    }

    /// The leg whose place an INVITE is to take, if it says so. Only agents' phones may, and
    /// only they learn which dialogs there are.
    pub(super) fn replaced(&mut self, now: Instant, from: SocketAddr, invite: &Request) -> Result<Option<LegId>, u16> {
        let Some(replaces) = Replaces::read(&invite.headers).map_err(|_| 400_u16)? else { return Ok(None) };
        self.registrar.caller(now, invite, from).ok_or(403_u16)?;
        let leg = self.legs.of_replaces(&replaces).and_then(|id| self.legs.get_mut(id)).filter(|leg| leg.talks());
        leg.map(|leg| Some(self.devices.stands_for(leg.id))).ok_or(481)
    }
}
