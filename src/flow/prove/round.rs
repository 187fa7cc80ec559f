use super::space::{Goal, Id, Space, Way};
use super::story::Leg;

impl Space<'_> {
    /// A round of ways that all satisfy a condition, the nearest to the beginning of a call;
    /// each situation with the way that leads on.
    pub(super) fn round(&self, goes: impl Fn(Id, &Way, Id) -> bool) -> Option<Vec<Leg>> {
        let mut state = vec![State::New; self.nodes.len()];
        for first in self.ids() {
            if state[first] != State::New {
                continue;
            }
            // The situations from `first` on, each with the ways that are left to look at.
            let mut path: Vec<(Id, usize)> = vec![(first, 0)];
            state[first] = State::OnPath;
            while let Some((id, next)) = path.last_mut() {
                let id = *id;
                let Some(way) = self.ways(id).get(*next) else {
                    state[id] = State::Done;
                    path.pop();
                    continue;
                };
                *next += 1;
                let Goal::At(to) = way.to else { continue };
                if !goes(id, way, to) {
                    continue;
                }
                match state[to] {
                    State::New => {
                        state[to] = State::OnPath;
                        path.push((to, 0));
                    }
                    State::OnPath => return Some(self.legs(&path, to)),
                    State::Done => {}
                }
            }
        }
        None
    }

    fn legs(&self, path: &[(Id, usize)], first: Id) -> Vec<Leg> {
        let on = path.iter().skip_while(|(id, _)| *id != first);
        on.map(|(id, next)| {
            let way = &self.ways(*id)[next - 1];
            Leg { id: *id, by: way.by, pause: way.pause }
        })
        .collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Done,
}
