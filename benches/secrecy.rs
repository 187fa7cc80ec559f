//! What it costs to encrypt and to open a packet of 20 ms: `cargo bench --bench secrecy`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot go on shall panic")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use svi::base::Chance;
use svi::media::{OwnKeys, Secrecy, Secret, Suite};
use svi::rtp::{Header, Protection};

fn secrecy(criterion: &mut Criterion) {
    for suite in Suite::ALL {
        let keys =
            |seed| OwnKeys::draw(&Secrecy::Required.into(), &mut Chance::seeded(seed)).unwrap().of(suite).clone();
        let ours = Secret { suite, ours: keys(1), theirs: keys(2) };
        let theirs = Secret { suite, ours: keys(2), theirs: keys(1) };
        let (mut one, mut sequence) = (Protection::new(&ours).unwrap(), 0_u16);
        let mut packet = move || {
            sequence = sequence.wrapping_add(1);
            let header = Header { payload_type: 8, marker: false, sequence, timestamp: 160, ssrc: 7 };
            let mut bytes = [0; 172];
            header.write(&[0x55; 160], &mut bytes).unwrap();
            bytes
        };
        criterion.bench_function(&format!("seal {}", suite.name()), |bencher| {
            bencher.iter_batched(&mut packet, |packet| one.seal(&packet).unwrap(), BatchSize::SmallInput);
        });
        let (mut one, mut other) = (Protection::new(&ours).unwrap(), Protection::new(&theirs).unwrap());
        criterion.bench_function(&format!("open {}", suite.name()), |bencher| {
            let sealed = || one.seal(&packet()).unwrap();
            bencher.iter_batched(sealed, |sealed| other.open(sealed.as_ref()).unwrap(), BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, secrecy);
criterion_main!(benches);
