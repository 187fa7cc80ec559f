use std::sync::Arc;
use std::time::Duration;

use super::{ANY_AGENT, Attendance, Bound, End, HANGS_UP, NOTHING, Outside, Said, Trial, Turn, shape};
use crate::base::{AgentName, Digit, PhoneNumber, WallTime, local_time};
use crate::diag::{Diagnostic, Severity, Source, Span};
use crate::flow::yaml::{self, Content, Entry, Tree};
use crate::flow::{Program, Service};

/// Reads a file of tests of a service. What is wrong is told in `out`; a test with a
/// mistake in it is left out.
pub fn trials(service: &Service, source: &Arc<Source>, out: &mut Vec<Diagnostic>) -> Vec<Trial> {
    let mut found = Vec::new();
    let mut trials = Vec::new();
    if let Some(tree) = yaml::parse(source, &mut found) {
        yaml::check_map(&tree, &tree.span, &shape::FILE, &mut found);
        for entry in tree.entry("tests").map_or(&[][..], |tests| tests.value.entries()) {
            let inside =
                |span: &Span| (entry.key_span.bytes.start..entry.value.span.bytes.end).contains(&span.bytes.start);
            let broken = |d: &Diagnostic| d.severity == Severity::Error && d.span.as_ref().is_some_and(inside);
            if !found.iter().any(broken) {
                let mut reader = Reader { service, tree: &tree, entry, out: &mut found };
                trials.extend(reader.trial());
            }
        }
    }
    out.append(&mut found);
    trials
}

