//! A replica becomes the primary, because an operator says so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use tokio::time::Instant;

use super::begin::{newest_copy, put_in_place, remove_with_log, take};
use super::ship::Shipping;
use super::{FailoverMode, Replication, beside, keep_aside, read_claims};
use crate::lifecycle::Core;
use crate::model::oldest_past;
use crate::primary::{Answer, PrimaryClient};
use crate::role::{Epoch, Nonce, Takeover};
use crate::store::check_copy;

/// How long the former primary may take to copy its last changes.
const HANDING_OVER: Duration = Duration::from_secs(30);
/// How long one may take to read the claims that has stopped already.
const STOPPED: Duration = Duration::from_secs(2);
/// How long the newest copy may take to restore. After that, the copy that was followed has to do.
const RESTORE: Duration = Duration::from_mins(2);
/// After this time a former primary that cannot be asked has noticed, and has copied what it could.
pub(super) const UNHEARD: Duration = Duration::from_secs(12);
/// How long the operator's command may take.
const ON_PROMOTE: Duration = Duration::from_mins(1);
/// Pause between two questions whether it has.
const PAUSE: Duration = Duration::from_millis(200);

impl Replication {
    /// Claims the next epoch, restores what the former primary has copied, and writes from then on. If this fails
    /// after the claim, the operator asks again: the claim stays.
    pub(super) async fn take_over(
        &self,
        kind: Takeover,
        core: &Core,
        primary: &PrimaryClient,
    ) -> anyhow::Result<()> {
        let promotion = &self.standing.promotion;
        let former = self.standing.primary();
        let former_claim = self.standing.highest_claim();
        let nonce = Nonce(rand::random());
        let claim = match kind {
            Takeover::Automatic => self.standing.claim_automatically(nonce, true),
            Takeover::ByHand | Takeover::First => self.standing.claim_by_hand(nonce),
        };
        let claim = claim.context("the claims or the lease have changed")?;
        let epoch = claim.epoch;
        if self.standing.epoch() != Some(epoch) {
            take(&self.store, claim, self.settings.advertise_url.clone()).await?;
        }
        promotion.step(format!("claimed epoch {}", epoch.get()));
        if let Some(former) = &former {
            promotion.step(match &former.url {
                Some(url) => {
                    let proof = former_claim.map(|it| it.proof_of_takeover(epoch));
                    former_primary(primary, url, epoch, proof.as_deref()).await
                }
                None => {
                    tokio::time::sleep(UNHEARD).await;
                    "the former primary has no B3LB_ADVERTISE_URL: waited until it must have noticed"
                        .to_owned()
                }
            });
        }
        // An attempt that has failed later than this goes on here.
        if !core.store.is_open_for_writing() {
            self.open_newest(epoch, core).await?;
        }
        let shipping = Shipping::new(&self.settings, self.program.clone(), epoch);
        match shipping.first_copy().await {
            Ok(()) => promotion.step("copied the database to the store under the new epoch"),
            Err(error) => {
                promotion.step(format!("the first copy to the store failed, it is tried again: {error}"));
            }
        }
        read_claims(&self.store, &self.standing).await?;
        if self.settings.failover == FailoverMode::Auto {
            self.lease_keeper().look().await?;
        }
        if !core.begin_to_lead() {
            core.store.close().await;
            core.pool.hand_over();
            keep_aside(&self.settings.database, epoch)?;
            bail!("another daemon became the primary at the same time");
        }
        self.standing.note_trouble(None);
        promotion.step("this daemon is the primary");
        promotion.finish(Ok(()));
        if let Some(command) = &self.settings.on_promote {
            run(command.clone(), epoch);
        }
        Ok(())
    }

