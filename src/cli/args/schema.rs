use clap::ValueEnum;

use crate::flow::Role;

#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    /// Which file.
    #[arg(value_enum, default_value_t = SchemaOf::Flow)]
    pub(crate) file: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A flow.
    Flow,
    /// The queues, `queues.yaml`.
    Queues,
    /// The service card, `service.yaml`.
    Service,
}

impl From<SchemaOf> for Role {
    fn from(file: SchemaOf) -> Self {
        match file {
            SchemaOf::Flow => Self::Flow,
            SchemaOf::Queues => Self::Queues,
            SchemaOf::Service => Self::Service,
        }
    }
}
