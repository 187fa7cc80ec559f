use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::http::{Method, Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use serde::Serialize;
use tokio::runtime::Runtime;

use super::voice::Spoken;
use crate::base::{Language, Private};
use crate::config::VoiceServer;
use crate::server::https::{self, Client};
use crate::speech::Fragment;

/// An engine of the shape of `POST /v1/audio/speech`, as many local engines and rented
/// ones have it.
pub(super) struct Server {
    runtime: Runtime,
    client: Client,
    engine: VoiceServer,
    /// Sent as a bearer token, where `SVI_VOICE_KEY` holds one.
    key: Option<Private<String>>,
}

#[derive(Serialize)]
struct Order<'a> {
    model: &'a str,
    voice: &'a str,
    input: &'a str,
    response_format: &'static str,
}

impl Server {
    /// Gets ready; nobody is asked yet.
    pub(super) fn new(engine: &VoiceServer) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = https::builder().build(https::connector(None)?);
        let key = std::env::var("SVI_VOICE_KEY").ok().filter(|key| !key.is_empty()).map(Private::new);
        Ok(Self { runtime, client, engine: engine.clone(), key })
    }

    /// Says a text.
    pub(super) fn speak(&self, fragment: &Fragment) -> Result<Spoken> {
        let said = self.runtime.block_on(async { tokio::time::timeout(WITHIN, self.ask(fragment)).await });
        let url = &self.engine.url;
        let wav = said.map_err(|_| anyhow::anyhow!("no answer within {} s", WITHIN.as_secs())).and_then(|said| said);
        let wav = wav.with_context(|| format!("the voice at `{url}` can't say “{}”", fragment.text))?;
        Ok(Spoken { wav, voice: format!("{}/{}", self.engine.model, self.voice(fragment.language)) })
    }

    async fn ask(&self, fragment: &Fragment) -> Result<Vec<u8>> {
        let order = Order {
            model: &self.engine.model,
            voice: self.voice(fragment.language),
            input: &fragment.text,
            response_format: "wav",
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.engine.url)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", key.reveal()));
        }
        let request = request.body(Full::new(Bytes::from(serde_json::to_vec(&order)?)))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("{error}"))?.to_bytes();
        if !status.is_success() {
            let said: String = String::from_utf8_lossy(&body).chars().take(200).collect();
            bail!("it answered {status}: {}", said.trim());
        }
        Ok(body.to_vec())
    }

    fn voice(&self, language: Language) -> &str {
        match (language, &self.engine.en) {
            (Language::En, Some(voice)) => voice,
            (Language::En, None) | (Language::Fr, _) => &self.engine.fr,
        }
    }
}

/// A long text takes an engine on a small machine a minute.
const WITHIN: Duration = Duration::from_secs(120);
/// Ten minutes at 48 kHz: more than any prompt.
const MOST_BYTES: usize = 64 << 20;