    /// Restores the newest copy, and opens it for writing.
    async fn open_newest(&self, epoch: Epoch, core: &Core) -> anyhow::Result<()> {
        let promotion = &self.standing.promotion;
        let newest = newest_copy(&self.settings, &self.program, epoch);
        let newest = tokio::time::timeout(RESTORE, newest).await;
        let newest = newest.unwrap_or_else(|_| Err(anyhow!("the store does not answer in time")));
        // The store may have lost a part of what was copied there. The replica has a copy of its own.
        let why_not = match &newest {
            Ok(Some(copy)) => is_behind(copy, core).await.then(|| "it is older".to_owned()),
            Ok(None) => Some("there is none".to_owned()),
            Err(error) => Some(format!("{error:#}")),
        };
        let copy = match (newest, why_not) {
            (Ok(Some(copy)), None) => {
                promotion.step("restored and checked the newest copy");
                copy
            }
            (_, why) => {
                let copy = self.own_copy(core).await?;
                let why = why.unwrap_or_default();
                promotion
                    .step(format!("took the copy that was followed, because of that in the store: {why}"));
                copy
            }
        };
        keep_aside(&self.settings.database, epoch)?;
        put_in_place(&copy, &self.settings.database)?;
        core.store.write_to(&self.settings.database)?;
        core.store.record_changes().await?;
        core.store.beat(epoch.get(), core.pool.clock.wall_ms()).await?;
        core.take_over_as_primary(oldest_past(core.pool.clock.wall_ms())).await?;
        Ok(())
    }

    /// A copy of the copy that was followed up to now.
    async fn own_copy(&self, core: &Core) -> anyhow::Result<PathBuf> {
        let copy = beside(&self.settings.database, ".restored");
        remove_with_log(&copy)?;
        core.store.copy_to(copy.clone()).await.context("the copy that was followed cannot be read")?;
        let path = copy.clone();
        tokio::task::spawn_blocking(move || check_copy(&path)).await??;
        Ok(copy)
    }
}

/// Whether a copy is older than the one that was followed up to now.
async fn is_behind(copy: &Path, core: &Core) -> bool {
    let path = copy.to_owned();
    let restored = tokio::task::spawn_blocking(move || check_copy(&path)).await;
    match (restored, core.store.mark().await) {
        (Ok(Ok(restored)), Ok(followed)) => restored < followed,
        // Nothing was followed, or it is of another version.
        _ => false,
    }
}

/// Waits until the former primary has copied its last changes, if it lives.
async fn former_primary(primary: &PrimaryClient, url: &str, epoch: Epoch, proof: Option<&str>) -> String {
    let begun = Instant::now();
    loop {
        match primary.role_of(url, Some(epoch), proof).await {
            Answer::Replica => return "the former primary has copied its last changes".to_owned(),
            Answer::ReplicaWithLoss => {
                return "the former primary could not copy its last changes: it keeps them aside".to_owned();
            }
            Answer::Stopped if begun.elapsed() > STOPPED => {
                return "the former primary has stopped, but cannot copy its last changes: it keeps them aside"
                    .to_owned();
            }
            Answer::Silent => {
                return "the former primary does not answer: changes of its last seconds may be lost"
                    .to_owned();
            }
            Answer::Primary | Answer::Neither if begun.elapsed() > HANDING_OVER => {
                return "the former primary has not handed over in time: its last changes may be lost"
                    .to_owned();
            }
            Answer::Primary | Answer::Neither | Answer::Stopped => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Runs an operator's command, which moves an address for example. Nothing waits for it.
fn run(command: String, epoch: Epoch) {
    tokio::spawn(async move {
        let mut shell = tokio::process::Command::new("sh");
        shell.args(["-c", &command]).env("B3LB_EPOCH", epoch.get().to_string());
        shell.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).kill_on_drop(true);
        match tokio::time::timeout(ON_PROMOTE, shell.status()).await {
            Ok(Ok(status)) if status.success() => tracing::info!("B3LB_ON_PROMOTE was run"),
            Ok(Ok(status)) => tracing::error!(%status, "B3LB_ON_PROMOTE has failed"),
            Ok(Err(error)) => tracing::error!(%error, "B3LB_ON_PROMOTE cannot be run"),
            Err(_) => tracing::error!("B3LB_ON_PROMOTE takes too long, and is ended"),
        }
    });
}
