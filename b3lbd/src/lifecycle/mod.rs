//! The life of a meeting: created, found again, moved, ended. Decides with the pool, acts on nodes and
//! the database; knows neither HTTP servers nor SQL.
//!
//! One rule holds it together: whoever changes a binding has the turn of its meeting id, makes the change as a
//! [`Step`](crate::model::Step) in the database first, and then the same step in memory.

mod address;
mod analytics;
mod ask;
mod attempt;
mod breakout;
mod create;
mod ended;
mod evict;
mod found;
mod news;
mod observe;
mod ports;
mod repeat;
mod rewrite;
mod slide;

use std::sync::Arc;

use tokio::sync::Notify;

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

/// The core of the daemon: what its edges work with. Generic only for the model test.
#[derive(Debug)]
pub struct Core<S = Store, N = NodeClient> {
    /// What is in memory.
    pub pool: Arc<Pool>,
    /// The database.
    pub store: Arc<S>,
    /// The way to the nodes.
    pub nodes: N,
    /// How nodes and browsers reach us.
    pub links: Links,
    /// What is counted as it happens.
    pub metrics: Arc<Metrics>,
    /// Wakes who delivers callbacks.
    pub callback_queued: Notify,
}

impl<S, N> Core<S, N> {
    /// The core of a daemon.
    pub fn new(pool: Pool, store: Arc<S>, nodes: N, links: Links, metrics: Arc<Metrics>) -> Self {
        Self { pool: Arc::new(pool), store, nodes, links, metrics, callback_queued: Notify::new() }
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Makes a step, in the database and then in memory. False if something that it replaces or removes stands
    /// no longer: then nothing has changed.
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
