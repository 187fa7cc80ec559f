use std::fmt::Write as _;

/// A lifecycle that is one table: what each event makes of each state.
///
/// [`transitions!`](super::transitions) writes it; a machine asks
/// [`Lifecycle::on`], and [`dot`] and [`grid`] print it, so that a change of the
/// table shows in a snapshot test.
pub trait Lifecycle: Copy + PartialEq + 'static {
    /// What can happen.
    type Event: Copy + PartialEq + 'static;
    /// Every state with its name, the first one at birth.
    const STATES: &'static [(Self, &'static str)];
    /// Every event with its name.
    const EVENTS: &'static [(Self::Event, &'static str)];

    /// The next state; `None` where the event means nothing.
    fn on(self, event: Self::Event) -> Option<Self>;

    /// The name that people read.
    fn name(self) -> &'static str {
        Self::STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

/// The table as a graph in Graphviz' language: one line per arrow.
pub fn dot<L: Lifecycle>() -> String {
    let mut out = String::from("digraph {\n");
    for (state, name) in L::STATES {
        for (event, why) in L::EVENTS {
            if let Some(next) = state.on(*event) {
                let _ = writeln!(out, "  \"{name}\" -> \"{}\" [label=\"{why}\"]", next.name());
            }
        }
    }
    out.push_str("}\n");
    out
}

/// The table in full, one row per state and one column per event; `·` where nothing happens.
pub fn grid<L: Lifecycle>() -> String {
    let names = L::STATES.iter().map(|(_, name)| name).chain(L::EVENTS.iter().map(|(_, name)| name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0) + 2;
    let row = |cells: &[&str]| {
        let line: String = cells.iter().map(|cell| format!("{cell:width$}")).collect();
        format!("{}\n", line.trim_end())
    };
    let mut head = vec![""];
    head.extend(L::EVENTS.iter().map(|(_, name)| *name));
    let mut out = row(&head);
    for (state, name) in L::STATES {
        let mut cells = vec![*name];
        cells.extend(L::EVENTS.iter().map(|(event, _)| state.on(*event).map_or("·", L::name)));
        out.push_str(&row(&cells));
    }
    out
}

/// Writes a [`Lifecycle`](super::Lifecycle): names of states and events, then per
/// event the arrows.
macro_rules! transitions {
    (
        $state:ident on $event:ident
        states { $($s:ident = $s_name:literal),+ $(,)? }
        events { $($e:ident = $e_name:literal: $($from:ident => $to:ident),+ ;)+ }
    ) => {
        impl $crate::base::Lifecycle for $state {
            type Event = $event;
            const STATES: &'static [(Self, &'static str)] = &[$((Self::$s, $s_name)),+];
            const EVENTS: &'static [($event, &'static str)] = &[$(($event::$e, $e_name)),+];

            fn on(self, event: $event) -> Option<Self> {
                match event {
                    $($event::$e => match self {
                        $(Self::$from => Some(Self::$to),)+
                        #[allow(unreachable_patterns, reason = "an event may concern every state")]
                        _ => None,
                    },)+
                }
            }
        }
    };
}
pub(crate) use transitions;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq, Debug)]
    enum Lamp {
        Off,
        On,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Switch {
        Press,
        Cut,
    }

    transitions! {
        Lamp on Switch
        states { Off = "off", On = "on" }
        events {
            Press = "press": Off => On, On => Off;
            Cut = "cut": On => Off;
        }
    }

    #[test]
    fn a_table_answers_and_prints_itself() {
        assert_eq!(Lamp::Off.on(Switch::Press), Some(Lamp::On));
        assert_eq!(Lamp::Off.on(Switch::Cut), None);
        insta::assert_snapshot!(format!("{}{}", dot::<Lamp>(), grid::<Lamp>()), @r#"
        digraph {
          "off" -> "on" [label="press"]
          "on" -> "off" [label="press"]
          "on" -> "off" [label="cut"]
        }
               press  cut
        off    on     ·
        on     off    off
        "#);
    }
}
