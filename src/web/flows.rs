//! The flows by API: what runs, the versions that there were, a reload and a rollback:
//! `/api/v1/flows` and below.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::access::guard;
use super::pages::WebState;
use crate::base::limits;
use crate::diag::{self, Colour, Diagnostic};
use crate::flow::Texts;
use crate::server::{By, Differs, Hindrance, Outcome, Swapped, Unsaved};
use crate::store::{Error, How, Version};

/// The paths below `/api`, behind the guard.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/api/v1/flows", get(show))
        .route("/api/v1/flows/reload", post(reload))
        .route("/api/v1/flows/rollback", post(rollback))
        .route("/api/v1/flows/versions", get(versions))
        .route("/api/v1/flows/versions/{number}", get(version))
        .route("/api/v1/flows/versions/{number}/diff", get(diff))
        .route_layer(DefaultBodyLimit::max(limits::API_BODY_BYTES))
        .route_layer(from_fn_with_state(state.token.clone(), guard))
}

/// What runs, and whether it is what the files say.
async fn show(State(state): State<WebState>) -> Response {
    let flows = state.flows.state();
    let differ = flows.differs.map(|differs| match differs {
        Differs::Refused { errors } => json!({ "why": differs.word(), "errors": errors }),
        Differs::Unread | Differs::Unloaded => json!({ "why": differs.word() }),
    });
    let By { how, who } = &flows.by;
    let body =
        json!({ "version": flows.version, "since": flows.since, "how": how.word(), "by": who, "differ": differ });
    Json(body).into_response()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reload {
    /// Who asks, as they call themselves.
    by: Option<String>,
}

/// Puts what is on the disk in the place of what runs, if it has no error.
async fn reload(State(state): State<WebState>, body: Bytes) -> Response {
    let Some(Reload { by }) = read(&body) else { return said(StatusCode::UNPROCESSABLE_ENTITY, RELOAD) };
    told(state.flows.reload(By { how: How::Api, who: by.as_deref().and_then(name) }).await)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    /// Which; the one before when it is not said.
    version: Option<u64>,
    by: Option<String>,
    /// Whether changes on the disk that no version has are kept as one.
    #[serde(default)]
    keep: bool,
}

/// Puts a version in the place of what runs, and on the disk.
async fn rollback(State(state): State<WebState>, body: Bytes) -> Response {
    let Some(Rollback { version, by, keep }) = read(&body) else {
        return said(StatusCode::UNPROCESSABLE_ENTITY, ROLLBACK);
    };
    let unsaved = if keep { Unsaved::Keep } else { Unsaved::Refuse };
    let by = By { how: How::Rollback, who: by.as_deref().and_then(name) };
    told(state.flows.rollback(version, unsaved, by).await)
}

/// Every version, the newest first.
async fn versions(State(state): State<WebState>) -> Response {
    match state.flows.history().list().await {
        Ok(versions) => {
            let versions: Vec<Value> = versions.iter().map(line).collect();
            Json(json!({ "runs": state.flows.state().version, "versions": versions })).into_response()
        }
        Err(error) => no_store(&error),
    }
}

/// A version with its files.
async fn version(State(state): State<WebState>, Path(number): Path<u64>) -> Response {
    match state.flows.history().get(number).await {
        Ok(Some((version, texts))) => {
            let mut body = line(&version);
            body["texts"] = json!(texts);
            Json(body).into_response()
        }
        Ok(None) => no_version(),
        Err(error) => no_store(&error),
    }
}

#[derive(Deserialize)]
struct Against {
    /// With which version it is compared; the one before when it is not said.
    with: Option<u64>,
}

/// What is different in a version, as `diff -u` writes it.
async fn diff(State(state): State<WebState>, Path(number): Path<u64>, Query(against): Query<Against>) -> Response {
    let history = state.flows.history();
    let found = async {
        let Some((_, new)) = history.get(number).await? else { return Ok(None) };
        let with = match against.with {
            Some(with) => Some(with),
            None => history.list().await?.iter().map(|version| version.number).find(|other| *other < number),
        };
        let old = match with {
            None => Texts::default(),
            Some(with) => match history.get(with).await? {
                Some((_, old)) => old,
                None => return Ok(None),
            },
        };
        Ok::<_, Error>(Some((with, new, old)))
    };
    let (with, new, old) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return no_version(),
        Err(error) => return no_store(&error),
    };
    // Two large files that have nothing in common take a while to compare.
    match spawn_blocking(move || new.diff_since(&old)).await {
        Ok(diff) => Json(json!({ "version": number, "with": with, "diff": diff })).into_response(),
        Err(_) => said(StatusCode::INTERNAL_SERVER_ERROR, "the versions could not be compared"),
    }
}

