//! Random flows, as YAML: every kind of step in any order, or near the border of one rule.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::bordered;
use crate::base::Chance;
use crate::diag::Source;
use crate::flow::Audio;
use crate::speech::Fragment;

/// A service of one flow.
pub(super) struct Written {
    pub(super) files: Vec<Arc<Source>>,
}

/// Clips as long as their words say, `… 15000 ms`; all others last half a second.
pub(super) struct Spoken;

impl Audio for Spoken {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        let written = fragment.text.split(' ').find_map(|word| word.parse().ok());
        Some(Duration::from_millis(written.unwrap_or(500)))
    }
}

/// A random service: three of four are near the border of one rule.
pub(super) fn written(seed: u64) -> Written {
    let chance = &mut Chance::seeded(seed);
    let queues =
        ["serve", "tell", "callback"].map(|rule| format!("{rule}:\n  members: [amina]\n  at_closing: {rule}\n"));
    let card = card(chance);
    let flow = match seed % 4 {
        3 => flow(chance),
        nth => bordered::flow(seed / 4 * 3 + nth, chance),
    };
    let files = [("service.yaml", card), ("queues.yaml", queues.concat()), ("accueil.yaml", flow)];
    Written { files: files.into_iter().map(|(name, text)| Source::new(name, text)).collect() }
}

fn card(chance: &mut Chance) -> String {
    let mut card =
        "name: Test\nhours:\n  phone: \"Mo-Fr 09:00-17:00\"\n  desk: \"Tu 09:00-11:00,18:00-20:00\"\n".to_owned();
    card += "phones:\n  - number: \"+33143124567\"\n    purpose: tout\n";
    if chance.below(4) > 0 {
        card += "websites:\n  - url: https://www.service-public.fr\n    purpose: vos droits\n";
    }
    if chance.below(4) == 0 {
        card += "relay: [\"+33639980002\"]\n";
    }
    card
}

/// Steps that are being written.
struct Steps<'c> {
    chance: &'c mut Chance,
    count: usize,
    agent: usize,
    text: String,
    texts: usize,
    /// A condition is asked already: two of them would be true or not together.
    chose: bool,
}

fn flow(chance: &mut Chance) -> String {
    let count = 2 + chance.below(7);
    let agent = chance.below(count);
    let calm = chance.below(3) > 0;
    let mut steps = Steps { chance, count, agent, text: String::new(), texts: 0, chose: false };
    for step in 0..count {
        let _ = writeln!(steps.text, "  s{step}:");
        match steps.chance.below(10) {
            0..8 if step == agent => steps.queue(),
            _ => steps.any(calm),
        }
    }
    let text = steps.text;
    let mut header =
        format!("flow: test\nnumbers: [\"100\"]\nvariables: {{ essais: number }}\nagent: s{agent}\nstart: s0\n");
    if chance.below(2) == 0 {
        let _ = writeln!(header, "closed: s{}", chance.below(count));
    }
    if chance.below(4) == 0 {
        header += "notice: recorded\n";
    }
    let _ = writeln!(header, "keys_to_agent: {}", 1 + chance.below(3));
    let (levels, speech) = (1 + chance.below(3), [10, 20, 30, 40][chance.below(4)]);
    let _ = writeln!(header, "limits: {{ levels: {levels}, speech: {speech}s }}");
    format!("{header}steps:\n{text}")
}

