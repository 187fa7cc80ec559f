use std::time::Duration;

use crate::base::{Language, Localized};

/// One thing that holds of a place, such as what key 2 does there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aspect {
    /// What it is about; the same subject is compared with itself.
    pub(super) subject: String,
    /// What holds of it.
    pub(super) value: String,
}

/// Of this subject, this holds.
pub(super) fn aspect(subject: impl Into<String>, value: impl Into<String>) -> Aspect {
    Aspect { subject: subject.into(), value: value.into() }
}

/// A sentence for each subject of which something else holds now: what is new or
/// changed in the new order, then what is gone.
pub(super) fn differences(language: Language, old: &[Aspect], new: &[Aspect]) -> Vec<String> {
    let of = |all: &[Aspect], subject: &str| all.iter().find(|a| a.subject == subject).map(|a| a.value.clone());
    let mut lines = Vec::new();
    for Aspect { subject, value } in new {
        match of(old, subject) {
            Some(was) if was == *value => {}
            Some(was) => lines.push(match language {
                Language::Fr => format!("{subject} : {value} (avant : {was})"),
                Language::En => format!("{subject}: {value} (before: {was})"),
            }),
            None => lines.push(match language {
                Language::Fr => format!("{subject} : {value} (nouveau)"),
                Language::En => format!("{subject}: {value} (new)"),
            }),
        }
    }
    for Aspect { subject, value } in old.iter().filter(|a| of(new, &a.subject).is_none()) {
        lines.push(match language {
            Language::Fr => format!("{subject} : supprimé (avant : {value})"),
            Language::En => format!("{subject}: gone (before: {value})"),
        });
    }
    lines
}

/// The sentences of a place that was not there before.
pub(super) fn all_new(language: Language, new: &[Aspect]) -> Vec<String> {
    let head = match language {
        Language::Fr => "étape nouvelle",
        Language::En => "a new step",
    };
    let line = |a: &Aspect| match language {
        Language::Fr => format!("{} : {}", a.subject, a.value),
        Language::En => format!("{}: {}", a.subject, a.value),
    };
    std::iter::once(head.to_owned()).chain(new.iter().map(line)).collect()
}

/// A text as it is heard, in both languages where both are written.
pub(super) fn heard(text: &Localized) -> String {
    match &text.en {
        Some(en) if *en != text.fr => format!("« {} » / “{en}”", text.fr),
        Some(en) => format!("“{en}”"),
        None => format!("« {} »", text.fr),
    }
}

/// A duration as flows write it.
pub(super) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60, duration.subsec_millis()) {
        (0, s, 0) => format!("{s} s"),
        (m, 0, 0) => format!("{m} min"),
        (m, s, 0) => format!("{m} min {s} s"),
        (_, _, _) => format!("{} ms", duration.as_millis()),
    }
}
