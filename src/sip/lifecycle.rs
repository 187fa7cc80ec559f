/// Declares a lifecycle as a table: the states, the events, and which event leads where.
///
/// What the table does not name does not happen: [`Lifecycle::on`] answers `None`. The
/// table can be printed as a [`graph`] and as the full [`grid`] of states and events.
macro_rules! lifecycle {
    (
        $(#[$state_doc:meta])*
        $vis:vis enum $State:ident { $( $(#[$doc:meta])* $state:ident { $($event:ident => $next:ident),* $(,)? } )* }
        on
        $(#[$event_doc:meta])*
        enum $Event:ident { $( $(#[$each:meta])* $name:ident ),* $(,)? }
    ) => {
        $(#[$state_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $State { $( $(#[$doc])* $state ),* }

        $(#[$event_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $Event { $( $(#[$each])* $name ),* }

        impl $crate::sip::lifecycle::Lifecycle for $State {
            type Event = $Event;
            const STATES: &'static [Self] = &[$(Self::$state),*];
            const EVENTS: &'static [$Event] = &[$($Event::$name),*];

            fn on(self, event: $Event) -> Option<Self> {
                match (self, event) {
                    $($( (Self::$state, $Event::$event) => Some(Self::$next), )*)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use lifecycle;

/// A declared table of states and events.
pub(crate) trait Lifecycle: Copy + PartialEq + std::fmt::Debug + 'static {
    /// What can happen.
    type Event: Copy + PartialEq + std::fmt::Debug + 'static;
    /// Every state, in the table's order; the first is where it starts.
    #[cfg_attr(not(test), expect(dead_code, reason = "the prints are read in snapshot tests"))]
    const STATES: &'static [Self];
    /// Every event, in the table's order.
    #[cfg_attr(not(test), expect(dead_code, reason = "the prints are read in snapshot tests"))]
    const EVENTS: &'static [Self::Event];

    /// The state after an event; `None` where the event means nothing.
    fn on(self, event: Self::Event) -> Option<Self>;
}

/// The table as a Graphviz digraph, one edge for each pair of states.
#[cfg(test)]
pub(crate) fn graph<S: Lifecycle>() -> String {
    let mut out = String::from("digraph {\n");
    for from in S::STATES {
        for to in S::STATES {
            let events: Vec<String> =
                S::EVENTS.iter().filter(|event| from.on(**event) == Some(*to)).map(|e| format!("{e:?}")).collect();
            if !events.is_empty() {
                out += &format!("  {from:?} -> {to:?} [label=\"{}\"]\n", events.join(", "));
            }
        }
    }
    out + "}\n"
}

/// The whole table: a row for each event, a column for each state, `·` where nothing happens.
#[cfg(test)]
pub(crate) fn grid<S: Lifecycle>() -> String {
    let cell = |text: String| format!("{text:<14}");
    let mut out = cell(String::new());
    for state in S::STATES {
        out += &cell(format!("{state:?}"));
    }
    for event in S::EVENTS {
        out = out.trim_end().to_owned() + "\n" + &cell(format!("{event:?}"));
        for state in S::STATES {
            out += &cell(state.on(*event).map_or("·".to_owned(), |next| format!("{next:?}")));
        }
    }
    out.trim_end().to_owned() + "\n"
}
