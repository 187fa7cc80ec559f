//! What changes for callers, agents and queues when one set of services takes the place of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{QueueRules, Service};
use crate::base::{AgentName, PhoneNumber, QueueName};

/// What differs between the services that run and those that are to run. The words of the
/// flows are not compared here: [`super::Texts`] does that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Services that are new, by the names of their folders.
    pub services_new: Vec<String>,
    /// Services that are gone.
    pub services_gone: Vec<String>,
    /// Numbers that are answered from now on.
    pub numbers_new: Vec<PhoneNumber>,
    /// Numbers that nobody answers any more.
    pub numbers_gone: Vec<PhoneNumber>,
    /// Numbers that lead to a flow of another name.
    pub numbers_moved: Vec<PhoneNumber>,
    /// Queues that are new.
    pub queues_new: Vec<QueueName>,
    /// Queues that take nobody in any more.
    pub queues_gone: Vec<QueueName>,
    /// Queues whose rules differ in more than their members.
    pub queues_changed: Vec<QueueName>,
    /// Who answers from now on, and where.
    pub members_new: Vec<(QueueName, AgentName)>,
    /// Who answers there no longer.
    pub members_gone: Vec<(QueueName, AgentName)>,
}

impl Changes {
    /// What is different in `new`.
    pub fn between<'s>(old: impl IntoIterator<Item = &'s Service>, new: impl IntoIterator<Item = &'s Service>) -> Self {
        let (old, new) = (Side::of(old), Side::of(new));
        let (numbers, queues) = (Two::of(&old.numbers, &new.numbers), Two::of(&old.queues, &new.queues));
        let mut changes = Self {
            services_new: new.names.difference(&old.names).map(|name| (*name).to_owned()).collect(),
            services_gone: old.names.difference(&new.names).map(|name| (*name).to_owned()).collect(),
            numbers_moved: numbers.both.iter().filter(|(_, old, new)| old != new).map(|(n, ..)| (*n).clone()).collect(),
            numbers_new: numbers.new,
            numbers_gone: numbers.gone,
            queues_new: queues.new,
            queues_gone: queues.gone,
            ..Self::default()
        };
        for (name, old, new) in queues.both {
            if has_other_rules(old, new) {
                changes.queues_changed.push(name.clone());
            }
            let names = |rules: &QueueRules| rules.members.iter().map(|m| m.agent.clone()).collect::<BTreeSet<_>>();
            let (before, after) = (names(old), names(new));
            changes.members_new.extend(after.difference(&before).map(|agent| (name.clone(), agent.clone())));
            changes.members_gone.extend(before.difference(&after).map(|agent| (name.clone(), agent.clone())));
        }
        changes
    }

    /// Whether nothing is different.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Each change as a phrase, for logs and people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut tell = |what: &str, names: Vec<String>| {
            if !names.is_empty() {
                lines.push(format!("{what}: {}", names.join(", ")));
            }
        };
        tell("new services", self.services_new.clone());
        tell("services that are gone", self.services_gone.clone());
        tell("numbers answered from now on", shown(&self.numbers_new));
        tell("numbers answered no longer", shown(&self.numbers_gone));
        tell("numbers that lead to another flow", shown(&self.numbers_moved));
        tell("new queues", shown(&self.queues_new));
        tell("queues that take nobody in any more", shown(&self.queues_gone));
        tell("queues with other rules", shown(&self.queues_changed));
        let member = |(queue, agent): &(QueueName, AgentName)| format!("{agent} in {queue}");
        tell("new members", self.members_new.iter().map(member).collect());
        tell("members no longer", self.members_gone.iter().map(member).collect());
        lines
    }
}

/// Whether more is different than who the members are: also where a member who stays has
/// another priority, other skills or another wrap-up time.
fn has_other_rules(old: &QueueRules, new: &QueueRules) -> bool {
    // By default as many as the members can make.
    let same_size = old.members.len() == new.members.len();
    let callbacks_per_hour = if same_size { new.callbacks_per_hour } else { old.callbacks_per_hour };
    let other_members = QueueRules { members: old.members.clone(), callbacks_per_hour, ..new.clone() };
    let before = |agent: &AgentName| old.members.iter().find(|member| member.agent == *agent);
    other_members != *old || new.members.iter().any(|member| before(&member.agent).is_some_and(|old| old != member))
}

fn shown<T: fmt::Display>(names: &[T]) -> Vec<String> {
    names.iter().map(T::to_string).collect()
}

/// One set of services, by what is looked for.
struct Side<'s> {
    names: BTreeSet<&'s str>,
    /// Which flow of which service answers.
    numbers: BTreeMap<PhoneNumber, (&'s str, &'s str)>,
    queues: BTreeMap<QueueName, &'s QueueRules>,
}

impl<'s> Side<'s> {
    fn of(services: impl IntoIterator<Item = &'s Service>) -> Self {
        let mut side = Self { names: BTreeSet::new(), numbers: BTreeMap::new(), queues: BTreeMap::new() };
        for service in services {
            side.names.insert(&service.name);
            for flow in &service.flows {
                let answered = flow.numbers.iter().map(|n| (n.international(), (&*service.name, &*flow.name)));
                side.numbers.extend(answered);
            }
            side.queues.extend(service.queues.iter().map(|rules| (rules.name.clone(), &**rules)));
        }
        side
    }
}

/// The keys of one side, of the other, and of both with what they stand for.
struct Two<'m, K, V> {
    new: Vec<K>,
    gone: Vec<K>,
    both: Vec<(&'m K, &'m V, &'m V)>,
}

impl<'m, K: Clone + Ord, V> Two<'m, K, V> {
    fn of(old: &'m BTreeMap<K, V>, new: &'m BTreeMap<K, V>) -> Self {
        let only = |one: &BTreeMap<K, V>, other: &BTreeMap<K, V>| {
            one.keys().filter(|key| !other.contains_key(key)).cloned().collect()
        };
        let both = old.iter().filter_map(|(key, value)| Some((key, value, new.get(key)?))).collect();
        Self { new: only(new, old), gone: only(old, new), both }
    }
}
