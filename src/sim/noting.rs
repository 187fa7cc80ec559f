use super::simulation::Simulation;
use super::transcript::Who;
use crate::engine::Note;

impl Simulation<'_> {
    /// Tells in the transcript what the flow did.
    pub(super) fn note(&mut self, note: Note) {
        match note {
            Note::Step { name } => self.log(Who::Flow, name.to_string()),
            Note::Language(language) => self.log(Who::Flow, format!("language {language}")),
            Note::Collected { name, digits } => self.log(Who::Flow, format!("{name} = {}", digits.reveal())),
            Note::Valued { name, value } => self.log(Who::Flow, format!("{name} = {}", value.reveal())),
            Note::Chose { branch: Some(branch) } => self.log(Who::Flow, format!("condition {}", branch + 1)),
            Note::LookedUp { name, outcome } => self.log(Who::Flow, format!("{name} : {outcome}")),
            Note::Chose { branch: None } => self.log(Who::Flow, "aucune condition".to_owned()),
            Note::AskedAgent { open } => {
                self.seen.asked |= open;
                self.log(Who::Flow, format!("demande un agent ({})", if open { "ouvert" } else { "fermé" }));
            }
            Note::Trouble { what } => {
                self.seen.trouble = Some(what);
                self.log(Who::Trouble, what.to_owned());
            }
            // The key, the rank and the wait have lines of their own.
            Note::Key { .. } | Note::ToldRank { .. } | Note::ToldWait { .. } => {}
            Note::Noticed(notice) => self.log(Who::Flow, format!("notice : {}", notice.word())),
            Note::Took { offer } => self.log(Who::Flow, format!("offre : {offer}")),
            Note::Promised => self.log(Who::Flow, "rappel promis".to_owned()),
            Note::NotPromised => self.log(Who::Flow, "rappel refusé".to_owned()),
            Note::Mark { name, mark } => self.log(Who::Flow, format!("{name} = {mark}")),
            Note::MessageKept => self.log(Who::Flow, "message enregistré".to_owned()),
            Note::NoMessage { why } => self.log(Who::Flow, format!("pas de message : {why}")),
        }
    }
}
