//! YAML with places: `serde_yaml` says what a value is, `marked-yaml` where it is
//! written; a [`Tree`] holds both. A [`Shape`] says what may be written, and its check
//! finds every mistake of a file in one run; the typed model is then read by serde.

mod extent;
mod parse;
mod part;
mod shape;
mod syntax;
mod traps;
mod tree;

pub(super) use parse::parse;
pub(super) use shape::{Field, Kind, Must, Shape, TEXTS, Usual, Written, check, check_map, key};
pub(super) use tree::{Content, Entry, Tree};

/// Reads a duration such as `20s`, `2m`, `1m30s`, `500ms` or `1h`; `None` if it is none.
pub(super) fn duration(text: &str) -> Option<std::time::Duration> {
    let mut rest = text.trim();
    let mut millis: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let count: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let unit = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        rest = &rest[letters..];
        millis = millis.checked_add(count.checked_mul(unit)?)?;
    }
    Some(std::time::Duration::from_millis(millis))
}

/// Reads a share such as `20%`, from 1 to 100; `None` if it is none.
pub(super) fn percent(text: &str) -> Option<u8> {
    let share = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (1..=100).contains(&share).then_some(share)
}

/// The nearest of some names to a mistyped one, if it is near enough to be meant.
pub(super) fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&typed, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.chars().count().max(3)) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `did you mean …?` for a mistyped name, or the list of what there is.
pub(super) fn suggestion<'a>(typed: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(name) = nearest(typed, names.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let all: Vec<String> = names.into_iter().take(12).map(|name| format!("`{name}`")).collect();
    (!all.is_empty()).then(|| format!("there is {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(duration("20s"), Some(Duration::from_secs(20)));
        assert_eq!(duration("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        for bad in ["", "20", "s", "2 m", "1x", "-3s", "99999999999999999999s"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn shares_are_read_in_percent() {
        assert_eq!(percent("20%"), Some(20));
        assert_eq!(percent(" 100 % "), Some(100));
        for bad in ["", "%", "20", "0%", "101%", "0.2%", "-5%"] {
            assert_eq!(percent(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(nearest("suport", ["agents", "support"]), Some("support"));
        assert_eq!(nearest("zzz", ["agents", "support"]), None);
        assert_eq!(suggestion("zzz", ["a1", "b2"]).unwrap(), "there is `a1`, `b2`");
    }
}
