//! Look-ups: asks the servers that the settings allow, on a thread of its own, so that
//! neither a handshake nor a slow server is felt by any call.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::{Method as HttpMethod, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::clock;
use super::https::{self, Client};
use crate::base::{Private, limits};
use crate::config;
use crate::engine::{LookUpNews, LookUpOrder};
use crate::flow::Method;

/// Where calls have servers asked.
#[derive(Clone, Debug)]
pub(super) struct LookUps {
    /// Nobody asks where nothing may be asked.
    jobs: Option<mpsc::Sender<Job>>,
}

struct Job {
    order: LookUpOrder,
    reply: oneshot::Sender<LookUpNews>,
}

impl LookUps {
    /// Starts the thread, if the settings allow any server.
    ///
    /// # Errors
    /// When the certificates of the settings can't be read, or no thread can be started.
    pub(super) fn start(rules: &config::LookUps) -> Result<Self> {
        if rules.servers.is_empty() {
            return Ok(Self { jobs: None });
        }
        let asker = Arc::new(Asker {
            client: client(rules)?,
            rules: rules.clone(),
            at_once: Semaphore::new(limits::LOOKUPS_AT_ONCE),
        });
        let (to, jobs) = mpsc::channel(limits::LOOKUPS_WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new()
            .name("svi-lookups".to_owned())
            .spawn(move || runtime.block_on(run(jobs, asker)))
            .context("the thread of look-ups can't start")?;
        Ok(Self { jobs: Some(to) })
    }

    /// Asks; the news come in their own time, and whoever drops the receiver wants none any more.
    pub(super) fn ask(&self, order: LookUpOrder) -> oneshot::Receiver<LookUpNews> {
        let (reply, news) = oneshot::channel();
        let job = Job { order, reply };
        let refused = match &self.jobs {
            Some(jobs) => jobs.try_send(job).err().map(|full| (full.into_inner(), "too-many")),
            None => Some((job, NOT_ALLOWED)),
        };
        if let Some((Job { order, reply }, why)) = refused {
            tracing::warn!(step = %order.step, why, "a look-up was not made");
            let _ = reply.send(LookUpNews::Failed { order: order.order, why });
        }
        news
    }
}

async fn run(mut jobs: mpsc::Receiver<Job>, asker: Arc<Asker>) {
    while let Some(Job { order, mut reply }) = jobs.recv().await {
        let asker = Arc::clone(&asker);
        tokio::spawn(async move {
            tokio::select! {
                // The call has gone on, or has ended.
                () = reply.closed() => {}
                news = asker.answer(&order) => {
                    let _ = reply.send(news);
                }
            }
        });
    }
}

/// What every look-up shares.
struct Asker {
    client: Client,
    rules: config::LookUps,
    at_once: Semaphore,
}

/// Why a try gave nothing.
struct Failure {
    why: &'static str,
    /// Whether another try may fare better.
    again: bool,
}

impl Asker {
    async fn answer(&self, order: &LookUpOrder) -> LookUpNews {
        let started = clock::now();
        let found = match tokio::time::timeout(order.within, self.tries(order)).await {
            Ok(found) => found,
            Err(_) => Err("time-out"),
        };
        let took = clock::now().since(started);
        let host = host(order.url.reveal());
        match found {
            Ok(json) => {
                tracing::debug!(step = %order.step, host, ?took, "looked up");
                LookUpNews::Answered { order: order.order, json: Private::new(json) }
            }
            Err(why) => {
                tracing::warn!(step = %order.step, host, ?took, why, "a look-up has failed");
                LookUpNews::Failed { order: order.order, why }
            }
        }
    }

    async fn tries(&self, order: &LookUpOrder) -> Result<serde_json::Value, &'static str> {
        let Some(server) = self.rules.server(order.url.reveal()) else { return Err(NOT_ALLOWED) };
        let _one = self.at_once.acquire().await.map_err(|_| "too-many")?;
        let mut left = order.retries;
        loop {
            match self.once(order, server).await {
                Ok(json) => return Ok(json),
                Err(Failure { again: true, .. }) if left > 0 => left -= 1,
                Err(Failure { why, .. }) => return Err(why),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn once(&self, order: &LookUpOrder, server: &config::LookUpServer) -> Result<serde_json::Value, Failure> {
        let request = request(order, server).ok_or(Failure { why: "bad-address", again: false })?;
        let response = self.client.request(request).await.map_err(|error| {
            // The error's words hold no more than the host.
            tracing::debug!(step = %order.step, %error, "a server could not be asked");
            Failure { why: "unreachable", again: true }
        })?;
        refusal(response.status())?;
        let body = Limited::new(response.into_body(), limits::LOOKUP_BYTES);
        let body = body.collect().await.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => Failure { why: "too-long", again: false },
            None => Failure { why: "broken-off", again: true },
        })?;
        serde_json::from_slice(&body.to_bytes()).map_err(|_| Failure { why: "not-json", again: false })
    }
}

/// What a status means that is no success; redirections are not followed, as they would lead
/// to where nobody has allowed anything.
fn refusal(status: StatusCode) -> Result<(), Failure> {
    let (why, again) = match status.as_u16() {
        200..=299 => return Ok(()),
        300..=399 => ("redirected", false),
        404 | 410 => ("not-found", false),
        429 | 500..=599 => ("server-error", true),
        _ => ("refused", false),
    };
    Err(Failure { why, again })
}

fn request(order: &LookUpOrder, server: &config::LookUpServer) -> Option<Request<Full<Bytes>>> {
    let method = match order.method {
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
    };
    let mut request = Request::builder()
        .method(method)
        .uri(order.url.reveal().as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("svi/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &server.headers {
        request = request.header(&**name, value.reveal());
    }
    let body = order.body.as_ref().map(|body| Bytes::from(body.reveal().clone()));
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(Full::new(body.unwrap_or_default())).ok()
}

fn client(rules: &config::LookUps) -> Result<Client> {
    let connector = https::connector(rules.ca.as_deref()).context("`lookups.ca`")?;
    Ok(https::builder().pool_idle_timeout(KEPT).pool_max_idle_per_host(limits::LOOKUPS_AT_ONCE).build(connector))
}

/// The host of an address: what a log may hold.
fn host(url: &str) -> &str {
    url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

const NOT_ALLOWED: &str = "not-allowed";
/// Between two tries: a server that is being restarted refuses for a moment.
const PAUSE: Duration = Duration::from_millis(200);
/// A connection that nobody uses is kept so long for the next caller.
const KEPT: Duration = Duration::from_secs(30);
