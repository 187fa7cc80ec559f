//! The near future of the queues, drawn many times from what has been learned.

use super::draw::Draw;
use super::law::LogNormal;
use super::lengths::Known;
use super::patience::Hazards;
use super::play::Play;
use crate::base::{Instant, QueueName, Skill};
use crate::queue::{Standing, View};

/// What is known of one queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLaws {
    /// How long its talks last.
    pub(super) talk: Known,
    /// From an agent's first ring to the answer.
    pub(super) ring: LogNormal,
    /// From the talk's end to being free again, in seconds.
    pub(super) wrap_up: f64,
    /// When its callers leave.
    pub(super) hazards: Hazards,
}

/// What is known of pauses.
#[derive(Clone, Copy, Debug)]
pub(super) struct PauseLaws {
    /// How long they last.
    pub(super) length: Known,
    /// How many follow a handled call.
    pub(super) share: f64,
}

/// The time from the look until each rank of each line is answered, in many drawn futures.
///
/// A future is the board played on from where it is: every running talk gets the rest
/// that its age leaves it, every caller ahead may lose patience before being served, agents
/// go on pauses and come back, an agent of several lines takes whoever stands first in any
/// of them. Later arrivals stand behind and change nothing for those ahead. How little is
/// known of the mean talk and of the callers' patience is part of it: each future has talks
/// that are all a little longer or shorter, and callers who all leave sooner or later. What one future costs grows with the callers and agents, so a crowd gets
/// fewer futures, whose waits also differ less.
#[derive(Clone, Debug)]
pub(super) struct Outlook {
    pub(super) drawn: Instant,
    fans: Vec<Fan>,
}

/// The waits of one line, all futures of its first rank, then all of the second …; the
/// last rank is that of the next to join.
#[derive(Clone, Debug)]
pub(super) struct Fan {
    queue: QueueName,
    needs: Vec<Skill>,
    /// Agents at work for this line: on no pause, and not about to go.
    pub(super) at_work: usize,
    futures: usize,
    waits: Vec<f32>,
}

impl Outlook {
    /// `laws` are those of the view's lines.
    pub(super) fn draw(now: Instant, view: &View, laws: &[QueueLaws], pauses: &PauseLaws) -> Self {
        let crowd = view.agents.len() + view.lines.iter().map(|line| line.waiting.len()).sum::<usize>();
        // Pairs, because each future has its mirror image.
        let futures = (STEPS / crowd.max(1)).clamp(FEWEST, MOST) / 2 * 2;
        let mut play = Play::new(now, view, laws, pauses);
        let mut fans: Vec<Fan> = view
            .lines
            .iter()
            .enumerate()
            .map(|(i, line)| Fan {
                queue: line.queue.clone(),
                needs: line.needs.clone(),
                at_work: play.at_work(i),
                futures,
                waits: vec![HORIZON as f32; (line.waiting.len() + 1) * futures],
            })
            .collect();
        for future in 0..futures {
            play.run(Draw::of(future), |line, at, wait| fans[line].set(at, future, wait));
        }
        Self { drawn: now, fans }
    }

    /// The line that a caller stands in.
    pub(super) fn fan(&self, standing: &Standing) -> Option<&Fan> {
        self.fans.iter().find(|fan| fan.queue == standing.queue && fan.needs == standing.needs)
    }

    /// Whether it is about any line of a view.
    pub(super) fn is_about(&self, view: &View) -> bool {
        self.fans.iter().any(|fan| view.lines.iter().any(|line| line.queue == fan.queue))
    }

    /// The drawn waits from `now` on behind so many of the line, in order, seconds.
    pub(super) fn waits(&self, now: Instant, fan: &Fan, ahead: usize) -> Vec<f64> {
        let last = fan.waits.len() / fan.futures - 1;
        let at = ahead.min(last) * fan.futures;
        let age = now.since(self.drawn).as_secs_f64();
        let row = &fan.waits[at..at + fan.futures];
        let mut waits: Vec<f64> = row.iter().map(|wait| (f64::from(*wait) - age).max(0.0)).collect();
        waits.sort_unstable_by(f64::total_cmp);
        waits
    }
}

impl Fan {
    /// Nobody is answered before who stands in front, but for the seconds of a ringing;
    /// these are taken out, so that a better rank never means a longer wait.
    fn set(&mut self, at: usize, future: usize, wait: f64) {
        let before = at.checked_sub(1).map_or(0.0, |before| self.waits[before * self.futures + future]);
        let before = if f64::from(before) < HORIZON { before } else { 0.0 };
        self.waits[at * self.futures + future] = (wait.min(HORIZON) as f32).max(before);
    }
}

/// The steps of all futures together: about two milliseconds.
const STEPS: usize = 24_000;
const MOST: usize = 256;
const FEWEST: usize = 8;
/// Nobody is told of a wait beyond four hours, in seconds.
pub(super) const HORIZON: f64 = 4.0 * 3600.0;
