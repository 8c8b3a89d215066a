//! The lease of automatic failover: the primary renews it, and a replica that sees it unchanged for too long takes over.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::beside;
use crate::lifecycle::Core;
use crate::model::NodeState;
use crate::role::{Epoch, Lease, Nonce, Owner, Takeover};
use crate::shared::{SharedError, SharedStore};
use crate::state::{Standing, boot_time};

/// How often the primary renews the lease, and a replica looks at it.
const LEASE_PERIOD: Duration = Duration::from_secs(5);
/// Where the last automatic takeover is kept that is an hour ago.
const RESTED: &str = ".rested";

/// The lease in the store, as this daemon sees and writes it.
#[derive(Clone, Debug)]
pub(super) struct LeaseKeeper {
    pub(super) store: Arc<SharedStore>,
    pub(super) standing: Arc<Standing>,
    pub(super) me: Owner,
}

impl LeaseKeeper {
    /// Renews or watches the lease forever. Asks for a takeover if it has expired and this replica is fit.
    pub(super) async fn keep(self, core: Arc<Core>, database: std::path::PathBuf) {
        let mut rested = read_rested(&database);
        loop {
            core.pool.task_runs.note("lease", core.pool.clock.wall_ms());
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the lease in the store cannot be renewed or read");
            }
            let now = self.standing.rested();
            if now > rested {
                rested = now;
                if let Err(error) = write_rested(&database, rested) {
                    tracing::warn!(%error, "the time of the last takeover cannot be kept");
                }
            }
            if self.standing.may_take_over(reaches_most_nodes(&core)) {
                tracing::error!("the primary has not renewed its lease: this daemon takes over");
                self.standing.promotion.ask(Takeover::Automatic);
            }
            tokio::time::sleep(LEASE_PERIOD).await;
        }
    }

    /// Reads the lease, and renews it if it is this daemon's to renew. Whether that has succeeded is read back, because
    /// an answer can get lost.
    pub(super) async fn look(&self) -> Result<(), SharedError> {
        let begun = boot_time();
        let held = self.store.lease().await?;
        self.standing.lease_read(held.as_ref().map(|it| it.lease), begun);
        let Some((replaces, epoch)) = self.standing.lease_to_replace() else { return Ok(()) };
        if held.as_ref().map(|it| it.lease.nonce) != replaces {
            return Ok(());
        }
        let lease = Lease { nonce: Nonce(rand::random()), holder: self.me, epoch };
        self.standing.lease_written(lease.nonce);
        let written = self.store.write_lease(held.as_ref(), &lease).await;
        let begun = boot_time();
        let held = self.store.lease().await?;
        self.standing.lease_read(held.map(|it| it.lease), begun);
        written.map(|_| ())
    }
}

/// Whether this daemon's own network is fine.
fn reaches_most_nodes(core: &Core) -> bool {
    let nodes = core.pool.catalog();
    let in_use: Vec<_> = nodes.nodes.values().filter(|it| !it.maintenance).collect();
    let up = in_use.iter().filter(|it| core.pool.fleet.state(it.id) == NodeState::Up).count();
    2 * up > in_use.len()
}

/// The last automatic takeover that was an hour ago when this daemon ran before.
pub(super) fn read_rested(database: &Path) -> Option<Epoch> {
    let text = std::fs::read_to_string(beside(database, RESTED)).ok()?;
    text.trim().parse().ok().and_then(Epoch::new)
}

fn write_rested(database: &Path, rested: Option<Epoch>) -> std::io::Result<()> {
    std::fs::write(beside(database, RESTED), format!("{}\n", rested.map_or(0, Epoch::get)))
}
