//! `svi report`: what the records tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Europe::Paris;
use serde::Serialize;

use super::args::{Report as Args, ReportFormat, Serve};
use super::{Verdict, files, report_csv, report_text, say, serve, tell};
use crate::base::{QueueName, WallTime};
use crate::call::past::PastCall;
use crate::call::past::report::{Report, Reporter, Terms};
use crate::config::Settings;
use crate::flow::Service;
use crate::queue::CallerKey;
use crate::server::clock;
use crate::service::Hours;
use crate::store::{Filed, Span, Store};

/// A service's part.
#[derive(Debug, Serialize)]
pub(super) struct ServiceReport {
    /// The folder's name.
    pub(super) service: String,
    /// The card's name; none when the service is not in the folder of flows any more.
    pub(super) name: Option<Arc<str>>,
    #[serde(flatten)]
    pub(super) report: Report,
}

pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let (config, flows, data) = (args.config.clone(), args.flows.clone(), args.data.clone());
    let like = Serve { config, flows, data, sip: Vec::new(), http: None, prompts: None, at: None };
    let Some(settings) = serve::settings(&like)? else { return Ok(Verdict::Findings) };
    let mut desk = Desk::new(args, services(&settings))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(read(&settings, &mut desk))?;
    let reports = desk.reports()?;
    match args.format {
        ReportFormat::Text => say(report_text::text(&reports).trim_end()),
        ReportFormat::Csv => say(report_csv::csv(&reports).trim_end()),
        ReportFormat::Json => say(&serde_json::to_string_pretty(&serde_json::json!({ "services": reports }))?),
    }
    Ok(Verdict::Good)
}

/// The services of the folder, whatever `svi check` has to say about them.
fn services(settings: &Settings) -> Vec<Arc<Service>> {
    match files::services(std::slice::from_ref(&settings.paths.flows), &files::Everything) {
        Ok(found) => found.services,
        Err(error) => {
            tell(&format!("hint: {error:#}; without cards days are those of Paris, and no opening hours are known"));
            Vec::new()
        }
    }
}

/// Every record of the days, the oldest first.
async fn read(settings: &Settings, desk: &mut Desk) -> Result<()> {
    let store = Store::beside(settings).await?;
    let mut last: Option<Filed> = None;
    loop {
        let page = store.page(desk.span(), last.as_ref()).await.context("the records can't be read")?;
        let Some(end) = page.last() else { break };
        page.iter().for_each(|filed| desk.take(filed));
        last = Some(end.clone());
    }
    store.close().await;
    Ok(())
}

/// Where the records are sorted by service.
struct Desk {
    services: Vec<Arc<Service>>,
    service: Option<String>,
    queue: Option<String>,
    from: NaiveDate,
    to: NaiveDate,
    reporters: BTreeMap<String, Reporter>,
    unreadable: u64,
}

impl Desk {
    fn new(args: &Args, services: Vec<Arc<Service>>) -> Result<Self> {
        let hours = services.first().map(|service| &service.card.phone_hours);
        let zone = hours.map_or(Paris, Hours::zone);
        let today = clock::wall().utc().with_timezone(&zone).date_naive();
        let to = args.to.as_deref().map_or(Ok(today), day)?;
        let week = to.checked_sub_days(Days::new(6)).unwrap_or(to);
        let from = args.from.as_deref().map_or(Ok(week), day)?;
        if from > to {
            bail!("`--from {from}` is after `--to {to}`");
        }
        let (service, queue) = (args.service.clone(), args.queue.clone());
        let mut desk = Self { services, service, queue, from, to, reporters: BTreeMap::new(), unreadable: 0 };
        for name in desk.services.iter().map(|service| service.name.to_string()).collect::<Vec<_>>() {
            desk.reporter(&name);
        }
        Ok(desk)
    }

    /// A call may ask for an agent on the day after it came, and zones are up to fourteen hours away.
    fn span(&self) -> Span {
        let midnight =
            |date: Option<NaiveDate>| WallTime::from(date.unwrap_or_default().and_time(NaiveTime::MIN).and_utc());
        Span {
            from: midnight(self.from.checked_sub_days(Days::new(2))),
            to: midnight(self.to.checked_add_days(Days::new(2))),
        }
    }

    fn take(&mut self, filed: &Filed) {
        let Ok(call) = serde_json::from_str::<PastCall>(&filed.text) else {
            self.unreadable += 1;
            return;
        };
        let is_wanted = self.queue.as_deref().is_none_or(|queue| is_queue(call.last_queue().as_ref(), queue));
        if is_wanted && let Some(reporter) = self.reporter(&call.service) {
            reporter.push(&call, filed.caller.as_ref().map(|number| CallerKey::from(number.reveal())));
        }
    }

    /// The one of a service, unless another was asked for.
    fn reporter(&mut self, service: &str) -> Option<&mut Reporter> {
        if self.service.as_deref().is_some_and(|wanted| wanted != service) {
            return None;
        }
        if !self.reporters.contains_key(service) {
            let known = self.services.iter().find(|known| &*known.name == service);
            let always = || Hours::parse("24/7", Paris).ok();
            let hours = known.map(|known| known.card.phone_hours.clone()).or_else(always)?;
            let terms = Terms { hours, from: self.from, to: self.to };
            self.reporters.insert(service.to_owned(), Reporter::new(terms));
        }
        self.reporters.get_mut(service)
    }

    fn reports(self) -> Result<Vec<ServiceReport>> {
        if let Some(service) = self.service.as_ref().filter(|_| self.reporters.is_empty()) {
            let known: Vec<String> = self.services.iter().map(|known| format!("`{}`", known.name)).collect();
            bail!("there is no service `{service}` and no record of one; there is {}", known.join(", "));
        }
        if self.unreadable > 0 {
            tell(&format!("hint: {} records could not be read, and are left out", self.unreadable));
        }
        let now = clock::wall();
        let named = |(service, reporter): (String, Reporter)| {
            let known = self.services.iter().find(|known| *known.name == *service);
            ServiceReport { name: known.map(|known| known.card.name.clone()), service, report: reporter.report(now) }
        };
        Ok(self.reporters.into_iter().map(named).collect())
    }
}

/// Whether a queue is the one that was asked for, by its full name or its key.
fn is_queue(queue: Option<&QueueName>, wanted: &str) -> bool {
    let key = |name: &QueueName| name.as_str().rsplit_once('/').map(|(_, key)| key == wanted);
    queue.is_some_and(|name| name.as_str() == wanted || key(name) == Some(true))
}

fn day(text: &str) -> Result<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").with_context(|| format!("`{text}` is no day; write it as 2026-11-24"))
}
