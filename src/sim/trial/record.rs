//! Writes a simulated call down as a test.

use std::fmt::Write as _;
use std::time::Duration;

use super::rewrite::quoted;
use crate::base::Digit;
use crate::call::By;
use crate::engine::{Note, QueueNews, TransferNews};
use crate::flow::{ANY_AGENT, HANGS_UP, NOTHING};
use crate::sim::{Far, Line, Room, Simulation, What};

/// The call as a file of one test: what the caller pressed and heard, the steps, the
/// agent, the end.
pub fn record(simulation: &Simulation<'_>, name: &str) -> String {
    let mut writing = Writing::new(simulation, name, Detail::All);
    writing.lines(simulation, simulation.lines());
    writing.flush();
    writing.out
}

/// The caller's keys alone, as a file of one test, and what should come of them.
pub(in crate::sim) fn wish(simulation: &Simulation<'_>, name: &str, wanted: &str) -> String {
    let mut writing = Writing::new(simulation, name, Detail::Keys);
    let lines = simulation.lines();
    let last = lines.iter().rposition(|line| matches!(line.what, What::Key { .. })).map_or(0, |at| at + 1);
    writing.lines(simulation, &lines[..last]);
    writing.turn(wanted);
    writing.out
}

/// Who calls what and when, and how full the queues are.
fn head(simulation: &Simulation<'_>, out: &mut String) {
    let scenario = &simulation.scenario;
    let local = scenario.at.utc().with_timezone(&scenario.program.card.phone_hours.zone());
    let at = local.format("%Y-%m-%d %H:%M:%S").to_string();
    let at = at.strip_suffix(":00").unwrap_or(&at);
    if scenario.service.flows.len() > 1 {
        let _ = writeln!(out, "    flow: {}", quoted(&scenario.program.name));
    }
    let _ = writeln!(out, "    at: \"{at}\"");
    if let Some(from) = &scenario.caller {
        let _ = writeln!(out, "    from: \"{from}\"");
    }
    let _ = match scenario.room {
        Room::Full => writeln!(out, "    queue: full"),
        Room::Enough => writeln!(out, "    queue: {{ waiting: {}, agents: {} }}", scenario.waiting, scenario.agents),
    };
    let mut answers = scenario.answers.iter().peekable();
    if answers.peek().is_some() {
        out.push_str("    lookups:\n");
    }
    for (step, json) in answers {
        let _ = writeln!(out, "      {step}: {json}");
    }
    if scenario.outside == Far::Silent {
        out.push_str("    transfer: nobody\n");
    }
    if scenario.seed != 1 {
        let _ = writeln!(out, "    seed: {}", scenario.seed);
    }
}

struct Writing {
    out: String,
    detail: Detail,
    /// When the last line happened that a test waits for.
    clock: Duration,
    /// Keys that are not written yet.
    keys: Vec<Digit>,
    /// Whether they were waited for.
    asked: bool,
}

/// How much of a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// All that a test can say.
    All,
    /// What the caller does.
    Keys,
}

impl Writing {
    fn new(simulation: &Simulation<'_>, name: &str, detail: Detail) -> Self {
        let mut out = format!("tests:\n  {}:\n", quoted(name));
        head(simulation, &mut out);
        out.push_str("    call:\n");
        Self { out, detail, clock: Duration::ZERO, keys: Vec::new(), asked: true }
    }

    fn lines(&mut self, simulation: &Simulation<'_>, lines: &[Line]) {
        for (at, line) in lines.iter().enumerate() {
            if simulation.silences.contains(&at) {
                self.turn(&format!("presses: {NOTHING}"));
                self.clock = line.at;
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &Line) {
        match &line.what {
            What::Key { digit, asked } => return self.key(line.at, *digit, *asked),
            _ if self.detail == Detail::Keys => return,
            What::Says => self.turn(&format!("hears: {}", quoted(&line.text))),
            What::Note(Note::Step { name }) => self.turn(&format!("comes-to: {name}")),
            What::Queue(QueueNews::Connected { agent }) => self.turn(&format!("reaches: {agent}")),
            What::Transfer(TransferNews::Connected) => self.turn(&format!("reaches: {ANY_AGENT}")),
            What::Ends(ending) if ending.by == By::Caller => {
                self.pause(line.at);
                self.turn(HANGS_UP);
            }
            What::Ends(ending) if ending.by == By::Flow => self.turn("ends: hang-up"),
            What::Begins
            | What::Answered
            | What::Sounds
            | What::Note(_)
            | What::Queue(_)
            | What::Transfer(_)
            | What::Rings
            | What::Leaves
            | What::Ticket { .. }
            | What::Ends(_) => return,
        }
        self.clock = line.at;
    }

    /// Keys that are pressed one after the other are one line of a test.
    fn key(&mut self, at: Duration, digit: Digit, asked: bool) {
        let together = asked == self.asked && (asked || at == self.clock);
        if self.keys.is_empty() || !together {
            self.flush();
            if !asked {
                self.pause(at);
            }
            self.asked = asked;
        }
        self.keys.push(digit);
        self.clock = at;
    }

    fn pause(&mut self, at: Duration) {
        let millis = at.saturating_sub(self.clock).as_millis();
        let time = if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") };
        self.turn(&format!("waits: {time}"));
    }

    fn turn(&mut self, words: &str) {
        self.flush();
        let _ = writeln!(self.out, "      - {words}");
    }

    fn flush(&mut self) {
        let keys: String = self.keys.drain(..).map(Digit::as_char).collect();
        match keys.as_str() {
            "" => {}
            "*" => self.out.push_str("      - presses: star\n"),
            "#" => self.out.push_str("      - presses: hash\n"),
            one if one.len() == 1 => {
                let _ = writeln!(self.out, "      - presses: {one}");
            }
            several => {
                let _ = writeln!(self.out, "      - presses: \"{several}\"");
            }
        }
    }
}
