//! The services that come with the program.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Spoken, load, shown};
use crate::base::Language;
use crate::diag::Source;
use crate::flow::{Loaded, conflicts, sentences};

fn france_services() -> Loaded {
    load(
        "france-services",
        &[
            Source::new("service.yaml", include_str!("../../../flows/france-services/service.yaml")),
            Source::new("queues.yaml", include_str!("../../../flows/france-services/queues.yaml")),
            Source::new("accueil.yaml", include_str!("../../../flows/france-services/accueil.yaml")),
        ],
        &Spoken,
    )
}

fn prefecture() -> Loaded {
    load(
        "prefecture",
        &[
            Source::new("service.yaml", include_str!("../../../flows/prefecture/service.yaml")),
            Source::new("queues.yaml", include_str!("../../../flows/prefecture/queues.yaml")),
            Source::new("accueil.yaml", include_str!("../../../flows/prefecture/accueil.yaml")),
        ],
        &Spoken,
    )
}

#[test]
fn they_have_no_fault() {
    let mut services = Vec::new();
    for loaded in [france_services(), prefecture()] {
        assert_eq!(shown(&loaded), "");
        let service = loaded.service.unwrap();
        services.push(service);
    }
    assert_eq!(conflicts(&services), []);
}

#[test]
fn every_sentence_of_theirs_is_listed_for_the_voice() {
    let mut all = BTreeSet::new();
    for loaded in [france_services(), prefecture()] {
        all.extend(sentences(&loaded.service.unwrap()).into_iter().map(|s| s.fragment));
    }
    let list: Vec<String> = all.iter().map(|f| format!("{} {}", f.language, f.text)).collect();
    insta::assert_snapshot!(list.join("\n"));
}

#[test]
fn english_is_only_listed_where_it_can_be_heard() {
    let french = sentences(&france_services().service.unwrap());
    assert!(french.iter().all(|s| s.fragment.language == Language::Fr));
    let both: Vec<Arc<str>> = sentences(&prefecture().service.unwrap()).into_iter().map(|s| s.fragment.text).collect();
    assert!(both.iter().any(|t| &**t == "For a residence permit, press one."));
    assert!(!both.iter().any(|t| t.starts_with("Hello.")), "calls begin in French");
}
