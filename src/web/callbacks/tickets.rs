//! Tickets for those who look after them: `GET /api/v1/callbacks`, `GET` and `DELETE
//! /api/v1/callbacks/{id}`.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::problem::problem;
use crate::base::{QueueName, TicketId, WallTime, limits};
use crate::callback::{By, Reason, Refused, When};
use crate::server::Answer;
use crate::store::{Error, Listed, TicketRow};
use crate::web::access::guard;
use crate::web::pages::WebState;

/// Each behind the guard: tickets are personal data.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/callbacks", get(list))
        .route("/api/v1/callbacks/{id}", get(one).delete(cancel))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A state, or `open`; all when not said.
    state: Option<String>,
    queue: Option<QueueName>,
    /// Older than this one: the last of the page before.
    before: Option<u64>,
    limit: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canceller {
    /// By which way: `api` when not said.
    by: Option<Way>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Way {
    Api,
    Cli,
}

/// A ticket as people and programs see it. The number is in the clear: it is there to be called.
#[derive(Debug, Serialize)]
struct Line {
    id: u64,
    state: String,
    queue: QueueName,
    /// Nothing once it is erased.
    number: Option<String>,
    source: String,
    language: Value,
    reason: Value,
    asked: WallTime,
    /// Nothing for as soon as possible.
    slot: Option<Slot>,
    due: WallTime,
    attempts: u64,
    /// How the latest attempt ended.
    outcome: Value,
    ended: Option<WallTime>,
    why: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Slot {
    from: WallTime,
    to: WallTime,
}

impl From<TicketRow> for Line {
    fn from(row: TicketRow) -> Self {
        let rest = |key: &str| row.rest.get(key).cloned().unwrap_or_default();
        let when: Option<When> = serde_json::from_value(rest("when")).ok();
        let why: Option<Reason> = serde_json::from_value(rest("ended")).ok().flatten();
        let attempts = rest("attempts");
        let latest = attempts.as_array().and_then(|attempts| attempts.last()).and_then(|last| last.get("outcome"));
        let (language, reason, outcome) = (rest("language"), rest("reason"), latest.cloned().unwrap_or_default());
        Self {
            id: row.id.0,
            // Whoever reads it reads what is on the disk, and what is on the disk is promised.
            state: if row.state == "asked" { "kept".into() } else { row.state },
            queue: row.queue,
            number: row.number.map(|number| number.reveal().to_string()),
            source: row.source,
            language,
            reason,
            asked: row.asked,
            slot: when.and_then(|when| match when {
                When::Soon => None,
                When::Slot { from, to } => Some(Slot { from, to }),
            }),
            due: row.due,
            attempts: row.attempts,
            outcome,
            ended: row.ended,
            why: why.map(Reason::word),
        }
    }
}

async fn list(State(state): State<WebState>, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let Wanted { state: word, queue, before, limit } = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(wrong) => return problem(wrong.status(), "not-valid", &wrong.body_text(), json!({})),
    };
    let mut listed = Listed { queue, before: before.map(TicketId), ..Listed::default() };
    match word.as_deref() {
        None => {}
        Some("open") => listed.open = true,
        // On the disk a promise is still called asked.
        Some("kept") => (listed.states, listed.open) = (vec!["asked", "kept"], true),
        Some(word) => match STATES.iter().find(|state| **state == word) {
            Some(state) => listed.states = vec![state],
            None => return problem(StatusCode::UNPROCESSABLE_ENTITY, "no-state", STATES_ARE, json!({})),
        },
    }
    let most = limit.unwrap_or(USUAL).clamp(1, limits::TICKETS_LISTED);
    match state.callbacks.0.store.list_tickets(&listed, most).await {
        Ok(rows) => {
            // Where the page is full there may be another one.
            let next = rows.last().filter(|_| rows.len() == most as usize).map(|row| row.id.0);
            let lines: Vec<Line> = rows.into_iter().map(Line::from).collect();
            Json(json!({ "callbacks": lines, "before": next })).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn one(State(state): State<WebState>, Path(id): Path<u64>) -> Response {
    match state.callbacks.0.store.ticket(TicketId(id)).await {
        Ok(Some(row)) => Json(Line::from(row)).into_response(),
        Ok(None) => nothing(),
        Err(error) => failed(&error),
    }
}

async fn cancel(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    by: Result<Query<Canceller>, QueryRejection>,
) -> Response {
    let by = match by {
        Ok(Query(Canceller { by: Some(Way::Cli) })) => By::Cli,
        Ok(Query(Canceller { by: Some(Way::Api) | None })) => By::Api,
        Err(wrong) => return problem(wrong.status(), "not-valid", &wrong.body_text(), json!({})),
    };
    let conflict = |word, why| problem(StatusCode::CONFLICT, word, why, json!({}));
    match state.callbacks.0.book.cancel(TicketId(id), by).await {
        Answer::Cancelled => StatusCode::NO_CONTENT.into_response(),
        Answer::Refused(Refused::TooLate) => conflict("too-late", "the citizen is being called at this moment"),
        Answer::Refused(Refused::Unknown) => match state.callbacks.0.store.ticket(TicketId(id)).await {
            Ok(Some(_)) => conflict("over", "this callback is over"),
            Ok(None) => nothing(),
            Err(error) => failed(&error),
        },
        Answer::Refused(_) | Answer::Overdue | Answer::Promised { .. } => {
            let why = "it could not be written down: the callback stands";
            problem(StatusCode::SERVICE_UNAVAILABLE, "not-now", why, json!({}))
        }
    }
}

fn nothing() -> Response {
    problem(StatusCode::NOT_FOUND, "no-callback", "there is no such callback", json!({}))
}

fn failed(error: &Error) -> Response {
    tracing::error!(%error, "callbacks could not be read");
    problem(StatusCode::SERVICE_UNAVAILABLE, "not-now", "the database does not answer", json!({}))
}

/// What can be asked for; the states of a ticket, as the API calls them.
const STATES: [&str; 7] = ["dialling", "retry", "connected", "done", "given-up", "cancelled", "refused"];
const STATES_ARE: &str =
    "a state is `open`, `kept`, `dialling`, `retry`, `connected`, `done`, `given-up`, `cancelled` or `refused`";
/// Tickets in one answer, when the request does not say.
const USUAL: u32 = 100;
