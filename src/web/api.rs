//! The agents by API: `GET /api/v1/agents`, `POST /api/v1/agents/{name}/{errand}` and
//! `POST /api/v1/supervise`.

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::access::guard;
use super::pages::WebState;
use crate::base::{AgentName, limits};
use crate::call::{Errand, Mode};
use crate::server::{AgentsDesk, Refusal};

/// The paths below `/api`, each behind the guard.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/agents", get(list))
        .route("/api/v1/agents/{name}/{errand}", post(errand))
        .route("/api/v1/supervise", post(supervise))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    /// Why, as the settings call it.
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Supervise {
    /// Whose talk.
    agent: AgentName,
    /// Whose phone is rung.
    supervisor: AgentName,
    /// How.
    #[serde(default)]
    mode: Wanted,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    #[default]
    Listen,
    Whisper,
    Barge,
}

/// What every agent is doing, and at which phones.
async fn list(State(state): State<WebState>) -> Response {
    match state.agents.with_phones().await {
        Ok(agents) => Json(json!({ "agents": agents })).into_response(),
        Err(refusal) => refused(refusal),
    }
}

/// An agent's errand; what the agent is doing then.
async fn errand(
    State(state): State<WebState>,
    Path((name, errand)): Path<(String, String)>,
    body: Result<Json<Pause>, JsonRejection>,
) -> Response {
    let reason = match body {
        Ok(Json(pause)) => pause.reason,
        Err(wrong) => return (wrong.status(), Json(json!({ "error": wrong.body_text() }))).into_response(),
    };
    let errand = match named(&state.agents, &errand, reason.as_deref()) {
        Some(Ok(errand)) => errand,
        Some(Err(refusal)) => return refused(refusal),
        None => return (StatusCode::NOT_FOUND, Json(json!({ "error": ERRANDS }))).into_response(),
    };
    match state.agents.errand(&AgentName::from(name.as_str()), &errand).await {
        Ok(line) => Json(line).into_response(),
        Err(refusal) => refused(refusal),
    }
}

fn named(agents: &AgentsDesk, word: &str, reason: Option<&str>) -> Option<Result<Errand, Refusal>> {
    Some(match word {
        "login" => Ok(Errand::LogIn),
        "logout" => Ok(Errand::LogOut),
        "pause" => agents.reason(reason).map(|reason| Errand::Pause { reason }),
        "resume" => Ok(Errand::Resume),
        "ready" => Ok(Errand::Ready),
        _ => return None,
    })
}

/// Rings a supervisor's phone for an agent's talk.
async fn supervise(State(state): State<WebState>, body: Result<Json<Supervise>, JsonRejection>) -> Response {
    let Supervise { agent, supervisor, mode } = match body {
        Ok(Json(wanted)) => wanted,
        Err(wrong) => return (wrong.status(), Json(json!({ "error": wrong.body_text() }))).into_response(),
    };
    let mode = match mode {
        Wanted::Listen => Mode::Listen,
        Wanted::Whisper => Mode::Whisper,
        Wanted::Barge => Mode::Barge,
    };
    match state.agents.supervise(supervisor, Errand::Supervise { agent, mode }).await {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "mode": mode.word() }))).into_response(),
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Response {
    let status = match refusal {
        Refusal::NoAgent => StatusCode::NOT_FOUND,
        Refusal::NoReason => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Forbidden => StatusCode::FORBIDDEN,
        Refusal::NoTalk => StatusCode::CONFLICT,
        Refusal::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(json!({ "error": refusal.to_string() }))).into_response()
}

const ERRANDS: &str = "an agent's errand is `login`, `logout`, `pause`, `resume` or `ready`";
