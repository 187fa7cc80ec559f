//! The words of the language that ask of others: servers, keys of the header, numbers that are
//! read back, sub-flows, languages.

use super::{Border, menu, say};

impl Border<'_> {
    /// A server is asked while the caller hears a sentence, then music: two minutes for who
    /// presses nothing, or texts that lead to one another through it.
    pub(super) fn lookup(&mut self) -> String {
        let failed = ["un", "debut", "fin"][self.one(&[0, 0, 0, 1, 2])];
        let within = self.one(&[5, 10, 20]);
        let words = self.one(&[0, 6_000, 19_500, 22_000]);
        let music = (within * 1000_usize).saturating_sub(words);
        let rest = self.near(60_000) - words - music;
        asks("debut", (within, words), ("un", failed)) + &say("un", 60_000, "deux") + &say("deux", rest, "agents")
    }

    /// What is found decides how long a text is heard that no key stops, or whether there is an agent.
    pub(super) fn found(&mut self) -> String {
        let no = ["long", "agents", "fin"][self.one(&[0, 0, 1, 2])];
        let (words, said) = (self.one(&[18_500, 19_500]), self.one(&[0, 1000]));
        let deaf = |step: &str, words: usize, then: &str| {
            format!("  {step}:\n    say: \"{step} {words} ms\"\n    barge_in: false\n    then: {then}\n")
        };
        menu("debut", "question 1000 ms", &[("demande", "")], "")
            + &asks("demande", (5, said), ("tri", "agents"))
            + &format!("  tri:\n    choose: [{{ if: connu, go: agents }}]\n    else: {no}\n")
            + &deaf("long", words, "encore")
            + &asks("encore", (5, 0), ("puis", "puis"))
            + &deaf("puis", 1000, "agents")
    }

    /// A key of the header leads to what nothing else leads to: to the end, to an agent by a
    /// text of its own, or round.
    pub(super) fn header_keys(&mut self) -> String {
        let then = ["fin", "agents", "dire"][self.chance.below(3)];
        self.header = ["", "keys: { 9: dire }\n", "keys: { 9: dire }\n"][self.chance.below(3)].to_owned();
        let first = match self.chance.below(3) {
            0 => menu("debut", "question 1000 ms", &[("agents", "")], ""),
            1 => say("debut", 1000, "agents"),
            _ => "  debut:\n    collect: { ask: \"numero 1000 ms\", at_most: 2 }\n    then: agents\n".to_owned(),
        };
        first + &say("dire", self.one(&[1000, 60_000, 60_500]), then)
    }

    /// A number that is heard again before it counts, and saves a long text.
    pub(super) fn read_back(&mut self) -> String {
        self.keys = self.one(&[2, 3]);
        let forms = ["at_least: 1, at_most: 2", "lengths: [2, 4]", "pattern: NN", "pattern: [\"1N\", \"NNN\"]"];
        let form = forms[self.chance.below(4)];
        let (words, read_back) = (self.near(56_000), self.chance.below(3) > 0);
        let terminator = ["hash", "none"][self.chance.below(2)];
        let ask = format!("ask: \"numero {words} ms\", {form}, terminator: {terminator}, read_back: {read_back}");
        format!("  debut:\n    collect: {{ {ask} }}\n    then: agents\n") + &self.before(45_500)
    }

    /// What a server has found is handed to a sub-flow, which speaks in its own language and
    /// hands back what was typed.
    pub(super) fn subflow(&mut self) -> String {
        let (short, long) = (self.one(&[1000, 30_000]), self.near(60_000));
        let language = ["fr", "en"][self.chance.below(2)];
        self.subflow = format!(
            "subflow: sous\nlanguage: {language}\nparameters: {{ su: yes-no, taille: {{ type: number, value: 2 }} }}\n\
             start: tri\nsteps:\n  tri:\n    choose: [{{ if: su, go: court }}]\n    else: long\n{}{}  demande:\n    \
             collect: {{ ask: \"demande 1000 ms\", name: numero, at_most: 2 }}\n    then: fini\n  fini:\n    return:\n",
            say("court", short, "demande"),
            say("long", long, "demande"),
        );
        let (then, rest) = (["agents", "avant"][self.chance.below(2)], self.near(30_000));
        asks("debut", (5, 1000), ("appel", "agents"))
            + &format!("  appel:\n    call: sous\n    with: {{ su: connu, taille: 4 }}\n    then: {then}\n")
            + &self.before(rest)
    }

    /// Who may understand but one language hears a question in each; the choice says in which
    /// the rest is heard.
    pub(super) fn both_languages(&mut self) -> String {
        self.header = ["language: fr\n", "language: en\n"][self.chance.below(2)].to_owned();
        let (question, fr, en) = (self.near(28_000), self.near(60_000), self.near(60_000));
        format!(
            "  debut:\n    menu:\n      - {{ key: 1, for: français, language: fr, go: dire }}\n      \
             - {{ key: 2, for: English, language: en, go: dire }}\n    \
             ask: {{ fr: \"langue {question} ms\", en: \"language 29000 ms\" }}\n    silences: 1\n  \
             dire:\n    say: {{ fr: \"texte {fr} ms\", en: \"text {en} ms\" }}\n    then: agents\n"
        )
    }
}

/// A step that asks a server within so many seconds, while words of so many milliseconds are heard, or none.
fn asks(step: &str, (within, words): (usize, usize), (then, failed): (&str, &str)) -> String {
    let say = if words > 0 { format!(", say: \"attente {words} ms\"") } else { String::new() };
    let asked = "url: \"https://api.example.fr/dossiers\", take: { connu: /connu }";
    format!("  {step}:\n    lookup: {{ {asked}, within: {within}s{say} }}\n    then: {then}\n    failed: {failed}\n")
}
