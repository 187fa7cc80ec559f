//! Wishes to be connected elsewhere (RFC 3515), and dialogs that take another's place (RFC 3891).

use super::message::{Headers, Uri};
use super::parse::split;
use super::uri::unescape;
use crate::base::{LegId, Private};

/// A peer's wish that we connect its call with somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The user part of whom: a name, or a number.
    pub to: Private<String>,
    /// The dialog whose place the new call is to take: the peer has spoken with them.
    pub replaces: Option<Replaces>,
    /// The leg of ours that this dialog is, where it is one of ours.
    pub known: Option<LegId>,
    /// Who wants it, in the peer's words (RFC 3892).
    pub referred_by: Option<Private<String>>,
}

/// The name of a dialog, as the one who is to replace it must say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// The Call-ID.
    pub call_id: String,
    /// The tag of who is asked.
    pub to_tag: String,
    /// The tag of the other side.
    pub from_tag: String,
}

/// Whose place a call takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taking {
    /// A dialog between two phones.
    Named(Replaces),
    /// The other leg of a consultation of which this is the first: the next id.
    Partner(LegId),
}

/// Why a `Refer-To` or a `Replaces` can't be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// There is none where one is needed, there are two, or it can't be read.
    Malformed,
    /// It asks for something other than a call.
    NoCall,
}

impl Referral {
    /// Reads a REFER; [`Self::known`] is the endpoint's to find.
    pub(crate) fn read(headers: &Headers) -> Result<Self, Unfit> {
        let mut values = headers.others("Refer-To").flat_map(|value| split(value, b','));
        let (Some(value), None) = (values.next(), values.next()) else { return Err(Unfit::Malformed) };
        let inner = match value.split_once('<') {
            Some((_, rest)) => rest.split_once('>').ok_or(Unfit::Malformed)?.0,
            None => value.split(';').next().unwrap_or_default().trim(),
        };
        let (uri, fields) = inner.split_once('?').unwrap_or((inner, ""));
        let uri = Uri::parse(uri.trim()).map_err(|_| Unfit::Malformed)?;
        if uri.params.value("method").is_some_and(|method| !method.eq_ignore_ascii_case("INVITE")) {
            return Err(Unfit::NoCall);
        }
        let to = uri.user.filter(|user| !user.is_empty()).ok_or(Unfit::Malformed)?;
        let mut replaces = None;
        for field in fields.split('&').take(FIELDS) {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            if name.eq_ignore_ascii_case("Replaces") {
                let value = unescape(value).map_err(|_| Unfit::Malformed)?;
                replaces = Some(Replaces::parse(&value).ok_or(Unfit::Malformed)?);
            }
        }
        let referred_by = headers.other("Referred-By").map(|value| Private::new(value.to_owned()));
        Ok(Self { to: Private::new(to), replaces, known: None, referred_by })
    }
}

impl Replaces {
    /// Reads the `Replaces` of an INVITE, where there is one.
    pub(crate) fn read(headers: &Headers) -> Result<Option<Self>, Unfit> {
        let mut values = headers.others("Replaces");
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Self::parse(value).map(Some).ok_or(Unfit::Malformed),
            (Some(_), Some(_)) => Err(Unfit::Malformed),
        }
    }

    fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split(';').map(str::trim);
        let call_id = parts.next().filter(|id| !id.is_empty())?.to_owned();
        let (mut to_tag, mut from_tag) = (None, None);
        for part in parts.take(FIELDS) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "to-tag" => to_tag = Some(value.trim().to_owned()),
                "from-tag" => from_tag = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        Some(Self { call_id, to_tag: to_tag?, from_tag: from_tag? })
    }

    /// As it stands in an INVITE.
    pub(crate) fn header(&self) -> (String, String) {
        let Self { call_id, to_tag, from_tag } = self;
        ("Replaces".to_owned(), format!("{call_id};to-tag={to_tag};from-tag={from_tag}"))
    }
}

/// Fields of a URI, and parameters of a `Replaces`, that are looked at.
const FIELDS: usize = 16;
