//! The trunks by API: `GET /api/v1/trunks`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::access::guard;
use super::pages::WebState;

/// The path below `/api`, behind the guard.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new().route("/api/v1/trunks", get(list)).route_layer(from_fn_with_state(state.token.clone(), guard))
}

/// Every trunk, in the order of the settings.
async fn list(State(state): State<WebState>) -> Response {
    match state.trunks.list().await {
        Some(trunks) => Json(json!({ "trunks": trunks })).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "the service is stopping" }))).into_response(),
    }
}
