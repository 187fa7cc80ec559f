//! Sentences that were heard, and whether they are those of a test.

use super::difference::alike;

/// Splits words into sentences, each with its mark. The marks of the last one don't count.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let text = plain(text);
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if matches!(c, '.' | '!' | '?') && text[end..].starts_with(' ') {
            out.push(text[start..end].to_owned());
            start = end + 1;
        }
    }
    if start < text.len() {
        out.push(text[start..].to_owned());
    }
    out
}

/// Where the words are among the sentences from `from` on: the place after the last of
/// them. Whole sentences are compared; `…` in `wanted` stands for any words.
pub(super) fn find(heard: &[String], from: usize, wanted: &str) -> Option<usize> {
    let wanted = plain(wanted);
    (from..heard.len()).find_map(|start| {
        let mut said = String::new();
        (start..heard.len().min(start + LONGEST)).find_map(|at| {
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(&heard[at]);
            fits(&said, &wanted).then_some(at + 1)
        })
    })
}

/// The most alike of as many sentences as are wanted, if any is like it at all.
pub(super) fn nearest(heard: &[String], wanted: &str) -> Option<String> {
    let wanted = plain(wanted);
    let run = sentences(&wanted).len().max(1);
    let runs = heard.windows(run.min(heard.len()).max(1)).map(|run| run.join(" "));
    let best = runs.map(|said| (alike(&wanted, &said), said)).max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score >= LIKE).map(|(_, said)| said)
}

/// Whether leaving words out with `…` would have made it right.
pub(super) fn is_part(heard: &str, wanted: &str) -> bool {
    fits(heard, &format!("…{}…", plain(wanted)))
}

/// Whether the words are those wanted, where `…` stands for any.
fn fits(said: &str, wanted: &str) -> bool {
    let bare = |text: &str| text.trim_end_matches(['.', ' ']).to_owned();
    let mut parts: Vec<&str> = wanted.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    let said = bare(said);
    let last = bare(last);
    let Some((first, middle)) = parts.split_first() else { return said == last };
    let Some(mut rest) = said.strip_prefix(first.trim_end()) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.trim()) else { return false };
        rest = &rest[at + part.trim().len()..];
    }
    rest.ends_with(last.trim_start())
}

/// The words as they are compared: one kind of blank, apostrophe and ellipsis.
fn plain(text: &str) -> String {
    let text = text.replace('’', "'").replace("...", "…");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sentences that one line of a test may hold.
const LONGEST: usize = 40;
/// Words in a hundred that must be the same for two sentences to be shown side by side.
const LIKE: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_where_a_sentence_ends() {
        let split = sentences("Bonjour. Êtes-vous satisfait ? De un à cinq. C'est sur a.example point f r.");
        assert_eq!(split, ["Bonjour.", "Êtes-vous satisfait ?", "De un à cinq.", "C'est sur a.example point f r."]);
        assert_eq!(sentences(""), [""; 0]);
    }

    #[test]
    fn whole_sentences_are_wanted_unless_words_are_left_out() {
        let heard = sentences("Bonjour. Il faut une photo récente. La demande commence en ligne.");
        for wanted in [
            "Bonjour.",
            "Bonjour",
            "Bonjour. Il faut une photo récente.",
            "Il faut…",
            "… photo récente",
            "Il … récente. La demande…",
            "Bon…ligne.",
            "Il faut... récente",
        ] {
            assert!(find(&heard, 0, wanted).is_some(), "{wanted}");
        }
        for wanted in ["Il faut", "photo récente", "récente. La", "La demande. Bonjour.", "…photo", "faut…"] {
            assert_eq!(find(&heard, 0, wanted), None, "{wanted}");
        }
    }

    #[test]
    fn the_place_is_behind_the_last_sentence_and_never_before_the_first() {
        let heard = sentences("Un. Deux. Un. Trois.");
        assert_eq!(find(&heard, 0, "Un."), Some(1));
        assert_eq!(find(&heard, 1, "Un. Trois."), Some(4));
        assert_eq!(find(&heard, 3, "Un."), None);
    }

    #[test]
    fn typographic_apostrophes_and_blanks_are_the_same() {
        assert_eq!(find(&sentences("Pour l'agent,\u{a0}tapez."), 0, "Pour l’agent, tapez."), Some(1));
    }
}
