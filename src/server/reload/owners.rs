use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use super::Edition;
use crate::base::QueueName;
use crate::server::directory::Directory;
use crate::server::hub::ToHub;
use crate::server::signalling::ToSignalling;
use crate::server::{AgentsDesk, accounts};
use crate::web::{self, Office, WebState};

/// Who is told of a new edition.
pub(in crate::server) struct Owners {
    pub(in crate::server) hub: mpsc::Sender<ToHub>,
    pub(in crate::server) signalling: mpsc::Sender<ToSignalling>,
    /// Those who look up a service now and then.
    pub(in crate::server) directory: watch::Sender<Arc<Directory>>,
    pub(in crate::server) pages: Pages,
}

/// The pages and the API: made anew for each edition.
pub(in crate::server) struct Pages {
    state: WebState,
    router: watch::Sender<Router>,
}

impl Pages {
    /// Answers at this socket, each request with the pages of the moment.
    pub(in crate::server) fn serve(state: WebState, socket: TcpListener) -> Self {
        let (router, routers) = watch::channel(web::router(state.clone()));
        let pages = web::renewed(routers).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(socket, pages).await });
        Self { state, router }
    }
}

impl Owners {
    /// Gives the new edition to everybody: when this returns, the next call gets it. The hub
    /// is the first, so that the queues are there when a call asks for them.
    pub(super) async fn give(&mut self, edition: &Edition, office: Office) {
        let Edition { settings, directory, calls, .. } = edition;
        let people = accounts::people(settings);
        // A reload without a number to present was refused.
        let trunks = accounts::trunks(settings, directory.first_number().as_ref()).unwrap_or_default();
        let (done, is_done) = oneshot::channel();
        // Whoever has gone is stopping.
        let _ = self.hub.send(ToHub::Renew { directory: Arc::clone(directory), people, trunks, done }).await;
        let _ = is_done.await;
        let (done, is_done) = oneshot::channel();
        let _ = self.signalling.send(ToSignalling::Renew { edition: Box::new(edition.clone()), done }).await;
        let _ = is_done.await;
        self.directory.send_replace(Arc::clone(directory));
        let Pages { state, router } = &mut self.pages;
        (state.callbacks, state.token) = (office, settings.http.token.clone());
        state.agents = AgentsDesk { settings: Arc::clone(calls), ..state.agents.clone() };
        let _ = router.send_replace(web::router(state.clone()));
    }

    /// Has the names of trunks looked up now: who reloads may have changed them elsewhere.
    pub(super) async fn look_again(&self) {
        // Whoever has gone is stopping.
        let _ = self.signalling.send(ToSignalling::LookAgain).await;
    }

    /// The citizens' pages of what runs.
    pub(super) fn office(&self) -> &Office {
        &self.pages.state.callbacks
    }

    /// How many calls are promised for each queue.
    pub(super) async fn promised(&self) -> BTreeMap<QueueName, usize> {
        let (answer, promised) = oneshot::channel();
        let _ = self.hub.send(ToHub::Promised(answer)).await;
        promised.await.unwrap_or_default()
    }
}
