use std::collections::HashMap;
use std::time::Duration;

use super::GuardRules;
use crate::base::{AgentName, Instant};

/// Counts the wrong passwords of each account that there is, so that a thousand machines try
/// no more passwords than one.
#[derive(Debug)]
pub(crate) struct AccountTries {
    most: u32,
    within: Duration,
    accounts: HashMap<AgentName, Tries>,
}

#[derive(Debug)]
struct Tries {
    wrong: u32,
    /// When they count no more.
    end: Instant,
    /// When a stranger's next try is looked at.
    next: Instant,
}

impl AccountTries {
    /// Nobody has tried anything.
    pub(crate) fn new(rules: &GuardRules) -> Self {
        Self { most: rules.per_account, within: rules.within, accounts: HashMap::new() }
    }

    /// Whether a stranger's credentials for an account are looked at; what is not looked at is
    /// answered as if it were wrong.
    pub(crate) fn may_try(&mut self, now: Instant, account: &AgentName) -> bool {
        let most = self.most;
        let Some(tries) = self.accounts.get_mut(account).filter(|tries| now < tries.end) else { return true };
        if tries.wrong < most {
            return true;
        }
        let may = now >= tries.next;
        if may {
            tries.next = now + PAUSE;
        }
        may
    }

    /// Counts a wrong password of an account that there is.
    pub(crate) fn wrong(&mut self, now: Instant, account: &AgentName) {
        let fresh = || Tries { wrong: 0, end: now + self.within, next: now };
        let tries = self.accounts.entry(account.clone()).or_insert_with(fresh);
        if now >= tries.end {
            *tries = fresh();
        }
        tries.wrong += 1;
    }
}

/// Strangers' passwords for an account under attack are looked at so often: a phone that is
/// new there gets in with patience.
const PAUSE: Duration = Duration::from_secs(10);
