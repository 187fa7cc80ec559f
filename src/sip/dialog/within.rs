use super::path::Turn;
use super::{Cue, Leg, Purpose, Stack, State, refuse_brief};
use crate::base::{Digit, Instant};
use crate::sip::body::media_type;
use crate::sip::message::{Method, Request, Response};
use crate::sip::reply::{respond, with};
use crate::sip::tags::{supported, unknown};
use crate::sip::transaction::TxId;
use crate::sip::us::ALLOW;
use crate::sip::{DialogEnd, Event};

/// Requests and responses within the dialog (RFC 3261, sections 12.2 and 15; RFC 6086).
impl Leg {
    /// A request of the peer, other than ACK and CANCEL, that has a transaction.
    pub(crate) fn request(&mut self, now: Instant, stack: &mut Stack, tx: TxId, request: Request) {
        let tag = self.dialog.tag().to_owned();
        if self.dialog.take_turn(request.headers.cseq) == Turn::Late {
            stack.respond(now, tx, &respond(&request, 500, &tag));
            return;
        }
        let brief = || {
            matches!(request.method, Method::Invite | Method::Update)
                .then(|| refuse_brief(&request, stack.session, &tag))
        };
        if let Some(refusal) = refuse_extensions(&request, &tag).or_else(|| brief().flatten()) {
            stack.respond(now, tx, &refusal);
            return;
        }
        match &request.method {
            Method::Invite => self.peer_reoffer(now, stack, tx, request),
            Method::Bye => {
                stack.respond(now, tx, &respond(&request, 200, &tag));
                self.hear_reason(stack, &request.headers);
                self.peer_bye(now, stack);
            }
            Method::Update => self.peer_update(now, stack, tx, request),
            Method::Prack => self.pracked(now, stack, tx, request),
            Method::Refer => self.referred(now, stack, tx, request),
            Method::Options => stack.respond(now, tx, &abilities(&request, &tag)),
            Method::Info => {
                let (response, digit) = read_info(&request, &tag);
                stack.respond(now, tx, &response);
                if let Some(digit) = digit.filter(|_| self.talks()) {
                    stack.events.push_back(Event::Digit { leg: self.id, digit });
                }
            }
            Method::Register | Method::Notify | Method::Ack | Method::Cancel | Method::Other(_) => {
                stack.respond(now, tx, &refuse_method(&request, &tag));
            }
        }
    }

    /// Whether both sides have agreed and nobody has left.
    pub(crate) fn talks(&self) -> bool {
        matches!(
            self.state,
            State::Talking | State::Reoffering | State::Reoffered(_) | State::Reanswered(_) | State::Answered(_)
        )
    }

    fn peer_bye(&mut self, now: Instant, stack: &mut Stack) {
        match &self.state {
            State::Offered(_) | State::Ringing(_) => self.withdrawn(now, stack),
            State::Reoffered(invited) => {
                stack.refuse(now, invited, 487, self.dialog.tag());
                self.over(now, Cue::Bye, stack, DialogEnd::Bye);
            }
            // Both said goodbye at once: the leg ends as the call wanted.
            State::Ending | State::Leaving(_) => self.over(now, Cue::Bye, stack, DialogEnd::Ours),
            _ if self.allows(Cue::Bye) => self.over(now, Cue::Bye, stack, DialogEnd::Bye),
            _ => {}
        }
    }

    /// Asks whether the peer still lives.
    pub(crate) fn inquire(&mut self, now: Instant, stack: &mut Stack) {
        if self.talks() {
            let question = self.dialog.request(Method::Options, &stack.us, &mut stack.chance);
            stack.ask(now, question, Purpose::Ask(self.id));
        }
    }

    /// Sends a key.
    pub(crate) fn tell(&mut self, now: Instant, stack: &mut Stack, digit: Digit) {
        if self.talks() {
            let (mut info, hop) = self.dialog.request(Method::Info, &stack.us, &mut stack.chance);
            info.headers.other.push(("Content-Type".to_owned(), "application/dtmf-relay".to_owned()));
            info.body = format!("Signal={digit}\r\nDuration=160\r\n").into_bytes();
            stack.ask(now, (info, hop), Purpose::Tell(self.id));
        }
    }