fn line(version: &Version) -> Value {
    json!({
        "version": version.number,
        "kept": version.kept,
        "how": version.how.word(),
        "by": version.who,
        "restores": version.restores,
        "files": version.changes,
    })
}

fn told(outcome: Option<Outcome>) -> Response {
    let Some(outcome) = outcome else { return said(StatusCode::SERVICE_UNAVAILABLE, "the service is stopping") };
    let result = outcome.word();
    match &outcome {
        Outcome::Swapped(swapped) => {
            let Swapped { version, files, changes, warnings } = &**swapped;
            let (changes, warnings) = (changes.lines(), findings(warnings));
            let body = json!({ "result": result, "version": version, "files": files, "changes": changes, "diagnostics": warnings });
            Json(body).into_response()
        }
        Outcome::Same(warnings) if warnings.is_empty() => Json(json!({ "result": result })).into_response(),
        Outcome::Same(warnings) => Json(json!({ "result": result, "diagnostics": findings(warnings) })).into_response(),
        Outcome::Refused(diagnostics) => {
            let text: Vec<String> = diagnostics.iter().map(|d| diag::framed(d, Colour::Never)).collect();
            let (text, diagnostics) = (text.join("\n"), findings(diagnostics));
            let body = json!({ "result": result, "error": REFUSED, "diagnostics": diagnostics, "text": text });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
        Outcome::Unread(why) => {
            let body = json!({ "result": result, "error": format!("{why}: what ran goes on") });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
        Outcome::Hindered(why) => {
            let status = match why {
                Hindrance::NoVersion => StatusCode::NOT_FOUND,
                Hindrance::Unsaved | Hindrance::Unwritable(_) => StatusCode::CONFLICT,
                Hindrance::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(json!({ "result": result, "error": why.to_string() }))).into_response()
        }
    }
}

/// As `svi check --format json` gives them.
fn findings(diagnostics: &[Diagnostic]) -> Value {
    let mut report: Value =
        serde_json::from_str(&diag::json(diagnostics)).expect("invariant: what was written as JSON is read as JSON");
    report["findings"].take()
}

/// A body, which may be left out.
fn read<T: Default + DeserializeOwned>(body: &Bytes) -> Option<T> {
    if body.is_empty() { Some(T::default()) } else { serde_json::from_slice(body).ok() }
}

/// A name as it can be shown; nothing where it is none.
fn name(text: &str) -> Option<Arc<str>> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(NAME).collect();
    (!text.is_empty()).then(|| text.into())
}

fn no_version() -> Response {
    said(StatusCode::NOT_FOUND, &Hindrance::NoVersion.to_string())
}

fn no_store(error: &Error) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "the versions can't be read");
    said(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer: say it again later")
}

fn said(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// Letters of a name.
const NAME: usize = 60;
const RELOAD: &str = "send `{\"by\": \"your name\"}`, or nothing";
const ROLLBACK: &str = "send `{\"version\": 12, \"by\": \"your name\", \"keep\": false}`, any of it, or nothing";
const REFUSED: &str = "these flows have errors: what ran goes on";
