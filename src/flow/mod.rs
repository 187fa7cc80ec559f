//! The language: YAML → spanned tree → checked [`Program`]; one file per step kind,
//! one per lint rule.
//!
//! [`load`] reads the files of one service and says everything that is wrong with them
//! in one run; [`conflicts`] looks over several services; [`sentences`] lists what has to be recorded;
//! [`schema()`] is the form of the files for editors.
//!
//! What does not live here: running a program, which is [`crate::engine`]'s; reading
//! files, which is the shell's.

mod allow;
mod asked;
mod audio;
mod card;
mod changes;
mod condition;
mod conflicts;
mod file;
mod graph;
mod lint;
mod load;
mod number_form;
mod lookup;
mod placeholder;
mod look;
mod program;
mod prove;
mod question;
mod queues;
mod role;
mod schema;
mod sentences;
mod spoken;
mod step;
mod subflow;
mod text;
mod texts;
mod value;
mod variables;
mod trial;
mod yaml;

pub use audio::Audio;
pub use card::CardFile;
pub use changes::Changes;
pub use condition::{Comparison, Condition, Fact, Known, Term};
pub use conflicts::conflicts;
#[cfg(test)]
pub(crate) use load::unchecked;
pub use load::{Loaded, load};
pub use look::{Completion, Completions, Hover, Look, NoRename, Offered, Outline};
pub use lookup::{Lookup, Method, Take, UrlPart, UrlTemplate};
pub use number_form::{Fit, NumberForm, Pattern};
pub use program::*;
#[cfg(test)]
pub(crate) use prove::{Checked, Verdicts, fault::Fault};
pub use prove::{Explored, explored};
pub use question::{Miss, Question, TypeAhead};
pub use queues::{AtClosing, Member, Overflow, QueueRules, Strategy, WhenEmpty};
pub use role::Role;
pub use schema::{schema, trials_schema};
pub use sentences::{Sentence, sentences};
pub use spoken::spoken;
pub use texts::{FileChange, FileFate, Texts};
pub use trial::{ANY_AGENT, Attendance, Bound, End, HANGS_UP, NOTHING, Outside, Said, TESTS, Trial, Turn, trials};
pub use value::*;

#[cfg(test)]
mod tests;
