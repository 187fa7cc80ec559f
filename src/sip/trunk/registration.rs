use std::time::Duration;

use crate::base::{Chance, Instant};

/// Our place at an operator that wants us to register (RFC 3261, section 10.2): kept before
/// it expires, and after a failure asked for again with ever longer pauses (RFC 5626, section 4.5).
#[derive(Debug)]
pub(crate) struct Registration {
    /// How long it shall last.
    asked: Duration,
    /// Until when it does.
    until: Option<Instant>,
    /// When it is to be asked for.
    next: Option<Instant>,
    /// Whether an answer is awaited.
    waits: bool,
    /// Failures in a row.
    failures: u32,
    /// The last refusal; 408 where nothing came.
    refusal: Option<u16>,
    leaving: bool,
}

/// What an operator says to a REGISTER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// 200, and how long the registration lasts, if it says so.
    Granted(Option<Duration>),
    /// 423, and the shortest that it grants.
    TooBrief(Option<Duration>),
    /// Another refusal, and when it wants to be asked again.
    Refused(u16, Option<Duration>),
    /// Nothing, or it could not be sent.
    Silence,
}

/// What is to be told of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationNews {
    /// We are registered.
    Registered,
    /// A registration has failed; calls may still come until the earlier one expires.
    Failed {
        /// Why; 408 where nothing came.
        status: u16,
        /// When it is tried again, in seconds.
        again: u64,
        /// Whether no earlier one is left.
        lost: bool,
    },
}

/// Where a registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It is there, for so many seconds.
    For(u64),
    /// It is not.
    No {
        /// The last refusal, if there was one.
        refusal: Option<u16>,
    },
}

impl Registration {
    /// Asks at once.
    pub(crate) fn new(asked: Duration) -> Self {
        let next = Some(Instant::START);
        Self { asked, until: None, next, waits: false, failures: 0, refusal: None, leaving: false }
    }

    /// Asks once an earlier one, with the same contact, has had time to be given back.
    pub(crate) fn after(now: Instant, asked: Duration) -> Self {
        Self { next: Some(now + GIVEN_BACK), ..Self::new(asked) }
    }

    /// When [`Self::ask`] has something to ask.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.next.filter(|_| !self.waits)
    }

    /// How long a registration is to be asked for now; zero gives it back.
    pub(crate) fn ask(&mut self, now: Instant) -> Option<Duration> {
        self.deadline().filter(|at| *at <= now)?;
        (self.waits, self.next) = (true, None);
        Some(if self.leaving { Duration::ZERO } else { self.asked })
    }

    /// An answer; what is to be told.
    pub(crate) fn answered(&mut self, now: Instant, answer: Answered, chance: &mut Chance) -> Option<RegistrationNews> {
        self.waits = false;
        if self.leaving {
            (self.until, self.next) = (None, None);
            return None;
        }
        match answer {
            Answered::Granted(lasts) => {
                let lasts = lasts.unwrap_or(self.asked).clamp(SHORTEST, LONGEST);
                let news = (!self.is_there(now)).then_some(RegistrationNews::Registered);
                (self.failures, self.refusal, self.until) = (0, None, Some(now + lasts));
                self.next = Some(now + before_its_end(lasts, chance));
                news
            }
            // It says how long; who says nothing new would be asked for ever.
            Answered::TooBrief(Some(least)) if least > self.asked && least <= LONGEST => {
                (self.asked, self.next) = (least, Some(now));
                None
            }
            Answered::TooBrief(_) => Some(self.failed(now, 423, None, chance)),
            Answered::Refused(status, after) => Some(self.failed(now, status, after, chance)),
            Answered::Silence => Some(self.failed(now, 408, None, chance)),
        }
    }

    fn failed(&mut self, now: Instant, status: u16, after: Option<Duration>, chance: &mut Chance) -> RegistrationNews {
        self.refusal = Some(status);
        let longest = BASE.saturating_mul(1 << self.failures.min(16)).min(AT_MOST);
        self.failures += 1;
        let half = longest / 2;
        let mut pause = half + half.mul_f64(chance.below(1_000) as f64 / 1_000.0);
        // Who asks again and again with a wrong password is locked out.
        if matches!(status, 401 | 403 | 404 | 407) {
            pause = pause.max(REFUSED);
        }
        let pause = pause.max(after.unwrap_or_default().min(AT_MOST));
        self.next = Some(now + pause);
        RegistrationNews::Failed { status, again: pause.as_secs(), lost: !self.is_there(now) }
    }

    /// Gives it back; whether there is anything to give back.
    pub(crate) fn leave(&mut self, now: Instant) -> bool {
        self.leaving = true;
        let is_there = self.is_there(now) || self.waits;
        (self.next, self.waits) = (is_there.then_some(now), false);
        is_there
    }

    /// Asks at once: the way to the operator has changed, or there is another one. What is
    /// awaited is awaited first.
    pub(crate) fn renew(&mut self, now: Instant) {
        if !self.leaving && !self.waits {
            self.next = Some(now);
        }
    }

    /// Another time is asked for from now on.
    pub(crate) fn lasts(&mut self, now: Instant, asked: Duration) {
        self.asked = asked;
        self.renew(now);
    }

    /// Whether it is being given back.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// How many times in a row it has failed.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether nothing is awaited any more after [`Self::leave`].
    pub(crate) fn has_left(&self) -> bool {
        self.leaving && !self.waits && self.next.is_none()
    }

    pub(crate) fn is_there(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// Where it is.
    pub(crate) fn state(&self, now: Instant) -> Registered {
        match self.until.filter(|until| *until > now) {
            Some(until) => Registered::For(until.since(now).as_secs()),
            None => Registered::No { refusal: self.refusal },
        }
    }
}