/// Reads one test, whose form is right.
struct Reader<'a> {
    service: &'a Service,
    tree: &'a Tree,
    entry: &'a Entry,
    out: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn trial(&mut self) -> Option<Trial> {
        let program = self.program()?;
        let at = self.at()?;
        let call = self.own("call")?;
        if call.items().is_empty() {
            self.out.push(
                Diagnostic::error("empty-value", "the call has no lines", Some(call.span.clone()))
                    .label("nothing is tested")
                    .help("write what the caller hears and does"),
            );
            return None;
        }
        let call: Vec<Option<Turn>> = call.items().iter().map(|item| self.turn(&program, item)).collect();
        Some(Trial {
            name: self.entry.key.clone(),
            span: self.entry.key_span.clone(),
            at,
            from: self.either("from").and_then(Tree::written).and_then(|text| PhoneNumber::parse(text).ok()),
            crowd: self.either("queue").map(attendance).unwrap_or_default(),
            outside: match self.either("transfer").and_then(Tree::written) {
                Some("nobody") => Outside::Nobody,
                Some(_) | None => Outside::Answers,
            },
            answers: self.answers(&program)?,
            seed: self.either("seed").and_then(count).unwrap_or(1),
            keys_to_agent: self
                .own("keys_to_agent")
                .and_then(|tree| Some(Bound { most: usize::try_from(count(tree)?).ok()?, span: tree.span.clone() })),
            time_to_agent: self
                .own("time_to_agent")
                .and_then(|tree| Some(Bound { most: duration(tree)?, span: tree.span.clone() })),
            call: call.into_iter().collect::<Option<_>>()?,
            program,
        })
    }

    /// A value of this test.
    fn own(&self, key: &str) -> Option<&'a Tree> {
        self.entry.value.entry(key).map(|entry| &entry.value)
    }

    /// A value of this test, or of all tests of the file.
    fn either(&self, key: &str) -> Option<&'a Tree> {
        self.own(key).or_else(|| self.tree.entry(key).map(|entry| &entry.value))
    }

    /// The flow that is called: by its name, by its number, or the only one.
    fn program(&mut self) -> Option<Arc<Program>> {
        let flows = &self.service.flows;
        // What the test says itself goes before what the file says.
        let said = [self.own("number"), self.own("flow"), self.either("number"), self.either("flow")];
        let keys = ["number", "flow", "number", "flow"];
        let Some((key, tree)) = keys.into_iter().zip(said).find_map(|(key, tree)| Some((key, tree?))) else {
            if let [only] = flows.as_slice() {
                return Some(Arc::clone(only));
            }
            let message = "the service has several flows: which one is called?";
            let names: Vec<String> = flows.iter().map(|f| format!("`{}`", f.name)).collect();
            self.out.push(
                Diagnostic::error("missing-key", message, Some(self.entry.key_span.clone()))
                    .label("`flow:` or `number:` is needed here")
                    .help(format!("there is {}", names.join(", "))),
            );
            return None;
        };
        let text = tree.written().unwrap_or_default();
        let number = PhoneNumber::parse(text).ok().map(|number| number.international());
        let answers = |program: &&Arc<Program>| match key {
            "flow" => &*program.name == text,
            _ => program.numbers.iter().any(|n| Some(n.international()) == number),
        };
        let found = flows.iter().find(answers).map(Arc::clone);
        if found.is_none() {
            let what = if key == "flow" { "there is no flow" } else { "no flow answers" };
            let names: Vec<&str> = match key {
                "flow" => flows.iter().map(|f| &*f.name).collect(),
                _ => flows.iter().flat_map(|f| &f.numbers).map(PhoneNumber::as_str).collect(),
            };
            let span = tree.span.clone();
            self.out.push(unknown("unknown-flow", format!("{what} `{text}`"), span, text, &names));
        }
        found
    }

    fn at(&mut self) -> Option<WallTime> {
        let Some(tree) = self.either("at") else {
            self.out.push(
                Diagnostic::error("missing-key", "`at` is missing", Some(self.entry.key_span.clone()))
                    .label("when is this call made?")
                    .help("add a line `at: \"2026-11-24 10:00\"`, here or at the top of the file"),
            );
            return None;
        };
        let zone = self.service.card.phone_hours.zone();
        match local_time(tree.written().unwrap_or_default(), zone) {
            Ok(at) => Some(at),
            Err(error) => {
                let span = Some(tree.span.clone());
                self.out.push(Diagnostic::error("bad-date", error.to_string(), span).label("no time"));
                None
            }
        }
    }

    fn turn(&mut self, program: &Program, item: &Tree) -> Option<Turn> {
        if item.written() == Some(HANGS_UP) {
            return Some(Turn { span: item.span.clone(), line: item.span.clone(), what: Said::HangsUp });
        }
        let [entry] = item.entries() else {
            let mut keys = item.entries().iter();
            let span = keys.nth(1).map_or_else(|| item.span.clone(), |second| second.key_span.clone());
            self.out.push(
                Diagnostic::error("two-in-one", "a line of a call says one thing", Some(span))
                    .label("a second one")
                    .help("begin a line of its own with `- `"),
            );
            return None;
        };
        let tree = &entry.value;
        let text = tree.written().unwrap_or_default();
        let what = match &*entry.key {
            "hears" => Said::Hears(text.into()),
            "hears-not" => Said::HearsNot(text.into()),
            "waits-for" => Said::WaitsFor(text.into()),
            "presses" => return self.presses(entry),
            "waits" => Said::Waits(duration(tree)?),
            "comes-to" => self.step(program, tree)?,
            "reaches" => self.agent(tree)?,
            "ends" => Said::Ends(End::ALL.into_iter().find(|end| end.word() == text)?),
            _ => return None,
        };
        Some(turn(entry, what))
    }

    fn presses(&mut self, entry: &Entry) -> Option<Turn> {
        let tree = &entry.value;
        let written = tree.written().map(str::trim);
        let keys: Option<Vec<Digit>> = match (&tree.content, written) {
            (_, Some(NOTHING)) => return Some(turn(entry, Said::PressesNothing)),
            (Content::List(items), _) => items.iter().map(|item| yaml::key(item.written()?)).collect(),
            (_, Some(word)) => yaml::key(word).map(|key| vec![key]).or_else(|| crate::base::parse_digits(word)),
            (_, None) => None,
        };
        let keys = keys.filter(|keys| !keys.is_empty());
        if keys.is_none() {
            let shown = written.filter(|w| !w.is_empty()).map_or("this".to_owned(), |w| format!("`{w}`"));
            self.out.push(
                Diagnostic::error("wrong-type", format!("{shown} is no key of the telephone"), Some(tree.span.clone()))
                    .label("no keys")
                    .help("write `1`, `\"0612345678#\"`, `star`, `hash`, or `nothing` for a caller who presses no key"),
            );
        }
        Some(turn(entry, Said::Presses(keys?)))
    }

    fn step(&mut self, program: &Program, tree: &Tree) -> Option<Said> {
        let name = tree.written().unwrap_or_default();
        self.is_step(program, name, &tree.span).then(|| Said::ComesTo(name.into()))
    }

    fn is_step(&mut self, program: &Program, name: &str, span: &Span) -> bool {
        let names: Vec<&str> = program.steps.iter().map(|step| &*step.name).collect();
        let found = names.contains(&name);
        if !found {
            let message = format!("there is no step `{name}` in the flow `{}`", program.name);
            self.out.push(unknown("unknown-step", message, span.clone(), name, &names));
        }
        found
    }

    /// What servers answer, step by step.
    fn answers(&mut self, program: &Program) -> Option<Vec<(Arc<str>, serde_json::Value)>> {
        let mut answers = Vec::new();
        for entry in self.either("lookups").map_or(&[][..], Tree::entries) {
            if !self.is_step(program, &entry.key, &entry.key_span) {
                return None;
            }
            answers.push((Arc::clone(&entry.key), serde_json::to_value(entry.value.to_value()).ok()?));
        }
        Some(answers)
    }

    fn agent(&mut self, tree: &Tree) -> Option<Said> {
        let name = tree.written().unwrap_or_default();
        if name == ANY_AGENT {
            return Some(Said::Reaches(None));
        }
        let members = self.service.queues.iter().flat_map(|queue| &queue.members);
        let names: Vec<&str> = std::iter::once(ANY_AGENT).chain(members.map(|m| m.agent.as_str())).collect();
        let is_spare = name.strip_prefix("agent-").is_some_and(|n| n.parse::<usize>().is_ok());
        if !is_spare && !names.contains(&name) {
            let message = format!("no queue has the agent `{name}`");
            self.out.push(unknown("unknown-agent", message, tree.span.clone(), name, &names));
            return None;
        }
        Some(Said::Reaches(Some(AgentName::from(name))))
    }
}

