//! How long `svi check` takes for the largest flow that is allowed: 1 000 steps, read,
//! checked by every rule, and proved.

#![allow(missing_docs, reason = "criterion's macros make public functions without words")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use svi::diag::Source;
use svi::flow::{Audio, load};
use svi::speech::Fragment;

/// Everything is recorded.
struct Recorded;

impl Audio for Recorded {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(Duration::from_millis(200 + 60 * fragment.text.len() as u64))
    }
}

const CARD: &str = r#"name: France services
websites:
  - url: https://www.service-public.fr
    purpose: vos droits
hours: { phone: "Mo-Fr 09:00-12:30,14:00-17:00; PH off", desk: "Mo-Fr 09:00-12:00; PH off" }
quiet: { phone: "We 14:00-16:00" }
"#;
const QUEUES: &str = "agents:\n  members: [amina]\n  at_closing: tell\n";
const STEPS: usize = 1_000;

/// A tree of menus of four choices, with texts, numbers and the desk's hours between them.
fn flow() -> String {
    let mut flow = "flow: accueil\nnumbers: [\"100\"]\nlanguages: [fr, en]\nagent: agents\nstart: s0\nclosed: ferme\n\
                    notice: recorded\nlimits: { levels: 6 }\nsteps:\n"
        .to_owned();
    let last = STEPS - 3;
    for i in 0..last {
        let at = |nth: usize| format!("s{}", (i * 5 + nth) % last);
        let _ = match i % 5 {
            0 => writeln!(
                flow,
                "  s{i}:\n    menu:\n      - {{ key: 1, for: {{ fr: le choix {i}, en: choice {i} }}, go: {} }}\n      - {{ key: 2, \
                 for: {{ fr: la suite {i}, en: more {i} }}, go: {} }}\n      - {{ key: 3, language: en, for: English, go: {} }}\n      \
                 - {{ key: 4, for: {{ fr: autre {i}, en: other {i} }}, go: {} }}",
                at(1),
                at(2),
                at(3),
                at(4)
            ),
            1 => writeln!(
                flow,
                "  s{i}:\n    say: {{ fr: \"Voici le texte {i}.\", en: \"This is text {i}.\" }}\n    then: {}",
                at(5)
            ),
            2 => writeln!(flow, "  s{i}:\n    hours: desk\n    open: {}\n    closed: {}", at(5), at(6)),
            3 => writeln!(flow, "  s{i}:\n    tell: [hours, contact]\n    then: agents"),
            _ => writeln!(
                flow,
                "  s{i}:\n    collect: {{ ask: {{ fr: \"Votre numéro {i} ?\", en: \"Your number {i}?\" }} }}\n    then: agents"
            ),
        };
    }
    flow + "  agents:\n    queue: agents\n    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }\n  \
            ferme:\n    tell: [hours, contact]\n    then: fin\n  fin:\n    hangup: { fr: \"Au revoir.\", en: \"Goodbye.\" }\n"
}

fn checks(c: &mut Criterion) {
    let files: [Arc<Source>; 3] =
        [Source::new("service.yaml", CARD), Source::new("queues.yaml", QUEUES), Source::new("accueil.yaml", flow())];
    c.bench_function("check a flow of 1 000 steps", |b| {
        b.iter(|| black_box(load("france-services", black_box(&files), &Recorded)));
    });
}

criterion_group!(benches, checks);
criterion_main!(benches);
