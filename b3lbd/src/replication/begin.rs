//! What a daemon with a store does before it opens its database.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::owner::owner;
use super::ship::plan_of;
use super::{Replication, ReplicationSettings, beside};
use crate::litestream::{Program, end_left_over, find, restore, write_plan};
use crate::role::{Claim, Epoch, Failover, Machine, Nonce, Outcome, Role};
use crate::shared::{ClaimRecord, SharedStore};
use crate::state::boot_time;

impl Replication {
    /// Becomes the primary of the store, or fails: claims an epoch if necessary, and restores the newest copy if
    /// the database is missing or older.
    pub async fn begin(settings: ReplicationSettings) -> anyhow::Result<Self> {
        let program = find(&settings.litestream).await?;
        let store = SharedStore::new(&settings.url, |name| std::env::var(name).ok())?
            .context("B3LB_REPLICA_URL is of a kind that carries no claims")?;
        store.check().await.context("the store at B3LB_REPLICA_URL does not serve")?;
        let database = &settings.database;
        end_left_over(&plan_of(database))?;
        let me = owner(database).with_context(|| {
            format!("the identity of this daemon cannot be kept beside {}", database.display())
        })?;
        let mut machine = Machine::new(me, Failover::Manual, None);
        let begun = boot_time();
        let listed = store.claims().await?;
        machine.claims_read(listed.claims, begun, boot_time());
        let nonce = Nonce(rand::random());
        let exists = fs::metadata(database).is_ok_and(|it| it.len() > 0);
        let claim = match (machine.role(), listed.highest) {
            (Role::Unknown, _) | (_, None) => machine.first_claim(nonce),
            (Role::Primary, Some(highest)) if exists && !settings.begin_empty => Some(highest.claim),
            (Role::Replica, Some(highest)) if !settings.take_over => bail!(
                "{} is the primary of this store since {}: stop it, and start this daemon once with --take-over",
                highest.host,
                highest.time.round(jiff::Unit::Second).unwrap_or(highest.time),
            ),
            (_, Some(highest)) => {
                if settings.begin_empty {
                    tracing::warn!("the copies in the store are left alone, as --new requests");
                } else {
                    let copy = newest_copy(&settings, &program, highest.claim.epoch).await?;
                    if copy.is_none() && !exists {
                        bail!(
                            "the store has no copy of the database: b3lbd --take-over --new begins with an empty one"
                        );
                    }
                    put_in_place(database, copy, highest.claim.epoch)?;
                }
                machine.claim_anew(nonce)
            }
        };
        let claim = claim.context("there is no epoch left to claim")?;
        if listed.claims.highest != Some(claim) {
            take(&store, claim).await?;
            let begun = boot_time();
            machine.claims_read(store.claims().await?.claims, begun, boot_time());
        }
        tracing::info!(
            epoch = claim.epoch.get(),
            litestream = program.version,
            "this daemon is the primary of the store"
        );
        Ok(Self { settings, program, store, machine, claim })
    }
}

/// Writes a claim, which only one of several daemons can.
async fn take(store: &SharedStore, claim: Claim) -> anyhow::Result<()> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let record = ClaimRecord { claim, url: None, host, time: Timestamp::now() };
    let stored = store.claim(&record).await.context("the claim cannot be written to the store")?;
    match claim.settle(stored.claim) {
        Outcome::Won => Ok(()),
        Outcome::Lost(_) => bail!("{} became the primary of this store at the same moment", stored.host),
    }
}

/// Restores the copy of the highest epoch that has one, next to the database.
async fn newest_copy(
    settings: &ReplicationSettings,
    program: &Program,
    highest: Epoch,
) -> anyhow::Result<Option<PathBuf>> {
    let (plan, copy) = (beside(&settings.database, ".restore.json"), beside(&settings.database, ".restored"));
    remove_with_log(&copy)?;
    for epoch in (1..=highest.get()).rev().filter_map(Epoch::new) {
        write_plan(&plan, &settings.database, &settings.url, epoch)?;
        let found = restore(program, &plan, &settings.database, &copy).await;
        if found.with_context(|| format!("the copy of epoch {} cannot be restored", epoch.get()))? {
            tracing::info!(epoch = epoch.get(), "the newest copy in the store was restored");
            return Ok(Some(copy));
        }
    }
    Ok(None)
}

/// Puts a restored copy in the place of the database, which is kept.
fn put_in_place(database: &Path, copy: Option<PathBuf>, epoch: Epoch) -> anyhow::Result<()> {
    let Some(copy) = copy else {
        tracing::warn!("the store has no copy: this daemon begins with its own database");
        return Ok(());
    };
    fs::File::open(&copy)?.sync_all()?;
    // The log belongs to the database that it was written for.
    for suffix in ["", "-wal", "-shm"] {
        let file = beside(database, suffix);
        if file.exists() {
            let kept = beside(database, &format!(".before-epoch-{}{suffix}", epoch.get() + 1));
            fs::rename(&file, &kept).with_context(|| format!("{} cannot be kept", file.display()))?;
            tracing::warn!(file = %kept.display(), "the former database is kept");
        }
    }
    fs::rename(&copy, database).context("the copy cannot be put in the place of the database")?;
    Ok(())
}

fn remove_with_log(database: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm", "-txid"] {
        let file = beside(database, suffix);
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
        }
    }
    Ok(())
}
