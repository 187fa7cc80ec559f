/// Declares a lifecycle as a table: the states, the events, and which event leads where.
///
/// What the table does not name does not happen: [`Lifecycle::on`](crate::base::Lifecycle::on)
/// answers `None`. Here a row is a state with all that moves it, as in RFC 3261's figures.
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

        impl $crate::base::Lifecycle for $State {
            type Event = $Event;
            const STATES: &'static [(Self, &'static str)] = &[$((Self::$state, stringify!($state))),*];
            const EVENTS: &'static [($Event, &'static str)] = &[$(($Event::$name, stringify!($name))),*];

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
