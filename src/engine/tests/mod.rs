//! Small programs written by hand, and a caller who goes through them.

mod basics;
mod callback;
mod callback_step;
mod closed;
mod collect;
mod early;
mod keys;
mod lookup;
mod menu;
mod question;
mod queue;
mod random;
mod record;
mod rest;
mod subflow;
mod values;
mod voicemail;
mod waiting;
mod waiting_random;

use std::sync::Arc;
use std::time::Duration;

use super::{Action, BookAsk, Input, Keys, Machine, MessageOrder, MusicFrom, Note, Place, QueueNews, Sound};
use crate::base::{
    AgentName, Digit, Instant, Language, Localized, Now, PhoneNumber, PlayId, QueueName, Skill, WallTime,
};
use crate::diag::{Source, Span};
use crate::flow::{
    Announce, AtClosing, BargeIn, Beep, Choice, Collect, Hangup, Hours, Menu, NumberForm, Program, Question, Queue,
    QueueRules, ReadBack, Review, Say, Step, StepId, StepKind, Survey, Taking, Tell, Terminator, Transfer, Voicemail,
};
use crate::service::{self, Card, HoursKind, Topic};
use crate::speech::{self, Phrase, Sentence, Wait};

/// A flow of these steps; the first is the start, the one called `agents` the agent.
fn flow(names: &[&str], kinds: impl FnOnce(&dyn Fn(&str) -> StepId) -> Vec<StepKind>) -> Program {
    let at = |name: &str| StepId(names.iter().position(|n| *n == name).expect(name) as u32);
    let span = Span { source: Arc::new(Source { path: "test".into(), text: String::new() }), bytes: 0..0 };
    let kinds = kinds(&at);
    assert_eq!(kinds.len(), names.len());
    let steps =
        names.iter().zip(kinds).map(|(name, kind)| Step { name: (*name).into(), span: span.clone(), kind }).collect();
    Program {
        name: "accueil".into(),
        service: "s".into(),
        card: Arc::new(card()),
        queues: vec![Arc::new(rules(AtClosing::Serve))],
        numbers: Vec::new(),
        language: Language::Fr,
        start: StepId(0),
        agent: at("agents"),
        answer: crate::flow::Answering::AtOnce,
        closed: None,
        keys: Vec::new(),
        notice: None,
        variables: Vec::new(),
        steps,
    }
}

fn card() -> Card {
    Card {
        name: "France services".into(),
        annuaire: None,
        phones: Vec::new(),
        emails: vec![service::Email {
            address: "accueil@fs.example".into(),
            spoken: None,
            purpose: text("un dossier"),
        }],
        websites: Vec::new(),
        desk: None,
        appointments: None,
        procedures: Vec::new(),
        jargon: Vec::new(),
        relay: service::Relay {
            numbers: vec![PhoneNumber::parse("+33978000000").unwrap()],
            ..service::Relay::default()
        },
        phone_hours: service::Hours::parse("Mo-Fr 09:00-17:00", chrono_tz::Europe::Paris).unwrap(),
        desk_hours: None,
        busy: None,
        quiet: None,
        callbacks: service::Callbacks::usual(service::Calendar::new(chrono_tz::Europe::Paris)),
    }
}

fn rules(at_closing: AtClosing) -> QueueRules {
    let agent = AgentName::from("amina");
    QueueRules { capacity: 10, at_closing, ..QueueRules::new(QueueName::from("s/agents"), vec![agent.into()]) }
}

fn text(words: &str) -> Localized {
    Localized { fr: words.into(), en: None }
}

fn say(words: &str, then: StepId) -> StepKind {
    StepKind::Say(Say { text: text(words), barge_in: BargeIn::Allowed, then })
}

fn say_all(words: &str, then: StepId) -> StepKind {
    StepKind::Say(Say { text: text(words), barge_in: BargeIn::Refused, then })
}

fn menu(choices: &[(char, &str, StepId)]) -> StepKind {
    let choices = choices
        .iter()
        .map(|(key, purpose, go)| Choice { key: key_of(*key), purpose: text(purpose), language: None, go: *go })
        .collect();
    StepKind::Menu(Menu { ask: None, choices, patience: secs(5), question: Question::usual(2, 3) })
}

fn queue(nobody: StepId) -> StepKind {
    StepKind::Queue(Queue {
        queue: "s/agents".into(),
        announce: Announce { rank: Some(Announce::RANK), ..Announce::USUAL },
        comfort: Vec::new(),
        needs: Vec::new(),
        priority: 0,
        busy: None,
        answered: None,
        nobody,
        full: nobody,
        long: nobody,
        closed: None,
    })
}

