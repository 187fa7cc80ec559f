//! Callbacks on the web: the citizens' page, the public request, and the API for those who
//! look after tickets.
//!
//! What does not live here: what may become of a ticket, which is [`crate::callback`]'s.

mod agents;
mod api;
mod faults;
mod gate;
mod limiter;
mod office;
mod page;
mod problem;
mod seen;
mod source;
#[cfg(test)]
mod tests;
mod tickets;
mod view;
mod view_code;
mod words;

use axum::Router;

pub use office::Office;

use super::pages::WebState;

/// The API of the tickets, and what citizens may use where the settings offer it.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    let routes = tickets::routes(state).merge(agents::routes(state));
    if state.callbacks.is_open() { routes.merge(api::routes()).merge(page::routes(state)) } else { routes }
}
