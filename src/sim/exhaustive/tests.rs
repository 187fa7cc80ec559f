use super::generator::{Spoken, Written, written};
use super::judge::{Limits, verdicts};
use super::search::calls;
use crate::base::Chance;
use crate::diag::{Colour, framed};
use crate::flow::{Checked, Fault, Verdicts, unchecked};

/// A flow, with what its calls say of it.
struct Judged {
    written: Written,
    checked: Checked,
    truth: Verdicts,
    moments: usize,
}

impl Judged {
    /// The random flow of a seed; nothing where it has too many calls to look at them all.
    fn of(seed: u64) -> Option<Self> {
        let written = written(&mut Chance::seeded(seed));
        let checked = unchecked(&written.files, &Spoken).expect("it can be read");
        assert!(checked.is_whole(), "{}", shown(&written, &checked));
        let (keys, levels, speech) = checked.limits();
        let limits = Limits { keys, levels, speech: u32::try_from(speech.as_millis()).expect("a short time") };
        let calls = calls(&checked.program)?;
        let truth = verdicts(&checked.program, &calls, limits);
        Some(Self { written, checked, truth, moments: calls.moments.len() })
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
    std::env::var("SVI_PROVER_FLOWS").ok().and_then(|n| n.parse().ok()).unwrap_or(30)
}

#[test]
#[ignore = "the two do not agree on every flow yet"]
fn the_prover_says_what_a_search_of_every_call_says() {
    let all: Vec<Judged> = (0..flows()).filter_map(Judged::of).collect();
    all.iter().for_each(Judged::agrees);
    let share = |is: fn(&Verdicts) -> bool| all.iter().filter(|j| is(&j.truth)).count() * 100 / all.len();
    let shares = [
        share(|v| v.lost),
        share(|v| v.untold),
        share(|v| v.endless),
        share(|v| !v.unreachable.is_empty()),
        share(|v| !v.deep.is_empty()),
    ];
    assert!(shares.iter().all(|share| (10..=90).contains(share)), "both sides of each line: {shares:?} %");
}

#[test]
#[ignore = "the two do not agree on every flow yet"]
fn each_fault_in_the_prover_is_found() {
    for (fault, seed) in FOUND {
        let judged = Judged::of(*seed).expect("few enough calls");
        assert!(judged.is_proved_right(), "{seed}: without a fault nothing is found");
        assert!(!fault.during(|| judged.is_proved_right()), "{fault:?} is not found in the flow {seed}");
    }
    let missed: Vec<Fault> = Fault::ALL.into_iter().filter(|fault| FOUND.iter().all(|(f, _)| f != fault)).collect();
    assert_eq!(missed, [], "faults that nobody looks for");
}

#[test]
#[ignore = "prints in which flows the faults are found, for the table below"]
fn where_faults_are_found() {
    let all: Vec<(u64, Judged)> = (0..flows()).filter_map(|seed| Some((seed, Judged::of(seed)?))).collect();
    for (seed, judged) in all.iter().filter(|(_, judged)| !judged.is_proved_right()) {
        let (proved, truth) = (judged.checked.prove(&Spoken), &judged.truth);
        println!("WRONG without a fault: {seed}, {} moments", judged.moments);
        println!("{}", shown(&judged.written, &judged.checked));
        println!("proved {proved:?}\ntruth  {truth:?}");
    }
    for fault in Fault::ALL {
        let found = all.iter().filter(|(_, judged)| judged.is_proved_right());
        let found = found.filter(|(_, judged)| !fault.during(|| judged.is_proved_right()));
        match found.min_by_key(|(_, judged)| judged.moments) {
            Some((seed, judged)) => println!("    (Fault::{fault:?}, {seed}), // {} moments", judged.moments),
            None => println!("    // {fault:?} is found nowhere"),
        }
    }
}

/// Of each fault a small flow that tells it.
const FOUND: &[(Fault, u64)] = &[];
