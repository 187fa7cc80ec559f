use crate::base::Digit;
use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::yaml::{self, Tree};
use crate::flow::{Menu, StepId, StepKind};

/// A key given to two choices of a menu, or taken from the keys that mean the same everywhere.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let of_header: Vec<Digit> = file.program.keys.iter().map(|(key, _)| *key).collect();
    for entry in file.tree.at(&["keys"]).map_or(&[][..], Tree::entries) {
        let key = yaml::key(&entry.key);
        out.extend(key.and_then(|key| reserved(key, entry.key_span.clone(), &of_header)));
    }
    for id in file.ids() {
        match &file.program.step(id).kind {
            StepKind::Menu(menu) => {
                let keys: Vec<Digit> = menu.choices.iter().map(|c| c.key).collect();
                check_keys(file, id, &["menu"], &keys, out);
                shadowed(file, id, menu, out);
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

/// A key of the header that means something else in one menu: the caller who has learned it is misled.
fn shadowed(file: &FlowFile, id: StepId, menu: &Menu, out: &mut Vec<Diagnostic>) {
    for (i, choice) in menu.choices.iter().enumerate() {
        let Some(everywhere) = file.program.key(choice.key).filter(|to| *to != choice.go) else { continue };
        let (here, elsewhere) = (&file.program.step(choice.go).name, &file.program.step(everywhere).name);
        let message =
            format!("the key `{}` leads to `{here}` in this menu, and to `{elsewhere}` elsewhere", choice.key);
        let i = i.to_string();
        out.push(
            Diagnostic::warning("shadowed-key", message, Some(file.place(id, &["menu", i.as_str(), "key"])))
                .label("hides a key of `keys:`")
                .help("give the choice another key"),
        );
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
