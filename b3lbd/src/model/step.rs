//! Atomic changes to bindings. The same value is applied first to the database and then to memory, under the
//! same condition.

use super::{Analytics, Binding, BindingId, Callback, Nonce, Phase};

/// A change to one binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds a binding.
    Insert(Binding),
    /// Replaces the binding with this id and nonce by one with a different phase, nonce, next instance or
    /// instance. The other fields of a binding never change.
    Replace(BindingId, Nonce, Binding),
    /// Removes the binding with this id and nonce.
    Remove(BindingId, Nonce),
}

/// Changes that are applied together or not at all: only if each binding that they replace or remove still
/// has the expected nonce. A late end finds a different nonce, and changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Applied in this order: a change that frees a meeting id precedes the one that takes it.
    pub changes: Vec<Change>,
    /// A client's `meetingEndedURL` to be called.
    pub callback: Option<Callback>,
    /// Analytics that a node may still send for the meeting that ends.
    pub analytics: Vec<Analytics>,
}

impl Step {
    /// Adds a binding.
    pub fn insert(binding: Binding) -> Self {
        Self::default().and_insert(binding)
    }

    /// Replaces `old` by `new`.
    pub fn replace(old: &Binding, new: Binding) -> Self {
        Self::default().and_replace(old, new)
    }

    /// Removes a binding without notifying its client, because the meeting never came to exist.
    pub fn forget(binding: &Binding) -> Self {
        Self::default().and_remove(binding)
    }

    /// Ends an instance; `successor` takes its place, if given. The client is only notified of instances that
    /// it knows of: not of attempts, nor of abandoned instances, whose meeting goes on elsewhere.
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

    /// Also adds a binding.
    #[must_use]
    pub fn and_insert(mut self, binding: Binding) -> Self {
        self.changes.push(Change::Insert(binding));
        self
    }

    /// Also replaces `old` by `new`.
    #[must_use]
    pub fn and_replace(mut self, old: &Binding, new: Binding) -> Self {
        self.changes.push(Change::Replace(old.id, old.nonce, new));
        self
    }

    /// Also removes a binding.
    #[must_use]
    pub fn and_remove(mut self, binding: &Binding) -> Self {
        self.changes.push(Change::Remove(binding.id, binding.nonce));
        self
    }
}
