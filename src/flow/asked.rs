use super::StepKind;
use crate::base::Localized;

/// The keys under which a text is written in its step.
pub(super) type Path = Vec<String>;

/// What a step says to who gives no answer, with the place of each text.
pub(super) fn question_texts(kind: &StepKind) -> Vec<(Path, &Localized)> {
    let base = match kind {
        StepKind::Collect(_) => Some("collect"),
        StepKind::Survey(_) => Some("survey"),
        _ => None,
    };
    let path = |key: &str, place: Option<usize>| {
        base.into_iter().chain([key]).map(str::to_owned).chain(place.map(|i| i.to_string())).collect()
    };
    let texts = kind.question().into_iter().flat_map(|question| question.texts());
    texts.map(|(key, place, text)| (path(key, place), text)).collect()
}
