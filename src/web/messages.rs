//! Callers' messages by API: `GET /api/v1/messages`, `GET /api/v1/messages/{id}`, its
//! `/sound`, `POST /api/v1/messages/{id}/{new|heard|settled}` and `DELETE`.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::guard;
use super::pages::WebState;
use crate::base::{MessageId, TicketId, WallTime, limits};
use crate::server::messages::MessageError;
use crate::store::{CallBack, Mail, Message, MessageState};

/// The paths below `/api`, each behind the guard: messages are personal data.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/messages", get(list))
        .route("/api/v1/messages/{id}", get(one).delete(erase))
        .route("/api/v1/messages/{id}/sound", get(sound))
        .route("/api/v1/messages/{id}/{state}", post(set))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// `new`, `heard` or `settled`; all when not said.
    state: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    /// Who has listened to it, or settled it.
    by: Option<String>,
}

/// A message as people and programs see it. The number is in the clear: it is there to be called.
#[derive(Debug, Serialize)]
struct Line {
    id: u64,
    service: String,
    flow: String,
    /// What the flow calls it, where it does.
    name: Option<String>,
    /// Nothing when it was withheld.
    from: Option<String>,
    at: WallTime,
    length_ms: u64,
    state: MessageState,
    changed: WallTime,
    changed_by: Option<String>,
    /// Nothing where no call back is wanted; else `wanted`, `promised` or `refused`.
    callback: Option<&'static str>,
    /// The ticket that was promised.
    ticket: Option<TicketId>,
    mail: &'static str,
}

impl From<Message> for Line {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            service: message.service,
            flow: message.flow,
            name: message.reason,
            from: message.number.map(|from| from.reveal().as_str().to_owned()),
            at: message.started,
            length_ms: message.length_ms,
            state: message.state,
            changed: message.changed,
            changed_by: message.changed_by,
            callback: match (message.callback, message.ticket) {
                (_, Some(_)) => Some("promised"),
                (CallBack::No, None) => None,
                (CallBack::Wanted, None) => Some("wanted"),
                (CallBack::Refused, None) => Some("refused"),
            },
            ticket: message.ticket,
            mail: match message.mail {
                Mail::None => "none",
                Mail::Waiting { .. } => "waiting",
                Mail::Sent => "sent",
                Mail::Failed => "failed",
            },
        }
    }
}

async fn list(State(state): State<WebState>, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let Wanted { state: word } = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(wrong) => return said(wrong.status(), &wrong.body_text()),
    };
    let wanted = match word.as_deref().map(shown) {
        Some(None) => return said(StatusCode::UNPROCESSABLE_ENTITY, STATES),
        word => word.flatten(),
    };
    match state.messages.list(wanted).await {
        Ok(messages) => {
            let messages: Vec<Line> = messages.into_iter().map(Line::from).collect();
            Json(json!({ "messages": messages })).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn one(State(state): State<WebState>, Path(id): Path<u64>) -> Response {
    match state.messages.one(MessageId(id)).await {
        Ok(message) => Json(Line::from(message)).into_response(),
        Err(error) => failed(&error),
    }
}

async fn sound(State(state): State<WebState>, Path(id): Path<u64>) -> Response {
    match state.messages.sound(MessageId(id)).await {
        Ok(wav) => {
            let name = format!("attachment; filename=\"message-{id}.wav\"");
            let headers = [
                (header::CONTENT_TYPE, "audio/wav"),
                (header::CONTENT_DISPOSITION, &name),
                (header::CACHE_CONTROL, "no-store"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, wav).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn set(
    State(state): State<WebState>,
    Path((id, word)): Path<(u64, String)>,
    body: Result<Json<Changed>, JsonRejection>,
) -> Response {
    let Changed { by } = match body {
        Ok(Json(changed)) => changed,
        Err(wrong) => return said(wrong.status(), &wrong.body_text()),
    };
    let Some(wanted) = shown(&word) else { return said(StatusCode::NOT_FOUND, STATES) };
    match state.messages.set(MessageId(id), wanted, by.as_deref().unwrap_or("api")).await {
        Ok(message) => Json(Line::from(message)).into_response(),
        Err(error) => failed(&error),
    }
}

async fn erase(State(state): State<WebState>, Path(id): Path<u64>) -> Response {
    match state.messages.erase(MessageId(id)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

/// A state that is shown; those of a message that is not left yet are not.
fn shown(word: &str) -> Option<MessageState> {
    MessageState::of(word).filter(|state| !matches!(state, MessageState::Recording | MessageState::Kept))
}

fn failed(error: &MessageError) -> Response {
    let status = match error {
        MessageError::None => StatusCode::NOT_FOUND,
        MessageError::Store(_) | MessageError::Sound(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(error = error as &dyn std::error::Error, "the API of messages has no answer");
    }
    said(status, &error.to_string())
}

fn said(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

const STATES: &str = "a message is `new`, `heard` or `settled`";