/// When a registration that lasts so long is asked for again: with time for a few copies of
/// the question, and never in step with other services.
fn before_its_end(lasts: Duration, chance: &mut Chance) -> Duration {
    let latest = lasts.saturating_sub(MARGIN).max(lasts / 2);
    latest.mul_f64(0.8 + chance.below(200) as f64 / 1_000.0)
}

/// The first pause after a failure, and the longest (RFC 5626, section 4.5, with an hour for
/// its half: an operator that is away for a day is not asked 48 times).
const BASE: Duration = Duration::from_secs(30);
const AT_MOST: Duration = Duration::from_secs(3600);
/// The shortest pause after a refusal of the account.
const REFUSED: Duration = Duration::from_secs(300);
/// How long it takes to give one back.
const GIVEN_BACK: Duration = Duration::from_secs(2);
/// What is granted is read within these bounds.
const SHORTEST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Copies of a question are sent for this long.
const MARGIN: Duration = Duration::from_secs(32);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::START + Duration::from_secs(seconds)
    }

    fn new() -> (Registration, Chance) {
        (Registration::new(Duration::from_secs(600)), Chance::seeded(9))
    }

    const GRANTED: Answered = Answered::Granted(Some(Duration::from_secs(120)));

    #[test]
    fn it_is_refreshed_before_it_expires_and_told_once() {
        let (mut own, mut chance) = new();
        assert_eq!(own.ask(at(0)), Some(Duration::from_secs(600)));
        assert_eq!((own.ask(at(1)), own.deadline()), (None, None), "one at a time");
        assert_eq!(own.answered(at(1), GRANTED, &mut chance), Some(RegistrationNews::Registered));
        assert_eq!(own.state(at(1)), Registered::For(120), "what is granted, not what was asked");
        for _ in 0..50 {
            let due = own.deadline().unwrap();
            let left = own.until.unwrap().since(due).as_secs();
            assert!((32..=51).contains(&left), "{left}");
            own.ask(due).unwrap();
            assert_eq!(own.answered(due, GRANTED, &mut chance), None);
        }
    }

    #[test]
    fn what_is_granted_for_a_moment_is_refreshed_all_the_same() {
        let (mut own, mut chance) = new();
        own.ask(at(0));
        own.answered(at(0), Answered::Granted(Some(Duration::from_secs(30))), &mut chance);
        let due = own.deadline().unwrap().since(at(0)).as_secs();
        assert!((12..=15).contains(&due), "{due}");
    }

    #[test]
    fn a_longer_time_is_asked_for_when_ours_is_too_brief_but_not_for_ever() {
        let (mut own, mut chance) = new();
        own.ask(at(0));
        let longer = Answered::TooBrief(Some(Duration::from_secs(1800)));
        assert_eq!(own.answered(at(0), longer, &mut chance), None);
        assert_eq!(own.ask(at(0)), Some(Duration::from_secs(1800)), "at once");
        assert!(matches!(own.answered(at(0), longer, &mut chance), Some(RegistrationNews::Failed { status: 423, .. })));
        assert_eq!(own.ask(at(1)), None);
    }

    #[test]
    fn pauses_grow_from_half_a_minute_to_an_hour_and_start_anew_after_a_success() {
        let (mut own, mut chance) = new();
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..10 {
            own.ask(now).unwrap();
            own.answered(now, Answered::Silence, &mut chance);
            let next = own.deadline().unwrap();
            pauses.push(next.since(now).as_secs());
            now = next;
        }
        for (pause, longest) in pauses.iter().zip([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]) {
            assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
        }
        assert_eq!(own.state(now), Registered::No { refusal: Some(408) });
        own.ask(now).unwrap();
        own.answered(now, GRANTED, &mut chance);
        let due = own.deadline().unwrap();
        own.ask(due).unwrap();
        own.answered(due, Answered::Silence, &mut chance);
        assert!(own.deadline().unwrap().since(due).as_secs() <= 30);
        assert!(matches!(own.state(due), Registered::For(_)), "the earlier one has not expired");
    }

    #[test]
    fn who_says_when_to_come_back_is_not_asked_before_and_a_refused_account_is_left_alone() {
        let (mut own, mut chance) = new();
        own.ask(at(0));
        own.answered(at(0), Answered::Refused(503, Some(Duration::from_secs(900))), &mut chance);
        assert_eq!(own.deadline(), Some(at(900)));
        own.ask(at(900));
        let far = Answered::Refused(503, Some(Duration::from_secs(1 << 40)));
        own.answered(at(900), far, &mut chance);
        assert_eq!(own.deadline(), Some(at(900 + 3600)), "an hour at most");
        let (mut own, mut chance) = new();
        own.ask(at(0));
        let news = own.answered(at(0), Answered::Refused(403, None), &mut chance);
        assert_eq!(news, Some(RegistrationNews::Failed { status: 403, again: 300, lost: true }));
    }

    #[test]
    fn it_is_given_back_at_the_end_if_there_is_anything_to_give_back() {
        let (mut own, mut chance) = new();
        assert!(!own.leave(at(0)) && own.has_left());
        let (mut own, _) = new();
        own.ask(at(0));
        own.answered(at(0), GRANTED, &mut chance);
        assert!(own.leave(at(5)) && !own.has_left());
        assert_eq!(own.ask(at(5)), Some(Duration::ZERO));
        own.answered(at(5), Answered::Silence, &mut chance);
        assert!(own.has_left() && own.deadline().is_none(), "nobody waits for who does not answer");
    }
}
