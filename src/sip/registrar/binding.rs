use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use crate::base::{Instant, limits};
use crate::sip::message::{Headers, NameAddr, Params, Request, Uri};
use crate::sip::tags::supports;
use crate::sip::transport::Hop;
use crate::sip::us::hop_to;

/// One way to a phone of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// What the phone calls itself: the request URI of calls to it.
    pub(crate) uri: Uri,
    /// Where calls to it go: where its REGISTER came from.
    pub(crate) hop: Hop,
    /// The proxies on the way to it (RFC 3327), the nearest first.
    pub(crate) path: Vec<NameAddr>,
    /// Which phone it is.
    pub(crate) device: Device,
    /// The name of this way, never used twice.
    pub(crate) number: u64,
    /// Whether it answers, and how fast.
    pub(super) life: Life,
    pub(super) source: SocketAddr,
    pub(super) call_id: String,
    pub(super) cseq: u32,
    pub(super) expires: Instant,
    /// What the phone is, in its own words.
    pub(super) software: Option<Box<str>>,
    /// `+sip.instance` as it came, given back with the contact.
    instance: Option<Box<str>>,
    /// `reg-id`, where the phone has several ways to us (RFC 5626).
    flow: Option<u32>,
}

/// Which phone it is, whatever address it has for the moment: a hash of its `+sip.instance`
/// (RFC 5626, section 4.1), else of the Call-ID that all its REGISTERs have (RFC 3261,
/// section 10.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// It has said who it is.
    Named(u64),
    /// It is known by how it registers.
    Unnamed(u64),
}

/// What is known of a phone by asking it (OPTIONS).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Life {
    /// When it is asked next.
    pub(super) next: Option<Instant>,
    /// When it was asked, while the answer is not there.
    pub(super) asked: Option<Instant>,
    /// How long its last answer took.
    pub(super) round_trip: Option<Duration>,
    /// How often in a row it has not answered.
    pub(super) missed: u8,
}

/// One contact of a REGISTER that has been read.
pub(super) struct Wish<'a> {
    pub(super) contact: &'a NameAddr,
    pub(super) lasts: Duration,
    /// `reg-id`, where it counts.
    pub(super) flow: Option<u32>,
}

impl Life {
    /// Whether it has answered before, and does no more. Who never has may not know how.
    pub(super) fn is_lost(&self) -> bool {
        self.round_trip.is_some() && self.missed >= limits::PHONE_MISSES
    }
}

impl Binding {
    /// What a REGISTER asks for; `before` is what it takes the place of.
    pub(super) fn new(
        now: Instant,
        request: &Request,
        (source, path): (Hop, &[NameAddr]),
        wish: &Wish<'_>,
        (number, before): (u64, Option<&Self>),
    ) -> Self {
        let headers = &request.headers;
        let software = headers.other("User-Agent").map(|text| text.chars().take(limits::SOFTWARE_LETTERS).collect());
        let instance = wish.contact.params.value("+sip.instance").filter(|text| !text.is_empty());
        // Who registers is there, whatever was thought of it.
        let life = before.map_or_else(Life::default, |before| Life { missed: 0, ..before.life });
        Self {
            uri: wish.contact.uri.clone(),
            hop: way_back(source, path, &wish.contact.uri),
            path: path.to_vec(),
            device: Device::of(instance, &headers.call_id),
            number: before.map_or(number, |before| before.number),
            life,
            source: source.address,
            call_id: headers.call_id.clone(),
            cseq: headers.cseq,
            expires: now + wish.lasts,
            software,
            instance: instance.map(Box::from),
            flow: wish.flow,
        }
    }

    /// Whether a wish is about this way: the same phone's same way, else the same address.
    pub(super) fn is_meant(&self, wish: &Wish<'_>) -> bool {
        match (wish.flow, self.flow) {
            (Some(flow), Some(own)) => {
                own == flow && self.instance.as_deref() == wish.contact.params.value("+sip.instance")
            }
            (None, _) | (_, None) => self.uri.is_same(&wish.contact.uri),
        }
    }

