//! `svi schema`: the form of a service's files, for editors.

use super::args::{Schema, SchemaOf};
use super::{Verdict, say};
use crate::flow::{self, Role};

pub(crate) fn run(args: &Schema) -> Verdict {
    let schema = match args.file {
        SchemaOf::Flow => flow::schema(Role::Flow),
        SchemaOf::Queues => flow::schema(Role::Queues),
        SchemaOf::Service => flow::schema(Role::Service),
        SchemaOf::Tests => flow::trials_schema(),
    };
    say(&format!("{schema:#}"));
    Verdict::Good
}
