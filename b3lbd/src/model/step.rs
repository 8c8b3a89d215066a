//! One change of bindings, made in the database first and then in memory: by the same value, and under the
//! same condition.

use super::{Analytics, Binding, BindingId, Callback, Nonce, Phase};

/// What happens to one binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A binding that was not there.
    Insert(Binding),
    /// The binding of that id and nonce becomes this one, with another phase, nonce, next life or instance. The rest
    /// of a binding never changes.
    Replace(BindingId, Nonce, Binding),
    /// The binding of that id and nonce goes.
    Remove(BindingId, Nonce),
}

/// Changes that happen together or not at all: only if each binding that they replace or remove still has
/// the nonce that is meant. An end that comes late finds another nonce, and changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// In the order in which they are made: what frees a meeting id comes before what takes it.
    pub changes: Vec<Change>,
    /// A client's `meetingEndedURL` that is to be called.
    pub callback: Option<Callback>,
    /// What a node may still tell of the meeting that ends.
    pub analytics: Vec<Analytics>,
}

impl Step {
    /// A new binding.
    pub fn insert(binding: Binding) -> Self {
        Self::default().and_insert(binding)
    }

    /// `old` becomes `new`.
    pub fn replace(old: &Binding, new: Binding) -> Self {
        Self::default().and_replace(old, new)
    }

    /// A binding goes without a word to its client: it never came to anything.
    pub fn forget(binding: &Binding) -> Self {
        Self::default().and_remove(binding)
    }

    /// An instance has ended, and `successor`, if any, takes its place. The client is told of one that it was told
    /// of: not of an attempt, nor of an abandoned life, whose meeting is elsewhere and goes on.
    pub fn end(binding: &Binding, successor: Option<Binding>) -> Self {
        let secret = binding.key.secret;
        let is_told = binding.phase == Phase::Live;
        let callback = binding.ended_url.clone().filter(|_| is_told).map(|url| Callback { secret, url });
        let analytics = if is_told { binding.analytics() } else { Vec::new() };
        let step = Self { callback, analytics, ..Self::default() }.and_remove(binding);
        match successor {
            Some(successor) => step.and_insert(successor),
            None => step,
        }
    }

    /// And a new binding.
    #[must_use]
    pub fn and_insert(mut self, binding: Binding) -> Self {
        self.changes.push(Change::Insert(binding));
        self
    }

    /// And `old` becomes `new`.
    #[must_use]
    pub fn and_replace(mut self, old: &Binding, new: Binding) -> Self {
        self.changes.push(Change::Replace(old.id, old.nonce, new));
        self
    }

    /// And a binding goes.
    #[must_use]
    pub fn and_remove(mut self, binding: &Binding) -> Self {
        self.changes.push(Change::Remove(binding.id, binding.nonce));
        self
    }
}
