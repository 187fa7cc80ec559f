//! The estimates of others, each from what it would have seen.

use std::collections::VecDeque;

/// Who estimates, in the order of the tables.
pub const METHODS: [&str; 8] = ["svi", "QLAB", "OpenSIPS", "HOL", "LES", "Asterisk", "VICIdial", "oracle"];
pub const SVI: usize = 0;
pub const QLAB: usize = 1;
pub const ASTERISK: usize = 5;
pub const ORACLE: usize = 7;

/// What the others remember of one queue.
#[derive(Clone, Debug, Default)]
pub struct Rivals {
    /// Asterisk's hold time, whole seconds.
    hold: i64,
    last_waits: VecDeque<f64>,
    talks: (f64, f64),
    cycles: (f64, f64),
    left: f64,
    stood: f64,
    pub served: usize,
    /// The staff of the last hour, one number a minute.
    staff: VecDeque<f64>,
}

impl Rivals {
    pub fn answered(&mut self, waited: f64) {
        self.served += 1;
        // app_queue: (holdtime * 3 + wait) / 4 in whole numbers.
        self.hold = (self.hold * 3 + waited as i64) / 4;
        self.last_waits.push_back(waited);
        if self.last_waits.len() > 5 {
            self.last_waits.pop_front();
        }
        self.stood += waited;
    }

    pub fn left(&mut self, waited: f64) {
        self.left += 1.0;
        self.stood += waited;
    }

    /// A talk, and the whole time that it took of an agent.
    pub fn talked(&mut self, talk: f64, cycle: f64) {
        self.talks = (self.talks.0 + talk, self.talks.1 + 1.0);
        self.cycles = (self.cycles.0 + cycle, self.cycles.1 + 1.0);
    }

    pub fn minute(&mut self, staff: f64) {
        self.staff.push_back(staff);
        if self.staff.len() > 60 {
            self.staff.pop_front();
        }
    }

    /// The waits that the others expect for a caller who joins behind `ahead`, given how
    /// long those ahead have waited, the longest first, and who is logged in.
    pub fn expect(&self, ahead: &[f64], logged_in: usize) -> [f64; METHODS.len()] {
        let mut expected = [0.0; METHODS.len()];
        expected[QLAB] = self.queue_length_with_abandonment(ahead.len());
        let talk = self.talks.0 / self.talks.1.max(1.0);
        expected[2] = talk * ahead.len() as f64 / logged_in.max(1) as f64;
        let last = self.last_waits.back().copied().unwrap_or(0.0);
        expected[3] = ahead.first().copied().unwrap_or(last);
        expected[4] = last;
        expected[ASTERISK] = self.hold as f64;
        expected[6] = self.last_five(ahead);
        expected
    }

    /// Σ 1/(s/AHT + kθ) for k from 0 to the callers ahead (Whitt, "Predicting queueing
    /// delays", Management Science 45, 1999), s being the last hour's mean staff.
    fn queue_length_with_abandonment(&self, ahead: usize) -> f64 {
        let staff = self.staff.iter().sum::<f64>() / self.staff.len().max(1) as f64;
        let handling = self.cycles.0 / self.cycles.1.max(1.0);
        let leaving = self.left / self.stood.max(1.0);
        (0..=ahead).map(|k| 1.0 / (staff.max(0.1) / handling.max(1.0) + k as f64 * leaving)).sum()
    }

    /// VICIdial: the mean of the last five answered waits and a second; with live waits
    /// longer than that, their mean is added and the sum divided by 1.9; never under 10 s.
    fn last_five(&self, ahead: &[f64]) -> f64 {
        let mean = self.last_waits.iter().sum::<f64>() / self.last_waits.len().max(1) as f64 + 1.0;
        let longer: Vec<f64> = ahead.iter().copied().filter(|wait| *wait > mean).collect();
        let live = longer.iter().sum::<f64>() / longer.len().max(1) as f64;
        let both = if longer.is_empty() { mean } else { (mean + live) / 1.9 };
        both.max(10.0)
    }
}