fn hours(open: StepId, closed: StepId) -> StepKind {
    StepKind::Hours(Hours { kind: HoursKind::Phone, open, closed })
}

fn tell(topics: &[Topic], then: StepId) -> StepKind {
    StepKind::Tell(Tell { topics: topics.to_vec(), barge_in: BargeIn::Allowed, then })
}

fn collect(at_least: usize, at_most: usize, then: StepId) -> StepKind {
    StepKind::Collect(Collect {
        ask: text("Votre numéro ?"),
        name: "dossier".into(),
        form: NumberForm::digits(at_least, at_most),
        terminator: Terminator::Hash,
        read_back: ReadBack::No,
        patience: secs(5),
        between: secs(3),
        question: Question::usual(1, 2),
        then,
    })
}

fn transfer(failed: StepId) -> StepKind {
    let to = PhoneNumber::parse("0143124567").unwrap();
    StepKind::Transfer(Transfer { to, ring: secs(20), failed, then: None })
}

fn voicemail(then: Option<StepId>) -> StepKind {
    StepKind::Voicemail(Voicemail {
        ask: text("Parlez."),
        at_most: secs(120),
        callback: false,
        name: None,
        taking: Taking::Voicemail,
        beep: Beep::Yes,
        review: Review::Yes,
        then,
    })
}

fn survey(then: Option<StepId>) -> StepKind {
    StepKind::Survey(Survey { ask: text("Content ?"), scale: 5, question: Question::usual(1, 2), then })
}

