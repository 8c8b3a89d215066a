//! The state of a replica, which follows its primary, and what changes with a takeover.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::{Decider, Pool, token};
use crate::model::{Binding, BindingId, Statistics, Step};
use crate::placement::Past;
use crate::state::{Owner, Transition};

impl Pool {
    /// Takes over what a replica's copy says of these bindings; none: it is gone. Without another word about a
    /// binding it stays, unless these are all that there are.
    pub fn follow(&self, bindings: Vec<(BindingId, Option<Binding>)>, is_whole: bool) {
        let owners = self.owners();
        let mut gone: Vec<BindingId> = Vec::new();
        if is_whole {
            let there: HashSet<BindingId> = bindings.iter().map(|(id, _)| *id).collect();
            gone.extend(self.registry.ids().into_iter().filter(|id| !there.contains(id)));
        }
        gone.extend(bindings.iter().filter(|(_, binding)| binding.is_none()).map(|(id, _)| *id));
        let mut decider = self.decider.lock();
        let steps = gone.into_iter().filter_map(|id| {
            let known = self.registry.meeting(id)?;
            Some((Step::forget(&known.binding), known.owner.clone()))
        });
        for (step, owner) in steps {
            self.mirror(&mut decider, &step, &owner);
        }
        for binding in bindings.into_iter().filter_map(|(_, binding)| binding) {
            let Some(owner) = owners.get(&binding.key.secret) else { continue };
            let node = binding.node;
            let step = match self.registry.meeting(binding.id) {
                None => Step::insert(binding),
                Some(known) if known.binding == binding => continue,
                Some(known) if known.key() == &binding.key && known.node() == node => {
                    Step::replace(&known.binding, binding)
                }
                // The row id is used again.
                Some(known) => Step::forget(&known.binding).and_insert(binding),
            };
            self.mirror(&mut decider, &step, owner);
            self.fleet.poll_soon(node);
        }
    }

    /// Applies a step that the primary has made and accounted for.
    fn mirror(&self, decider: &mut Decider, step: &Step, owner: &Owner) {
        for Transition { old, new } in
            self.registry.apply(step, owner, self.clock.now()).into_iter().flatten()
        {
            match (&old, &new) {
                (Some(old), None) => _ = decider.ledger.remove(token(old.id())),
                (None, Some(new)) => self.book(decider, new),
                _ => {}
            }
            for meeting in old.iter().chain(&new) {
                self.lists.changed(meeting);
            }
        }
    }

    /// A replica becomes the primary: goes on from what the former one has counted and learned.
    pub fn take_over(&self, statistics: Statistics) {
        self.counters.add(statistics.counters);
        self.decider.lock().past = Past::restored(statistics.past);
        let last = self.registry.ids().into_iter().map(|it| it.0).max().unwrap_or(0);
        self.next_binding.fetch_max(last + 1, Ordering::Relaxed);
    }

    /// A primary becomes a replica: another one goes on counting.
    pub fn hand_over(&self) {
        self.counters.clear();
    }
}
