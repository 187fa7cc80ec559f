//! Values into words, French and English: numbers, times, dates, hours, phone
//! numbers, ranks, waits, and the sentences that menus are made of.
//!
//! A [`Phrase`] is a row of [`Fragment`]s; each fragment's text is the key of one
//! recorded clip. What is known before a call is one fragment (a whole sentence);
//! what is only known at run time is put together from the [vocabulary].

mod address;
mod brief;
mod callback;
mod contact;
mod dictated;
mod hours;
mod menu;
mod notice;
mod number;
mod phrase;
mod quiet;
mod sentence;
mod tell;
mod time;
mod vocabulary;
mod wait;
mod words;

pub use brief::{brief, press_one, purpose_line, recall};
pub use callback::{
    CANCEL_KEY, CallbackWords, MOST_CHOICES, callback, known_callback, noted_slot, read_back, slot_line, soon_line,
    typed_back,
};
pub use contact::{card_fragments, procedure};
pub use dictated::Dictation;
pub use hours::hours;
pub use menu::{Offered, agent_line, menu_line, offer_line};
pub use notice::{Notice, notice};
pub use number::{digits, number, phone, rank};
pub use phrase::{Fragment, Phrase, estimated_length};
pub use quiet::{QuietTime, quiet};
pub use sentence::{Sentence, sentence};
pub use tell::{open_state, tell};
pub use time::{date, duration, month_name, time_of_day, weekday_name};
pub use vocabulary::vocabulary;
pub use wait::{Wait, wait};
