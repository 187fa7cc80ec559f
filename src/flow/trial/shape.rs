//! What may be written in a file of tests.

use crate::flow::yaml::{Field, Kind, Shape};

/// The whole file: what holds for all its tests, and the tests.
pub(in crate::flow) const FILE: Shape = Shape {
    fields: &[
        Field::optional("flow", Kind::Word),
        Field::optional("number", Kind::Phone),
        Field::optional("at", Kind::Word),
        Field::optional("from", Kind::Phone),
        Field::optional("queue", QUEUE),
        Field::optional("transfer", TRANSFER),
        Field::optional("lookups", LOOKUPS),
        Field::optional("seed", SEED),
        Field::needed("tests", Kind::Named(&Kind::Map(&TEST))),
    ],
};

const TEST: Shape = Shape {
    fields: &[
        Field::optional("flow", Kind::Word),
        Field::optional("number", Kind::Phone),
        Field::optional("at", Kind::Word),
        Field::optional("from", Kind::Phone),
        Field::optional("queue", QUEUE),
        Field::optional("transfer", TRANSFER),
        Field::optional("lookups", LOOKUPS),
        Field::optional("seed", SEED),
        Field::optional("keys_to_agent", Kind::Count(0, 20)),
        Field::optional("time_to_agent", Kind::Duration),
        Field::needed("call", Kind::List(&Kind::MapOr(&TURN, &Kind::OneOf(&[super::HANGS_UP])))),
    ],
};

const QUEUE: Kind = Kind::MapOr(&CROWD, &Kind::OneOf(&["nobody", "full"]));
const TRANSFER: Kind = Kind::OneOf(&["answers", "nobody"]);
const LOOKUPS: Kind = Kind::Named(&Kind::Any);
const SEED: Kind = Kind::Count(0, u64::MAX);

const CROWD: Shape = Shape {
    fields: &[Field::optional("waiting", Kind::Count(0, 1000)), Field::optional("agents", Kind::Count(0, 1000))],
};

const TURN: Shape = Shape {
    fields: &[
        Field::optional("hears", Kind::Word),
        Field::optional("hears-not", Kind::Word),
        Field::optional("waits-for", Kind::Word),
        Field::optional("presses", Kind::Any),
        Field::optional("waits", Kind::Duration),
        Field::optional("comes-to", Kind::Word),
        Field::optional("reaches", Kind::Word),
        Field::optional("ends", Kind::OneOf(&["agent", "queue", "hang-up", "promise", "message"])),
    ],
};
