use super::phrase::Phrase;
use super::sentence::{Sentence, sentence};
use super::{brief, callback, hours, menu, number, quiet, tell, time, wait};
use crate::base::Language;

/// Every clip that can be needed without a card's own texts, sorted, each once.
pub fn vocabulary(language: Language) -> Vec<String> {
    let mut clips = number::clips(language);
    clips.extend(time::clips(language));
    clips.extend(hours::clips(language));
    clips.extend(tell::clips(language));
    clips.extend(quiet::clips(language));
    clips.extend(wait::clips(language));
    clips.extend(brief::clips(language));
    clips.extend(callback::clips(language));
    let sentences = Sentence::ALL.map(|s| sentence(language, s));
    clips.extend(sentences.into_iter().chain([menu::agent_line(language)]).flat_map(texts));
    clips.sort_unstable();
    clips.dedup();
    clips
}

fn texts(phrase: Phrase) -> impl Iterator<Item = String> {
    phrase.0.into_iter().map(|fragment| fragment.text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_stays_small_enough_to_record() {
        for language in Language::ALL {
            let clips = vocabulary(language);
            assert!(clips.is_sorted() && clips.len() <= 650, "{language}: {} clips", clips.len());
            assert!(clips.iter().all(|clip| clip.trim() == clip && !clip.is_empty()));
        }
    }

    /// `cargo test --lib speech::vocabulary -- --nocapture` prints it for who records the voice.
    #[test]
    fn the_vocabulary_is_plain_json() {
        let rows: Vec<_> = Language::ALL
            .into_iter()
            .flat_map(|l| {
                vocabulary(l).into_iter().map(move |text| serde_json::json!({ "language": l.code(), "text": text }))
            })
            .collect();
        let json = serde_json::to_string_pretty(&rows).unwrap();
        println!("{json}");
        assert!(json.contains("\"du lundi au vendredi,\""));
    }
}
