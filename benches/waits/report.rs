//! The results as a line for the terminal and as the page in `docs/`.

use std::fmt::Write;

use super::rivals::{ASTERISK, METHODS, ORACLE, QLAB, SVI};
use super::scenario::Kind;
use super::tally::{Result, Tally};

/// One result in short.
pub fn line(result: &Result) -> String {
    let t = &result.warm;
    let errors: Vec<String> = (0..METHODS.len()).map(|m| format!("{} {:.3}", METHODS[m], t.error(m))).collect();
    format!(
        "{}: {} callers, mean {:.0} s; {}; to oracle {:.3}, QLAB {:.3}, Asterisk {:.3}; bias {:+.3}; above {:.3} \
         below {:.3} longer {:.3}; later {:.3}; changed {:.3} of QLAB, {:.3} of oracle",
        result.name,
        t.told,
        t.mean(),
        errors.join(" "),
        t.against(ORACLE),
        t.against(QLAB),
        t.against(ASTERISK),
        t.errors[SVI] / t.waited,
        t.share(t.above),
        t.share(t.below),
        t.share(t.longer),
        t.later_above as f64 / t.later.max(1) as f64,
        result.changed.against(QLAB),
        result.changed.against(ORACLE),
    )
}

pub fn markdown(results: &[Result]) -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str(&targets(results));
    page.push_str(OUT_OF_REACH);
    page.push_str("\n## The error of the expected wait\n\n");
    page.push_str(ERROR);
    page.push_str(&errors(results, |r| &r.warm));
    page.push_str("\n## Promises broken by more than a minute\n\n");
    page.push_str(OVERRUN);
    page.push_str(&overruns(results));
    page.push_str("\n## The range\n\n");
    page.push_str(RANGE);
    page.push_str(&ranges(results, |r| &r.warm));
    page.push_str("\n## The hour after somebody came or went\n\n");
    page.push_str(CHANGED);
    let changed: Vec<Result> = results.iter().filter(|r| r.changed.told > 0).cloned().collect();
    page.push_str(&errors(&changed, |r| &r.changed));
    page.push_str("\n## The first fifty calls\n\n");
    page.push_str(COLD);
    let cold: Vec<Result> = results.iter().filter(|r| r.cold.told >= 100).cloned().collect();
    page.push_str(&errors(&cold, |r| &r.cold));
    page.push('\n');
    page.push_str(&ranges(&cold, |r| &r.cold));
    page
}

fn errors(results: &[Result], of: impl Fn(&Result) -> &Tally) -> String {
    let order = [ORACLE, SVI, QLAB, 2, 3, 4, ASTERISK, 6];
    let names: Vec<&str> = order.iter().map(|m| METHODS[*m]).collect();
    let mut table = format!("| | callers | mean wait | {} | svi ÷ oracle | ÷ QLAB | ÷ Asterisk |\n", names.join(" | "));
    let _ = writeln!(table, "|---|{}", "--:|".repeat(order.len() + 5));
    for result in results {
        let t = of(result);
        let numbers: Vec<String> = order.iter().map(|m| format!("{:.2}", t.error(*m))).collect();
        let _ = writeln!(
            table,
            "| {} | {} | {:.0} s | {} | {:.2} | {:.2} | {:.2} |",
            result.name,
            t.told,
            t.mean(),
            numbers.join(" | "),
            t.against(ORACLE),
            t.against(QLAB),
            t.against(ASTERISK)
        );
    }
    table
}

fn overruns(results: &[Result]) -> String {
    let order = [QLAB, 2, 3, 4, ASTERISK, 6];
    let names: Vec<&str> = order.iter().map(|m| METHODS[*m]).collect();
    let mut table = format!("| | svi, as said | {} |\n|---|{}\n", names.join(" | "), "--:|".repeat(order.len() + 1));
    for result in results {
        let t = &result.warm;
        let numbers: Vec<String> = order.iter().map(|m| percent(t.share(t.overrun[*m]))).collect();
        let said = percent(t.share(t.longer_by_a_minute));
        let _ = writeln!(table, "| {} | {said} | {} |", result.name, numbers.join(" | "));
    }
    table
}

