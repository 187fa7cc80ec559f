use super::Value;
use super::placeholder::{Part, parts};
use crate::base::Language;
use crate::speech::{self, Phrase};

/// A text as it is spoken: what stands between the variables is one clip each, and each variable
/// is spoken as what it is. What has no value is left out, as is what nobody can say.
///
/// ```
/// use svi::base::Language;
/// use svi::flow::{Value, spoken};
///
/// let phrase = spoken("Votre dossier {dossier} est prêt.", Language::Fr, |_| Some(Value::Digits("12".into())));
/// assert_eq!(phrase.0.iter().map(|f| &*f.text).collect::<Vec<_>>(), ["Votre dossier", "un", "deux", "est prêt."]);
/// ```
pub fn spoken(text: &str, language: Language, value: impl Fn(&str) -> Option<Value>) -> Phrase {
    if !text.contains('{') {
        return Phrase::one(language, text);
    }
    let mut phrase = Phrase::default();
    for part in parts(text) {
        match part {
            Part::Text(text) => {
                // What stands alone behind a number, such as a full stop, is no clip.
                let words =
                    text.trim_start_matches(|c: char| !(c.is_alphanumeric() || OPENING.contains(&c))).trim_end();
                if words.contains(char::is_alphanumeric) {
                    phrase.push(language, words);
                }
            }
            Part::Name { name, .. } => match value(name) {
                Some(Value::Digits(digits)) => phrase.append(speech::digits(language, &digits)),
                Some(Value::Number(n)) => phrase.append(match u32::try_from(n) {
                    Ok(n) => speech::number(language, n),
                    Err(_) => speech::digits(language, &n.to_string()),
                }),
                Some(Value::Text(_) | Value::YesNo(_)) | None => {}
            },
            Part::Broken { .. } => {}
        }
    }
    phrase
}

/// Signs that belong to the word behind them.
const OPENING: [char; 4] = ['«', '“', '(', '"'];
