use super::{changes, text};
use crate::base::Language;
use crate::workbench::tests::service;

/// What is said in French when these parts are replaced.
fn told(parts: &[(&str, &str)]) -> String {
    text(&changes(&service(&[]), &service(parts), Language::Fr))
}

#[test]
fn the_same_service_changes_nothing() {
    assert_eq!(told(&[]), "");
}

#[test]
fn layout_comments_and_the_order_of_steps_are_no_change() {
    assert_eq!(told(&[("flow: accueil", "# un commentaire\nflow:   accueil"), ("hangup: \"Au", "hangup:   \"Au")]), "");
}

#[test]
fn a_key_that_leads_elsewhere_is_told_with_the_way_to_it() {
    let said = told(&[("for: les horaires\n        go: infos", "for: nos horaires\n        go: infos")]);
    let expected = "mairie · accueil · menu (après ouvert)\n  la touche 1 : « nos horaires » → infos (avant : « les horaires » → infos)\n";
    assert_eq!(said, expected);
}

#[test]
fn a_new_step_is_told_where_it_is_met_and_a_lost_one_that_nobody_comes_to_it() {
    let said = told(&[
        ("go: infos", "go: avis"),
        ("  infos:\n    tell: [hours]\n", "  avis:\n    say: \"Fermé le 8 mai.\"\n"),
    ]);
    assert!(
        said.contains("accueil · avis (après ouvert, 1)\n  étape nouvelle\n  on entend : « Fermé le 8 mai. »"),
        "{said}"
    );
    assert!(said.contains("accueil · infos (après ouvert, 1)\n  plus aucun appelant n'arrive à cette étape"), "{said}");
}

#[test]
fn a_step_that_is_only_called_otherwise_is_no_change() {
    assert_eq!(told(&[("go: infos", "go: horaires"), ("  infos:\n", "  horaires:\n")]), "");
}

#[test]
fn a_change_of_the_card_is_told_once_as_what_it_is() {
    let said = told(&[("Mo-Fr 09:00-17:00", "Mo-Fr 09:00-16:00")]);
    let expected =
        "mairie · fiche du service\n  les horaires du téléphone : Mo-Fr 09:00-16:00 (avant : Mo-Fr 09:00-17:00)\n";
    assert_eq!(said, expected);
}

#[test]
fn agents_and_queues_are_told() {
    let said = told(&[("members: [amina]", "members: [amina, bruno]\n  ring: 30s")]);
    let expected = "mairie · file agents\n  un agent sonne pendant : 30 s (avant : 20 s)\n  rappels par heure : 6 (avant : 3)\n  agent bruno : tour 1 (nouveau)\n";
    assert_eq!(said, expected);
}

#[test]
fn a_number_that_moves_to_another_flow_is_told() {
    let said = told(&[("numbers: [\"100\"]", "numbers: [\"101\"]")]);
    assert_eq!(
        said,
        "mairie · accueil\n  le numéro 101 : répond (nouveau)\n  le numéro 100 : supprimé (avant : répond)\n"
    );
}

#[test]
fn whole_services_come_and_go() {
    let both = service(&[]);
    assert_eq!(text(&changes(&[], &both, Language::En)), "mairie\n  now answers 100\n");
    assert_eq!(text(&changes(&both, &[], Language::En)), "mairie\n  does not answer 100 any more\n");
}

#[test]
fn a_key_that_works_everywhere_is_told() {
    let said = told(&[("start: ouverture\n", "start: ouverture\nkeys: { 9: infos }\n")]);
    assert_eq!(said, "mairie · accueil\n  partout, la touche 9 : infos (nouveau)\n");
}

#[test]
fn days_on_which_it_is_closed_are_told() {
    let said = told(&[("quiet:", "closures: [{ from: 2026-12-24, to: 2026-12-31, reason: inventaire }]\nquiet:")]);
    assert_eq!(said, "mairie · fiche du service\n  fermé 2026-12-24–2026-12-31 : « inventaire » (nouveau)\n");
}
