//! What callbacks cost in SQLite: the due query, an insert and a cancel, each on the disk,
//! and the start with its check of the file, with a thousand and with a million tickets.
//!
//! `cargo bench --bench store`; `TMPDIR` says on which disk.

#![allow(clippy::print_stdout, reason = "the size of the file is a figure as well")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use svi::base::{PhoneNumber, Private, TicketId, WallTime};
use svi::store::{Asked, Kept, Store, TicketRow, Which};
use tokio::runtime::Runtime;

const TICKETS: [u64; 2] = [1_000, 1_000_000];

/// A store with so many tickets: one in ten is open, and their times lie a second apart.
struct Shelf {
    store: Store,
    runtime: Runtime,
    next: u64,
    folder: tempfile::TempDir,
}

impl Shelf {
    fn new(tickets: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let store = runtime.block_on(Store::open(folder.path())).expect("a store");
        let all: Vec<u64> = (1..=tickets).collect();
        for some in all.chunks(500) {
            let rows: Vec<TicketRow> = some.iter().map(|id| ticket(*id)).collect();
            runtime.block_on(store.keep_tickets(&rows)).expect("room for the tickets");
        }
        Self { store, runtime, next: tickets, folder }
    }
}

fn ticket(id: u64) -> TicketRow {
    let asked = WallTime::from_millis(i64::try_from(id).expect("a small id") * 1_000);
    let open = id.is_multiple_of(10);
    TicketRow {
        id: TicketId(id),
        version: 3,
        state: if open { "kept" } else { "done" }.into(),
        number: PhoneNumber::parse(&format!("+336{:08}", id % 100_000_000)).ok().map(Private::new),
        queue: "france-services/agents".into(),
        source: "queue".into(),
        code: Some(format!("{id:064x}")),
        asked,
        due: asked,
        attempts: 1,
        ended: (!open).then_some(asked),
        rest: serde_json::json!({ "language": "fr", "priority": 0, "since": asked, "attempts": [{ "nth": 1 }] }),
    }
}

fn tickets(c: &mut Criterion) {
    for count in TICKETS {
        let mut shelf = Shelf::new(count);
        let mut group = c.benchmark_group("store");
        group.sample_size(30);
        let all = WallTime::from_millis(i64::MAX);
        group.bench_function(BenchmarkId::new("due-50", count), |b| {
            b.iter(|| {
                let due = shelf.runtime.block_on(shelf.store.due_tickets(all, 50)).expect("an answer");
                assert_eq!(black_box(due).len(), 50);
            });
        });
        group.bench_function(BenchmarkId::new("insert", count), |b| {
            b.iter(|| {
                shelf.next += 1;
                let kept = shelf.runtime.block_on(shelf.store.keep_ticket(&ticket(shelf.next)));
                assert_eq!(kept.expect("it is kept"), Kept::Written);
            });
        });
        group.bench_function(BenchmarkId::new("insert-and-cancel", count), |b| {
            b.iter(|| {
                // One that is open, and as late as all the others.
                shelf.next += 10 - shelf.next % 10;
                let (ticket, now) = (ticket(shelf.next), WallTime::from_millis(1));
                shelf.runtime.block_on(shelf.store.keep_ticket(&ticket)).expect("it is kept");
                let number = ticket.number.expect("it has a number");
                let cancelled = shelf.runtime.block_on(shelf.store.cancel_ticket(&Which::Number(number), now));
                assert!(cancelled.expect("an answer").is_some());
            });
        });
        group.bench_function(BenchmarkId::new("count-of-a-number", count), |b| {
            let number = ticket(count / 2).number.expect("it has a number");
            let who = Asked::By(number);
            b.iter(|| {
                let asked = shelf.runtime.block_on(shelf.store.count_asked(&who, WallTime::from_millis(0)));
                assert!(black_box(asked.expect("an answer")) >= 1);
            });
        });
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("start-and-check", count), |b| {
            b.iter(|| {
                let again = shelf.runtime.block_on(Store::open(shelf.folder.path())).expect("a sound store");
                shelf.runtime.block_on(again.close());
            });
        });
        group.finish();
        let file = std::fs::metadata(shelf.folder.path().join("svi.db")).map_or(0, |file| file.len());
        println!("{count} tickets and what was added: {file} bytes");
        shelf.runtime.block_on(shelf.store.close());
    }
}

criterion_group!(benches, tickets);
criterion_main!(benches);
