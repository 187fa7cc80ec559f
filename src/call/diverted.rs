use serde::{Serialize, Serializer};

use crate::base::{PhoneNumber, Private};
use crate::sip::Reason;

/// The number that had sent a call on to us.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DivertedFrom {
    /// Which, where it is one.
    #[serde(serialize_with = "masked")]
    pub number: Option<Private<PhoneNumber>>,
    /// Why, in a word of RFC 5806: `user-busy`, `no-answer`, `unconditional` …
    pub why: &'static str,
}

fn masked<S: Serializer>(number: &Option<Private<PhoneNumber>>, serializer: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(Private::masked).serialize(serializer)
}

/// Writes a reason as records have it.
pub(super) fn in_words<S: Serializer>(reason: &Option<Reason>, serializer: S) -> Result<S::Ok, S::Error> {
    reason.map(|reason| reason.to_string()).serialize(serializer)
}
