//! One request to the API of a running service.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The status and the JSON, null where it is none.
    pub(super) fn json(&self) -> (u16, Value) {
        (self.status, serde_json::from_slice(&self.body).unwrap_or(Value::Null))
    }
}

/// Asks `METHOD /path`.
pub(super) fn ask(to: &str, what: &str, token: Option<&str>, body: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(to).with_context(|| format!("no service answers at `{to}`"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!("{what} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Type: application/json\r\n");
    write!(stream, "{head}Content-Length: {length}\r\n{token}\r\n{body}")?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).context("the service has not answered")?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("what listens at `{to}` does not speak HTTP"))?;
    Ok(Answer { status, body: answer.split_off((end + 4).min(answer.len())) })
}

/// The service answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest message has 10 MB; an answer of 10 000 agents about 1 MB.
const LONGEST: u64 = 16 << 20;
