//! Callbacks that an agent promises a citizen: `POST /api/v1/callbacks/by-agent`, and the
//! times that have room, `GET /api/v1/callbacks/by-agent?queue=…`.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics::counter;
use serde::Deserialize;
use serde_json::json;

use super::api;
use super::faults::{Fault, Trouble};
use super::office::SOON;
use super::problem::{not_noted, problem};
use crate::base::{Language, QueueName, limits};
use crate::callback::Refused;
use crate::server::{Answer, clock};
use crate::web::access::guard;
use crate::web::pages::WebState;

/// Both behind the guard: whom they call is the agents' business.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/callbacks/by-agent", get(times).post(promise))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    queue: QueueName,
}

/// The times that may be promised at present, beside as soon as possible.
async fn times(State(state): State<WebState>, of: Result<Query<Of>, QueryRejection>) -> Response {
    let of = match of {
        Ok(Query(of)) => of,
        Err(wrong) => return problem(wrong.status(), "not-valid", &wrong.body_text(), json!({})),
    };
    let office = &state.callbacks;
    let Some(offer) = office.any(&of.queue) else { return no_queue() };
    let outlook = office.outlook(offer, Language::Fr).await;
    let slots = api::times(&offer.slots(&outlook, clock::wall()));
    Json(json!({ "queue": offer.queue, "soon": SOON, "slots": slots })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    number: String,
    queue: QueueName,
    /// `soon`, or what the times are called.
    #[serde(default = "soon")]
    when: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    language: Language,
}

fn soon() -> String {
    SOON.to_owned()
}

async fn promise(State(state): State<WebState>, body: Result<Json<Body>, JsonRejection>) -> Response {
    let Body { number, queue, when, reason, language } = match body {
        Ok(Json(body)) => body,
        Err(wrong) => return problem(wrong.status(), "not-valid", &wrong.body_text(), json!({})),
    };
    let Some(offer) = state.callbacks.any(&queue) else { return no_queue() };
    let not_noted = |trouble| not_noted(&trouble, Some(offer), Language::En);
    let checked = match state.callbacks.check_fields(offer, (&number, &reason, &when), language).await {
        Ok(checked) => checked,
        Err(faults) => return not_noted(Trouble::Faults(faults)),
    };
    let answer = state.callbacks.promise_for_agent(checked, language).await;
    counter!("svi_agent_callbacks_total", "answer" => word(answer)).increment(1);
    match answer {
        Answer::Promised { ticket, when, .. } => {
            let body = json!({ "id": ticket, "slot": api::slot(when) });
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Answer::Refused(Refused::SlotFull) => not_noted(Trouble::Faults(vec![Fault::TakenTime])),
        Answer::Refused(Refused::NotKept) | Answer::Overdue | Answer::Cancelled => not_noted(Trouble::NotNow),
        Answer::Refused(why) => {
            problem(StatusCode::CONFLICT, why.word(), "the callback is not promised", json!({ "why": why.word() }))
        }
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Promised { .. } => "promised",
        Answer::Refused(why) => why.word(),
        Answer::Overdue | Answer::Cancelled => "not-now",
    }
}

fn no_queue() -> Response {
    problem(StatusCode::NOT_FOUND, "no-queue", "no service has this queue: write it as `service/queue`", json!({}))
}
