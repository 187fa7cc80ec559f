use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Asker, Refused, Rules, Source, Ticket, Wish};
use crate::base::{PhoneNumber, Private, WallTime};

/// Who asked within the last day, for the caps.
#[derive(Debug, Default)]
pub(super) struct Tally {
    asked: VecDeque<(WallTime, Claim)>,
    by_number: BTreeMap<Private<PhoneNumber>, u32>,
    by_caller: BTreeMap<Caller, u32>,
    by_source: BTreeMap<Source, u32>,
}

/// What a wish counts against.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    source: Source,
    /// Nothing once it is erased.
    number: Option<Private<PhoneNumber>>,
    /// Nothing for who asks to be called at the own number, or does not phone.
    caller: Option<Caller>,
}

/// Who asks for another number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Caller {
    Number(Private<PhoneNumber>),
    /// All of them together.
    Withheld,
}

impl Claim {
    /// Of one who asks now.
    pub(super) fn of(wish: &Wish) -> Self {
        let international = |number: &Private<PhoneNumber>| Private::new(number.reveal().international());
        let number = international(&wish.number);
        let caller = match (wish.asker, wish.caller.as_ref().map(international)) {
            (Asker::Call(_), Some(caller)) => (caller != number).then_some(Caller::Number(caller)),
            (Asker::Call(_), None) => Some(Caller::Withheld),
            (Asker::Request(_), _) => None,
        };
        Self { source: wish.source, number: Some(number), caller }
    }

    /// Of one who asked before the service was started. From where is not written down: to
    /// keep the numbers of those who ask for others would tell more than the cap is worth.
    pub(super) fn restored(ticket: &Ticket) -> Self {
        let number = Some(Private::new(ticket.number.reveal().international()));
        Self { source: ticket.source, number, caller: None }
    }
}

impl Tally {
    /// Counts one who has asked.
    pub(super) fn count(&mut self, at: WallTime, claim: Claim) {
        if let Some(number) = &claim.number {
            *self.by_number.entry(number.clone()).or_default() += 1;
        }
        *self.by_source.entry(claim.source).or_default() += 1;
        if let Some(caller) = &claim.caller {
            *self.by_caller.entry(caller.clone()).or_default() += 1;
        }
        // Those of before a crash come in the order of their ids, which is nearly that of time.
        self.asked.push_back((at, claim));
    }

    /// Why no more may be asked for now, if so.
    pub(super) fn refuses(&mut self, now: WallTime, rules: &Rules, claim: &Claim) -> Option<Refused> {
        self.forget(now);
        let number = claim.number.as_ref().and_then(|number| self.by_number.get(number)).copied().unwrap_or(0);
        let caller = claim.caller.as_ref().and_then(|caller| self.by_caller.get(caller)).copied().unwrap_or(0);
        match &claim.caller {
            _ if number >= rules.per_number => Some(Refused::TooOften),
            Some(Caller::Number(_)) if caller >= rules.per_caller => Some(Refused::TooOften),
            Some(Caller::Withheld) if caller >= rules.withheld => Some(Refused::TooMany),
            _ => self.is_spent(now, rules, claim.source),
        }
    }

    /// Why nobody may ask by this way now, whatever the number.
    pub(super) fn is_spent(&mut self, now: WallTime, rules: &Rules, source: Source) -> Option<Refused> {
        self.forget(now);
        let asked = self.by_source.get(&source).copied().unwrap_or(0);
        let day = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
        (asked >= rules.per_source || day >= rules.per_day).then_some(Refused::TooMany)
    }

    /// Forgets a number; that somebody has asked still counts.
    pub(super) fn erase(&mut self, number: &Private<PhoneNumber>) {
        let caller = Caller::Number(number.clone());
        for (_, claim) in &mut self.asked {
            claim.number.take_if(|claimed| claimed == number);
            claim.caller.take_if(|claimed| *claimed == caller);
        }
        self.by_number.remove(number);
        self.by_caller.remove(&caller);
    }

    fn forget(&mut self, now: WallTime) {
        while let Some((_, claim)) = self.asked.pop_front_if(|(at, _)| *at + DAY <= now) {
            if let Some(number) = &claim.number {
                uncount(&mut self.by_number, number);
            }
            uncount(&mut self.by_source, &claim.source);
            if let Some(caller) = &claim.caller {
                uncount(&mut self.by_caller, caller);
            }
        }
    }
}

fn uncount<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) {
    if let Some(n) = counts.get_mut(key) {
        *n -= 1;
        if *n == 0 {
            counts.remove(key);
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