    /// The final response to a request of ours within the dialog; `None` when nothing came.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        stack: &mut Stack,
        purpose: &Purpose,
        answer: Option<(TxId, &Response)>,
    ) {
        if let Some((tx, response)) = answer
            && response.status >= 300
            && (self.authorize(now, stack, tx, response).is_some()
                || self.ask_longer(now, stack, tx, response).is_some())
        {
            return;
        }
        let gone = answer.is_none_or(|(_, response)| matches!(response.status, 408 | 481));
        match (purpose, answer) {
            (Purpose::Bye(_), _) => {
                if self.allows(Cue::Done) {
                    self.over(now, Cue::Done, stack, DialogEnd::Ours);
                }
            }
            (Purpose::Reinvite(..), Some((tx, response))) if response.status < 300 => {
                self.reoffer_accepted(now, stack, tx, response);
            }
            (Purpose::Reinvite(..) | Purpose::Ask(_) | Purpose::Refresh(_) | Purpose::Tell(_), _) if gone => {
                self.dead(now, stack);
            }
            (Purpose::Refresh(_), Some((_, response))) => self.refreshed(now, stack, response),
            (Purpose::Reinvite(..), Some((_, response))) => self.reoffer_refused(now, stack, response),
            (Purpose::Ask(_), _) => stack.events.push_back(Event::Alive { leg: self.id }),
            (
                Purpose::Reinvite(..)
                | Purpose::Refresh(_)
                | Purpose::Tell(_)
                | Purpose::Invite(..)
                | Purpose::Aside(_)
                | Purpose::Left(..)
                | Purpose::Probe(..)
                | Purpose::Register(_)
                | Purpose::Question(..)
                | Purpose::Stranded
                | Purpose::Nothing,
                _,
            ) => {}
        }
    }
}

/// The answer to OPTIONS (RFC 3261, section 11.2).
pub(crate) fn abilities(request: &Request, tag: &str) -> Response {
    let mut ok = with(with(respond(request, 200, tag), "Allow", ALLOW), "Accept", "application/sdp");
    ok.headers.other.push(supported());
    ok
}

/// The refusal of a method: 405 for one that others have, 501 for one that nobody has.
pub(crate) fn refuse_method(request: &Request, tag: &str) -> Response {
    let status = match request.method.as_str() {
        "SUBSCRIBE" | "MESSAGE" | "PUBLISH" => 405,
        _ if matches!(request.method, Method::Other(_)) => 501,
        _ => 405,
    };
    with(respond(request, status, tag), "Allow", ALLOW)
}

/// The refusal of a request that requires what we don't know (RFC 3261, section 8.2.2.3).
pub(crate) fn refuse_extensions(request: &Request, tag: &str) -> Option<Response> {
    let unknown = unknown(&request.headers);
    (!unknown.is_empty()).then(|| with(respond(request, 420, tag), "Unsupported", unknown.join(", ")))
}

/// The key in an INFO, and the answer to it.
fn read_info(request: &Request, tag: &str) -> (Response, Option<Digit>) {
    let text = String::from_utf8_lossy(&request.body);
    let digit = match media_type(&request.headers).as_deref() {
        Some("application/dtmf-relay") => {
            let signal = text.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                name.trim().eq_ignore_ascii_case("signal").then(|| value.trim())
            });
            signal.and_then(key)
        }
        Some("application/dtmf") => key(text.trim()),
        None => None,
        Some(_) if request.body.is_empty() => None,
        Some(_) => {
            let refusal = respond(request, 415, tag);
            return (with(refusal, "Accept", "application/dtmf-relay, application/dtmf"), None);
        }
    };
    (respond(request, 200, tag), digit)
}

/// A key by its sign, or by its event code.
fn key(text: &str) -> Option<Digit> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(sign), None) => Digit::from_char(sign),
        _ => text.parse().ok().and_then(Digit::from_event),
    }
}
