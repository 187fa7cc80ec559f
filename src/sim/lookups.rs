use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{Chance, Instant, Private};
use crate::engine::{LookUpNews, LookUpOrder};
use crate::flow::{Program, StepKind, Value};

/// What servers answer to the look-ups of a simulated call, by the steps that ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers(BTreeMap<Arc<str>, serde_json::Value>);

/// Why a text is not the answer of a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswersError {
    /// There is no `=`.
    #[error("`{0}` is no answer; write a step and JSON, such as `statut={{\"dossier\": \"clos\"}}`")]
    Form(String),
    /// What stands behind it is no JSON.
    #[error("what `{0}` is answered is no JSON: {1}")]
    Json(String, String),
}

impl Answers {
    /// These answers; a later one of the same step counts.
    pub fn of(answers: &[Answer]) -> Self {
        Self(answers.iter().map(|answer| (Arc::clone(&answer.step), answer.json.clone())).collect())
    }

    /// Each step that is answered, and its answer.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &serde_json::Value)> {
        self.0.iter()
    }
}

impl Answers {
    /// Answers by chance: some servers say nothing, the others something of each sort that the
    /// flow can tell apart.
    pub(super) fn made(program: &Program, chance: &mut Chance) -> Self {
        let mut answers = Self::default();
        for step in &program.steps {
            let StepKind::Lookup(lookup) = &step.kind else { continue };
            if chance.below(3) > 0 {
                let mut json = serde_json::Value::Null;
                for take in &lookup.take {
                    let samples = program.samples(take.to);
                    let sample = samples.get(chance.below(samples.len().max(1)));
                    put(&mut json, &take.pointer, sample.map_or(serde_json::Value::Null, Value::to_json));
                }
                answers.0.insert(Arc::clone(&step.name), json);
            }
        }
        answers
    }
}

/// Puts a value where a JSON Pointer leads, as the key of objects.
fn put(json: &mut serde_json::Value, pointer: &str, value: serde_json::Value) {
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    let mut place = json;
    for key in keys {
        if !place.is_object() {
            *place = serde_json::json!({});
        }
        place = &mut place[key];
    }
    *place = value;
}

/// One answer as it is typed: `step=JSON`.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The step that asks.
    pub step: Arc<str>,
    /// What it is answered.
    pub json: serde_json::Value,
}

impl FromStr for Answer {
    type Err = AnswersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (step, json) = text.split_once('=').ok_or_else(|| AnswersError::Form(text.to_owned()))?;
        let step = step.trim();
        let json =
            serde_json::from_str(json).map_err(|error| AnswersError::Json(step.to_owned(), error.to_string()))?;
        Ok(Self { step: step.into(), json })
    }
}

/// The servers of a simulated call.
#[derive(Debug, Default)]
pub(super) struct LookUps {
    news: Option<(Instant, LookUpNews)>,
}

impl LookUps {
    /// The answer, or that there is none, comes a moment later; a later question takes its place.
    pub(super) fn ask(&mut self, now: Instant, order: &LookUpOrder, answers: &Answers) {
        let news = match answers.0.get(&order.step) {
            Some(json) => LookUpNews::Answered { order: order.order, json: Private::new(json.clone()) },
            None => LookUpNews::Failed { order: order.order, why: "no-answer" },
        };
        self.news = Some((now + TAKES.min(order.within), news));
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.news.as_ref().map(|(at, _)| *at)
    }

    /// The news, once their time has come.
    pub(super) fn due(&mut self, now: Instant) -> Option<LookUpNews> {
        self.news.take_if(|(at, _)| *at <= now).map(|(_, news)| news)
    }
}

/// A server that is well takes so long.
const TAKES: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Method;

    fn asked(answers: &[&str]) -> LookUpNews {
        let answers: Vec<Answer> = answers.iter().map(|text| text.parse().unwrap()).collect();
        let order = LookUpOrder {
            order: 4,
            step: "statut".into(),
            method: Method::Get,
            url: Private::new(String::new()),
            body: None,
            within: Duration::from_secs(3),
            retries: 0,
        };
        let mut lookups = LookUps::default();
        lookups.ask(Instant::START, &order, &Answers::of(&answers));
        let due = lookups.deadline().unwrap();
        assert_eq!(lookups.due(Instant::START), None);
        lookups.due(due).unwrap()
    }

    #[test]
    fn a_look_up_gets_the_answer_of_its_step_or_none() {
        assert_eq!(asked(&["autre=1"]), LookUpNews::Failed { order: 4, why: "no-answer" });
        let json = Private::new(serde_json::json!({ "a": true }));
        assert_eq!(asked(&["statut={\"a\": true}", "autre=1"]), LookUpNews::Answered { order: 4, json });
    }

    #[test]
    fn a_value_is_put_where_a_pointer_leads() {
        let mut json = serde_json::Value::Null;
        for (pointer, n) in [("/a/b~1c", 1), ("/a/0", 2), ("/d", 3)] {
            put(&mut json, pointer, n.into());
            assert_eq!(json.pointer(pointer), Some(&serde_json::Value::from(n)));
        }
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let error = |text: &str| text.parse::<Answer>().unwrap_err().to_string();
        assert!(error("statut").contains("is no answer"), "{}", error("statut"));
        assert!(error("statut={a}").starts_with("what `statut` is answered is no JSON"), "{}", error("statut={a}"));
    }
}
