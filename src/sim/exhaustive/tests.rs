use std::sync::LazyLock;

use super::generator::{Spoken, Written, written};
use super::judge::{Limits, verdicts};
use super::search::calls;
use crate::diag::{Colour, framed};
use crate::flow::{Checked, Fault, Verdicts, unchecked};

/// A flow, with what its calls say of it.
struct Judged {
    written: Written,
    checked: Checked,
    truth: Verdicts,
}

impl Judged {
    /// The random flow of a seed; nothing where it has too many calls to look at them all.
    fn of(seed: u64) -> Option<Self> {
        let written = written(seed);
        let checked = unchecked(&written.files, &Spoken).expect("it can be read");
        assert!(checked.is_whole(), "{}", shown(&written, &checked));
        let (keys, levels, speech) = checked.limits();
        let limits = Limits { keys, levels, speech: u32::try_from(speech.as_millis()).expect("a short time") };
        let calls = calls(&checked.program)?;
        let truth = verdicts(&checked.program, &calls, limits);
        Some(Self { written, checked, truth })
    }

    fn is_proved_right(&self) -> bool {
        self.checked.prove(&Spoken) == self.truth
    }

    fn agrees(&self) {
        let Self { written, checked, truth, .. } = self;
        assert_eq!(checked.prove(&Spoken), *truth, "the prover, then the calls, of\n{}", shown(written, checked));
        let has = |code: &str| checked.diagnostics.iter().any(|d| d.code == code);
        assert_eq!(has("no-agent-path"), truth.lost);
        assert!(if has("closed-tells-little") { truth.untold } else { !truth.untold || truth.lost });
        assert_eq!(has("unreachable-step"), !truth.unreachable.is_empty());
        assert_eq!(has("menu-too-deep"), !truth.deep.is_empty());
        assert!(has("endless-speech") || !truth.endless || truth.lost);
    }
}

fn shown(written: &Written, checked: &Checked) -> String {
    let files = written.files.iter().map(|file| format!("# {}\n{}", file.path, file.text)).collect::<String>();
    let told = checked.diagnostics.iter().filter(|d| !["missing-prompt", "busy-offers-little"].contains(&d.code));
    let told: Vec<String> = told.map(|d| framed(d, Colour::Never)).collect();
    format!("{files}\n{}", told.join("\n"))
}

/// How many flows are looked at: more by `SVI_PROVER_FLOWS`.
fn flows() -> u64 {
    std::env::var("SVI_PROVER_FLOWS").ok().and_then(|n| n.parse().ok()).unwrap_or(128)
}

/// The flows, each looked at once.
static ALL: LazyLock<Vec<Judged>> = LazyLock::new(|| (0..flows()).filter_map(Judged::of).collect());

#[test]
fn the_prover_says_what_a_search_of_every_call_says() {
    ALL.iter().for_each(Judged::agrees);
    assert!(ALL.len() as u64 * 3 > flows() * 2, "of {} flows {} are small enough", flows(), ALL.len());
    let share = |is: fn(&Verdicts) -> bool| ALL.iter().filter(|j| is(&j.truth)).count() * 100 / ALL.len();
    let shares = [
        share(|v| v.lost),
        share(|v| v.untold),
        share(|v| v.endless),
        share(|v| !v.unreachable.is_empty()),
        share(|v| !v.deep.is_empty()),
    ];
    assert!(shares.iter().all(|share| (1..=95).contains(share)), "both sides of each line: {shares:?} %");
}

#[test]
fn at_least_twenty_faults_in_the_prover_are_found() {
    let is_found = |fault: Fault| ALL.iter().any(|judged| !fault.during(|| judged.is_proved_right()));
    let missed: Vec<Fault> = Fault::ALL.into_iter().filter(|fault| !is_found(*fault)).collect();
    assert!(Fault::ALL.len() - missed.len() >= 20, "no flow tells {missed:?}");
    let of_language = [Fault::ForgetsHeaderKeys, Fault::LookupsSucceed];
    assert!(of_language.iter().all(|fault| !missed.contains(fault)), "no flow tells {missed:?}");
}
