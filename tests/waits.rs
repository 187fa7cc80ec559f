//! The announced waits stay honest: a small run of the simulated call centres of
//! `benches/waits`, whose full results are in `docs/waits.md`.

#![allow(dead_code, unreachable_pub, reason = "the measurement uses more of these than this test")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on shall panic")]

#[path = "../benches/waits/centre.rs"]
mod centre;
#[path = "../benches/waits/laws.rs"]
mod laws;
#[path = "../benches/waits/oracle.rs"]
mod oracle;
#[path = "../benches/waits/rivals.rs"]
mod rivals;
#[path = "../benches/waits/scenario.rs"]
mod scenario;
#[path = "../benches/waits/tally.rs"]
mod tally;
#[path = "../benches/waits/truth.rs"]
mod truth;

use centre::Centre;
use rivals::{ASTERISK, ORACLE, QLAB};
use scenario::Scenario;
use tally::Result;

fn scenario(name: &str) -> Scenario {
    let scenario = scenario::all().into_iter().find(|s| s.name == name).unwrap();
    // Few callers are asked, since the oracle is slow.
    Scenario { stride: 4, ..scenario }
}

fn days(scenario: &Scenario, seeds: std::ops::RangeInclusive<u64>) -> Result {
    let mut result = Result::new(scenario);
    seeds.for_each(|seed| result.take(&Centre::day(scenario, seed)));
    result
}

#[test]
fn waits_told_are_nearly_as_good_as_anyone_could_know() {
    let warm = days(&scenario("10 agents, three fall ill"), 1..=3).warm;
    assert!(warm.told > 300, "{} told", warm.told);
    assert!(warm.against(ORACLE) < 1.12, "{} of the oracle's error", warm.against(ORACLE));
    assert!(warm.against(QLAB) < 1.0, "{} of the plain formula's", warm.against(QLAB));
    assert!(warm.against(ASTERISK) < 0.67, "{} of Asterisk's", warm.against(ASTERISK));
    let above = warm.share(warm.above);
    assert!((0.05..0.16).contains(&above), "{above} above the range");
    assert!(warm.share(warm.longer) < 0.13, "{} longer than said", warm.share(warm.longer));
}

#[test]
fn a_day_is_the_same_whenever_it_is_run() {
    let small = scenario("3 agents, load 0.7");
    let (one, two) = (days(&small, 7..=7), days(&small, 7..=7));
    assert_eq!(serde_json::to_string(&one.warm).unwrap(), serde_json::to_string(&two.warm).unwrap());
}
