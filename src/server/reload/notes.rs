use metrics::{counter, gauge};
use tokio::sync::watch;

use super::{By, Differs, FlowsState, Outcome, Swapped};
use crate::diag::{Diagnostic, Severity, errors, one_line};
use crate::server::clock;
use crate::store::How;

/// Tells the operator, and those who look at the pages, what came of a reload.
pub(super) struct Notes(watch::Sender<FlowsState>);

impl Notes {
    pub(super) fn new(state: watch::Sender<FlowsState>) -> Self {
        let notes = Self(state);
        notes.measure();
        notes
    }

    /// What came of it, and the version that runs now.
    pub(super) fn tell(&self, by: &By, outcome: &Outcome, version: Option<u64>) {
        counter!("svi_flows_reloads_total", "result" => outcome.word()).increment(1);
        self.0.send_modify(|state| {
            match outcome {
                Outcome::Swapped(_) => {
                    let (since, by) = (clock::wall(), by.clone());
                    *state = FlowsState { version, since, by, differs: None };
                }
                Outcome::Same(_) => state.differs = None,
                // What was refused is a version, and not what is on the disk.
                Outcome::Refused(_) if by.how == How::Rollback => {}
                Outcome::Refused(diagnostics) => {
                    state.differs = Some(Differs::Refused { errors: errors(diagnostics) });
                }
                Outcome::Unread(_) => state.differs = Some(Differs::Unread),
                Outcome::Hindered(_) => {}
            }
        });
        self.measure();
        log(by, outcome, version);
    }

    /// Somebody has saved a file, and wants to say when it is loaded.
    pub(super) fn saved(&self, differs: bool) {
        self.0.send_modify(|state| match (differs, state.differs) {
            (true, None) => state.differs = Some(Differs::Unloaded),
            (true, Some(_)) => {}
            (false, _) => state.differs = None,
        });
        self.measure();
    }

    fn measure(&self) {
        let state = self.0.borrow();
        gauge!("svi_flows_differ").set(u32::from(state.differs.is_some()));
        // A version is a small number; 0 where it could not be kept.
        gauge!("svi_flows_version").set(u32::try_from(state.version.unwrap_or(0)).unwrap_or(u32::MAX));
    }
}

fn log(by: &By, outcome: &Outcome, version: Option<u64>) {
    match outcome {
        Outcome::Swapped(swapped) => {
            let Swapped { files, changes, warnings, .. } = &**swapped;
            findings(warnings);
            let changes = changes.lines().join("; ");
            tracing::info!(%by, version, files = files.len(), changes, "new calls get other flows");
        }
        Outcome::Same(warnings) => {
            findings(warnings);
            match by.how {
                // Editors touch files that they don't change.
                How::Watch => tracing::debug!(%by, "what is on the disk runs already"),
                _ => tracing::info!(%by, "what is on the disk runs already"),
            }
        }
        Outcome::Refused(diagnostics) => {
            findings(diagnostics);
            tracing::error!(%by, "these flows are refused: those that ran before go on");
        }
        Outcome::Unread(why) => {
            tracing::error!(%by, %why, "the flows on the disk can't be read: those that ran before go on");
        }
        Outcome::Hindered(hindrance) => {
            tracing::error!(%by, why = %hindrance, "no version is put back: the flows that ran before go on");
        }
    }
}

fn findings(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics.iter().take(TOLD) {
        match diagnostic.severity {
            Severity::Error => tracing::error!("{}", one_line(diagnostic)),
            Severity::Warning => tracing::warn!("{}", one_line(diagnostic)),
            Severity::Note => tracing::info!("{}", one_line(diagnostic)),
        }
    }
}

/// Findings that are written to the log; the API has all of them.
const TOLD: usize = 20;
