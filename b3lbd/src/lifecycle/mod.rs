//! The life of a meeting: created, found again, moved, ended. Decides with the pool, acts on nodes and
//! the database; knows neither HTTP servers nor SQL.

mod attempt;
mod create;
mod ended;
mod evict;
mod found;
mod news;
mod repeat;
mod rewrite;
mod slide;

use std::sync::Arc;

use tokio::sync::Notify;

pub use create::CreateRequest;
pub use evict::EndFailure;
pub use found::{Claim, ClaimError};
pub use rewrite::{Links, rewrite_join};

use crate::nodes::NodeClient;
use crate::state::Pool;
use crate::store::Store;
use crate::telemetry::Events;

/// All that meetings need to live.
#[derive(Debug)]
pub struct Meetings {
    /// What is in memory.
    pub pool: Arc<Pool>,
    /// The database.
    pub store: Arc<Store>,
    /// The way to the nodes.
    pub nodes: NodeClient,
    /// How nodes and browsers reach us.
    pub links: Links,
    /// What is counted as it happens.
    pub events: Arc<Events>,
    /// Wakes who delivers callbacks.
    pub callback_queued: Notify,
}

impl Meetings {
    /// Meetings of this pool.
    pub fn new(pool: Pool, store: Store, nodes: NodeClient, links: Links, events: Arc<Events>) -> Self {
        let (pool, store) = (Arc::new(pool), Arc::new(store));
        Self { pool, store, nodes, links, events, callback_queued: Notify::new() }
    }
}
