use crate::base::{PhoneNumber, Private};

/// Who has sent a call on to us, and why. It is what the network says, and may be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverted {
    /// The number that was dialled before, where it is one.
    pub number: Option<Private<PhoneNumber>>,
    /// Why it was sent on, in a word of RFC 5806: `user-busy`, `no-answer`, `unconditional` …
    pub why: &'static str,
}
