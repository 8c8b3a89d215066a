//! The lifecycle of meetings: created, found, moved, ended. Makes decisions with the pool, and acts on nodes
//! and the database. Independent of HTTP servers and SQL.
//!
//! One rule holds it together: to change a binding, take the turn of its meeting id, apply the change as a
//! [`Step`](crate::model::Step) to the database first, and then apply the same step to memory.

mod address;
mod analytics;
mod ask;
mod attempt;
mod breakout;
mod create;
mod ended;
mod events;
mod evict;
mod follow;
mod found;
mod history;
mod observe;
mod ports;
mod problems;
mod repeat;
mod rewrite;
mod slide;
mod stray;

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

pub use analytics::AnalyticsError;
pub use ask::AskError;
pub use create::CreateRequest;
pub use evict::EndFailure;
pub use found::{Claim, ClaimError};
pub use observe::{Decision, Poll};
pub use ports::{BindingStore, NodeCalls};
pub use rewrite::{Links, rewrite_join};

use crate::model::Step;
use crate::nodes::NodeClient;
use crate::state::{Owner, Pool};
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;

/// The core of the daemon, used by its edges. Generic only for the model test.
#[derive(Debug)]
pub struct Core<S = Store, N = NodeClient> {
    /// The state in memory.
    pub pool: Arc<Pool>,
    /// The database.
    pub store: Arc<S>,
    /// Makes calls to nodes.
    pub nodes: N,
    /// The URLs by which nodes and browsers reach us.
    pub links: Links,
    /// Counters and histograms.
    pub metrics: Arc<Metrics>,
    /// Notified when a callback is queued.
    pub callback_queued: Notify,
    /// The callbacks under way.
    pub callbacks: TaskTracker,
}

impl<S, N> Core<S, N> {
    /// Creates the core of a daemon.
    pub fn new(pool: Pool, store: Arc<S>, nodes: N, links: Links, metrics: Arc<Metrics>) -> Self {
        let (pool, callbacks) = (Arc::new(pool), TaskTracker::new());
        Self { pool, store, nodes, links, metrics, callback_queued: Notify::new(), callbacks }
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Applies a step to the database and then to memory. Returns false and changes nothing if a binding that
    /// it replaces or removes has changed.
    async fn make(&self, step: Step, owner: &Owner) -> Result<bool, StoreError> {
        if !self.store.apply(step.clone(), self.pool.clock.wall_ms()).await? {
            return Ok(false);
        }
        if step.callback.is_some() {
            self.callback_queued.notify_one();
        }
        Ok(self.pool.apply(&step, owner))
    }
}
