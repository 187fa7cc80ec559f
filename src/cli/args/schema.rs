use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    /// Which file.
    #[arg(value_enum, default_value_t = SchemaOf::Flow)]
    pub(crate) file: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A flow or a sub-flow.
    Flow,
    /// The queues, `queues.yaml`.
    Queues,
    /// The service card, `service.yaml`.
    Service,
    /// Tests, `tests/*.yaml`.
    Tests,
}
