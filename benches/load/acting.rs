//! What the callers of `load calls` do while they are in their calls.

use std::cmp::Reverse;

use rand::Rng;

use crate::calls::Run;
use crate::clock::{MS, Nanos, SECOND};
use crate::lines::Lines;
use crate::message::Direction;
use crate::plan::Act;

impl Run {
    /// Does what is due.
    pub(crate) fn act(&mut self, lines: &mut Lines, now: Nanos) {
        while let Some(Reverse((at, caller, turn, act))) = self.acts.peek().copied() {
            if at > now {
                return;
            }
            self.acts.pop();
            if act == Act::Head {
                self.head(lines, now);
            } else if turn == self.turns[caller] {
                self.carry_out(lines, caller, act, now);
            }
        }
    }

    fn carry_out(&mut self, lines: &mut Lines, caller: usize, act: Act, now: Nanos) {
        let turn = self.turns[caller];
        match act {
            Act::Call => self.place(caller),
            // Nobody presses a key for somebody who can't hear it.
            Act::Key(_) if self.held[caller] => {}
            Act::Key(key) => {
                let key = key.unwrap_or_else(|| self.chance.random_range(0..12));
                if let Some(talker) = &mut lines.all[caller].talker {
                    talker.press(key);
                }
            }
            // Asked while a change is under way: a moment later.
            Act::HangUp | Act::Hold | Act::Resume if !self.callers.is_up(caller) => {
                self.acts.push(Reverse((now + 50 * MS, caller, turn, act)));
                return;
            }
            Act::HangUp => {
                lines.close(caller);
                self.callers.hang_up(caller);
            }
            Act::Hold => {
                let way = if self.chance.random() { Direction::SendOnly } else { Direction::Inactive };
                self.held[caller] = true;
                excuse(lines, caller, true);
                if way == Direction::Inactive {
                    speak(lines, caller, false);
                }
                self.callers.change(caller, way);
            }
            Act::Resume => {
                self.held[caller] = false;
                speak(lines, caller, self.args.speak);
                self.callers.change(caller, Direction::SendReceive);
            }
            Act::Head => {}
        }
        if let Some((after, act)) = self.args.life.next(act, &mut self.chance) {
            self.acts.push(Reverse((now + after, caller, turn, act)));
        }
    }

    /// Who came first leaves, and comes again as the last.
    fn head(&mut self, lines: &mut Lines, now: Nanos) {
        if self.callers.is_up(self.first) {
            lines.close(self.first);
            self.callers.hang_up(self.first);
        }
        self.first = (self.first + 1) % self.args.n;
        self.acts.push(Reverse((now + 10 * SECOND, 0, 0, Act::Head)));
    }
}

/// Who meets a caller after the caller has gone on hold hears nothing either.
pub(crate) fn excuse_new_partners(lines: &mut Lines, held: &[bool]) {
    for (line, partner) in std::mem::take(&mut lines.met) {
        if held.get(partner as usize).copied().unwrap_or(false) {
            lines.all[line].judge.excuse(true);
        }
    }
}

/// A caller on hold hears nothing, and whom the caller talks with hears nothing of the caller.
pub(crate) fn excuse(lines: &mut Lines, caller: usize, excused: bool) {
    lines.all[caller].judge.excuse(excused);
    for line in &mut lines.all {
        if line.open && line.judge.partner == Some(caller as u32) {
            line.judge.excuse(excused);
        }
    }
}

fn speak(lines: &mut Lines, caller: usize, audio: bool) {
    if let Some(talker) = &mut lines.all[caller].talker {
        talker.audio = audio;
    }
}
