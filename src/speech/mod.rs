//! Values into words, French and English: numbers, times, dates, hours, phone
//! numbers, ranks, waits, and the sentences that menus are made of.
//!
//! A [`Phrase`] is a row of [`Fragment`]s; each fragment's text is the key of one
//! recorded clip. What is known before a call is one fragment (a whole sentence);
//! what is only known at run time is put together from the [vocabulary].

mod phrase;

pub use phrase::{Fragment, Phrase};
