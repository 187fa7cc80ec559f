//! `svi schema`: the form of a service's files, for editors.

use super::args::Schema;
use super::{Verdict, say};
use crate::flow;

pub(crate) fn run(args: &Schema) -> Verdict {
    say(&format!("{:#}", flow::schema(args.file.into())));
    Verdict::Good
}
