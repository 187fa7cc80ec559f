//! The bans by API: `GET /api/v1/bans` and `DELETE /api/v1/bans/{address}`.

use std::net::IpAddr;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::json;

use super::access::guard;
use super::pages::WebState;

/// The paths below `/api`, each behind the guard.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/bans", get(list))
        .route("/api/v1/bans/{address}", delete(lift))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

/// Every source that is not heard, those that were banned last first.
async fn list(State(state): State<WebState>) -> Response {
    match state.bans.list().await {
        Some(bans) => Json(json!({ "bans": bans })).into_response(),
        None => refused(StatusCode::SERVICE_UNAVAILABLE, STOPPING),
    }
}

/// Hears a source again.
async fn lift(State(state): State<WebState>, Path(address): Path<String>) -> Response {
    let Ok(address) = address.parse::<IpAddr>() else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "this is no IP address");
    };
    match state.bans.lift(address).await {
        Some(true) => Json(json!({ "address": address, "lifted": true })).into_response(),
        Some(false) => refused(StatusCode::NOT_FOUND, "this address is not banned"),
        None => refused(StatusCode::SERVICE_UNAVAILABLE, STOPPING),
    }
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

const STOPPING: &str = "the service is stopping";
