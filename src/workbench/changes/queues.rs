use crate::base::Language;
use crate::flow::{AtClosing, QueueRules, Service, Strategy, WhenEmpty};

use super::Change;
use super::aspect::{Aspect, all_new, aspect, differences, short};

/// What changes in the queues of a service, for callers and for agents.
pub(super) fn changes(old: &Service, new: &Service, language: Language) -> Vec<Change> {
    let w = words(language);
    let place = |name: &str| format!("{} · {} {name}", new.name, w.queue);
    let mut out = Vec::new();
    for rules in &new.queues {
        let now = aspects(rules, w);
        let lines = match old.queues.iter().find(|q| q.name == rules.name) {
            Some(was) => differences(language, &aspects(was, w), &now),
            None => all_new(language, &now).split_off(1),
        };
        out.push(Change { place: place(short_name(rules)), lines });
    }
    for gone in old.queues.iter().filter(|q| new.queues.iter().all(|n| n.name != q.name)) {
        out.push(Change { place: place(short_name(gone)), lines: vec![w.gone.to_owned()] });
    }
    out
}

/// The queue's name without its service's.
fn short_name(rules: &QueueRules) -> &str {
    let name = rules.name.as_str();
    name.rsplit('/').next().unwrap_or(name)
}

fn aspects(rules: &QueueRules, w: &Words) -> Vec<Aspect> {
    let mut all = vec![
        aspect(w.strategy, strategy(rules.strategy)),
        aspect(w.ring, short(rules.ring)),
        aspect(w.wrap_up, short(rules.wrap_up)),
        aspect(w.music, rules.music.to_string()),
        aspect(w.capacity, rules.capacity.to_string()),
        aspect(w.at_closing, at_closing(rules.at_closing)),
        aspect(w.when_empty, when_empty(rules.when_empty)),
        aspect(w.level, short(rules.level)),
        aspect(w.callbacks, rules.callbacks_per_hour.to_string()),
    ];
    for member in &rules.members {
        let skills: Vec<String> = member.skills.iter().map(ToString::to_string).collect();
        let mut value = format!("{} {}", w.turn, member.priority);
        if !skills.is_empty() {
            value = format!("{value}, {}", skills.join(", "));
        }
        if let Some(own) = member.wrap_up {
            value = format!("{value}, {} {}", w.wrap_up, short(own));
        }
        all.push(aspect(format!("{} {}", w.agent, member.agent), value));
    }
    all.extend(rules.pause_after.map(|n| aspect(w.pause_after, n.to_string())));
    all.extend(rules.max_wait.map(|wait| aspect(w.max_wait, short(wait))));
    all.extend(rules.overflow.as_ref().map(|o| aspect(w.overflow, format!("{}, {}", o.to, short(o.after)))));
    all.extend(rules.affinity.map(|time| aspect(w.affinity, short(time))));
    if !rules.languages.is_empty() {
        let codes: Vec<&str> = rules.languages.iter().map(|l| l.code()).collect();
        all.push(aspect(w.languages, codes.join(", ")));
    }
    all.extend(rules.whisper.map(|on| aspect(w.whisper, if on { w.yes } else { w.no })));
    all
}

/// The words of `queues.yaml`: admins know them, in both languages.
fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::LongestIdle => "longest-idle",
        Strategy::LeastRecent => "least-recent",
        Strategy::RoundRobin => "round-robin",
        Strategy::FewestCalls => "fewest-calls",
        Strategy::RingAll => "ring-all",
    }
}

fn at_closing(at_closing: AtClosing) -> &'static str {
    match at_closing {
        AtClosing::Serve => "serve",
        AtClosing::Callback => "callback",
        AtClosing::Tell => "tell",
    }
}

fn when_empty(when_empty: WhenEmpty) -> &'static str {
    match when_empty {
        WhenEmpty::Refuse => "refuse",
        WhenEmpty::WaitForPause => "wait-for-pause",
        WhenEmpty::Wait => "wait",
    }
}

struct Words {
    queue: &'static str,
    gone: &'static str,
    strategy: &'static str,
    ring: &'static str,
    wrap_up: &'static str,
    music: &'static str,
    capacity: &'static str,
    at_closing: &'static str,
    when_empty: &'static str,
    level: &'static str,
    callbacks: &'static str,
    agent: &'static str,
    turn: &'static str,
    pause_after: &'static str,
    max_wait: &'static str,
    overflow: &'static str,
    affinity: &'static str,
    languages: &'static str,
    whisper: &'static str,
    yes: &'static str,
    no: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &FRENCH,
        Language::En => &ENGLISH,
    }
}

const FRENCH: Words = Words {
    queue: "file",
    gone: "la file est supprimée",
    strategy: "l'agent choisi",
    ring: "un agent sonne pendant",
    wrap_up: "temps après l'appel",
    music: "la musique",
    capacity: "places",
    at_closing: "à la fermeture",
    when_empty: "sans agent",
    level: "un niveau de priorité vaut",
    callbacks: "rappels par heure",
    agent: "agent",
    turn: "tour",
    pause_after: "en pause après autant d'appels manqués",
    max_wait: "attente au plus",
    overflow: "débordement vers",
    affinity: "le même agent si l'on rappelle avant",
    languages: "langues qui demandent un agent qui les parle",
    whisper: "l'agent entend d'abord qui appelle",
    yes: "oui",
    no: "non",
};

const ENGLISH: Words = Words {
    queue: "queue",
    gone: "the queue is gone",
    strategy: "the agent who is chosen",
    ring: "an agent's phone rings for",
    wrap_up: "wrap-up time",
    music: "the music",
    capacity: "places",
    at_closing: "at closing time",
    when_empty: "without an agent",
    level: "a level of priority is worth",
    callbacks: "callbacks an hour",
    agent: "agent",
    turn: "turn",
    pause_after: "on a pause after so many missed callers",
    max_wait: "the longest wait",
    overflow: "overflow to",
    affinity: "the same agent for who phones again within",
    languages: "languages that need an agent who speaks them",
    whisper: "the agent hears first who it is",
    yes: "yes",
    no: "no",
};
