//! Tracks whether every node was polled once since the start, or since a takeover.

use std::collections::HashSet;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::model::NodeId;

/// A round of polls that creates wait for.
#[derive(Debug)]
pub struct FirstRound {
    missing: Mutex<HashSet<NodeId>>,
    over: watch::Sender<bool>,
}

impl FirstRound {
    /// A round over these nodes.
    pub fn of(nodes: impl IntoIterator<Item = NodeId>) -> Self {
        let missing: HashSet<_> = nodes.into_iter().collect();
        let over = watch::Sender::new(missing.is_empty());
        Self { missing: Mutex::new(missing), over }
    }

    /// Begins another round over these nodes.
    pub fn again(&self, nodes: impl IntoIterator<Item = NodeId>) {
        let mut missing = self.missing.lock();
        missing.extend(nodes);
        self.over.send_replace(missing.is_empty());
    }

    /// A node was polled, successfully or not, or was removed.
    pub fn done(&self, node: NodeId) {
        let mut missing = self.missing.lock();
        if missing.remove(&node) && missing.is_empty() {
            self.over.send_replace(true);
        }
    }

    /// Whether all nodes are done.
    pub fn is_complete(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits until all nodes are done, or the timeout expires.
    pub async fn wait(&self, timeout: Duration) {
        if self.is_complete() {
            return;
        }
        let mut over = self.over.subscribe();
        // A timeout is not an error: the request is answered with what is known.
        let _ = tokio::time::timeout(timeout, over.wait_for(|over| *over)).await;
    }
}
