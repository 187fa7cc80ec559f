use crate::base::{Language, Localized};
use crate::diag::Span;
use crate::flow::file::FlowFile;
use crate::flow::{StepId, StepKind};

/// A text of a flow's own, in one language.
pub(super) struct Text<'a> {
    pub(super) language: Language,
    pub(super) words: &'a str,
    step: StepId,
    path: Vec<String>,
}

impl Text<'_> {
    /// Where it is written.
    pub(super) fn place(&self, file: &FlowFile) -> Span {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        file.place(self.step, &path)
    }

    /// Its sentences, without the marks at their ends.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &str> {
        self.words.split(['.', '!', '?', ';', '\u{2026}']).map(str::trim).filter(|sentence| !sentence.is_empty())
    }
}

/// Every text that the flow's author has written.
pub(super) fn texts(file: &FlowFile) -> Vec<Text<'_>> {
    let mut all = Vec::new();
    for step in file.ids() {
        for (text, path) in of_step(&file.program.step(step).kind) {
            let each = [(Language::Fr, Some(&text.fr)), (Language::En, text.en.as_ref())];
            for (language, words) in each.into_iter().filter_map(|(language, words)| Some((language, words?))) {
                all.push(Text { language, words, step, path: path.clone() });
            }
        }
    }
    all
}

fn of_step(kind: &StepKind) -> Vec<(&Localized, Vec<String>)> {
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    match kind {
        StepKind::Say(say) => vec![(&say.text, path(&["say"]))],
        StepKind::Menu(menu) => {
            let choices = menu.choices.iter().enumerate();
            (menu.ask.iter().map(|ask| (ask, path(&["ask"]))))
                .chain(choices.map(|(i, choice)| (&choice.purpose, path(&["menu", &i.to_string(), "for"]))))
                .collect()
        }
        StepKind::Collect(collect) => vec![(&collect.ask, path(&["collect", "ask"]))],
        StepKind::Voicemail(voicemail) => vec![(&voicemail.ask, path(&["voicemail", "ask"]))],
        StepKind::Survey(survey) => vec![(&survey.ask, path(&["survey", "ask"]))],
        StepKind::Hangup(hangup) => hangup.text.iter().map(|text| (text, path(&["hangup"]))).collect(),
        StepKind::Queue(queue) => {
            let comfort = queue.comfort.iter().enumerate();
            let offers = queue.busy.iter().flat_map(|busy| &busy.offers).enumerate();
            (comfort.map(|(i, text)| (text, path(&["comfort", &i.to_string()]))))
                .chain(offers.filter_map(|(i, offer)| {
                    Some((offer.purpose.as_ref()?, path(&["busy", "offer", &i.to_string(), "for"])))
                }))
                .collect()
        }
        StepKind::Hours(_)
        | StepKind::Tell(_)
        | StepKind::Transfer(_)
        | StepKind::Callback(_)
        | StepKind::Set(_)
        | StepKind::Choose(_)
        | StepKind::Goto(_) => Vec::new(),
        StepKind::Lookup(lookup) => lookup.say.iter().map(|text| (text, path(&["say"]))).collect(),
    }
}
