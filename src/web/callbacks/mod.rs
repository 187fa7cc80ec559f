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
pub(super) mod words;

use axum::Router;

pub use office::Office;

use super::pages::WebState;
use crate::base::Language;

/// The API of the tickets, and what citizens may use where the settings offer it.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    let routes = tickets::routes(state).merge(agents::routes(state));
    if state.callbacks.is_open() { routes.merge(api::routes()).merge(page::routes(state)) } else { routes }
}

/// Where a call of a service is asked for, if it can be.
pub(super) fn ask_path(office: &Office, service: &str, language: Language) -> Option<String> {
    let mut offers = office.0.offers.iter();
    let offer = offers.find(|offer| offer.queue.as_str().split('/').next() == Some(service))?;
    Some(view::ask_path(language, offer))
}

/// Who may show the public pages inside their own, as `frame-ancestors` has it.
pub(super) fn ancestors(office: &Office) -> String {
    match &office.0.embed[..] {
        [] => "'none'".to_owned(),
        origins => format!("'self' {}", origins.join(" ")),
    }
}
