use std::sync::Arc;

use super::Mode;
use crate::base::AgentName;
use crate::queue;

/// What an agent or a supervisor wants who dials a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To begin to work.
    LogIn,
    /// To go home.
    LogOut,
    /// Not to be rung for a while.
    Pause {
        /// Why, as the settings call it.
        reason: Arc<str>,
    },
    /// The pause is over.
    Resume,
    /// The wrap-up or the rest is over before its time.
    Ready,
    /// To hear the talk of an agent.
    Supervise {
        /// Whose.
        agent: AgentName,
        /// How, to begin with.
        mode: Mode,
    },
}

impl Errand {
    /// What the board is told; a supervisor's errand is none of its business.
    pub fn to_board(&self, agent: AgentName) -> Option<queue::Input> {
        Some(match self {
            Self::LogIn => queue::Input::LogIn { agent },
            Self::LogOut => queue::Input::LogOut { agent },
            Self::Pause { reason } => queue::Input::Pause { agent, reason: Arc::clone(reason) },
            Self::Resume => queue::Input::Resume { agent },
            Self::Ready => queue::Input::Ready { agent },
            Self::Supervise { .. } => return None,
        })
    }

    /// The word in the log and in the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::LogIn => "login",
            Self::LogOut => "logout",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::Ready => "ready",
            Self::Supervise { .. } => "supervise",
        }
    }
}

/// The codes that agents dial on their phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Logs in; `*11`.
    pub log_in: Arc<str>,
    /// Logs out; `*12`.
    pub log_out: Arc<str>,
    /// Begins a pause for the first reason; followed by a digit, for that one; `*13`.
    pub pause: Arc<str>,
    /// Ends the pause; `*14`.
    pub resume: Arc<str>,
    /// Ends the wrap-up; `*15`.
    pub ready: Arc<str>,
    /// Followed by an agent's extension, listens to that agent; `*20`.
    pub supervise: Arc<str>,
    /// The reasons of a pause with the digit of each.
    pub reasons: Vec<(char, Arc<str>)>,
    /// The agents' extensions, for supervisors.
    pub extensions: Vec<(Arc<str>, AgentName)>,
}

impl Codes {
    /// What was dialled, if it is a code.
    pub fn errand(&self, dialled: &str) -> Option<Errand> {
        let plain = [
            (&self.log_in, Errand::LogIn),
            (&self.log_out, Errand::LogOut),
            (&self.resume, Errand::Resume),
            (&self.ready, Errand::Ready),
        ];
        if let Some((_, errand)) = plain.into_iter().find(|(code, _)| ***code == *dialled) {
            return Some(errand);
        }
        if let Some(digit) = dialled.strip_prefix(&*self.pause) {
            let reason = self.reasons.iter().find(|(key, _)| digit.is_empty() || digit == key.to_string());
            if let Some((_, reason)) = reason {
                return Some(Errand::Pause { reason: Arc::clone(reason) });
            }
        }
        let extension = dialled.strip_prefix(&*self.supervise)?;
        let (_, agent) = self.extensions.iter().find(|(known, _)| **known == *extension)?;
        Some(Errand::Supervise { agent: agent.clone(), mode: Mode::Listen })
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            log_in: "*11".into(),
            log_out: "*12".into(),
            pause: "*13".into(),
            resume: "*14".into(),
            ready: "*15".into(),
            supervise: "*20".into(),
            reasons: vec![('1', "pause".into())],
            extensions: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_with_what_follows_it() {
        let codes = Codes {
            reasons: vec![('1', "pause".into()), ('2', "repas".into())],
            extensions: vec![("21".into(), "amina".into())],
            ..Codes::default()
        };
        let pause = |reason: &str| Some(Errand::Pause { reason: reason.into() });
        assert_eq!(codes.errand("*11"), Some(Errand::LogIn));
        assert_eq!((codes.errand("*13"), codes.errand("*132")), (pause("pause"), pause("repas")));
        let amina = Some(Errand::Supervise { agent: "amina".into(), mode: Mode::Listen });
        assert_eq!(codes.errand("*2021"), amina);
        for unknown in ["*133", "*1322", "*20", "*2022", "*1", "*110", "", "100", "amina"] {
            assert_eq!(codes.errand(unknown), None, "{unknown}");
        }
    }
}
