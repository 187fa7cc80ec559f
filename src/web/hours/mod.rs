//! The public page of a service's card: `/horaires` in French, `/hours` in English.
//!
//! Everything on it is from the card that callers hear.

mod view;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::callbacks;
use super::pages::WebState;
use crate::base::{Language, WallTime};
use crate::flow::Service;
use crate::server::clock;
use crate::service::Card;

pub(super) fn routes() -> Router<WebState> {
    let page = |language| get(move |state, query, headers| show(state, query, headers, language));
    Router::new()
        .route(view::PATHS[0], page(Language::Fr))
        .route(view::PATHS[1], page(Language::En))
        .route(view::STYLE, get(style))
}

/// The page of a card as one file, with its style in it.
pub fn standalone(language: Language, card: &Card, now: WallTime) -> String {
    view::Page { language, card, now, place: view::Place::File }.html().into_string()
}

#[derive(Debug, Default, Deserialize)]
struct Chosen {
    service: Option<String>,
}

async fn show(
    State(state): State<WebState>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
    language: Language,
) -> Response {
    // A year of days is looked at: milliseconds that calls and packets must not wait for.
    let Ok(_one) = AT_ONCE.acquire().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let kept = state.clone();
    match spawn_blocking(move || made(&kept, chosen.service.as_deref(), language)).await {
        Ok((status, html)) => answer(&state, status, &headers, html),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The page of the service that was chosen, or the choice.
fn made(state: &WebState, chosen: Option<&str>, language: Language) -> (StatusCode, String) {
    let directory = Arc::clone(&state.directory.borrow());
    let services = directory.services();
    let (status, html) = match (chosen, services) {
        (None, [only]) => (StatusCode::OK, page(state, only, language, Several::No)),
        (None, services) => (StatusCode::OK, view::services(language, services)),
        (Some(name), services) => match services.iter().find(|service| *service.name == *name) {
            Some(service) if services.len() == 1 => (StatusCode::OK, page(state, service, language, Several::No)),
            Some(service) => (StatusCode::OK, page(state, service, language, Several::Yes)),
            None => (StatusCode::NOT_FOUND, view::services(language, services)),
        },
    };
    (status, html.into_string())
}

/// Pages that are made at the same time: more would take the cores from the calls.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Whether the house has more services than one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Several {
    Yes,
    No,
}

fn page(state: &WebState, service: &Arc<Service>, language: Language, several: Several) -> maud::Markup {
    let callback = callbacks::ask_path(&state.callbacks, &service.name, language);
    let name = (several == Several::Yes).then(|| service.name.to_string());
    let place = view::Place::Web { service: name, callback };
    view::Page { language, card: &service.card, now: clock::wall(), place }.html()
}

/// A page that may be kept for a minute: it says whether the service is open.
fn answer(state: &WebState, status: StatusCode, asked: &HeaderMap, html: String) -> Response {
    let tag: String =
        Sha256::digest(html.as_bytes()).iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = status == StatusCode::OK && known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { (status, Html(html)).into_response() };
    let ancestors = callbacks::ancestors(&state.callbacks);
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
    );
    let headers = response.headers_mut();
    for (name, value) in [(header::CONTENT_SECURITY_POLICY, policy), (header::ETAG, tag)] {
        headers.extend(HeaderValue::from_str(&value).ok().map(|value| (name, value)));
    }
    let fixed = [
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, view::CSS)
}

/// Of the page's hash, enough to tell its states apart.
const TAG_BYTES: usize = 8;
