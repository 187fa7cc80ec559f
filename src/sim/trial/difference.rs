//! What a test wanted and what happened, side by side, for people.

use std::fmt::Write as _;

use super::{Kind, Mismatch, Rehearsal, heard};
use crate::diag::Colour;
use crate::flow::{ANY_AGENT, End};
use crate::sim::transcript;

/// Where a call is not as its test says: the last lines of the call, what was wanted and
/// what happened with the differing words marked, the line of the file, and advice.
/// Empty when the test passed; ends without a newline.
pub fn difference(rehearsal: &Rehearsal, colour: Colour) -> String {
    let Some(mismatch) = &rehearsal.mismatch else { return String::new() };
    let mut out = String::new();
    // What was heard or come to since then is told as what was found.
    let lines = match &mismatch.kind {
        Kind::NotHeard { .. } | Kind::NoStep { .. } => &rehearsal.lines[..rehearsal.right],
        _ => &rehearsal.lines,
    };
    for line in transcript(&lines[lines.len().saturating_sub(CONTEXT)..]).lines() {
        let _ = writeln!(out, "    {}", shortened(line));
    }
    let (expected, found) = sides(&mismatch.kind, colour);
    let (paint, end) = match colour {
        Colour::Never => (["", ""], ""),
        Colour::Always => ([RED, GREEN], PLAIN),
    };
    let [red, green] = paint;
    let _ = writeln!(out, "  {red}expected{end}  {expected}");
    for (at, line) in found.iter().enumerate() {
        let title = if at == 0 { "   found" } else { "        " };
        let _ = writeln!(out, "  {green}{title}{end}  {line}");
    }
    let _ = write!(out, "  {}", place(mismatch));
    if let Some(help) = help(&mismatch.kind) {
        let _ = write!(out, "\n  help: {help}");
    }
    out
}

/// How many words in a hundred of two texts are the same, in the same order.
pub(super) fn alike(one: &str, other: &str) -> usize {
    let (one, other): (Vec<&str>, Vec<&str>) = (words(one).collect(), words(other).collect());
    let common = common(&one, &other).len();
    (200 * common).checked_div(one.len() + other.len()).unwrap_or(0)
}

/// `file:line: the line`.
fn place(mismatch: &Mismatch) -> String {
    let (line, _) = mismatch.line.line_column();
    let source = &mismatch.line.source;
    let text = source.text.lines().nth(line - 1).unwrap_or_default();
    format!("{}:{line}: {}", source.path, shortened(text.trim()))
}

/// What was wanted, and what happened in its place, line by line.
pub fn sides(kind: &Kind, colour: Colour) -> (String, Vec<String>) {
    match kind {
        Kind::NotHeard { expected, nearest: Some(nearest), .. } => {
            let (expected, nearest) = marked(expected, nearest, colour);
            (format!("»  {expected}"), vec![format!("»  {nearest}")])
        }
        Kind::NotHeard { expected, nearest: None, heard } => {
            let mut found: Vec<String> = heard.iter().take(MOST).map(|said| format!("»  {said}")).collect();
            if found.is_empty() {
                found.push("no more words".to_owned());
            }
            (format!("»  {expected}"), found)
        }
        Kind::Heard { unwanted, heard } => (format!("never  {unwanted}"), vec![format!("»  {heard}")]),
        Kind::NoStep { expected, passed } => {
            let passed = passed.iter().map(|step| format!("→  {step}")).collect::<Vec<_>>();
            (format!("→  {expected}"), if passed.is_empty() { vec!["no other step".to_owned()] } else { passed })
        }
        Kind::NoAgent { expected, found } => {
            let found = found.as_ref().map_or("nobody".to_owned(), |agent| format!("{agent} answers"));
            (format!("{} answers", if expected == ANY_AGENT { "an agent" } else { expected }), vec![found])
        }
        Kind::OtherEnd { expected, found } => (told(*expected).to_owned(), vec![told(*found).to_owned()]),
        Kind::Over => ("the call goes on".to_owned(), vec!["the call is over".to_owned()]),
        Kind::Keys { most, needed } => {
            let found = needed.map_or(NO_AGENT.to_owned(), |needed| format!("{needed} keys"));
            (format!("at most {most} keys to an agent"), vec![found])
        }
        Kind::Time { most, needed } => {
            let found = needed.map_or(NO_AGENT.to_owned(), |needed| format!("{:.1} s", needed.as_secs_f64()));
            (format!("at most {:.1} s to an agent", most.as_secs_f64()), vec![found])
        }
    }
}

