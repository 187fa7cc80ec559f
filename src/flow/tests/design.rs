//! The example of the design, word for word.

use super::{AUDIO, load, shown};
use crate::diag::Source;
use crate::flow::{Announce, AtClosing, Loaded, OfferAction, StepKind};

fn design() -> Loaded {
    let files = [
        Source::new("flows/france-services/service.yaml", include_str!("design/service.yaml")),
        Source::new("flows/france-services/queues.yaml", include_str!("design/queues.yaml")),
        Source::new("flows/france-services/accueil.yaml", include_str!("design/accueil.yaml")),
    ];
    load("france-services", &files, &AUDIO)
}

#[test]
fn it_is_read_and_has_no_fault() {
    let loaded = design();
    assert_eq!(shown(&loaded), "");
    let service = loaded.service.unwrap();
    let program = &service.flows[0];
    assert_eq!(program.steps.len(), 9);
    assert_eq!(&*program.step(program.start).name, "bonjour");
    assert_eq!(&*program.step(program.agent).name, "agents");
    assert_eq!(&*program.step(program.closed.unwrap()).name, "ferme");
    assert_eq!(program.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(), ["+33143124567", "100"]);
    assert_eq!(service.queues[0].at_closing, AtClosing::Serve);
    assert_eq!(service.queues[0].name.as_str(), "france-services/agents");
}

#[test]
fn what_is_not_written_is_filled_in() {
    let service = design().service.unwrap();
    let program = &service.flows[0];
    let StepKind::Queue(queue) = &program.step(program.agent).kind else { panic!("a queue") };
    assert_eq!((queue.announce.rank, queue.announce.wait), (Some(Announce::RANK), Some(Announce::WAIT)));
    assert_eq!(queue.closed, program.closed);
    let busy = queue.busy.as_ref().unwrap();
    assert_eq!(busy.when_wait.unwrap().as_secs(), 120);
    assert_eq!(busy.offers[1].action, OfferAction::QuietHours);
    let StepKind::Menu(menu) = &program.steps[2].kind else { panic!("a menu") };
    assert_eq!((menu.question.silences, menu.question.wrong), (1, 2));
}
