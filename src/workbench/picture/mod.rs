//! A flow as a picture: a box for each step, an arrow for each way out of it, and the
//! ways to an agent drawn strongly.
//!
//! [`picture`] makes the picture as data, [`svg`] and [`mermaid`] write it.

mod arrows;
mod boxes;
mod layout;
mod mermaid;
mod svg;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::Language;
use crate::flow::{Program, StepId, StepKind};

pub use mermaid::mermaid;
pub use svg::svg;

/// A flow to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The flow's name and its service's.
    pub title: String,
    /// The numbers that lead to the first step.
    pub numbers: String,
    /// The first step.
    pub start: StepId,
    /// A box for each step, at the step's own place.
    pub boxes: Vec<StepBox>,
    /// The arrows between them.
    pub arrows: Vec<Arrow>,
    /// What holds everywhere and is no arrow, and what the lines mean.
    pub legend: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepBox {
    /// Its name.
    pub name: Arc<str>,
    /// What it does, in one word.
    pub verb: &'static str,
    /// What kind of box it is.
    pub role: Role,
    /// What is heard or chosen there, a line each, cut to what fits.
    pub lines: Vec<String>,
}

/// What a step is for, as its box shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The caller hears something.
    Says,
    /// The caller presses keys.
    Asks,
    /// It goes one way or another by itself.
    Decides,
    /// A human answers.
    Human,
    /// Something is kept: a message, a callback.
    Keeps,
    /// The call ends.
    Ends,
}

/// One way from a step to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Where it begins.
    pub from: StepId,
    /// Where it leads.
    pub to: StepId,
    /// What makes the caller go there.
    pub label: String,
    /// How it is drawn.
    pub way: Way,
    /// Whether a caller who presses nothing in opening hours comes to an agent by it.
    pub to_agent: bool,
}

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The caller does something, or the step is over.
    Usual,
    /// The caller does nothing.
    Silence,
    /// What was wanted did not come about.
    Otherwise,
    /// `0`, drawn once, from the first step that is heard.
    Zero,
}

/// The picture of a flow, its words in this language.
pub fn picture(program: &Program, language: Language) -> Picture {
    let words = words(language);
    let mut arrows = arrows::arrows(program, language);
    for i in silent_way(program, &arrows) {
        arrows[i].to_agent = true;
    }
    if program.start != program.agent {
        let label = "0".to_owned();
        arrows.push(Arrow { from: program.start, to: program.agent, label, way: Way::Zero, to_agent: true });
    }
    let agent = &program.step(program.agent).name;
    let mut legend = vec![words.zero.replace("{}", agent)];
    if let Some(closed) = program.closed {
        legend.push(words.closed.replace("{}", &program.step(closed).name));
    }
    legend.extend(
        program
            .keys
            .iter()
            .map(|(key, to)| words.key.replace("{key}", &key.to_string()).replace("{}", &program.step(*to).name)),
    );
    legend.push(words.keys.to_owned());
    legend.push(words.lines.to_owned());
    Picture {
        title: format!("{} · {}", program.card.name, program.name),
        numbers: program.numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        start: program.start,
        boxes: program.steps.iter().map(|step| boxes::step_box(program, step, language)).collect(),
        arrows,
        legend,
    }
}

/// The arrows, by their places, that a caller takes who presses nothing in opening
/// hours, up to the first step where a human answers.
fn silent_way(program: &Program, arrows: &[Arrow]) -> Vec<usize> {
    let mut came: Vec<Option<usize>> = vec![None; program.steps.len()];
    let mut todo = VecDeque::from([program.start]);
    while let Some(id) = todo.pop_front() {
        if matches!(program.step(id).kind, StepKind::Queue(_) | StepKind::Transfer(_)) {
            let mut way = Vec::new();
            let mut at = id;
            while let Some(i) = came[at.0 as usize].filter(|_| at != program.start) {
                way.push(i);
                at = arrows[i].from;
            }
            return way;
        }
        for (i, arrow) in arrows.iter().enumerate().filter(|(_, a)| a.from == id) {
            if arrows::by_itself(program, arrow) && arrow.to != program.start && came[arrow.to.0 as usize].is_none() {
                came[arrow.to.0 as usize] = Some(i);
                todo.push_back(arrow.to);
            }
        }
    }
    Vec::new()
}

struct Words {
    zero: &'static str,
    closed: &'static str,
    keys: &'static str,
    key: &'static str,
    lines: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &Words {
            zero: "0 mène de partout à « {} ».",
            closed: "Quand c'est fermé, qui veut un agent va à « {} ».",
            keys: "* revient en arrière, # répète.",
            key: "{key} mène de partout à « {} ».",
            lines: "Trait épais : les chemins vers un agent, par 0 et sans rien faire. Tirets : silence. Points : sinon.",
        },
        Language::En => &Words {
            zero: "0 leads to “{}” from everywhere.",
            closed: "When it is closed, who wants an agent goes to “{}”.",
            keys: "* goes back, # repeats.",
            key: "{key} leads to “{}” from everywhere.",
            lines: "Thick: the ways to an agent, by 0 and by doing nothing. Dashes: silence. Dots: otherwise.",
        },
    }
}
