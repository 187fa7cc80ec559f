//! A person is forgotten by API: `POST /api/v1/forget`.

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::access::guard;
use super::pages::WebState;
use crate::base::{PhoneNumber, limits};
use crate::store::Wiped;

/// The path below `/api`, behind the guard.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/forget", post(forget))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    number: String,
}

async fn forget(State(state): State<WebState>, body: Result<Json<Person>, JsonRejection>) -> Response {
    let Ok(Json(person)) = body else {
        // The rejection would quote what was sent.
        return said(StatusCode::UNPROCESSABLE_ENTITY, "send `{\"number\": \"+33…\"}`");
    };
    let Ok(number) = PhoneNumber::parse(&person.number) else {
        return said(StatusCode::UNPROCESSABLE_ENTITY, "write a number such as +33612345678");
    };
    match state.forgetting.forget(&number).await {
        Ok((erased, wiped)) => {
            let wiped = wiped.ok().map(|wiped| match wiped {
                Wiped::Gone => "gone",
                Wiped::Soon => "soon",
                Wiped::Later => "later",
            });
            Json(json!({ "erased": erased, "wiped": wiped })).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a person could not be forgotten in the store");
            said(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer: say it again later")
        }
    }
}

fn said(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