fn told(end: End) -> &'static str {
    match end {
        End::Agent => "agent: an agent answers",
        End::Queue => "queue: the caller waits in the queue",
        End::HangUp => "hang-up: the service hangs up",
        End::Promise => "promise: a callback is promised",
        End::Message => "message: a message is kept",
    }
}

fn help(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::NotHeard { expected, nearest: Some(nearest), .. } if heard::is_part(nearest, expected) => {
            Some("write `…` where words are left out")
        }
        Kind::NotHeard { .. } | Kind::OtherEnd { .. } => {
            Some("mend the flow, or take what is heard with `svi test --update`")
        }
        Kind::Heard { .. }
        | Kind::NoStep { .. }
        | Kind::NoAgent { .. }
        | Kind::Over
        | Kind::Keys { .. }
        | Kind::Time { .. } => None,
    }
}

/// Both texts with the words marked that the other has not.
fn marked(expected: &str, found: &str, colour: Colour) -> (String, String) {
    let (one, other): (Vec<&str>, Vec<&str>) = (words(expected).collect(), words(found).collect());
    let common = common(&one, &other);
    let [gone, come] = match colour {
        Colour::Never => [("‹", "›"), ("‹", "›")],
        Colour::Always => [(RED, PLAIN), (GREEN, PLAIN)],
    };
    let expected = mark(&one, &common.iter().map(|(at, _)| *at).collect::<Vec<_>>(), gone);
    (expected, mark(&other, &common.iter().map(|(_, at)| *at).collect::<Vec<_>>(), come))
}

/// The words with those marked that are not among `same`.
fn mark(words: &[&str], same: &[usize], (begin, end): (&str, &str)) -> String {
    let mut out = String::new();
    let mut inside = false;
    for (at, word) in words.iter().enumerate() {
        let differs = !same.contains(&at);
        if inside && !differs {
            out.push_str(end);
        }
        if at > 0 {
            out.push(' ');
        }
        if differs && !inside {
            out.push_str(begin);
        }
        out.push_str(word);
        inside = differs;
    }
    if inside {
        out.push_str(end);
    }
    out
}

/// The longest row of words that both have, as the places in each.
fn common(one: &[&str], other: &[&str]) -> Vec<(usize, usize)> {
    let width = other.len() + 1;
    // The length of the longest common row behind each pair of places.
    let mut behind = vec![0_usize; (one.len() + 1) * width];
    for (i, a) in one.iter().enumerate().rev() {
        for (j, b) in other.iter().enumerate().rev() {
            behind[i * width + j] = if a == b {
                behind[(i + 1) * width + j + 1] + 1
            } else {
                behind[(i + 1) * width + j].max(behind[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut row) = (0, 0, Vec::new());
    while i < one.len() && j < other.len() {
        if one[i] == other[j] {
            row.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if behind[(i + 1) * width + j] >= behind[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    row
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().take(WORDS)
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let start: String = line.chars().take(WIDTH - 1).collect();
    format!("{}…", start.trim_end())
}

const NO_AGENT: &str = "the caller is led to no agent";
/// Lines of the call that are shown before the difference.
const CONTEXT: usize = 6;
/// Sentences that are shown when none is like the one wanted.
const MOST: usize = 6;
/// Characters of a line of the call.
const WIDTH: usize = 110;
/// Words of a text that are compared: the work grows with their square.
const WORDS: usize = 400;
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const PLAIN: &str = "\u{1b}[0m";
