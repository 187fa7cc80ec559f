use std::time::Duration;

use super::leg::{LegTimer, Postponed};
use super::{Leg, Purpose, Stack, State};
use crate::base::Instant;
use crate::sip::DialogEnd;
use crate::sip::message::{Headers, Method, Request, Response};
use crate::sip::reply::{respond, with};
use crate::sip::tags::{lists, supports};
use crate::sip::transaction::TxId;

/// How long a session lasts that nobody refreshes (RFC 4028), in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// What we ask for and agree to at most.
    pub expires: u32,
    /// The shortest that we agree to: less gets 422. 90 at least.
    pub at_least: u32,
}

impl Default for SessionTimes {
    fn default() -> Self {
        Self { expires: 1800, at_least: SHORTEST }
    }
}

/// What both sides of a dialog have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    seconds: u32,
    by: Refresher,
}

/// Who refreshes the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresher {
    Us,
    Peer,
}

impl Agreed {
    /// What our 2xx agrees to (section 9, table 2); `None` when there is no session timer.
    fn to_request(headers: &Headers, times: SessionTimes, before: Option<Self>) -> Option<Self> {
        let knows = supports(headers, "timer");
        let asked = expires(headers);
        let longest = times.expires.max(least(headers)).min(LONGEST);
        let seconds = match asked {
            None if !knows => return None,
            // A proxy's wish, which nothing can be done about (section 8.1).
            Some((seconds, _)) if !knows && seconds < SHORTEST => return None,
            Some((seconds, _)) => seconds.min(longest),
            None => longest,
        };
        let by = match asked.and_then(|(_, refresher)| refresher) {
            _ if !knows => Refresher::Us,
            Some(Role::Uac) => Refresher::Peer,
            Some(Role::Uas) => Refresher::Us,
            None => before.map_or(Refresher::Us, |before| before.by),
        };
        Some(Self { seconds, by })
    }

    /// What the peer's 2xx to our request agrees to.
    fn by_answer(headers: &Headers) -> Option<Self> {
        let (seconds, refresher) = expires(headers)?;
        let by = if refresher == Some(Role::Uas) { Refresher::Peer } else { Refresher::Us };
        Some(Self { seconds: seconds.max(SHORTEST), by })
    }

    /// As the one who sends the request says it (`ours`), or who answers.
    fn write(self, ours: Sent) -> String {
        let uac = (ours == Sent::Request) == (self.by == Refresher::Us);
        format!("{};refresher={}", self.seconds, if uac { "uac" } else { "uas" })
    }
}

/// What a header of ours is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Request,
    Answer,
}

/// Whom `refresher=` names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Uac,
    Uas,
}

/// The refusal of a session that is too short (section 9), when the sender can understand it.
pub(crate) fn refuse_brief(request: &Request, times: SessionTimes, tag: &str) -> Option<Response> {
    let (seconds, _) = expires(&request.headers)?;
    let brief = seconds < times.at_least && supports(&request.headers, "timer");
    brief.then(|| with(respond(request, 422, tag), "Min-SE", times.at_least.to_string()))
}

/// What our first INVITE asks for.
pub(crate) fn ask(headers: &mut Headers, times: SessionTimes) {
    headers.other.push(("Session-Expires".to_owned(), times.expires.to_string()));
}

/// The refreshing of a session, by us or by the peer (RFC 4028, sections 7 to 10).
impl Leg {
    /// Agrees to what a request of the peer asks for; our 2xx says so.
    pub(crate) fn agree(&mut self, now: Instant, stack: &Stack, request: &Request, mut ok: Response) -> Response {
        self.note_abilities(&request.headers);
        let agreed = Agreed::to_request(&request.headers, stack.session, self.session);
        if let Some(agreed) = agreed {
            if agreed.by == Refresher::Peer {
                ok = with(ok, "Require", "timer");
            }
            ok = with(ok, "Session-Expires", agreed.write(Sent::Answer));
        }
        self.lasts(now, agreed);
        ok
    }

    /// Takes what the peer's 2xx to a request of ours says.
    pub(crate) fn agreed(&mut self, now: Instant, response: &Response) {
        self.note_abilities(&response.headers);
        self.lasts(now, Agreed::by_answer(&response.headers));
    }

    /// The session lasts from now on as agreed.
    fn lasts(&mut self, now: Instant, agreed: Option<Agreed>) {
        self.session = agreed;
        let Some(Agreed { seconds, by }) = agreed else {
            self.timers.stop(LegTimer::Refresh);
            self.timers.stop(LegTimer::Expired);
            return;
        };
        self.timers.set(LegTimer::Expired, now + seconds_of(seconds - (seconds / 3).min(EARLY)));
        match by {
            Refresher::Us => self.timers.set(LegTimer::Refresh, now + seconds_of(seconds) / 2),
            Refresher::Peer => self.timers.stop(LegTimer::Refresh),
        }
    }

