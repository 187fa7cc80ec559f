//! How honest the announced waits are: days of simulated call centres on the very board,
//! the estimate against the formulas of others and against an oracle.
//!
//! ```text
//! cargo bench --bench waits -- run 51 150 > target/waits.jsonl
//! cargo bench --bench waits -- write target/waits.jsonl
//! cargo bench --bench waits -- cost
//! ```
//!
//! `run FROM TO [PART OF A NAME]` prints one line of sums for each scenario, `write` makes
//! `docs/waits.md` and `docs/waits.svg` of such lines, `cost` times the estimate. Without a
//! word (in `cargo test`) two days are run, as a check that it runs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]
#![allow(unreachable_pub, reason = "the modules are shared with `tests/waits.rs`")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on shall stop")]

mod centre;
mod cost;
mod laws;
mod oracle;
mod plot;
mod report;
mod rivals;
mod scenario;
mod tally;
mod truth;

use tally::Result;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", from, to, only @ ..] => run(number(from), number(to), only.first().copied().unwrap_or_default()),
        ["write", file] => write(file),
        ["cost"] => cost::print(),
        _ => run(1, 1, "10 agents, load"),
    }
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| panic!("`{word}` is not a seed"))
}

fn run(from: u64, to: u64, only: &str) {
    for scenario in scenario::all().iter().filter(|s| s.name.contains(only)) {
        let mut result = Result::new(scenario);
        for seed in from..=to {
            result.take(&centre::Centre::day(scenario, seed));
        }
        println!("{}", serde_json::to_string(&result).unwrap());
        eprintln!("{}", report::line(&result));
    }
}

fn write(file: &str) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut results: Vec<Result> = scenario::all().iter().map(Result::new).collect();
    for line in text.lines() {
        let part: Result = serde_json::from_str(line).unwrap();
        results.iter_mut().filter(|result| result.name == part.name).for_each(|result| result.add(&part));
    }
    results.retain(|result| result.days > 0);
    std::fs::write("docs/waits.md", report::markdown(&results)).unwrap();
    std::fs::write("docs/waits.svg", plot::svg(&results)).unwrap();
}
