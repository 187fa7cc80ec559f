//! The API and the pages as programs and browsers meet them, with the book, the hub and the
//! database behind them, and no socket.

mod agents;
mod pages;
mod requests;
mod tickets;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

use super::*;
use crate::base::{Chance, Localized};
use crate::callback::Rules;
use crate::config::{Offered, Settings, Trunk};
use crate::flow::{QueueRules, Service};
use crate::server::media::Figures;
use crate::server::messages::{MessageRules, Messages};
use crate::server::{AgentsDesk, BansDesk, Directory, FlowsDesk, Forgetting, StoreState, TrunksDesk, desk};
use crate::service::{Card, CardDocument};
use crate::store::Store;
use crate::web::{Readiness, WebState};

/// A service of which one queue is offered on the web.
pub(super) struct Town {
    router: Router,
    pub(super) office: Office,
    pub(super) store: Store,
    _data: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Town {
    pub(super) async fn new() -> Self {
        Self::with(|settings| {
            settings.web.callbacks = vec![Offered { queue: "mairie/agents".into(), name: None }];
        })
        .await
    }

    /// With other settings than a trunk.
    pub(super) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::of(Rules::default(), change).await
    }

    /// … and a book of other rules.
    pub(super) async fn of(rules: Rules, change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let mut settings = Settings { trunks: vec![Trunk::at("192.0.2.9")], ..Settings::default() };
        change(&mut settings);
        let book = desk(&store, directory(), rules).await;
        let office = Office::open(&settings, &directory(), (book, store.clone()), Chance::seeded(5)).unwrap();
        let rules = MessageRules { per_number: 1, space: 1, mail: false };
        let state = WebState {
            ready: watch::channel(Readiness::Ready).1,
            metrics: crate::web::metrics::recorder().handle(),
            media: Arc::new(Figures::default),
            agents: AgentsDesk::closed(),
            bans: BansDesk::closed(),
            trunks: TrunksDesk::closed(),
            messages: Messages::open(store.clone(), rules).unwrap(),
            directory: watch::channel(Arc::new(directory())).1,
            callbacks: office.clone(),
            forgetting: Forgetting::closed(store.clone()),
            token: None,
            store: watch::channel(StoreState::Works).1,
            flows: FlowsDesk::closed(&store),
        };
        Self { router: crate::web::router(state), office, store, _data: data }
    }

    /// `METHOD /path`, with `name: value` lines, from an address.
    pub(super) async fn from(&self, address: &str, what: &str, lines: &[&str], body: &str) -> Got {
        let (method, path) = what.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let peer = SocketAddr::new(address.parse().unwrap(), 4711);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Got { status: parts.status, headers: parts.headers, body }
    }

    /// From the internet.
    pub(super) async fn call(&self, what: &str, lines: &[&str], body: &str) -> Got {
        self.from("198.51.100.7", what, lines, body).await
    }

    /// From this machine, as `svi callbacks` does.
    pub(super) async fn here(&self, what: &str) -> Got {
        self.here_with(what, "").await
    }

    pub(super) async fn here_with(&self, what: &str, body: &str) -> Got {
        self.from("127.0.0.1", what, &["Host: localhost", "Content-Type: application/json"], body).await
    }
}

/// A town hall that is always open, and its one queue.
fn directory() -> Directory {
    let document = serde_json::json!({
        "name": "Mairie <de> Test",
        "phones": [{ "number": "+33143124567", "purpose": "tout" }],
        "hours": { "phone": "24/7" },
    });
    let document: CardDocument = serde_json::from_value(document).unwrap();
    let rules = |name: &str| Arc::new(QueueRules::new(name.into(), Vec::new()));
    Directory::new(vec![Arc::new(Service {
        name: "mairie".into(),
        card: Arc::new(Card::build(document).unwrap()),
        queues: vec![rules("mairie/agents"), rules("mairie/titres")],
        flows: Vec::new(),
    })])
}

/// Two queues, one with names.
pub(super) fn two_queues(settings: &mut Settings) {
    let name = Some(Localized { fr: "Titres de séjour".into(), en: Some("Residence permits".into()) });
    let first = Offered { queue: "mairie/agents".into(), name: None };
    settings.web.callbacks = vec![first, Offered { queue: "mairie/titres".into(), name }];
}

#[tokio::test]
async fn nothing_is_public_unless_the_settings_offer_a_queue() {
    let town = Town::with(|_| ()).await;
    for what in
        ["GET /rappel", "GET /callback", "GET /rappel/suivi", "GET /rappel/style.css", "GET /api/v1/callbacks/offers"]
    {
        let got = town.call(what, &[], "").await;
        assert!(matches!(got.status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED), "{what}: {got:?}");
    }
    let asked = town.call("POST /api/v1/callbacks", &["Content-Type: application/json"], "{}").await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_queue_that_no_service_has_and_a_missing_trunk_are_told_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path()).await.unwrap();
    let mut settings = Settings::default();
    let open = |settings: &Settings| {
        let desk = (crate::server::BookDesk::closed(), store.clone());
        Office::open(settings, &directory(), desk, Chance::seeded(1)).map(drop)
    };
    settings.web.callbacks = vec![Offered { queue: "mairie/agents".into(), name: None }];
    assert_eq!(open(&settings), Err("`web.callbacks`: nobody can be called back without a `trunk`".into()));
    settings.web.callbacks[0].queue = "mairie/nobody".into();
    assert_eq!(open(&settings), Err("`web.callbacks`: no service has a queue `mairie/nobody`".into()));
}
