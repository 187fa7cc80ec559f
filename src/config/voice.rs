//! `voice:`: the speech engine that `svi prompts render` uses.

use marked_yaml::Node;

use super::document::Document;
use super::value;

/// The speech engine that gives sentences their voice when they are written, not when
/// they are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Voice {
    /// `lines:` a command that stays and reads a line of JSON for each text; the
    /// repository's `prompts/voice/kokoro.py --serve` when nothing is said.
    Lines(String),
    /// `command:` a command that is started for each text: text in, WAV out.
    Command(String),
    /// `http:` a server of the shape of `POST /v1/audio/speech`.
    Http(Box<VoiceServer>),
}

/// A speech engine behind HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceServer {
    /// `url:` the whole address, such as `http://127.0.0.1:8880/v1/audio/speech`.
    pub url: String,
    /// `model:` as the engine calls it.
    pub model: String,
    /// `fr:` the French voice.
    pub fr: String,
    /// `en:` the English voice; the French one when not said.
    pub en: Option<String>,
}

impl Default for Voice {
    fn default() -> Self {
        Self::Lines("prompts/voice/kokoro.py --serve".to_owned())
    }
}

pub(super) fn voice(file: &mut Document, node: Option<&Node>) -> Voice {
    let http = node.and_then(Node::as_mapping).and_then(|map| map.get_node("http")).cloned();
    let server = http.as_ref().and_then(|node| server(file, node));
    let mut keys = file.section("voice", node, &["lines", "command", "http"]);
    let (lines, command) = (keys.read("lines", value::text), keys.read("command", value::text));
    if [lines.is_some(), command.is_some(), http.is_some()].into_iter().filter(|said| *said).count() > 1 {
        let key = if http.is_some() { "http" } else { "command" };
        keys.refuse("wrong-value", key, "`voice` names two engines".into(), "keep one of `lines`, `command`, `http`");
    }
    let usual = Voice::default();
    (lines.map(Voice::Lines))
        .or(command.map(Voice::Command))
        .or(server.map(|s| Voice::Http(Box::new(s))))
        .unwrap_or(usual)
}

fn server(file: &mut Document, node: &Node) -> Option<VoiceServer> {
    let mut keys = file.section("voice.http", Some(node), &["url", "model", "fr", "en"]);
    let url = keys.read("url", address);
    let (model, fr, en) = (keys.read("model", value::text), keys.read("fr", value::text), keys.read("en", value::text));
    if node.as_mapping().is_some_and(|map| map.get_node("url").is_none()) {
        keys.lacks("`voice.http` has no `url`".into(), "add `url: http://127.0.0.1:8880/v1/audio/speech`");
    }
    let url = url?;
    Some(VoiceServer {
        url,
        model: model.unwrap_or_else(|| "tts-1".into()),
        fr: fr.unwrap_or_else(|| "alloy".into()),
        en,
    })
}

fn address(text: &str) -> value::Parsed<String> {
    let good =
        ["http://", "https://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if good {
        Ok(text.to_owned())
    } else {
        Err("write an address such as `http://127.0.0.1:8880/v1/audio/speech`".into())
    }
}
