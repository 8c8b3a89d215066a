//! The copy that a replica follows: restored from the store, and kept up to date by litestream.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::Child;

use super::begin::remove_with_log;
use super::{ReplicationSettings, beside};
use crate::litestream::{Program, end_left_over, follow, write_plan};
use crate::role::Epoch;
use crate::store::check_copy;

/// Pause before looking again whether a copy is complete.
const PAUSE: Duration = Duration::from_millis(50);
/// A restore that takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(10);

/// A copy of the database of an epoch, and litestream that keeps it up to date until this is dropped.
#[derive(Debug)]
pub(super) struct Follower {
    pub(super) epoch: Epoch,
    pub(super) copy: PathBuf,
    child: Child,
}

impl Follower {
    /// Restores the newest copy of an epoch, and follows it. None if the store has no copy of that epoch yet. `former`
    /// is the copy that is in use.
    pub(super) async fn start(
        settings: &ReplicationSettings,
        program: &Program,
        epoch: Epoch,
        former: Option<&Path>,
    ) -> anyhow::Result<Option<Self>> {
        let database = &settings.database;
        let plan = beside(database, ".follow.json");
        let paths = [".replica-a", ".replica-b"].map(|suffix| beside(database, suffix));
        let [first, second] = paths;
        let copy = if former == Some(first.as_path()) { second } else { first };
        end_left_over(&plan)?;
        remove_with_log(&copy)?;
        write_plan(&plan, database, &settings.url, epoch)?;
        let mut child = follow(program, &plan, database, &copy)?;
        let complete = beside(&copy, "-txid");
        let restored = async {
            loop {
                if let Some(status) = child.try_wait()? {
                    if status.success() && !copy.exists() {
                        return Ok(false);
                    }
                    bail!("litestream restore ends with {status}; see the log for its reason");
                }
                if complete.exists() {
                    return Ok(true);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let restored = tokio::time::timeout(PATIENCE, restored).await;
        if !restored.context("litestream restore takes too long")?? {
            return Ok(None);
        }
        let path = copy.clone();
        tokio::task::spawn_blocking(move || check_copy(&path)).await??;
        tracing::info!(epoch = epoch.get(), copy = %copy.display(), "following the primary");
        Ok(Some(Self { epoch, copy, child }))
    }

    /// Waits until litestream has ended, which it should not, and returns why.
    pub(super) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => format!("litestream has ended with {status}"),
            Err(error) => format!("litestream cannot be watched: {error}"),
        }
    }
}
