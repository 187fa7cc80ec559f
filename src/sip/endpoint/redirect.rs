use super::Endpoint;
use crate::base::{Instant, LegId, PhoneNumber};
use crate::sip::message::{Contact, NameAddr, Response, Scheme, Uri};
use crate::sip::transaction::TxId;
use crate::sip::us;

/// Calls through the trunk that are told to go elsewhere (RFC 3261, section 8.1.3.4).
impl Endpoint {
    /// Follows a 3xx as often as the settings allow: through the trunk, to the first number that
    /// may be called and was not yet. `false` when it is a refusal like any other.
    pub(super) fn redirected(&mut self, now: Instant, tx: TxId, id: LegId, response: &Response) -> bool {
        let Contact::List(contacts) = &response.headers.contact else { return false };
        let Some(leg) = self.legs.get_mut(id).filter(|_| (300..400).contains(&response.status)) else { return false };
        let Some(outside) = leg.outside.as_ref().filter(|outside| outside.roams) else { return false };
        let Some(trunk) = self.trunks.get(outside.trunk).map(|carrier| &carrier.trunk) else { return false };
        // The number that was dialled is one of them.
        if outside.numbers.len() > usize::from(trunk.redirects) {
            return false;
        }
        let mut contacts: Vec<&NameAddr> = contacts.iter().take(LOOKED_AT).collect();
        contacts.sort_by_key(|contact| std::cmp::Reverse(quality(contact)));
        let next = contacts.into_iter().find_map(|contact| {
            let uri = &contact.uri;
            let at = us::ip(&uri.host).is_some_and(|ip| trunk.hops.iter().any(|hop| hop.address.ip() == ip));
            let ours = uri.host.eq_ignore_ascii_case(&trunk.domain) || at;
            let number = PhoneNumber::parse(uri.user.as_deref()?).ok()?.international();
            let allowed = (ours || uri.scheme == Scheme::Tel) && trunk.allows(&number);
            (allowed && !outside.numbers.contains(&number)).then_some(number)
        });
        let Some(number) = next else { return false };
        let uri = Uri::sip(Some(&trunk.write(&number)), trunk.domain.clone(), None);
        let sent = leg.redirected(now, &mut self.stack, tx, uri);
        if let (true, Some(outside)) = (sent, &mut leg.outside) {
            outside.numbers.push(number);
        }
        self.legs.settle(id);
        sent
    }
}

/// Thousandths of `q`; 1000 when it is not there (section 20.10).
fn quality(contact: &NameAddr) -> u32 {
    let q = contact.params.value("q").and_then(|q| q.parse::<f32>().ok()).filter(|q| (0.0..=1.0).contains(q));
    q.map_or(1_000, |q| (q * 1_000.0) as u32)
}

/// Contacts of one response that are looked at.
const LOOKED_AT: usize = 8;
