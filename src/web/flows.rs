//! The flows by API: `GET /api/v1/flows` and `POST /api/v1/flows/reload`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::guard;
use super::pages::WebState;
use crate::base::limits;
use crate::diag::{self, Colour, Diagnostic};
use crate::server::{By, Differs, How, Outcome, Swapped};

/// The paths below `/api`, behind the guard.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/flows", get(show))
        .route("/api/v1/flows/reload", post(reload))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Who asks, as they call themselves.
    by: Option<String>,
}

/// What runs, and whether it is what the files say.
async fn show(State(state): State<WebState>) -> Response {
    let flows = state.flows.state();
    let differ = flows.differs.map(|differs| match differs {
        Differs::Refused { errors } => json!({ "why": differs.word(), "errors": errors }),
        Differs::Unread => json!({ "why": differs.word() }),
    });
    Json(json!({ "since": flows.since, "by": by(&flows.by), "differ": differ })).into_response()
}

/// Puts what is on the disk in the place of what runs, if it has no error.
async fn reload(State(state): State<WebState>, body: Bytes) -> Response {
    let asked = if body.is_empty() { Ok(Asked::default()) } else { serde_json::from_slice::<Asked>(&body) };
    let who = match asked.map(|asked| asked.by.as_deref().map(name)) {
        Ok(None) => None,
        Ok(Some(Some(who))) => Some(who),
        Ok(Some(None)) | Err(_) => {
            return said(StatusCode::UNPROCESSABLE_ENTITY, "send `{\"by\": \"your name\"}`, or nothing");
        }
    };
    match state.flows.reload(By { how: How::Api, who }).await {
        Some(outcome) => told(&outcome),
        None => said(StatusCode::SERVICE_UNAVAILABLE, "the service is stopping"),
    }
}

fn told(outcome: &Outcome) -> Response {
    let result = outcome.word();
    match outcome {
        Outcome::Swapped(swapped) => {
            let Swapped { files, changes, warnings } = &**swapped;
            let (changes, warnings) = (changes.lines(), findings(warnings));
            Json(json!({ "result": result, "files": files, "changes": changes, "diagnostics": warnings }))
                .into_response()
        }
        Outcome::Same => Json(json!({ "result": result })).into_response(),
        Outcome::Refused(diagnostics) => {
            let error = "the flows on the disk have errors: those that ran before go on";
            let text: Vec<String> = diagnostics.iter().map(|d| diag::framed(d, Colour::Never)).collect();
            let (text, diagnostics) = (text.join("\n"), findings(diagnostics));
            let body = json!({ "result": result, "error": error, "diagnostics": diagnostics, "text": text });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
        Outcome::Unread(why) => {
            let body = json!({ "result": result, "error": format!("{why}: the flows that ran before go on") });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
    }
}

/// As `svi check --format json` gives them.
fn findings(diagnostics: &[Diagnostic]) -> Value {
    let mut report: Value =
        serde_json::from_str(&diag::json(diagnostics)).expect("invariant: what was written as JSON is read as JSON");
    report["findings"].take()
}

fn by(By { how, who }: &By) -> Value {
    json!({ "how": how.word(), "who": who })
}

/// A name that can be shown.
fn name(text: &str) -> Option<Arc<str>> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= NAME && !text.contains(char::is_control);
    good.then(|| text.into())
}

fn said(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// Letters of a name.
const NAME: usize = 60;
