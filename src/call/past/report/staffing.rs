//! How many agents a half hour needs.

/// How calls come, how long an agent is busy with one, and when callers lose patience.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Calls a second.
    pub(super) calls: f64,
    /// Seconds of an agent for each, talk and wrap-up.
    pub(super) busy: f64,
    /// Callers who leave, for each second that one waits.
    pub(super) leaving: f64,
}

impl Pace {
    /// The fewest agents with whom at least this share of callers is answered.
    pub(super) fn agents_for(&self, share: f64) -> u32 {
        (1..MOST).find(|agents| self.answered(*agents) >= share).unwrap_or(MOST)
    }

    /// The share of callers who are answered by so many agents, in the long run: Erlang-A,
    /// the M/M/n+M queue, as one half hour long enough to settle would have it (Mandelbaum
    /// and Zeltyn, "Service Engineering of Call Centers", 2007, section 4). Who leaves is
    /// the rate of leaving times the mean line, over the calls.
    pub(super) fn answered(&self, agents: u32) -> f64 {
        let (mut term, mut sum, mut line) = (1.0_f64, 1.0_f64, 0.0_f64);
        for present in 1..=LONGEST {
            let (served, waiting) = (present.min(agents), present.saturating_sub(agents));
            term *= self.calls / (f64::from(served) / self.busy + f64::from(waiting) * self.leaving);
            sum += term;
            line += f64::from(waiting) * term;
            if sum > HUGE {
                (term, sum, line) = (term / HUGE, sum / HUGE, line / HUGE);
            }
            if present > agents && term * f64::from(present) < sum * 1e-9 {
                break;
            }
        }
        1.0 - self.leaving * line / sum / self.calls
    }
}

/// No service has more.
const MOST: u32 = 1_000;
/// Callers present whose share in the sum is nothing.
const LONGEST: u32 = 20_000;
const HUGE: f64 = 1e100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_patience_as_long_as_a_call_it_is_poisson_s_tail() {
        // Two erlangs, two agents, leaving as fast as serving: as many are present as in a
        // line without end, N of Poisson's law with mean 2. E (N − 2)⁺ = 4e⁻² = 0.5413, so
        // 0.2707 of them leave.
        let pace = Pace { calls: 2.0 / 300.0, busy: 300.0, leaving: 1.0 / 300.0 };
        assert!((pace.answered(2) - (1.0 - 2.0 * (-2.0_f64).exp())).abs() < 1e-6, "{}", pace.answered(2));
    }

    #[test]
    fn more_agents_answer_more_and_the_fewest_that_do_are_found() {
        let pace = Pace { calls: 20.0 / 1800.0, busy: 330.0, leaving: 1.0 / 600.0 };
        let needed = pace.agents_for(0.85);
        assert!(pace.answered(needed) >= 0.85 && pace.answered(needed - 1) < 0.85, "{needed}");
        // 3.67 erlangs, and what they can lose.
        assert!((3..=5).contains(&needed), "{needed}");
    }

    #[test]
    fn a_great_service_does_not_overflow() {
        let pace = Pace { calls: 900.0 / 300.0, busy: 300.0, leaving: 1.0 / 600.0 };
        let answered = pace.answered(900);
        assert!((0.9..1.0).contains(&answered), "{answered}");
    }
}
