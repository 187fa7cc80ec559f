use crate::base::Digit;
use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::{StepId, StepKind};

/// A key given to two choices of a menu, or taken from the keys that mean the same everywhere.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for id in file.ids() {
        match &file.program.step(id).kind {
            StepKind::Menu(menu) => {
                let keys: Vec<Digit> = menu.choices.iter().map(|c| c.key).collect();
                check_keys(file, id, &["menu"], &keys, out);
            }
            StepKind::Queue(queue) => {
                let keys: Vec<Digit> = queue.busy.iter().flat_map(|b| &b.offers).map(|o| o.key).collect();
                check_keys(file, id, &["busy", "offer"], &keys, out);
            }
            StepKind::Say(_)
            | StepKind::Hours(_)
            | StepKind::Tell(_)
            | StepKind::Collect(_)
            | StepKind::Set(_)
            | StepKind::Choose(_)
            | StepKind::Goto(_)
            | StepKind::Lookup(_)
            | StepKind::Transfer(_)
            | StepKind::Voicemail(_)
            | StepKind::Callback(_)
            | StepKind::Survey(_)
            | StepKind::Hangup(_) => {}
        }
    }
}

fn check_keys(file: &FlowFile, id: StepId, list: &[&str], keys: &[Digit], out: &mut Vec<Diagnostic>) {
    for (i, key) in keys.iter().enumerate() {
        let place = |i: usize| {
            let i = i.to_string();
            file.place(id, &[list, &[i.as_str(), "key"]].concat())
        };
        if let Some(first) = keys[..i].iter().position(|other| other == key) {
            let (line, _) = place(first).line_column();
            out.push(
                Diagnostic::error("duplicate-key", format!("the key `{key}` is given to two choices"), Some(place(i)))
                    .label(format!("first given in line {line}"))
                    .help(free_key(keys)),
            );
        }
        out.extend(reserved(*key, place(i), keys));
    }
}

fn reserved(key: Digit, span: Span, keys: &[Digit]) -> Option<Diagnostic> {
    let meaning = match key {
        Digit::ZERO => "always leads to an agent",
        Digit::STAR => "always leads back",
        Digit::HASH => "always says it again",
        _ => return None,
    };
    Some(
        Diagnostic::error("reserved-key", format!("the key `{key}` {meaning}"), Some(span))
            .label("not free for a choice")
            .help(free_key(keys)),
    )
}

fn free_key(keys: &[Digit]) -> String {
    let free = "123456789".chars().filter_map(Digit::from_char).find(|k| !keys.contains(k));
    match free {
        Some(key) => format!("the key {key} is free"),
        None => "remove a choice".to_owned(),
    }
}
