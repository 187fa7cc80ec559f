//! Random flows, as YAML, that keep every promise but for one, which they just keep or just break.

mod language;

use crate::base::Chance;

/// A flow near the border of one rule, of eighteen in turn, and the sub-flow that it calls, or nothing.
pub(super) fn flow(nth: u64, chance: &mut Chance) -> (String, String) {
    let mut border = Border {
        chance,
        agent: "agents",
        closed: "ferme",
        keys: 1,
        levels: 3,
        speech: 20,
        notice: false,
        header: String::new(),
        subflow: String::new(),
    };
    let steps = match nth % 18 {
        0 => border.speech(),
        1 => border.numbers(),
        2 => border.keys(),
        3 => border.silence(),
        4 => border.languages(),
        5 => border.message(),
        6 => border.callback(),
        7 => border.deaf(),
        8 => border.round(),
        9 => border.levels(),
        10 => border.world(),
        11 => border.closed(),
        12 => border.lookup(),
        13 => border.found(),
        14 => border.header_keys(),
        15 => border.read_back(),
        16 => border.subflow(),
        _ => border.both_languages(),
    };
    (border.whole(&steps), border.subflow)
}

struct Border<'c> {
    chance: &'c mut Chance,
    agent: &'static str,
    /// Where the queue leads when it is closed.
    closed: &'static str,
    keys: usize,
    levels: usize,
    speech: usize,
    notice: bool,
    /// Further lines of the header.
    header: String,
    /// The sub-flow that is called, or nothing.
    subflow: String,
}

