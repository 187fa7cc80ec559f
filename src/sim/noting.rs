use super::retrace::Told;
use super::simulation::Simulation;
use super::transcript::{What, Who};
use crate::call::Happened;
use crate::engine::Note;

impl Simulation<'_> {
    /// Tells in the transcript what the flow did.
    pub(super) fn note(&mut self, note: Note) {
        self.trail.note(self.now.wall, &note);
        if let Some(what) = Happened::Flow(note.clone()).story() {
            self.story.push(Told { at: self.elapsed(), what });
        }
        let text = match &note {
            Note::Step { name } => name.to_string(),
            Note::Language(language) => format!("language {language}"),
            Note::Collected { name, digits } => format!("{name} = {}", digits.reveal()),
            Note::Valued { name, value } => format!("{name} = {}", value.reveal()),
            Note::Chose { branch: Some(branch) } => format!("condition {}", branch + 1),
            Note::Chose { branch: None } => "aucune condition".to_owned(),
            Note::LookedUp { name, outcome } => format!("{name} : {outcome}"),
            Note::AskedAgent { open } => {
                self.seen.asked |= open;
                format!("demande un agent ({})", if *open { "ouvert" } else { "fermé" })
            }
            Note::Trouble { what } => {
                self.seen.trouble = Some(what);
                let text = (*what).to_owned();
                return self.log(Who::Trouble, What::Note(note), text);
            }
            // The key, the rank and the wait have lines of their own.
            Note::Key { .. } | Note::ToldRank { .. } | Note::ToldWait { .. } => return,
            Note::Noticed(notice) => format!("notice : {}", notice.word()),
            Note::Took { offer } => format!("offre : {offer}"),
            Note::Promised => "rappel promis".to_owned(),
            Note::NotPromised => "rappel refusé".to_owned(),
            Note::Mark { name, mark } => format!("{name} = {mark}"),
            Note::MessageKept => "message enregistré".to_owned(),
            Note::NoMessage { why } => format!("pas de message : {why}"),
        };
        self.log(Who::Flow, What::Note(note), text);
    }
}
