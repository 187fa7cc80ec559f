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
    let (flow, subflow) = match seed % 4 {
        3 => flow(chance),
        nth => bordered::flow(seed / 4 * 3 + nth, chance),
    };
    let files =
        [("service.yaml", card), ("queues.yaml", queues.concat()), ("accueil.yaml", flow), ("sous.yaml", subflow)];
    let written = files.into_iter().filter(|(_, text)| !text.is_empty());
    Written { files: written.map(|(name, text)| Source::new(name, text)).collect() }
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
    /// The sub-flow is called: one more call of it has no more to say.
    called: bool,
}

/// Steps in any order, and the sub-flow that one of them calls, or nothing.
fn flow(chance: &mut Chance) -> (String, String) {
    let count = 2 + chance.below(7);
    let agent = chance.below(count);
    let calm = chance.below(3) > 0;
    let mut steps = Steps { chance, count, agent, text: String::new(), texts: 0, chose: false, called: false };
    for step in 0..count {
        let _ = writeln!(steps.text, "  s{step}:");
        match steps.chance.below(10) {
            0..8 if step == agent => steps.queue(),
            _ => steps.any(calm),
        }
    }
    let subflow = if steps.called { steps.subflow() } else { String::new() };
    let text = steps.text;
    let variables = "variables: { essais: number, connu: yes-no }";
    let mut header = format!("flow: test\nnumbers: [\"100\"]\n{variables}\nagent: s{agent}\nstart: s0\n");
    if chance.below(4) == 0 {
        header += "language: en\n";
    }
    if chance.below(3) == 0 {
        let _ = writeln!(header, "keys: {{ 9: s{} }}", chance.below(count));
    }
    if chance.below(2) == 0 {
        let _ = writeln!(header, "closed: s{}", chance.below(count));
    }
    if chance.below(4) == 0 {
        header += "notice: recorded\n";
    }
    let _ = writeln!(header, "keys_to_agent: {}", 1 + chance.below(3));
    let (levels, speech) = (1 + chance.below(3), [10, 20, 30, 40][chance.below(4)]);
    let _ = writeln!(header, "limits: {{ levels: {levels}, speech: {speech}s }}");
    (format!("{header}steps:\n{text}"), subflow)
}

impl Steps<'_> {
    fn any(&mut self, calm: bool) {
        match self.chance.below(32) {
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
            24 | 25 => self.lookup(),
            26 | 27 => self.record(),
            28 if !self.called => self.call(),
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
            if self.chance.below(4) == 0 {
                let language = ["en", "fr"][self.chance.below(2)];
                self.line(&format!("    language: {language}"));
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
        let form = match self.chance.below(3) {
            0 => format!("pattern: {}", "N".repeat(digits)),
            _ => format!("at_least: {digits}, at_most: 4"),
        };
        let read_back = self.chance.below(3) == 0;
        self.line(&format!("collect: {{ ask: \"{words}\", {form}, read_back: {read_back} }}"));
        self.then("then");
    }

    fn lookup(&mut self) {
        let within = [1, 5, 20][self.chance.below(3)];
        let say = if self.chance.below(2) == 0 { format!(", say: {}", self.words_in_both()) } else { String::new() };
        let asked = "url: \"https://api.example.fr/\", take: { connu: /connu }";
        self.line(&format!("lookup: {{ {asked}, within: {within}s{say} }}"));
        self.then("then");
        self.then("failed");
    }

    fn record(&mut self) {
        let (words, beep) = (self.words(), self.chance.below(2) == 0);
        self.line(&format!("record: {{ ask: \"{words}\", beep: {beep} }}"));
        self.then("then");
    }

    fn call(&mut self) {
        self.called = true;
        self.line("call: sous\n    with: { taille: 3 }");
        self.then("then");
    }

    /// A sub-flow of two steps, and one that leads back.
    fn subflow(&mut self) -> String {
        let outer = std::mem::take(&mut self.text);
        (self.count, self.agent) = (3, 2);
        for step in 0..2 {
            let _ = writeln!(self.text, "  s{step}:");
            match self.chance.below(4) {
                0 => self.say(true),
                1 => self.menu(),
                2 => self.collect(),
                _ => self.tell(),
            }
        }
        let steps = std::mem::replace(&mut self.text, outer);
        let language = ["fr", "en"][self.chance.below(2)];
        let header = format!("subflow: sous\nlanguage: {language}\nparameters: {{ taille: number }}\nstart: s0\n");
        format!("{header}steps:\n{steps}  s2:\n    return:\n")
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