impl Border<'_> {
    fn whole(&mut self, steps: &str) -> String {
        let Self { agent, keys, levels, speech, .. } = *self;
        let notice = if self.notice { "notice: recorded\n" } else { "" };
        let exits = self.exits();
        let header = &self.header;
        format!(
            "flow: test\nnumbers: [\"100\"]\nvariables: {{ essais: number, connu: yes-no }}\nagent: {agent}\n\
             start: debut\nclosed: ferme\n{notice}{header}keys_to_agent: {keys}\n\
             limits: {{ levels: {levels}, speech: {speech}s }}\n\
             steps:\n{steps}{exits}  ferme:\n    tell: [hours, contact]\n    then: fin\n  fin:\n    hangup: \"fin 1000 ms\"\n"
        )
    }

    /// The queue; what comes of it may be said in a step that nothing else leads to.
    fn exits(&mut self) -> String {
        let mut queue = format!("  agents:\n    queue: serve\n    closed: {}\n", self.closed);
        let mut steps = String::new();
        for (exit, words) in [("nobody", 1000), ("full", 2000), ("long", 3000)] {
            match self.chance.below(2) {
                0 => queue += &format!("    {exit}: fin\n"),
                _ => {
                    queue += &format!("    {exit}: {exit}\n");
                    steps += &say(exit, words, "fin");
                }
            }
        }
        queue + &steps
    }

    fn one(&mut self, of: &[usize]) -> usize {
        of[self.chance.below(of.len())]
    }

    /// So much, or a little more or less.
    fn near(&mut self, millis: usize) -> usize {
        millis + 1000 - self.one(&[0, 500, 1000, 1500])
    }

    /// A text before the queue, which `0` leads to as well.
    fn before(&mut self, millis: usize) -> String {
        self.agent = "avant";
        say("avant", millis, "agents")
    }

    /// Sixty seconds of speech before an agent.
    fn speech(&mut self) -> String {
        let before = self.one(&[10_000, 20_000, 30_000]);
        self.notice = self.chance.below(2) == 0;
        say("debut", self.near(60_000 - before), "avant") + &self.before(before)
    }

    /// A number that saves a long text, if it takes few keys.
    fn numbers(&mut self) -> String {
        self.keys = self.one(&[1, 2]);
        let (digits, words) = (self.one(&[1, 2, 3]), self.near(15_000));
        let ask = format!("\"numero {words} ms\"");
        format!("  debut:\n    collect: {{ ask: {ask}, at_least: {digits}, at_most: 4 }}\n    then: agents\n")
            + &self.before(45_500)
    }

    /// Menus behind one another, the last of which saves a long text.
    fn keys(&mut self) -> String {
        self.keys = self.one(&[1, 2]);
        let words = self.near(15_000);
        let deux = menu("deux", "deux 1000 ms", &[("agents", "")], "");
        menu("debut", &format!("un {words} ms"), &[("deux", "")], "") + &deux + &self.before(45_500)
    }

    /// Two minutes for who presses nothing.
    fn silence(&mut self) -> String {
        let (patience, silences) = (self.one(&[10, 20]), self.one(&[1, 2]));
        let words = 120_000 / (silences + 1) - patience * 1000 - self.one(&[0, 1000, 3000, 5000]);
        let asks = format!("    patience: {patience}s\n    silences: {silences}\n");
        menu("debut", &format!("question {words} ms"), &[("agents", "")], &asks)
    }

    /// A text that is too long in one of two languages.
    fn languages(&mut self) -> String {
        let (fr, en) = (self.one(&[20_000, 61_000]), self.one(&[20_000, 61_000]));
        let menu = menu("debut", "langue 1000 ms", &[("dire", "en"), ("agents", "")], "");
        menu + &format!("  dire:\n    say: {{ fr: \"texte {fr} ms\", en: \"text {en} ms\" }}\n    then: agents\n")
    }

    /// A message before an agent is called.
    fn message(&mut self) -> String {
        let before = self.one(&[55_500, 57_000, 58_000]);
        "  debut:\n    voicemail: { ask: \"message 1000 ms\" }\n    then: avant\n".to_owned() + &self.before(before)
    }

    /// A callback that can not be noted.
    fn callback(&mut self) -> String {
        let otherwise = ["rappel", "encore", "agents"][self.chance.below(3)];
        let encore = if otherwise == "encore" { "  encore:\n    goto: rappel\n" } else { "" };
        menu("debut", "question 1000 ms", &[("rappel", "")], "")
            + &format!("  rappel:\n    callback: serve\n    otherwise: {otherwise}\n{encore}")
    }

    /// Two texts that no key stops, with nothing heard between them.
    fn deaf(&mut self) -> String {
        let first = self.one(&[1000, 10_000, 19_000]);
        let second = 20_000 - first + self.one(&[0, 500]);
        let deaf = |step: &str, words: usize, then: &str| {
            format!("  {step}:\n    say: \"{step} {words} ms\"\n    barge_in: false\n    then: {then}\n")
        };
        let between = ["hours: phone\n    open: puis\n    closed: ferme\n", "goto: puis\n"][self.chance.below(2)];
        deaf("debut", first, "entre") + &format!("  entre:\n    {between}") + &deaf("puis", second, "agents")
    }

    /// Texts that lead to one another, or to an agent.
    fn round(&mut self) -> String {
        let then = ["un", "agents"][self.chance.below(2)];
        menu("debut", "question 1000 ms", &[("un", ""), ("agents", "")], "")
            + &say("un", 1000, "deux")
            + &say("deux", 1000, then)
    }

    /// Menus behind one another.
    fn levels(&mut self) -> String {
        (self.levels, self.keys) = (self.one(&[1, 2]), 3);
        let menus = ["debut", "deux", "trois"];
        let count = self.levels + self.chance.below(2);
        let next = |at: usize| if at + 1 < count { menus[at + 1] } else { "agents" };
        (0..count).map(|at| menu(menus[at], "question 1000 ms", &[(next(at), "")], "")).collect()
    }

    /// What nobody can foresee leads to an agent, or to the end.
    fn world(&mut self) -> String {
        let (yes, no) = (self.one(&[0, 1]), self.one(&[0, 1]));
        let [yes, no] = [yes, no].map(|way| ["agents", "fin"][way]);
        match self.chance.below(3) {
            0 => format!("  debut:\n    hours: desk\n    open: {yes}\n    closed: {no}\n"),
            1 => format!(
                "  debut:\n    choose: [{{ if: \"hour = 9 or hour = 12 or hour = 18 or hour = 22\", go: {yes} }}]\n    else: {no}\n"
            ),
            _ => format!(
                "  debut:\n    transfer: \"+33143124567\"\n    failed: dire\n{}",
                say("dire", [1000, 61_000][self.chance.below(2)], "agents")
            ),
        }
    }

    /// What is told when it is closed, in a queue's own step, or before `0` is pressed.
    fn closed(&mut self) -> String {
        if self.chance.below(2) == 0 {
            self.closed = ["fin", "ferme"][self.chance.below(2)];
            return "  debut:\n    hours: phone\n    open: agents\n    closed: ferme\n".to_owned();
        }
        let topics = ["hours, contact", "hours", "contact"][self.chance.below(3)];
        let then = ["ferme", "fin"][self.chance.below(2)];
        format!(
            "  debut:\n    queue: tell\n    nobody: fin\n    full: agents\n    long: fin\n    closed: dit\n  dit:\n    tell: [{topics}]\n    then: {then}\n"
        )
    }
}

fn say(step: &str, millis: usize, then: &str) -> String {
    format!("  {step}:\n    say: \"{step} {millis} ms\"\n    then: {then}\n")
}

/// A menu with its choices, each with a language that it switches to, or none.
fn menu(step: &str, ask: &str, choices: &[(&str, &str)], more: &str) -> String {
    let mut text = format!("  {step}:\n    menu:\n");
    for (key, (go, language)) in (1..).zip(choices) {
        text += &format!("      - key: {key}\n        for: choix{key}\n        go: {go}\n");
        if !language.is_empty() {
            text += &format!("        language: {language}\n");
        }
    }
    text + &format!("    ask: \"{ask}\"\n{more}")
}
