//! The public API: `GET /api/v1/callbacks/offers`, `POST /api/v1/callbacks`, and `GET` and
//! `DELETE /api/v1/callbacks/mine` with the code in the header `Callback-Code`.

use std::net::SocketAddr;

use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Trouble;
use super::gate::read_code;
use super::office::{Consent, Filled, Office, SOON, slot_value};
use super::problem::{not_noted, problem, retry_after};
use super::seen::{Seen, Withdrawn};
use super::source::client;
use crate::base::{Language, Private, limits};
use crate::callback::When;
use crate::server::clock;
use crate::service::Slot;
use crate::web::pages::WebState;

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/api/v1/callbacks", post(ask))
        .route("/api/v1/callbacks/offers", get(offers))
        .route("/api/v1/callbacks/mine", get(mine).delete(withdraw))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    number: String,
    #[serde(default)]
    reason: String,
    queue: Option<String>,
    /// `soon`, or what `offers` calls a slot.
    #[serde(default)]
    when: String,
    #[serde(default)]
    language: Language,
    #[serde(default)]
    consent: bool,
}

async fn ask(
    State(state): State<WebState>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Result<Json<Body>, JsonRejection>,
) -> Response {
    let body = match body {
        Ok(Json(body)) => body,
        Err(wrong) => return problem(wrong.status(), "not-valid", &wrong.body_text(), json!({})),
    };
    let Body { number, reason, queue, when, language, consent } = body;
    let consent = if consent { Consent::Given } else { Consent::NotGiven };
    let filled = Filled { number, reason, queue, when, consent, trap: String::new() };
    let office = &state.callbacks;
    match office.ask(from(office, &extensions, &headers), &filled, language).await {
        Ok(noted) => {
            let body = json!({
                "code": noted.code,
                "state": "noted",
                "queue": noted.offer.queue,
                "service": noted.offer.card.name,
                "number": noted.number.masked(),
                "slot": slot(noted.when),
            });
            (StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(trouble) => not_noted(&trouble, office.offer(filled.queue.as_deref()), language),
    }
}

/// What may be asked for at present.
async fn offers(State(state): State<WebState>) -> Response {
    let mut lines = Vec::new();
    for offer in &state.callbacks.0.offers {
        let (now, card) = (clock::wall(), &offer.card);
        let outlook = state.callbacks.outlook(offer, Language::Fr).await;
        let slots = times(&offer.slots(&outlook, now));
        lines.push(json!({
            "queue": offer.queue,
            "name": { "fr": offer.name.fr, "en": offer.name.en },
            "service": card.name,
            "open": card.phone_hours.is_open(now),
            "opening_hours": card.phone_hours.text(),
            "wait": outlook.glance.wait.filter(|_| card.phone_hours.is_open(now)).map(|wait| wait.to_string()),
            "soon": SOON,
            "slots": slots,
        }));
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "offers": lines }))).into_response()
}

async fn mine(State(state): State<WebState>, extensions: Extensions, headers: HeaderMap) -> Response {
    match shown(&state.callbacks, &extensions, &headers).await {
        Ok((_, seen)) => ([(header::CACHE_CONTROL, "no-store")], Json(line(&seen))).into_response(),
        Err(refusal) => *refusal,
    }
}

async fn withdraw(State(state): State<WebState>, extensions: Extensions, headers: HeaderMap) -> Response {
    let (code, seen) = match shown(&state.callbacks, &extensions, &headers).await {
        Ok(found) => found,
        Err(refusal) => return *refusal,
    };
    let conflict = |word, why| problem(StatusCode::CONFLICT, word, why, json!({}));
    match state.callbacks.withdraw(&code, &seen).await {
        Withdrawn::Done => StatusCode::NO_CONTENT.into_response(),
        Withdrawn::TooLate => conflict("too-late", "you are being called at this moment"),
        Withdrawn::Over => conflict("over", "this request is over"),
        Withdrawn::NotNow => not_now(),
    }
}

/// The request of the code in the header.
async fn shown<'s>(
    office: &'s Office,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<(Private<String>, Seen<'s>), Box<Response>> {
    let none = || {
        let title = "no request has this code: it is mistyped, or over for long";
        Box::new(problem(StatusCode::NOT_FOUND, "no-request", title, json!({})))
    };
    if let Err(again) = office.0.gate.shows_code(from(office, extensions, headers)).await {
        return Err(Box::new(not_noted(&Trouble::TooMany { again: Some(again) }, None, Language::En)));
    }
    let code = headers.get("callback-code").and_then(|code| code.to_str().ok()).and_then(read_code);
    let code = code.ok_or_else(none)?;
    match office.seen(&code).await {
        Ok(Some(seen)) => Ok((code, seen)),
        Ok(None) => Err(none()),
        Err(_) => Err(Box::new(not_now())),
    }
}

fn line(seen: &Seen<'_>) -> Value {
    json!({
        "state": seen.progress,
        "queue": seen.offer.map(|offer| &offer.queue),
        "service": seen.offer.map(|offer| &offer.card.name),
        "number": seen.number.masked(),
        "asked": seen.asked,
        "slot": slot(seen.when),
    })
}

/// The times to choose from.
pub(super) fn times(slots: &[Slot]) -> Value {
    slots.iter().map(|slot| json!({ "when": slot_value(slot), "from": slot.begins, "to": slot.ends })).collect()
}

/// Nothing for as soon as possible.
pub(super) fn slot(when: When) -> Value {
    match when {
        When::Soon => Value::Null,
        When::Slot { from, to } => json!({ "from": from, "to": to }),
    }
}

fn not_now() -> Response {
    let title = "the database does not answer: nothing has changed";
    let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, "not-now", title, json!({}));
    if let Some(seconds) = retry_after(&Trouble::NotNow) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn from(office: &Office, extensions: &Extensions, headers: &HeaderMap) -> std::net::IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    client(peer, headers, &office.0.proxies)
}
