//! How honest the announced waits are: simulated call centres, ours against the others.

mod centre;
mod laws;
mod oracle;
mod rivals;
mod scenario;
mod tally;
mod truth;

use centre::Centre;
use rivals::{ASTERISK, METHODS, ORACLE, QLAB};
use tally::Tally;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let from: u64 = args.first().and_then(|a| a.parse().ok()).unwrap_or(1);
    let to: u64 = args.get(1).and_then(|a| a.parse().ok()).unwrap_or(from);
    let only = args.get(2).cloned().unwrap_or_default();
    for scenario in scenario::all().iter().filter(|s| s.name.contains(&only)) {
        let start = std::time::Instant::now();
        let (mut warm, mut cold) = (Tally::default(), Tally::default());
        for seed in from..=to {
            for sample in Centre::new(scenario, seed).run() {
                if sample.served >= 50 { &mut warm } else { &mut cold }.take(&sample);
            }
        }
        let t = &warm;
        print!("{:36} n{:6} mean{:5.0}", scenario.name, t.told, t.mean());
        for m in 0..METHODS.len() {
            print!(" {}{:.3}", &METHODS[m][..2], t.rmse(m) / t.mean());
        }
        println!(
            "\n    /or {:.3} /ql {:.3} /as {:.3} bias {:+.3} orbias {:+.3} above {:.3} (or {:.3}) below {:.3} longer {:.3} noend {:.2} later {:.3}/{:.3} silent {:.2} | cold n{} told {:.2} /or {:.3} above {:.3} | {:.1}s",
            t.against(ORACLE), t.against(QLAB), t.against(ASTERISK),
            t.errors[0] / t.waited, t.errors[ORACLE] / t.waited,
            t.share(t.above), t.share(t.above_oracle), t.share(t.below), t.share(t.longer), t.share(t.without_end),
            t.later_above as f64 / t.later.max(1) as f64, t.later_longer as f64 / t.later.max(1) as f64,
            t.silent as f64 / (t.later + t.silent).max(1) as f64,
            cold.told + cold.untold, cold.told as f64 / (cold.told + cold.untold).max(1) as f64,
            cold.against(ORACLE), cold.share(cold.above),
            start.elapsed().as_secs_f64(),
        );
    }
}
