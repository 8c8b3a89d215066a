//! Whether every node has been asked once since the start.

use std::collections::HashSet;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::model::NodeId;

/// The first round of polls.
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

    /// A node has answered, or failed to, or is gone.
    pub fn done(&self, node: NodeId) {
        let mut missing = self.missing.lock();
        if missing.remove(&node) && missing.is_empty() {
            self.over.send_replace(true);
        }
    }

    /// Whether it is over.
    pub fn is_complete(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits for its end, but not longer than `patience`.
    pub async fn wait(&self, patience: Duration) {
        if self.is_complete() {
            return;
        }
        let mut over = self.over.subscribe();
        // Too long a wait is no failure: what is known by then is answered.
        let _ = tokio::time::timeout(patience, over.wait_for(|over| *over)).await;
    }
}
