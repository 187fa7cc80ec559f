use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::sync::watch;
use tower_service::Service;

use super::{api, bans, callbacks, flows, forget, hours, messages, trunks};
use crate::base::Private;
use crate::server::media::Figures;
use crate::server::messages::Messages;
use crate::server::{AgentsDesk, BansDesk, Directory, FlowsDesk, Forgetting, StoreState, TrunksDesk};

/// Whether new calls shall come to this server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// Not yet: flows and prompts are being loaded.
    #[default]
    Starting,
    /// Yes.
    Ready,
    /// No more: the last calls are being served.
    Draining,
}

/// What the pages show.
#[derive(Clone)]
pub struct WebState {
    /// Whether new calls shall come.
    pub ready: watch::Receiver<Readiness>,
    /// The measures.
    pub metrics: PrometheusHandle,
    /// What the media plane has done, asked when somebody reads the measures.
    pub media: Arc<dyn Fn() -> Figures + Send + Sync>,
    /// The agents' desk.
    pub agents: AgentsDesk,
    /// Who is not heard.
    pub bans: BansDesk,
    /// The trunks as they are.
    pub trunks: TrunksDesk,
    /// What callers have left.
    pub messages: Messages,
    /// The services that are answered now.
    pub directory: watch::Receiver<Arc<Directory>>,
    /// Callbacks on the web.
    pub callbacks: callbacks::Office,
    /// Who forgets persons.
    pub forgetting: Forgetting,
    /// What programs on other machines must show to use the API.
    pub token: Option<Private<String>>,
    /// Whether what has to last is kept.
    pub store: watch::Receiver<StoreState>,
    /// Who reloads the flows.
    pub flows: FlowsDesk,
}

/// The pages `/`, `/healthz`, `/readyz` and `/metrics`, and the API below `/api`.
pub fn router(state: WebState) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(measures))
        .merge(api::routes(&state))
        .merge(bans::routes(&state))
        .merge(trunks::routes(&state))
        .merge(messages::routes(&state))
        .merge(callbacks::routes(&state))
        .merge(forget::routes(&state))
        .merge(flows::routes(&state))
        .merge(hours::routes())
        .with_state(state)
}

/// Answers each request with the pages of the moment.
pub fn renewed(pages: watch::Receiver<Router>) -> Router {
    Router::new().fallback(move |request: Request| {
        let mut now = pages.borrow().clone();
        async move { now.call(request).await }
    })
}

/// What this is, in French and English.
async fn home() -> impl IntoResponse {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, Html(include_str!("home.html")))
}

/// The program runs: restarting it would not help.
async fn health() -> &'static str {
    "ok\n"
}

/// Whether a load balancer shall send calls here, and why not. Calls go on without the
/// store, and with other flows than those on the disk: it is said, and sends nobody away.
async fn readiness(State(state): State<WebState>) -> Response {
    let (status, why) = match *state.ready.borrow() {
        Readiness::Ready => {
            let mut said = json!({ "ready": true });
            if let StoreState::Fails { since, trouble } = *state.store.borrow() {
                said["store"] = json!({ "fails": trouble.word(), "since": since.to_string() });
            }
            if let Some(differs) = state.flows.state().differs {
                said["flows"] = json!({ "differ": differs.word() });
            }
            return Json(said).into_response();
        }
        Readiness::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Readiness::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
    };
    (status, Json(json!({ "ready": false, "why": why }))).into_response()
}