fn hangup(words: &str) -> StepKind {
    StepKind::Hangup(Hangup { text: Some(text(words)) })
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn key_of(c: char) -> Digit {
    Digit::from_char(c).unwrap()
}

/// Tuesday 24 November 2026 at an hour of Paris.
fn tuesday(hour: i64) -> WallTime {
    WallTime::from_millis((1_795_474_800 + hour * 3600) * 1000)
}

/// A caller on the line: what is said to the machine, and what came out of it.
struct Caller {
    machine: Machine,
    now: Now,
    play: Option<PlayId>,
}

impl Caller {
    /// Calls on a Tuesday at ten, from a withheld number, and is answered.
    fn calls(program: Program) -> Self {
        Self::calls_at(program, 10)
    }

    fn calls_at(program: Program, hour: i64) -> Self {
        Self::calls_from(program, hour, None)
    }

    fn calls_from(program: Program, hour: i64, number: Option<PhoneNumber>) -> Self {
        let now = Now { mono: Instant::START, wall: tuesday(hour) };
        let mut caller = Self { machine: Machine::new(Arc::new(program), number), now, play: None };
        caller.machine.handle(now, Input::Answered);
        caller
    }

    /// Everything that has come out, one line each.
    fn gets(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(action) = self.machine.poll() {
            if let Action::Play { play, .. } = action {
                self.play = Some(play);
            }
            lines.push(line(&action));
        }
        lines
    }

    /// What has come out without the notes.
    fn hears(&mut self) -> Vec<String> {
        let mut lines = self.gets();
        lines.retain(|l| !l.starts_with("- "));
        lines
    }

    fn tell(&mut self, input: Input) -> &mut Self {
        self.machine.handle(self.now, input);
        self
    }

    /// Presses keys, draining after each.
    fn press(&mut self, keys: &str) -> Vec<String> {
        let mut heard = self.hears();
        for key in keys.chars() {
            self.tell(Input::Digit(key_of(key)));
            heard = self.hears();
        }
        heard
    }

    /// Listens to the end of what is playing.
    fn listen(&mut self) -> Vec<String> {
        self.hears();
        let play = self.play.expect("something plays");
        self.tell(Input::Finished(play));
        self.hears()
    }

    /// Lets time pass.
    fn wait(&mut self, n: u64) -> Vec<String> {
        self.hears();
        self.now = self.now + secs(n);
        self.tell(Input::Tick);
        self.hears()
    }

    fn news(&mut self, news: QueueNews) -> Vec<String> {
        self.hears();
        self.tell(Input::Queue(news));
        self.hears()
    }
}

fn line(action: &Action) -> String {
    match action {
        Action::Play { sound, keys, .. } => {
            let sound = match sound {
                Sound::Phrase(phrase) => named(phrase),
                Sound::Music { name, from: MusicFrom::Start } => format!("♪ {name}"),
                Sound::Music { name, from: MusicFrom::WhereItWas } => format!("♪ {name} goes on"),
                Sound::Beep => "beep".into(),
                Sound::Message(message) => format!("play {message}"),
            };
            match keys {
                Keys::Stop => sound,
                Keys::Ignore => format!("{sound} (to the end)"),
            }
        }
        Action::Stop => "stop".into(),
        Action::Join { queue, needs, .. } if needs.is_empty() => format!("join {queue}"),
        Action::Join { queue, needs, priority } => {
            let needs: Vec<&str> = needs.iter().map(Skill::as_str).collect();
            format!("join {queue} at {priority} for {}", needs.join(", "))
        }
        Action::AskPlace => "ask place".into(),
        Action::Leave => "leave".into(),
        Action::Transfer { to, .. } => format!("transfer {to}"),
        Action::Message(MessageOrder::Prepare { name: Some(name), .. }) => format!("prepare {name}"),
        Action::LookUp(order) => format!("look up {}", order.step),
        Action::Message(MessageOrder::Prepare { at_most, .. }) => format!("prepare {} s", at_most.as_secs()),
        Action::Message(MessageOrder::Record) => "record".into(),
        Action::Message(MessageOrder::Stop) => "stop recording".into(),
        Action::Message(MessageOrder::Leave) => "message left".into(),
        Action::Book(BookAsk::Wish { number, slot, .. }) => {
            format!("wish {}{}", number.reveal(), if slot.is_some() { " at a time" } else { "" })
        }
        Action::Book(BookAsk::Diary { .. }) => "- asked for the diary".into(),
        Action::Book(BookAsk::Forget) => "forget the wish".into(),
        Action::Book(BookAsk::Cancel) => "cancel the ticket".into(),
        Action::Answer => "answer".to_owned(),
        Action::Hangup { why } => format!("hangup {why}"),
        Action::Note(Note::Step { name }) => format!("- step {name}"),
        Action::Note(Note::Key { digit }) => format!("- key {}", digit.reveal()),
        Action::Note(Note::Language(language)) => format!("- language {language}"),
        Action::Note(Note::Collected { name, digits }) => format!("- {name} = {}", digits.reveal()),
        Action::Note(Note::Valued { name, value }) => format!("- {name} = {}", value.reveal()),
        Action::Note(Note::Chose { branch: Some(branch) }) => format!("- condition {branch}"),
        Action::Note(Note::LookedUp { name, outcome }) => format!("- {name} looked up: {outcome}"),
        Action::Note(Note::Chose { branch: None }) => "- else".into(),
        Action::Note(Note::AskedAgent { open }) => format!("- asked agent, open {open}"),
        Action::Note(Note::ToldRank { rank }) => format!("- told rank {rank}"),
        Action::Note(Note::ToldWait { rank, wait }) => format!("- told wait {} at {rank}", wait.spoken),
        Action::Note(Note::Noticed(notice)) => format!("- noticed {}", notice.word()),
        Action::Note(Note::Took { offer }) => format!("- took {offer}"),
        Action::Note(Note::Promised) => "- promised".into(),
        Action::Note(Note::NotPromised) => "- not promised".into(),
        Action::Note(Note::Mark { name, mark }) => format!("- {name} marked {mark}"),
        Action::Note(Note::MessageKept) => "- message kept".into(),
        Action::Note(Note::NoMessage { why }) => format!("- no message: {why}"),
        Action::Note(Note::Trouble { what }) => format!("- trouble: {what}"),
    }
}

/// The words, those that the engine says by itself by their names.
fn named(phrase: &Phrase) -> String {
    let mut words = phrase.to_string();
    let fr = Language::Fr;
    for sentence in Sentence::ALL {
        words = words.replace(&speech::sentence(fr, sentence).to_string(), &format!("<{sentence:?}>"));
    }
    for at in [10, 16, 17, 18, 20] {
        for topic in [Topic::Hours, Topic::Contact] {
            words = words.replace(&speech::tell(fr, &card(), topic, tuesday(at)).to_string(), &format!("<{topic:?}>"));
        }
        words = words.replace(&speech::open_state(fr, &card().phone_hours, tuesday(at)).to_string(), "<state>");
    }
    for rank in 1..9 {
        words = words.replace(&speech::rank(fr, rank).to_string(), &format!("<rank {rank}>"));
    }
    for step in Wait::STEPS {
        words = words.replace(&speech::wait(fr, step).to_string(), &format!("<wait {step}>"));
    }
    words = words.replace(&speech::agent_line(fr).to_string(), "<0>");
    for key in "123456789*#".chars() {
        let line = speech::menu_line(fr, "§", key_of(key)).to_string();
        if let Some((_, press)) = line.split_once('§') {
            words = words.replace(press, &format!(", {key}."));
        }
    }
    words
}