    /// Whether no proxy stands before the phone, so that who sends from there is the phone.
    pub(super) fn is_at(&self, source: SocketAddr) -> bool {
        self.source == source && self.path.is_empty()
    }

    /// The contact as the phone is told that it is known.
    pub(super) fn contact(&self, now: Instant) -> NameAddr {
        let seconds = self.expires.since(now).as_secs();
        let mut params = Params(vec![("expires".to_owned(), Some(seconds.to_string()))]);
        if let Some(instance) = &self.instance {
            params.set("+sip.instance", Some(instance.to_string()));
        }
        if let Some(flow) = self.flow {
            params.set("reg-id", Some(flow.to_string()));
        }
        NameAddr { display: None, uri: self.uri.clone(), params }
    }
}

impl Device {
    fn of(instance: Option<&str>, call_id: &str) -> Self {
        let hash = |text: &str| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        };
        instance.map_or_else(|| Self::Unnamed(hash(call_id)), |instance| Self::Named(hash(instance)))
    }

    /// A part of an interval that is the same for a phone, and another for each.
    pub(super) fn share_of(self, interval: Duration) -> Duration {
        let (Self::Named(hash) | Self::Unnamed(hash)) = self;
        interval * u32::try_from(hash % 1_000).unwrap_or_default() / 1_000
    }
}

/// Where calls to a phone go. Through the proxy that is nearest to us, if the REGISTER came
/// from its machine; who claims another is reached where it came from, so that nobody can
/// aim our calls. Should its connection be gone, a phone that no translator stands before is
/// reached where it listens; another one is not.
fn way_back(source: Hop, path: &[NameAddr], contact: &Uri) -> Hop {
    let first = path.first().map_or(contact, |proxy| &proxy.uri);
    let listens = hop_to(first).map(|hop| hop.address).filter(|address| address.ip() == source.address.ip());
    match (source.connection, listens) {
        (Some(_), Some(address)) => Hop { address, ..source },
        (Some(_), None) => source.by_connection_alone(),
        (None, Some(address)) if !path.is_empty() => Hop { address, ..source },
        (None, _) => source,
    }
}

/// Reads the contacts and how long they shall last (RFC 3261, section 10.3, step 7); with
/// the status to refuse them with.
pub(super) fn wishes<'a>(contacts: &'a [NameAddr], headers: &Headers, outbound: bool) -> Result<Vec<Wish<'a>>, u16> {
    let (shortest, longest) = limits::REGISTRATION;
    let seconds = |text: &str| text.trim().parse::<u64>().map_or(longest, Duration::from_secs);
    let expires = headers.other("Expires");
    let mut wishes = Vec::new();
    for contact in contacts {
        let asked = contact.params.value("expires").or(expires).map_or(longest, seconds);
        if !asked.is_zero() && asked < shortest {
            return Err(423);
        }
        let flow = reg_id(contact).filter(|_| outbound);
        wishes.push(Wish { contact, lasts: asked.min(longest), flow });
    }
    // One phone registers one way at a time (RFC 5626, section 6).
    let lasting = wishes.iter().filter(|wish| !wish.lasts.is_zero());
    if lasting.count() > 1 && wishes.iter().any(|wish| wish.flow.is_some() && !wish.lasts.is_zero()) {
        return Err(400);
    }
    Ok(wishes)
}

/// Whether a phone registers by ways that it keeps open itself (RFC 5626, section 6); 439
/// when it wants to and the proxy that it speaks to can't.
pub(super) fn is_outbound(request: &Request, contacts: &[NameAddr], path: &[NameAddr]) -> Result<bool, u16> {
    if !supports(&request.headers, "outbound") || !contacts.iter().any(|contact| reg_id(contact).is_some()) {
        return Ok(false);
    }
    let is_first = request.headers.via.len() <= 1;
    if is_first || path.iter().any(|proxy| proxy.uri.params.value("ob").is_some()) { Ok(true) } else { Err(439) }
}

/// `reg-id`, which means nothing without the phone's name.
fn reg_id(contact: &NameAddr) -> Option<u32> {
    contact.params.value("+sip.instance").filter(|text| !text.is_empty())?;
    contact.params.value("reg-id")?.parse().ok().filter(|flow| *flow > 0)
}