/// Every measure in Prometheus' text format.
async fn measures(State(state): State<WebState>) -> impl IntoResponse {
    super::metrics::media(&(state.media)());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::sync::mpsc;

    use super::*;
    use crate::server::messages::MessageRules;
    use crate::store::Store;

    /// Connections without a network.
    struct Pipe(mpsc::Receiver<DuplexStream>);

    impl axum::serve::Listener for Pipe {
        type Io = DuplexStream;
        type Addr = ();

        async fn accept(&mut self) -> (DuplexStream, ()) {
            match self.0.recv().await {
                Some(stream) => (stream, ()),
                None => std::future::pending().await,
            }
        }

        fn local_addr(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The whole answer to `GET path`.
    async fn get_page(readiness: Readiness, path: &str) -> String {
        get_page_with(readiness, StoreState::Works, path).await
    }

    async fn get_page_with(readiness: Readiness, store: StoreState, path: &str) -> String {
        let (_sender, ready) = watch::channel(readiness);
        let recorder = super::super::metrics::recorder();
        let metrics = recorder.handle();
        ::metrics::with_local_recorder(&recorder, || ::metrics::gauge!("svi_calls_active").set(2.0));
        let (sender, receiver) = mpsc::channel(1);
        let media = Arc::new(Figures::default);
        let data = tempfile::tempdir().unwrap();
        let rules = MessageRules { per_number: 1, space: 1, mail: false };
        let database = Store::open(data.path()).await.unwrap();
        let messages = Messages::open(database.clone(), rules).unwrap();
        let (agents, flows, token) = (AgentsDesk::closed(), FlowsDesk::closed(&database), None);
        let (callbacks, forgetting) = (callbacks::Office::closed(database.clone()), Forgetting::closed(database));
        let (_store, store) = watch::channel(store);
        let directory = watch::channel(Arc::default()).1;
        let state = WebState {
            ready,
            metrics,
            media,
            agents,
            bans: BansDesk::closed(),
            trunks: TrunksDesk::closed(),
            messages,
            directory,
            callbacks,
            forgetting,
            token,
            store,
            flows,
        };
        let server = axum::serve(Pipe(receiver), router(state)).into_future();
        let (mut ours, theirs) = duplex(1 << 16);
        sender.send(theirs).await.unwrap();
        let asked = async {
            let request = format!("GET {path} HTTP/1.1\r\nHost: svi\r\nConnection: close\r\n\r\n");
            ours.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            ours.read_to_string(&mut answer).await.unwrap();
            answer
        };
        tokio::select! {
            answer = asked => answer,
            end = server => panic!("the server ended: {end:?}"),
        }
    }

    #[tokio::test]
    async fn a_running_program_is_healthy_whatever_it_does() {
        for readiness in [Readiness::Starting, Readiness::Ready, Readiness::Draining] {
            assert!(get_page(readiness, "/healthz").await.starts_with("HTTP/1.1 200"));
        }
    }

    #[tokio::test]
    async fn readiness_says_why_not() {
        let ready = get_page(Readiness::Ready, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200") && ready.ends_with(r#"{"ready":true}"#), "{ready}");
        for (readiness, why) in [(Readiness::Starting, "starting"), (Readiness::Draining, "draining")] {
            let answer = get_page(readiness, "/readyz").await;
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
            assert!(answer.ends_with(&format!(r#"{{"ready":false,"why":"{why}"}}"#)), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_store_that_fails_is_said_and_sends_no_call_away() {
        let since = crate::base::WallTime::from_millis(1_764_061_200_000);
        let fails = StoreState::Fails { since, trouble: crate::store::Trouble::Full };
        let answer = get_page_with(Readiness::Ready, fails, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(r#""store":{"fails":"disk-full","since":"2025-11-25T09:00:00.000Z"}}"#), "{answer}");
    }

    #[tokio::test]
    async fn measures_are_in_prometheus_text() {
        let answer = get_page(Readiness::Ready, "/metrics").await;
        assert!(answer.contains("text/plain; version=0.0.4") && answer.contains("svi_calls_active 2\n"), "{answer}");
    }

    #[tokio::test]
    async fn the_home_page_speaks_both_languages() {
        let answer = get_page(Readiness::Ready, "/").await;
        assert!(answer.contains("<html lang=\"fr\">") && answer.contains("<section lang=\"en\">"), "{answer}");
        assert!(get_page(Readiness::Ready, "/nothing").await.starts_with("HTTP/1.1 404"));
    }
}