fn turn(entry: &Entry, what: Said) -> Turn {
    let bytes = entry.key_span.bytes.start..entry.value.span.bytes.end;
    let line = Span { source: entry.key_span.source.clone(), bytes };
    Turn { span: entry.value.span.clone(), line, what }
}

fn unknown(code: &'static str, message: String, span: Span, typed: &str, names: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error(code, message, Some(span)).label("nothing of this name");
    match yaml::suggestion(typed, names.iter().copied()) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn attendance(tree: &Tree) -> Attendance {
    let usual = Attendance::default();
    match tree.written() {
        Some("nobody") => Attendance { agents: 0, ..usual },
        Some("full") => Attendance { waiting: FULL, full: true, ..usual },
        Some(_) | None => {
            let number =
                |key: &str| tree.entry(key).and_then(|e| count(&e.value)).and_then(|n| usize::try_from(n).ok());
            let waiting = number("waiting").unwrap_or(usual.waiting);
            Attendance { waiting, agents: number("agents").unwrap_or(usual.agents), full: false }
        }
    }
}

fn count(tree: &Tree) -> Option<u64> {
    match &tree.content {
        Content::Scalar { value, .. } => value.as_u64(),
        Content::List(_) | Content::Map(_) => None,
    }
}

fn duration(tree: &Tree) -> Option<Duration> {
    tree.written().and_then(yaml::duration)
}

/// So many wait in a queue that is full: its own capacity would say no more about the flow.
const FULL: usize = 3;
