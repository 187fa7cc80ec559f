//! What was not done, as RFC 9457 has it.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::faults::Trouble;
use super::office::Offer;
use crate::base::Language;

/// A problem: its word, what has happened, and more about it.
pub(super) fn problem(status: StatusCode, word: &str, title: &str, more: Value) -> Response {
    let mut body = json!({ "type": format!("urn:svi:problem:{word}"), "title": title, "status": status.as_u16() });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Json(body).0.to_string()).into_response()
}

/// Why a callback is not noted, with what is wrong beside each field, and another way.
pub(super) fn not_noted(trouble: &Trouble, offer: Option<&Offer>, language: Language) -> Response {
    let (status, more) = match trouble {
        Trouble::Faults(faults) => {
            let line = |fault: &super::faults::Fault| json!({ "field": fault.field(), "why": fault.word(), "detail": fault.text(language) });
            let errors: Vec<Value> = faults.iter().map(line).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, json!({ "errors": errors }))
        }
        Trouble::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, other_way(offer)),
        Trouble::NotNow => (StatusCode::SERVICE_UNAVAILABLE, other_way(offer)),
    };
    let word = if matches!(trouble, Trouble::Faults(_)) { "not-valid" } else { trouble.word() };
    let mut response = problem(status, word, trouble.text(language), more);
    if let Some(seconds) = retry_after(trouble) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// After how many seconds it is worth to try again.
pub(super) fn retry_after(trouble: &Trouble) -> Option<u64> {
    match trouble {
        Trouble::TooMany { again: Some(again) } => Some(again.as_secs() + 1),
        Trouble::NotNow => Some(60),
        Trouble::TooMany { again: None } | Trouble::Faults(_) => None,
    }
}

/// By phone, and when.
fn other_way(offer: Option<&Offer>) -> Value {
    let Some(offer) = offer else { return json!({}) };
    let phones: Vec<&str> = offer.card.phones.iter().map(|phone| phone.number.as_str()).collect();
    json!({ "phones": phones, "opening_hours": offer.card.phone_hours.text() })
}
