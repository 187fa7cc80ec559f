//! What callers were promised and citizens got, by SIPp's own logs.

use std::collections::{BTreeMap, BTreeSet};

use super::super::sipp::Message;

/// One call to a citizen, by the citizens' log; microseconds on this machine's clock.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) call_id: String,
    pub(super) number: String,
    pub(super) dialled: i64,
    /// The first 200 to the INVITE.
    pub(super) answered: Option<i64>,
    /// A BYE of either side, or a final answer that is no 200.
    pub(super) ended: Option<i64>,
    /// Who hung up.
    pub(super) by: Option<Side>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Citizen,
    Service,
}

/// The numbers that were hung up on by the flow, which does that only after the promise.
pub(super) fn promised(callers: &[Message]) -> BTreeSet<String> {
    let mut numbers: BTreeMap<&str, String> = BTreeMap::new();
    let mut promised = BTreeSet::new();
    for message in callers {
        let call = message.header("Call-ID");
        if message.sent && message.is("INVITE ") {
            numbers.insert(call, number(message.header("From")));
        } else if !message.sent && message.is("BYE ") {
            promised.insert(numbers.get(call).expect("who is hung up on has called").clone());
        }
    }
    promised
}

/// Everybody who called.
pub(super) fn callers(log: &[Message]) -> BTreeSet<String> {
    let invites = log.iter().filter(|message| message.sent && message.is("INVITE "));
    invites.map(|invite| number(invite.header("From"))).collect()
}

/// Every call that reached the citizens, by their number; in the order of time.
pub(super) fn attempts(citizens: &[Message]) -> BTreeMap<String, Vec<Attempt>> {
    let mut attempts: BTreeMap<&str, Attempt> = BTreeMap::new();
    for message in citizens {
        let call = message.header("Call-ID");
        if !message.sent && message.is("INVITE ") {
            let (call_id, number) = (call.to_owned(), number(message.header("To")));
            let new = Attempt { call_id, number, dialled: message.at, answered: None, ended: None, by: None };
            attempts.entry(call).or_insert(new);
        } else if let Some(attempt) = attempts.get_mut(call) {
            attempt.hear(message);
        }
    }
    let mut by_number: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
    for attempt in attempts.into_values() {
        by_number.entry(attempt.number.clone()).or_default().push(attempt);
    }
    by_number.values_mut().for_each(|attempts| attempts.sort_by_key(|attempt| attempt.dialled));
    by_number
}

impl Attempt {
    fn hear(&mut self, message: &Message) {
        let invite = message.header("CSeq").ends_with("INVITE");
        if message.sent && invite && message.is("SIP/2.0 200") {
            self.answered.get_or_insert(message.at);
        } else if message.sent && invite && message.is("SIP/2.0 4") && !message.is("SIP/2.0 407") {
            self.ended.get_or_insert(message.at);
        } else if message.is("BYE ") {
            self.ended.get_or_insert(message.at);
            self.by.get_or_insert(if message.sent { Side::Citizen } else { Side::Service });
        } else if !message.sent && message.is("CANCEL ") && self.answered.is_none() {
            self.ended.get_or_insert(message.at);
        }
    }
}

/// The number in a header with a SIP URI.
fn number(header: &str) -> String {
    let user = header.split_once("sip:").map_or(header, |(_, rest)| rest);
    user.split('@').next().unwrap_or_default().to_owned()
}
