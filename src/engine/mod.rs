//! Runs a [`crate::flow::Program`]: inputs in, actions out; one file per step kind.
//!
//! A [`Machine`] is one caller in one flow. It says what shall be heard and who shall
//! be called; how that is done is [`crate::call`]'s. A step's `enter_…` starts it, its
//! other functions take what happens while it waits, and each answers where to go next.

mod announce;
mod callback;
mod callback_place;
mod callback_step;
mod choose;
mod closed;
mod collect;
#[cfg(test)]
mod fingerprint;
mod hangup;
mod hours;
mod io;
mod keys;
mod last_default;
mod lookup;
mod machine;
mod menu;
mod note;
mod offers;
mod outbox;
mod question;
mod queue;
mod relay;
mod reminder;
mod rounds;
mod say;
mod set;
mod speaking;
mod state;
mod survey;
mod tell;
mod transfer;
mod values;
mod voicemail;
mod waiting;

#[cfg(test)]
mod tests;

pub use io::{
    Action, BookAsk, BookNews, Deadline, ExpectedWait, Input, Keys, Longer, MessageNews, MessageOrder, MusicFrom,
    NoMessage, Place, QueueNews, Sound, TransferNews,
};
pub use lookup::{LookUpNews, LookUpOrder};
pub use machine::Machine;
pub use note::Note;
