use std::fmt;

/// Why a text is not good as opening hours, in plain words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HoursError {
    /// The rule's stable name: `bad-hours`, `school-holidays` or `sun-hours`.
    pub code: &'static str,
    /// One phrase.
    pub message: String,
    /// What to write.
    pub help: String,
    /// The character of the text that it is about, from 0.
    pub at: Option<usize>,
}

impl HoursError {
    /// The text with a caret under the character, for those who don't see the file.
    pub fn caret<'a>(&self, text: &'a str) -> impl fmt::Display + 'a {
        Caret { text, at: self.at }
    }
}

struct Caret<'a> {
    text: &'a str,
    at: Option<usize>,
}

impl fmt::Display for Caret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)?;
        if let Some(at) = self.at {
            write!(f, "\n{:at$}^", "")?;
        }
        Ok(())
    }
}

/// Says what the crate found in words of the field.
pub(super) fn explain(text: &str, error: &impl fmt::Display) -> HoursError {
    let (text, said) = (&text.replace('\n', " "), error.to_string());
    let at = position(&said);
    let message = match at {
        Some(at) => {
            let rest: String = text.chars().skip(at).take(12).collect();
            if rest.is_empty() {
                format!("the hours `{text}` end too early")
            } else {
                format!("the hours `{text}` can't be read from `{rest}` on")
            }
        }
        // What the crate draws over several lines is no phrase.
        None if said.contains('\n') => format!("the hours `{text}` can't be read"),
        None => format!("the hours `{text}` can't be read: {said}"),
    };
    HoursError { code: "bad-hours", message, help: advice(text), at }
}

/// What parses but is never right: there is no calendar of school holidays, and no
/// place whose sun could be asked.
pub(super) fn refuse_what_is_never_right(text: &str) -> Result<(), HoursError> {
    for (at, word) in words(text) {
        if word == "SH" {
            return Err(HoursError {
                code: "school-holidays",
                message: "school holidays (`SH`) are not known here and would never match".to_owned(),
                help: "write them as `closures` with dates".to_owned(),
                at: Some(at),
            });
        }
        if ["sunrise", "sunset", "dawn", "dusk"].contains(&word.to_lowercase().as_str()) {
            return Err(HoursError {
                code: "sun-hours",
                message: format!("`{word}` needs a place on the globe, which a card has not"),
                help: "write the time, such as `18:30`".to_owned(),
                at: Some(at),
            });
        }
    }
    Ok(())
}

/// The words outside comments, each with the character that it begins at.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut in_comment = false;
    let mut in_word = false;
    for (at, c) in text.chars().enumerate() {
        in_comment ^= c == '"';
        match words.last_mut() {
            Some((_, word)) if in_word && c.is_alphabetic() && !in_comment => word.push(c),
            _ if c.is_alphabetic() && !in_comment => words.push((at, c.to_string())),
            _ => {}
        }
        in_word = c.is_alphabetic() && !in_comment;
    }
    words
}

/// The column in the crate's ` --> 1:4`, from 0.
fn position(said: &str) -> Option<usize> {
    let (_, rest) = said.split_once("--> 1:")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().ok()?.checked_sub(1)
}

/// The commonest slips of people who write French hours.
fn advice(text: &str) -> String {
    let words = words(text);
    let french = |word: &str| {
        FRENCH_DAYS.iter().find(|(french, _)| french.iter().any(|f| word.eq_ignore_ascii_case(f))).map(|(_, day)| *day)
    };
    if let Some((word, day)) = words.iter().find_map(|(_, word)| Some((word, french(word)?))) {
        return format!("write `{day}` for `{word}`: the days are Mo Tu We Th Fr Sa Su");
    }
    if words.iter().any(|(_, word)| word.eq_ignore_ascii_case("h")) {
        return "write times with a colon, such as `09:00-12:30`".to_owned();
    }
    "write days as Mo Tu We Th Fr Sa Su, times as 09:00-12:30 and `;` between rules, such as \
     `Mo-Fr 09:00-12:30,14:00-17:00; PH off`"
        .to_owned()
}

const FRENCH_DAYS: [(&[&str], &str); 7] = [
    (&["lu", "lun", "lundi"], "Mo"),
    (&["ma", "mardi"], "Tu"),
    (&["me", "mer", "mercredi"], "We"),
    (&["je", "jeu", "jeudi"], "Th"),
    (&["ve", "ven", "vendredi"], "Fr"),
    (&["sam", "samedi"], "Sa"),
    (&["di", "dim", "dimanche"], "Su"),
];

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::super::Hours;
    use super::*;

    fn error(text: &str) -> HoursError {
        Hours::parse(text, Paris).unwrap_err()
    }

    #[test]
    fn the_first_wrong_character_is_pointed_at() {
        let text = "Mo-Fr 09:00-12:30; Lu off";
        let wrong = error(text);
        assert_eq!(wrong.message, "the hours `Mo-Fr 09:00-12:30; Lu off` can't be read from `Lu off` on");
        assert_eq!(wrong.caret(text).to_string(), "Mo-Fr 09:00-12:30; Lu off\n                   ^");
        assert_eq!(error("Mo-Fr 09:00-").code, "bad-hours");
        assert_eq!(error("").at, Some(0));
        assert!(!error("Mo-Fr 09:00-12:00;\nLu off").message.contains('\n'));
    }

    #[test]
    fn french_ways_of_writing_hours_get_their_advice() {
        assert_eq!(error("Lu-Ve 09:00-12:00").help, "write `Mo` for `Lu`: the days are Mo Tu We Th Fr Sa Su");
        assert_eq!(error("Mo-Fr 9h-12h").help, "write times with a colon, such as `09:00-12:30`");
        assert!(error("Mo-Fr 0900-1200").help.starts_with("write days as Mo Tu"));
    }

    #[test]
    fn what_would_never_be_right_is_refused() {
        let wrong = error("Mo-Fr 09:00-12:00; SH off");
        assert_eq!((wrong.code, wrong.at), ("school-holidays", Some(19)));
        assert_eq!(error("Mo-Fr sunrise-18:00").code, "sun-hours");
        assert!(Hours::parse("Mo-Fr 09:00-12:00 \"sunset SH\"", Paris).is_ok());
    }
}
