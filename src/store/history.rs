//! Reads what was kept, in pages, so that a year of records fits into any memory.

use std::time::Duration;

use super::engine::{Row, Statement};
use super::{Error, Store};
use crate::base::{PhoneNumber, Private, WallTime};
use crate::call::past::Asked;

/// A stretch of time: `from` belongs to it, `to` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: WallTime,
    /// Its end.
    pub to: WallTime,
}

/// A kept record, not yet read.
#[derive(Clone, Debug)]
pub struct Filed {
    /// Its key: the next page begins after it.
    pub id: i64,
    /// When the call came.
    pub started: WallTime,
    /// The caller's number, unless withheld or erased.
    pub caller: Option<Private<PhoneNumber>>,
    /// The whole record as JSON, without the caller's number.
    pub text: String,
}

impl Store {
    /// Records of calls that came in a span, the oldest first: those after `last`, or the first.
    /// A page that is empty is the end.
    pub async fn page(&self, span: Span, last: Option<&Filed>) -> Result<Vec<Filed>, Error> {
        let (started, id) = last.map_or((span.from.millis(), i64::MIN), Filed::place);
        let query = "SELECT id, started, caller, record FROM records \
                     WHERE started < $1 AND (started > $2 OR (started = $2 AND id > $3)) \
                     ORDER BY started, id LIMIT $4";
        self.filed(query, [span.to.millis(), started, id]).await
    }

    /// The same, the newest first: those before `last`.
    pub async fn page_back(&self, span: Span, last: Option<&Filed>) -> Result<Vec<Filed>, Error> {
        let (started, id) = last.map_or((span.to.millis(), i64::MIN), Filed::place);
        let query = "SELECT id, started, caller, record FROM records \
                     WHERE started >= $1 AND (started < $2 OR (started = $2 AND id < $3)) \
                     ORDER BY started DESC, id DESC LIMIT $4";
        self.filed(query, [span.from.millis(), started, id]).await
    }

    async fn filed(&self, query: &'static str, [end, started, id]: [i64; 3]) -> Result<Vec<Filed>, Error> {
        let rows = self.read(Statement::new(query).bind(end).bind(started).bind(id).bind(PAGE)).await?;
        rows.into_iter().map(Filed::read).collect()
    }

    /// The calls of a service that asked for an agent in opening hours, in a span of less
    /// than some days; of a day with more than `most` only the first.
    pub async fn asked(&self, service: &str, span: Span, most: usize) -> Result<Vec<Asked>, Error> {
        let (mut calls, mut last) = (Vec::new(), (span.from.millis(), i64::MIN));
        while calls.len() < most {
            let query = Statement::new(ASKED).bind(service).bind(span.to).bind(last.0).bind(last.1).bind(PAGE);
            let rows = self.read(query).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let (id, call) = asked(row)?;
                last = (call.at.millis(), id);
                calls.push(call);
            }
            // A page is a millisecond of work; callers are heard between two.
            tokio::task::yield_now().await;
        }
        Ok(calls)
    }
}

impl Filed {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.int()?,
            started: row.time()?,
            caller: row.maybe_text()?.and_then(|text| PhoneNumber::parse(&text).ok()).map(Private::new),
            text: row.text()?,
        })
    }

    fn place(&self) -> (i64, i64) {
        (self.started.millis(), self.id)
    }
}

const ASKED: &str = "SELECT id, queue, asked_agent, ended, connected, agent, talk_ms FROM records \
                     WHERE service = $1 AND asked_in_hours = 1 AND queue IS NOT NULL AND asked_agent < $2 \
                     AND (asked_agent > $3 OR (asked_agent = $3 AND id > $4)) \
                     ORDER BY asked_agent, id LIMIT $5";

fn asked(mut row: Row) -> Result<(i64, Asked), Error> {
    let id = row.int()?;
    let call = Asked {
        queue: row.text()?.as_str().into(),
        at: row.time()?,
        ended: row.time()?,
        connected: row.maybe_time()?,
        agent: row.maybe_text()?.as_deref().map(Into::into),
        talk: Duration::from_millis(row.maybe_int()?.unwrap_or_default().unsigned_abs()),
    };
    Ok((id, call))
}

/// Records of one page: under a megabyte.
const PAGE: i64 = 256;

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;
    use crate::call::Record;

    fn span(from: i64, to: i64) -> Span {
        Span { from: WallTime::from_millis(from), to: WallTime::from_millis(to) }
    }

    async fn store(records: &[Record]) -> (tempfile::TempDir, Store) {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        store.save_all(records).await.unwrap();
        (data, store)
    }

    fn calls(page: &[Filed]) -> Vec<u64> {
        let call =
            |filed: &Filed| serde_json::from_str::<serde_json::Value>(&filed.text).unwrap()["call"].as_u64().unwrap();
        page.iter().map(call).collect()
    }

    #[tokio::test]
    async fn every_record_of_a_span_comes_once_page_by_page() {
        // Three at each moment, so that a page ends among calls that came together.
        let records: Vec<Record> = (0..600).map(|call| record(call, 1_000 + (call / 3) as i64)).collect();
        let (_data, store) = store(&records).await;
        let (mut all, mut pages, mut last) = (Vec::new(), 0, None);
        loop {
            let page = store.page(span(1_001, 1_199), last.as_ref()).await.unwrap();
            let Some(end) = page.last() else { break };
            all.extend(calls(&page));
            (last, pages) = (Some(end.clone()), pages + 1);
        }
        assert_eq!(all, (3..597).collect::<Vec<u64>>());
        assert_eq!(pages, 3);

        let (mut back, mut last) = (Vec::new(), None);
        loop {
            let page = store.page_back(span(1_001, 1_199), last.as_ref()).await.unwrap();
            let Some(end) = page.last() else { break };
            back.extend(calls(&page));
            last = Some(end.clone());
        }
        assert_eq!(back, (3..597).rev().collect::<Vec<u64>>());
    }

    #[tokio::test]
    async fn who_asked_in_opening_hours_is_found_by_when_and_whom() {
        let unanswered = Record { connected: None, agent: None, talk_ms: None, ..record(2, 2_000) };
        let records = [
            record(1, 1_000),
            unanswered,
            Record { asked_in_hours: false, ..record(3, 2_000) },
            Record { queue: None, ..record(4, 2_000) },
            Record { service: "autre".into(), ..record(5, 2_000) },
            record(6, 90_000),
        ];
        let (_data, store) = store(&records).await;
        let asked = store.asked("france-services", span(2_000, 60_000), 100).await.unwrap();
        let [first, second] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!((first.at.millis(), first.agent.as_ref().map(|a| a.as_str())), (2_000, Some("amina")));
        assert_eq!((first.connected.map(WallTime::millis), first.talk), (Some(10_000), Duration::from_millis(51_000)));
        assert_eq!((second.at.millis(), second.connected, second.talk), (3_000, None, Duration::ZERO));
    }
}
