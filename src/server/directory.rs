use std::collections::HashMap;
use std::sync::Arc;

use crate::base::{Language, PhoneNumber};
use crate::flow::{Program, QueueRules, Service};

/// Which flow answers which number.
#[derive(Debug, Default)]
pub struct Directory {
    services: Vec<Arc<Service>>,
    numbers: HashMap<PhoneNumber, Arc<Program>>,
}

impl Directory {
    /// The numbers of every flow of these services; `svi check` has made sure that no two share one.
    pub fn new(services: Vec<Arc<Service>>) -> Self {
        let mut numbers = HashMap::new();
        for program in services.iter().flat_map(|s| &s.flows) {
            for number in &program.numbers {
                numbers.insert(number.international(), Arc::clone(program));
            }
        }
        Self { services, numbers }
    }

    /// The flow for the user part of a request URI, however the number was written.
    pub fn find(&self, dialled: &str) -> Option<&Arc<Program>> {
        let number = PhoneNumber::parse(dialled).ok()?;
        self.numbers.get(&number.international())
    }

    /// The first full number of the first service that has one.
    pub fn first_number(&self) -> Option<PhoneNumber> {
        let numbers = self.services.iter().flat_map(|s| &s.flows).flat_map(|f| &f.numbers);
        numbers.map(PhoneNumber::international).find(|n| n.as_str().starts_with('+'))
    }

    /// The language of the first flow: the house's own.
    pub fn first_language(&self) -> Language {
        self.services.iter().flat_map(|s| &s.flows).next().map_or(Language::Fr, |flow| flow.language)
    }

    /// The service of a folder's name.
    pub fn service(&self, name: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| *service.name == *name)
    }

    /// Every service.
    pub fn services(&self) -> &[Arc<Service>] {
        &self.services
    }

    /// Every queue of every service.
    pub fn queues(&self) -> Vec<Arc<QueueRules>> {
        self.services.iter().flat_map(|s| s.queues.iter().cloned()).collect()
    }
}
