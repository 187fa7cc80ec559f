//! The book of the language, `tests/book/*.md`: every block of its pages is played and compared.
//!
//! `SVI_BOOK_UPDATE=1` writes what is told and heard into the pages; read the change
//! before you commit it. `tests/book/README.md` says what a page may hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use svi::base::{PhoneNumber, WallTime, local_time};
use svi::diag::{Colour, Diagnostic, Source, framed};
use svi::flow::{self, Audio, Service};
use svi::sim::{self, Crowding, Line, Scenario, Script, Simulation};
use svi::speech::Fragment;

/// Everything is recorded, and lasts as long as its letters let expect.
struct Recorded;

impl Audio for Recorded {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(sim::estimated_length(fragment))
    }
}

/// A page, cut at its fences.
#[derive(Debug)]
enum Part {
    Prose(String),
    Block { line: usize, info: String, text: String },
}

/// What the blocks of a page have made so far.
struct Page {
    path: PathBuf,
    files: BTreeMap<String, String>,
    /// The last call.
    heard: Vec<Line>,
    /// How the last test differs.
    difference: String,
    wrong: Vec<String>,
    /// What no update can mend: a file with a mistake that is not shown, a test that fails.
    broken: Vec<String>,
}

#[test]
fn every_page_of_the_book_is_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/book");
    let mut pages: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md"));
    pages.sort();
    assert!(pages.len() > 5, "the book has lost its pages");
    let contents = fs::read_to_string(folder.join("README.md")).unwrap();
    let (mut wrong, mut usual) = (Vec::new(), BTreeMap::new());
    for path in pages {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(contents.contains(&format!("({name})")), "{name} is not among the contents");
        let text = fs::read_to_string(&path).unwrap();
        let (told, page) = read(&path, &text, &usual);
        if usual.is_empty() {
            // The card and the queues of the first page are those of all.
            usual = page.files.into_iter().filter(|(name, _)| name != "accueil.yaml").collect();
        }
        if env::var_os("SVI_BOOK_UPDATE").is_some() {
            fs::write(&path, told).unwrap();
        } else {
            wrong.extend(page.wrong);
        }
        wrong.extend(page.broken);
    }
    assert!(wrong.is_empty(), "{}\nSVI_BOOK_UPDATE=1 writes what is true", wrong.join("\n"));
}

/// The page as it should be, and what is wrong with it. It begins with these files.
fn read(path: &Path, text: &str, files: &BTreeMap<String, String>) -> (String, Page) {
    let mut page = Page {
        path: path.to_owned(),
        files: files.clone(),
        heard: Vec::new(),
        difference: String::new(),
        wrong: Vec::new(),
        broken: Vec::new(),
    };
    let mut out = String::new();
    let parts = cut(text);
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Prose(prose) => out.push_str(prose),
            Part::Block { line, info, text } => {
                let next = parts[at + 1..].iter().find_map(|part| match part {
                    Part::Block { info, .. } => Some(info.as_str()),
                    Part::Prose(_) => None,
                });
                let told = page.block(*line, info, text, next);
                let _ = write!(out, "```{info}\n{}\n```\n", told.trim_end());
            }
        }
    }
    (out, page)
}

fn cut(text: &str) -> Vec<Part> {
    let mut parts = vec![Part::Prose(String::new())];
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            inside = !inside;
            parts.push(match inside {
                true => Part::Block { line: number + 1, info: info.to_owned(), text: String::new() },
                false => Part::Prose(String::new()),
            });
            continue;
        }
        if let Some(Part::Prose(text) | Part::Block { text, .. }) = parts.last_mut() {
            let _ = writeln!(text, "{line}");
        }
    }
    assert!(!inside, "a block is not closed");
    parts
}

