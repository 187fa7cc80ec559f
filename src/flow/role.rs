use super::yaml::{Kind, Tree};
use super::{card, file, queues, subflow};

/// What a file of a service's folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A flow, or a sub-flow.
    Flow,
    /// The queues.
    Queues,
    /// The card.
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Flow, Self::Queues, Self::Service];

    /// The role of a file, by its name.
    pub fn of(path: &str) -> Self {
        match path.rsplit(['/', '\\']).next() {
            Some("service.yaml") => Self::Service,
            Some("queues.yaml") => Self::Queues,
            _ => Self::Flow,
        }
    }

    /// The word for it in commands and file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Queues => "queues",
            Self::Service => "service",
        }
    }

    /// What this file may hold, and where its words begin in `words.yaml`: a sub-flow has
    /// keys of its own.
    pub(super) fn form(self, tree: &Tree) -> (&'static Kind, &'static str) {
        match self {
            Self::Flow if subflow::is_subflow(tree) => (&Kind::Map(&subflow::HEADER), SUBFLOW),
            Self::Flow | Self::Queues | Self::Service => (self.kind(), self.word()),
        }
    }

    /// What such a file may hold.
    pub(super) fn kind(self) -> &'static Kind {
        match self {
            Self::Flow => &Kind::Map(&file::HEADER),
            Self::Queues => &queues::FILE,
            Self::Service => &Kind::Map(&card::CARD),
        }
    }
}

/// Where a sub-flow's words begin.
pub(super) const SUBFLOW: &str = "subflow";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_what_it_holds() {
        assert_eq!(Role::of("flows/mairie/service.yaml"), Role::Service);
        assert_eq!(Role::of("flows\\mairie\\queues.yaml"), Role::Queues);
        assert_eq!(Role::of("accueil.yml"), Role::Flow);
    }
}
