use std::sync::Arc;
use std::time::Duration;

use super::{StepId, Value, ValueKind, ValueSource, VariableId};
use crate::base::{Localized, limits};

/// `lookup:` asks a server for what is known of a caller or a file.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The address.
    pub url: UrlTemplate,
    /// How it is asked.
    pub method: Method,
    /// The keys and values that are sent, as a JSON object.
    pub send: Vec<(Arc<str>, ValueSource)>,
    /// What is taken from the answer; all of it must be there.
    pub take: Vec<Take>,
    /// The longest that the caller waits for it, every try included.
    pub within: Duration,
    /// How often it is tried again when the server refuses or breaks off.
    pub retries: u32,
    /// Said while it is looked up.
    pub say: Option<Localized>,
    /// Where it goes on with what was found.
    pub then: StepId,
    /// Where it goes on when nothing was found.
    pub failed: StepId,
}

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `get`
    Get,
    /// `post`, with a JSON object.
    Post,
}

/// A part of the answer that a variable gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// Which.
    pub to: VariableId,
    /// Where it stands in the answer: a JSON Pointer (RFC 6901).
    pub pointer: Arc<str>,
}

/// An address with variables in it, behind the host.
#[derive(Clone, Debug, PartialEq)]
pub struct UrlTemplate {
    /// As it is written, with names in braces.
    pub written: Arc<str>,
    /// Its parts.
    pub parts: Vec<UrlPart>,
}

/// A part of an address.
#[derive(Clone, Debug, PartialEq)]
pub enum UrlPart {
    /// As it is written.
    Written(Arc<str>),
    /// What a variable holds.
    Variable(VariableId),
}

impl UrlTemplate {
    /// The address with what the variables hold, every character but letters and digits
    /// written as `%…` (RFC 3986, section 2.1), so that no value can change where it leads;
    /// `None` when one has no value, or only dots.
    pub fn filled(&self, value: impl Fn(VariableId) -> Option<Value>) -> Option<String> {
        let mut url = String::new();
        for part in &self.parts {
            match part {
                UrlPart::Written(text) => url.push_str(text),
                UrlPart::Variable(id) => {
                    let value = value(*id)?.to_string();
                    // Nothing, `.` and `..` are steps in a path: they would ask for something else.
                    if value.trim_matches('.').is_empty() {
                        return None;
                    }
                    value.bytes().for_each(|byte| push_encoded(&mut url, byte));
                }
            }
        }
        Some(url)
    }

    /// The variables in it.
    pub(super) fn variables(&self) -> impl Iterator<Item = VariableId> {
        self.parts.iter().filter_map(|part| match part {
            UrlPart::Written(_) => None,
            UrlPart::Variable(id) => Some(*id),
        })
    }
}

fn push_encoded(url: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
        url.push(char::from(byte));
        return;
    }
    url.push('%');
    for nibble in [byte >> 4, byte & 15] {
        url.extend(char::from_digit(nibble.into(), 16).map(|c| c.to_ascii_uppercase()));
    }
}

impl Lookup {
    /// The values that an answer gives, in the order of `take`; `None` when one is not there
    /// or of another type.
    pub fn taken(&self, answer: &serde_json::Value, kind: impl Fn(VariableId) -> ValueKind) -> Option<Vec<Value>> {
        self.take.iter().map(|take| kind(take.to).of_json(answer.pointer(&take.pointer)?)).collect()
    }
}

impl ValueKind {
    /// The value of this kind that stands in JSON; `None` for anything else. Digits are a
    /// string there: as a number they would have lost their zeros.
    fn of_json(self, json: &serde_json::Value) -> Option<Value> {
        match self {
            Self::Digits => {
                let digits = json.as_str()?;
                let fits = (1..=limits::COLLECTED_DIGITS).contains(&digits.len());
                (fits && digits.bytes().all(|b| b.is_ascii_digit())).then(|| Value::Digits(digits.into()))
            }
            Self::Number => json.as_u64().filter(|n| *n <= Value::MOST).map(Value::Number),
            Self::Text => {
                let text = json.as_str()?;
                (text.chars().count() <= limits::VALUE_LETTERS).then(|| Value::Text(text.into()))
            }
            Self::YesNo => json.as_bool().map(Value::YesNo),
        }
    }
}

impl Value {
    /// The value in JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Digits(text) | Self::Text(text) => serde_json::Value::String(text.to_string()),
            Self::Number(n) => serde_json::Value::from(*n),
            Self::YesNo(yes) => serde_json::Value::Bool(*yes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(value: Option<Value>) -> Option<String> {
        let parts = vec![
            UrlPart::Written("https://api.example/dossiers/".into()),
            UrlPart::Variable(VariableId(0)),
            UrlPart::Written("?x=1".into()),
        ];
        UrlTemplate { written: "".into(), parts }.filled(|_| value.clone())
    }

    #[test]
    fn what_a_variable_holds_can_not_lead_elsewhere() {
        let text = |text: &str| filled(Some(Value::Text(text.into())));
        assert_eq!(
            filled(Some(Value::Digits("0123".into()))).as_deref(),
            Some("https://api.example/dossiers/0123?x=1")
        );
        assert_eq!(
            text("a/../b?c=d#é").as_deref(),
            Some("https://api.example/dossiers/a%2F..%2Fb%3Fc%3Dd%23%C3%A9?x=1")
        );
        for nothing in ["", ".", ".."] {
            assert_eq!(text(nothing), None);
        }
        assert_eq!(filled(None), None);
    }

    #[test]
    fn an_answer_is_taken_as_it_is_declared_or_not_at_all() {
        let json = serde_json::json!({ "d": "012", "n": 7, "t": "prêt", "y": true, "list": [{ "a/b": "x" }], "null": null, "neg": -1, "f": 1.5 });
        let taken = |kind: ValueKind, pointer: &str| json.pointer(pointer).and_then(|v| kind.of_json(v));
        assert_eq!(taken(ValueKind::Digits, "/d"), Some(Value::Digits("012".into())));
        assert_eq!(taken(ValueKind::Number, "/n"), Some(Value::Number(7)));
        assert_eq!(taken(ValueKind::Text, "/list/0/a~1b"), Some(Value::Text("x".into())));
        assert_eq!(taken(ValueKind::YesNo, "/y"), Some(Value::YesNo(true)));
        for (kind, pointer) in [
            (ValueKind::Digits, "/n"),
            (ValueKind::Digits, "/t"),
            (ValueKind::Number, "/d"),
            (ValueKind::Number, "/neg"),
            (ValueKind::Number, "/f"),
            (ValueKind::Text, "/n"),
            (ValueKind::Text, "/null"),
            (ValueKind::YesNo, "/n"),
            (ValueKind::Text, "/missing"),
        ] {
            assert_eq!(taken(kind, pointer), None, "{pointer} as {}", kind.word());
        }
    }
}