impl Page {
    /// Plays a block; answers what should stand in it.
    fn block(&mut self, line: usize, info: &str, text: &str, next: Option<&str>) -> String {
        match info.split_once(' ').unwrap_or((info, "")) {
            ("yaml", "tests") => self.tests(line, text, next),
            ("yaml", file) if is_file(info) => {
                self.files.insert(file.to_owned(), text.to_owned());
                if next != Some("diagnostics") && !next.is_some_and(is_file) {
                    let told = self.load().1;
                    self.clean(line, &told);
                }
            }
            ("diagnostics", "") => return self.compared(line, text, self.load().1),
            ("call", "") => self.call(line, text),
            ("transcript", "") => return self.compared(line, text, sim::transcript(&self.heard)),
            ("difference", "") => return self.compared(line, text, self.difference.clone()),
            ("text" | "sh", "") => {}
            _ => self.fails(line, &format!("`{info}` is no block of the book")),
        }
        text.to_owned()
    }

    fn compared(&mut self, line: usize, written: &str, told: String) -> String {
        self.compare(line, written, &told);
        told
    }

    fn compare(&mut self, line: usize, written: &str, told: &str) {
        if written.trim_end() != told.trim_end() {
            let place = format!("{}:{line}", self.path.display());
            self.wrong.push(format!("{place}: written\n{written}\n{place}: true\n{told}"));
        }
    }

    /// The service of the page's files, and what is wrong with it.
    fn load(&self) -> (Option<Arc<Service>>, String) {
        let files: Vec<Arc<Source>> = self.files.iter().map(|(path, text)| Source::new(path, text)).collect();
        let loaded = flow::load("mairie", &files, &Recorded);
        (loaded.service.map(Arc::new), shown(&loaded.diagnostics))
    }

    fn call(&mut self, line: usize, text: &str) {
        let (Some(service), _) = self.load() else { return self.fails(line, "the service has errors") };
        let mut scenario = Scenario::new(Arc::clone(&service), Arc::clone(&service.flows[0]), WallTime::default());
        let (mut script, mut until) = (Script::default(), Duration::MAX);
        for entry in text.lines() {
            let (key, value) = entry.split_once(": ").unwrap_or((entry.trim_end_matches(':'), ""));
            match key {
                "at" => scenario.at = local_time(value, service.card.phone_hours.zone()).unwrap(),
                "keys" => script = value.parse().unwrap(),
                "queue" => {
                    let Crowding { waiting, agents } = value.parse().unwrap();
                    (scenario.waiting, scenario.agents) = (waiting, agents);
                }
                "until" => until = Duration::from_secs(value.trim_end_matches('s').parse().unwrap()),
                "from" => scenario.caller = Some(PhoneNumber::parse(value).unwrap()),
                _ => return self.fails(line, &format!("`{key}` is nothing of a call")),
            }
        }
        let mut simulation = Simulation::estimated(scenario);
        script.run(&mut simulation);
        self.heard = simulation.lines().iter().filter(|line| line.at <= until).cloned().collect();
    }

    fn tests(&mut self, line: usize, text: &str, next: Option<&str>) {
        let (Some(service), _) = self.load() else { return self.fails(line, "the service has errors") };
        let mut told = Vec::new();
        let trials = flow::trials(&service, &Source::new("tests/accueil.yaml", text), &mut told);
        self.difference.clear();
        for trial in &trials {
            let rehearsal = sim::rehearse(&service, trial, &sim::estimated_length);
            self.difference.push_str(&sim::difference(&rehearsal, Colour::Never));
            self.heard = rehearsal.lines;
        }
        let told = shown(&told);
        if next != Some("difference") {
            let told = format!("{told}{}", self.difference);
            self.clean(line, &told);
        }
    }

    fn clean(&mut self, line: usize, told: &str) {
        if !told.is_empty() {
            self.fails(line, told);
        }
    }

    fn fails(&mut self, line: usize, why: &str) {
        self.broken.push(format!("{}:{line}: {why}", self.path.display()));
    }
}

/// Whether a block is a file of the service.
fn is_file(info: &str) -> bool {
    info.starts_with("yaml ") && info.ends_with(".yaml")
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|d| framed(d, Colour::Never)).collect::<Vec<_>>().join("\n\n")
}