fn ranges(results: &[Result], of: impl Fn(&Result) -> &Tally) -> String {
    let mut table = String::from(
        "| | told | above | below | above, oracle | longer than said | said no end | above, told again | silent when told \
         again |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for result in results {
        let t = of(result);
        let columns = [
            t.told_share(),
            t.share(t.above),
            t.share(t.below),
            t.share(t.above_oracle),
            t.share(t.longer),
            t.share(t.endless),
            t.later_above as f64 / t.later.max(1) as f64,
            t.silent as f64 / (t.later + t.silent).max(1) as f64,
        ];
        let _ = writeln!(table, "| {} | {} |", result.name, columns.map(percent).join(" | "));
    }
    table
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Which targets are reached, and where they are not.
fn targets(results: &[Result]) -> String {
    let changing: Vec<Result> = results.iter().filter(|r| r.kind == Kind::StaffChanges).cloned().collect();
    let moved: Vec<Result> = results.iter().filter(|r| r.changed.told > 0).cloned().collect();
    let lines = [
        target("at most 1.10 of the oracle's error", results, |r| r.warm.against(ORACLE), 0.0..=1.10),
        target("at most 1.02 of the plain formula's", results, |r| r.warm.against(QLAB), 0.0..=1.02),
        target(
            "at most 0.85 of the plain formula's where staff changes",
            &changing,
            |r| r.warm.against(QLAB),
            0.0..=0.85,
        ),
        target("the oracle's own error there, against the plain formula's", &changing, oracle_to_formula, 0.0..=0.85),
        target("at most 0.85 in the hour after a change", &moved, |r| r.changed.against(QLAB), 0.0..=0.85),
        target("at most 0.67 of Asterisk's", results, |r| r.warm.against(ASTERISK), 0.0..=0.67),
        target("the high end exceeded by 7 to 13 %", results, |r| r.warm.share(r.warm.above), 0.07..=0.13),
        target("what was said exceeded by at most 13 %", results, |r| r.warm.share(r.warm.longer), 0.0..=0.13),
    ];
    format!("| aim | range over the scenarios | outside |\n|---|---|---|\n{}", lines.concat())
}

fn oracle_to_formula(result: &Result) -> f64 {
    (result.warm.squares[ORACLE] / result.warm.squares[QLAB]).sqrt()
}

fn target(
    aim: &str,
    results: &[Result],
    value: impl Fn(&Result) -> f64,
    within: std::ops::RangeInclusive<f64>,
) -> String {
    let values: Vec<(f64, &str)> = results.iter().map(|r| (value(r), r.name.as_str())).collect();
    let least = values.iter().map(|v| v.0).fold(f64::INFINITY, f64::min);
    let most = values.iter().map(|v| v.0).fold(0.0, f64::max);
    // Half a unit of the last digit that is shown.
    let (from, to) = (within.start() - 0.0005, within.end() + 0.0005);
    let outside: Vec<String> =
        values.iter().filter(|(v, _)| !(from..=to).contains(v)).map(|(v, name)| format!("{name} ({v:.3})")).collect();
    let outside = if outside.is_empty() { "none".to_owned() } else { outside.join("; ") };
    format!("| {aim} | {least:.3} to {most:.3} | {outside} |\n")
}

const INTRODUCTION: &str = include_str!("introduction.md");
const OUT_OF_REACH: &str = include_str!("out_of_reach.md");
const ERROR: &str = "The root of the mean squared error over the mean wait, for callers who had to wait, asked on joining, once \
50 calls of their queue have been answered.\n\n";
const OVERRUN: &str = "The share of callers who waited for more than a minute longer than they were told. The others \
announce one number; `svi` says a step, and its end counts.\n\n";
const RANGE: &str = "The range leaves one wait in ten above and one below. *Longer than said* is after rounding to a step; \
*above, told again* is about callers who are told again every half minute; then nothing is said when the wait has become \
longer than was told and no agent has gone (*silent*).\n\n";
const CHANGED: &str = "The plain formula is fed with the last hour's mean staff, so this is where knowing the present staff \
counts. Breaks are not counted here: they begin all day long.\n\n";
const COLD: &str = "Without any history, from the opening until 50 calls of the queue have been answered. Below ten talks \
nothing is said but the rank.\n\n";