    /// Whether the peer takes UPDATE, where it says.
    fn note_abilities(&mut self, headers: &Headers) {
        if headers.other("Allow").is_some() {
            self.takes_update = lists(headers, "Allow", "UPDATE");
        }
    }

    /// Says in a request of ours what has been agreed on.
    pub(crate) fn repeat_session(&self, headers: &mut Headers, stack: &Stack) {
        headers.other.push(crate::sip::tags::supported());
        if let Some(agreed) = self.session {
            headers.other.push(("Session-Expires".to_owned(), agreed.write(Sent::Request)));
        } else {
            ask(headers, stack.session);
        }
    }

    /// Refreshes the session: by UPDATE where the peer takes it, else by the offer that stands.
    pub(crate) fn refresh(&mut self, now: Instant, stack: &mut Stack) {
        if !self.takes_update {
            self.postponed.get_or_insert(Postponed { sdp: None, crossed: 0 });
            return self.reoffer_if_free(now, stack);
        }
        let (mut update, hop) = self.dialog.request(Method::Update, &stack.us, &mut stack.chance);
        self.repeat_session(&mut update.headers, stack);
        if !stack.ask(now, (update, hop), Purpose::Refresh(self.id)) {
            self.refresh_later(now, stack);
        }
    }

    /// The final response to our UPDATE.
    pub(crate) fn refreshed(&mut self, now: Instant, stack: &mut Stack, response: &Response) {
        match response.status {
            200..300 => {
                self.dialog.refresh(&response.headers);
                self.agreed(now, response);
            }
            405 | 501 => {
                self.takes_update = false;
                self.refresh(now, stack);
            }
            _ => self.refresh_later(now, stack),
        }
    }

    /// Tries again, while the session lasts.
    fn refresh_later(&mut self, now: Instant, stack: &mut Stack) {
        if self.timers.get(LegTimer::Expired).is_some() {
            self.timers.set(LegTimer::Refresh, now + self.crossing_pause(stack));
        }
    }

    /// Nobody has refreshed the session.
    pub(crate) fn expired(&mut self, now: Instant, stack: &mut Stack) {
        if matches!(self.state, State::Ending | State::Over) {
            return;
        }
        self.gone(now, stack, DialogEnd::Expired);
    }

    /// Sends a request that was refused with 422 again, with the interval that was asked for
    /// (section 7.3); `None` when it is asked for too much, or too often.
    pub(crate) fn ask_longer(
        &mut self,
        now: Instant,
        stack: &mut Stack,
        tx: TxId,
        response: &Response,
    ) -> Option<TxId> {
        let least = least(&response.headers);
        let (seconds, _) = expires(&stack.transactions.request(tx)?.headers)?;
        if response.status != 422 || least <= seconds || least > LONGEST || self.raised >= RAISES {
            return None;
        }
        self.raised += 1;
        if let Some(agreed) = &mut self.session {
            agreed.seconds = least;
        }
        let cseq = self.dialog.local_cseq + 1;
        let again = stack.ask_again(now, tx, cseq, |again| {
            let headers = &mut again.headers;
            for (name, value) in &mut headers.other {
                if name == "Session-Expires" {
                    let rest = value.split_once(';').map(|(_, rest)| format!(";{rest}")).unwrap_or_default();
                    *value = format!("{least}{rest}");
                }
            }
            headers.other.retain(|(name, _)| name != "Min-SE");
            headers.other.push(("Min-SE".to_owned(), least.to_string()));
        })?;
        self.dialog.local_cseq = cseq;
        Some(again)
    }
}

/// `Session-Expires`, in seconds, and who refreshes.
fn expires(headers: &Headers) -> Option<(u32, Option<Role>)> {
    let mut parts = headers.other("Session-Expires")?.split(';').map(str::trim);
    let seconds = parts.next()?.parse().ok()?;
    let role = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let role = match value.trim() {
            value if value.eq_ignore_ascii_case("uac") => Role::Uac,
            value if value.eq_ignore_ascii_case("uas") => Role::Uas,
            _ => return None,
        };
        name.trim().eq_ignore_ascii_case("refresher").then_some(role)
    });
    Some((seconds, role))
}

/// The shortest interval that a message allows.
fn least(headers: &Headers) -> u32 {
    let said = headers.other("Min-SE").and_then(|value| value.split(';').next()?.trim().parse().ok());
    said.unwrap_or(SHORTEST).max(SHORTEST)
}

fn seconds_of(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

/// The shortest interval that there is (section 5).
const SHORTEST: u32 = 90;
/// A day: who asks for more wants no timer.
const LONGEST: u32 = 86_400;
/// How long before its end a session is given up, or a third of it (section 10).
const EARLY: u32 = 32;
/// How often 422 is obeyed in one dialog: each proxy on the way may ask for more than the one before.
pub(crate) const RAISES: u8 = 2;