impl Steps<'_> {
    fn any(&mut self, calm: bool) {
        match self.chance.below(27) {
            0..4 => self.say(calm),
            4..8 => self.menu(),
            8..11 => self.tell(),
            11..14 => self.hours(),
            14 => self.collect(),
            15..18 => self.queue(),
            18 => self.transfer(),
            19 => self.voicemail(),
            20 => self.callback(),
            21 => self.survey(),
            22 if !self.chose => self.choose(),
            22 | 23 => self.pass(),
            _ => self.hangup(),
        }
    }

    /// A step's name; often the agent's.
    fn step(&mut self) -> String {
        let any = self.chance.below(self.count);
        format!("s{}", if self.chance.below(4) == 0 { self.agent } else { any })
    }

    fn words(&mut self) -> String {
        self.texts += 1;
        let seconds = [1, 2, 5, 5, 10, 10, 20, 30][self.chance.below(8)];
        format!("texte{} {seconds}000 ms", self.texts)
    }

    fn words_in_both(&mut self) -> String {
        match self.chance.below(2) {
            0 => format!("\"{}\"", self.words()),
            _ => format!("{{ fr: \"{}\", en: \"{}\" }}", self.words(), self.words()),
        }
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "    {line}");
    }

    fn then(&mut self, key: &str) {
        let step = self.step();
        self.line(&format!("{key}: {step}"));
    }

    fn say(&mut self, calm: bool) {
        let words = self.words_in_both();
        self.line(&format!("say: {words}"));
        if self.chance.below(if calm { 6 } else { 2 }) == 0 {
            self.line("barge_in: false");
        }
        self.then("then");
    }

    fn menu(&mut self) {
        self.line("menu:");
        for key in 1..=1 + self.chance.below(2) {
            let step = self.step();
            self.line(&format!("  - key: {key}\n        for: choix{key}\n        go: {step}"));
            if self.chance.below(6) == 0 {
                self.line("    language: en");
            }
        }
        if self.chance.below(3) > 0 {
            let words = self.words_in_both();
            self.line(&format!("ask: {words}"));
        }
        if self.chance.below(2) == 0 {
            let (patience, silences) = ([5, 10, 20][self.chance.below(3)], self.chance.below(4));
            self.line(&format!("patience: {patience}s\n    silences: {silences}"));
        }
    }

    fn tell(&mut self) {
        let topics = ["hours, contact", "hours, contact", "hours", "contact"][self.chance.below(4)];
        self.line(&format!("tell: [{topics}]"));
        self.then("then");
    }

    fn hours(&mut self) {
        let kind = ["phone", "phone", "desk"][self.chance.below(3)];
        self.line(&format!("hours: {kind}"));
        self.then("open");
        self.then("closed");
    }

    fn choose(&mut self) {
        self.chose = true;
        let step = self.step();
        self.line(&format!("choose: [{{ if: \"hour = 9 or hour = 12 or hour = 18 or hour = 22\", go: {step} }}]"));
        self.then("else");
    }

    fn pass(&mut self) {
        let step = self.step();
        match self.chance.below(2) {
            0 => self.line(&format!("goto: {step}")),
            _ => self.line(&format!("set: {{ essais: 1 }}\n    then: {step}")),
        }
    }

    fn collect(&mut self) {
        let (words, digits) = (self.words(), 1 + self.chance.below(3));
        self.line(&format!("collect: {{ ask: \"{words}\", at_least: {digits}, at_most: 4 }}"));
        self.then("then");
    }

    fn queue(&mut self) {
        let queue = ["serve", "tell", "callback"][self.chance.below(3)];
        self.line(&format!("queue: {queue}"));
        for key in ["nobody", "full", "long"] {
            self.then(key);
        }
        for key in ["closed", "answered"] {
            if self.chance.below(3) == 0 {
                self.then(key);
            }
        }
        match self.chance.below(4) {
            0 => {
                let step = self.step();
                self.line(&format!(
                    "busy: {{ when: {{ waiting: 5 }}, offer: [{{ key: 1, do: message, go: {step} }}] }}"
                ));
            }
            1 => self.line("busy: { when: { waiting: 5 }, offer: [{ key: 1, do: callback }] }"),
            _ => {}
        }
    }

    fn transfer(&mut self) {
        self.line("transfer: \"+33143124567\"");
        self.then("failed");
        if self.chance.below(2) == 0 {
            self.then("then");
        }
    }

    fn voicemail(&mut self) {
        let words = self.words();
        let callback = self.chance.below(2) == 0;
        self.line(&format!("voicemail: {{ ask: \"{words}\", callback: {callback} }}"));
        if self.chance.below(2) == 0 {
            self.then("then");
        }
    }

    fn callback(&mut self) {
        self.line("callback: serve");
        for key in ["then", "otherwise"] {
            if self.chance.below(2) == 0 {
                self.then(key);
            }
        }
    }

    fn survey(&mut self) {
        let words = self.words();
        self.line(&format!("survey: {{ ask: \"{words}\" }}"));
        if self.chance.below(2) == 0 {
            self.then("then");
        }
    }

    fn hangup(&mut self) {
        let words = self.words();
        let line = match self.chance.below(4) {
            0 => "hangup: true".to_owned(),
            _ => format!("hangup: \"{words}\""),
        };
        self.line(&line);
    }
}
