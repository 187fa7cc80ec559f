use crate::base::{Localized, PhoneNumber};
use crate::diag::{Diagnostic, Span};
use crate::flow::StepKind;
use crate::flow::file::FlowFile;
use crate::service::is_premium;

/// Numbers that cost extra: answered, transferred to, or announced in a text.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for (i, number) in file.program.numbers.iter().enumerate().filter(|(_, n)| is_premium(n)) {
        out.push(diagnostic(number.as_str(), file.tree.place(&["numbers", &i.to_string()])));
    }
    for id in file.ids() {
        let (text, path): (&Localized, &[&str]) = match &file.program.step(id).kind {
            StepKind::Transfer(transfer) => {
                if is_premium(&transfer.to) {
                    let whole = file.place(id, &["transfer"]);
                    let inner = file.step_tree(id).and_then(|t| t.at(&["transfer", "to"])).map(|t| t.span.clone());
                    out.push(diagnostic(transfer.to.as_str(), inner.unwrap_or(whole)));
                }
                continue;
            }
            StepKind::Say(say) => (&say.text, &["say"]),
            StepKind::Collect(collect) => (&collect.ask, &["collect", "ask"]),
            StepKind::Voicemail(voicemail) => (&voicemail.ask, &["voicemail", "ask"]),
            StepKind::Survey(survey) => (&survey.ask, &["survey", "ask"]),
            StepKind::Hangup(hangup) => match &hangup.text {
                Some(text) => (text, &["hangup"]),
                None => continue,
            },
            StepKind::Queue(queue) => {
                for (i, comfort) in queue.comfort.iter().enumerate() {
                    in_text(comfort, || file.place(id, &["comfort", &i.to_string()]), out);
                }
                continue;
            }
            StepKind::Lookup(lookup) => match &lookup.say {
                Some(text) => (text, &["lookup", "say"]),
                None => continue,
            },
            StepKind::Menu(_)
            | StepKind::Hours(_)
            | StepKind::Tell(_)
            | StepKind::Set(_)
            | StepKind::Choose(_)
            | StepKind::Goto(_)
            | StepKind::Callback(_) => continue,
        };
        in_text(text, || file.place(id, path), out);
    }
}

fn in_text(text: &Localized, place: impl Fn() -> Span, out: &mut Vec<Diagnostic>) {
    let numbers = numbers_in(&text.fr).chain(text.en.iter().flat_map(|en| numbers_in(en)));
    if let Some(number) = numbers.filter(|n| PhoneNumber::parse(n).is_ok_and(|n| is_premium(&n))).last() {
        out.push(diagnostic(&number, place()));
    }
}

/// The runs of digits in a text that may be phone numbers, such as `08 99 12 34 56`.
fn numbers_in(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '\u{a0}')))
        .map(|run| run.trim_matches(|c: char| !(c.is_ascii_digit() || c == '+')).to_owned())
        .filter(|run| run.chars().filter(char::is_ascii_digit).count() >= 6)
}

fn diagnostic(number: &str, span: Span) -> Diagnostic {
    Diagnostic::error("premium-number", format!("calls to `{number}` cost extra"), Some(span))
        .label("a premium-rate number")
        .help("a public service must not use or announce one: give an ordinary number")
}
