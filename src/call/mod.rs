//! One caller's whole story: the engine, the caller's leg, the legs of agents' phones,
//! events, the record (CDR). Also the short calls that agents make to the service.

mod brief;
mod caller;
mod consult;
mod desk;
mod diverted;
mod errand;
mod event;
mod io;
mod leg;
mod machine;
mod message;
mod notes;
pub mod past;
mod recall;
mod recall_order;
mod recall_stage;
mod record;
mod ring;
mod sides;
mod state;
mod talk;
#[cfg(test)]
mod tests;
mod transfer;
mod waiting;
mod watch;

pub use consult::Consult;
pub use desk::Desk;
pub use diverted::DivertedFrom;
pub use errand::{Codes, Errand};
pub use event::{By, CallEvent, Ending, Happened};
pub use io::{
    Beep, Confirm, Conversation, Input, Notice, Notices, Output, Reach, Settings, TransferTo, Transfers, Whisper,
    call_of,
};
pub use machine::Call;
pub use message::{Dictate, Wanted};
pub use recall::Recall;
pub use recall_order::RecallOrder;
pub use recall_stage::{RecallEvent, RecallStage};
pub use record::{CalledBack, Mark, OtherMedia, Record, Recorder, StepLine, ToldWait};
pub use sides::{Move, Stage};
pub use state::{CallState, CallTurn};
pub use watch::{Mode, WatchOrder, Watched};
