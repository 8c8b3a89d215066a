//! Several daemons with one store. The primary copies its database there; a replica follows that copy, and becomes the
//! primary when it is told to.

mod begin;
mod follower;
mod lead;
mod lease;
mod owner;
mod ship;
mod takeover;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use begin::check;
use follower::Follower;
use lease::LeaseKeeper;

use crate::lifecycle::Core;
use crate::litestream::Program;
use crate::primary::PrimaryClient;
use crate::role::{Epoch, Failover, Owner, Takeover};
use crate::shared::{ReplicaUrl, SharedStore};
use crate::state::{Pool, PrimaryAddress, Standing, boot_time};
use crate::store::{Mark, Missing, Store};

/// How often the claims are read.
const CLAIMS_PERIOD: Duration = Duration::from_secs(5);
/// The least time between two reads of the claims.
const CLAIMS_SPACING: Duration = Duration::from_millis(500);
/// How often a daemon notes that it runs.
const RUNS: Duration = Duration::from_millis(250);
/// How often a replica looks for changes in its copy.
const LOOK: Duration = Duration::from_millis(250);
/// A copy that stands still for this long, while the primary answers, is restored again.
const STALLED: Duration = Duration::from_secs(15);
/// Pause after a failure to follow.
const PAUSE: Duration = Duration::from_secs(2);

/// What an operator wants a daemon to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WantedRole {
    /// The primary if the highest claim is its own, or there is none; else a replica
    Auto,
    /// The primary; it does not start if another daemon is
    Primary,
    /// A replica, until it is promoted
    Replica,
}

/// Who decides about a takeover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FailoverMode {
    /// An operator
    Manual,
    /// A replica, once the primary has not renewed its lease for 25 s
    Auto,
}

impl FailoverMode {
    fn of_role(self) -> Failover {
        match self {
            Self::Manual => Failover::Manual,
            Self::Auto => Failover::Automatic,
        }
    }
}

/// What this daemon has to know of its store.
#[derive(Clone, Debug)]
pub struct ReplicationSettings {
    /// The store.
    pub url: ReplicaUrl,
    /// What it starts as.
    pub role: WantedRole,
    /// How other daemons reach this one.
    pub advertise_url: Option<String>,
    /// Who decides about a takeover.
    pub failover: FailoverMode,
    /// A command to be run after a takeover.
    pub on_promote: Option<String>,
    /// The program litestream.
    pub litestream: PathBuf,
    /// The database.
    pub database: PathBuf,
    /// Take over from the primary.
    pub take_over: bool,
    /// Begin with an empty database.
    pub begin_empty: bool,
}

/// A daemon that shares a store with others.
#[derive(Debug)]
pub struct Replication {
    settings: ReplicationSettings,
    program: Program,
    store: Arc<SharedStore>,
    standing: Arc<Standing>,
    me: Owner,
    /// The copy that it follows; none if it is the primary.
    follower: Option<Follower>,
}

/// How a phase in one role ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The daemon stops.
    Stopped,
    /// Its role is another one now.
    Changed,
}

impl Replication {
    /// The role, for the pool.
    pub fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing)
    }

    /// Opens the database of the primary, or the copy of a replica.
    pub async fn open(&self, missing: Missing, commits: metrics::Histogram) -> anyhow::Result<Store> {
        let Some(follower) = &self.follower else {
            let store = Store::open(&self.settings.database, missing, commits)?;
            store.record_changes().await?;
            return Ok(store);
        };
        Ok(Store::of_replica(follower.copy.clone(), commits))
    }

    /// Reads the claims forever.
    pub fn watch_claims(&self, pool: Arc<Pool>) -> impl Future<Output = ()> + use<> {
        let (store, standing) = (Arc::clone(&self.store), Arc::clone(&self.standing));
        async move {
            tokio::join!(note_runs(&standing), reread_claims(&store, &standing, &pool));
        }
    }

    /// Renews the lease or watches it, forever; none if an operator decides about takeovers.
    pub fn keep_lease(&self, core: Arc<Core>) -> Option<impl Future<Output = ()> + use<>> {
        let is_automatic = self.settings.failover == FailoverMode::Auto;
        is_automatic.then(|| self.lease_keeper().keep(core, self.settings.database.clone()))
    }

    fn lease_keeper(&self) -> LeaseKeeper {
        let (store, standing) = (Arc::clone(&self.store), Arc::clone(&self.standing));
        LeaseKeeper { store, standing, me: self.me }
    }

    /// Acts as primary or replica, whatever the claims say, until `stop`; then it copies what is left. Returns early
    /// if it can do neither.
    pub async fn run(mut self, core: Arc<Core>, primary: PrimaryClient, stop: CancellationToken) {
        loop {
            let ended = match self.follower.take() {
                None => self.lead(&core, &primary, &stop).await,
                Some(follower) => tokio::select! {
                    ended = self.follow(follower, &core, &primary) => ended,
                    () = stop.cancelled() => return,
                },
            };
            match ended {
                Ok(Phase::Changed) => {}
                Ok(Phase::Stopped) => return,
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(error, "this daemon can neither lead nor follow");
                    return;
                }
            }
        }
    }

    /// Follows the primary. Without a copy it goes on with the former one, and tries again.
    async fn follow(
        &mut self,
        mut follower: Follower,
        core: &Core,
        primary: &PrimaryClient,
    ) -> anyhow::Result<Phase> {
        let mut known: Option<Mark> = None;
        let mut restored = Instant::now();
        loop {
            let is_stalled = self.standing.lag().is_some_and(|it| it > STALLED)
                && restored.elapsed() > STALLED
                && self.standing.primary_answers();
            let why = if self.standing.has_to_lead() {
                // A takeover has failed after its claim.
                if self.promoted(Takeover::ByHand, core, primary).await {
                    return Ok(Phase::Changed);
                }
                tokio::time::sleep(PAUSE).await;
                None
            } else if self.standing.epoch().is_some_and(|epoch| epoch != follower.epoch) {
                Some("another daemon is the primary".to_owned())
            } else if is_stalled {
                Some("the copy stands still".to_owned())
            } else {
                tokio::select! {
                    kind = self.standing.promotion.asked() => {
                        if self.promoted(kind, core, primary).await {
                            return Ok(Phase::Changed);
                        }
                        None
                    }
                    ended = follower.ended() => Some(ended),
                    () = tokio::time::sleep(LOOK) => None,
                }
            };
            if let Some(why) = why {
                restored = Instant::now();
                let new = tokio::select! {
                    new = self.restore_again(&why, &follower) => new,
                    kind = self.standing.promotion.asked() => {
                        if self.promoted(kind, core, primary).await {
                            return Ok(Phase::Changed);
                        }
                        continue;
                    }
                };
                match new {
                    Ok(Some(new)) => {
                        core.store.follow(new.copy.clone());
                        follower = new;
                        known = None;
                        self.standing.note_restore();
                        self.standing.note_trouble(None);
                    }
                    Ok(None) => tokio::time::sleep(PAUSE).await,
                    Err(error) => {
                        self.note_failed_restore(&error);
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            core.pool.task_runs.note("replication", core.pool.clock.wall_ms());
            match core.follow(known).await {
                Ok(mark) => {
                    self.standing.note_beat(mark.beat);
                    known = Some(mark);
                }
                Err(error) => {
                    tracing::warn!(%error, "the copy of the database cannot be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Takes over. If that fails, the operator is told, and may ask again.
    async fn promoted(&self, kind: Takeover, core: &Core, primary: &PrimaryClient) -> bool {
        match self.take_over(kind, core, primary).await {
            Ok(()) => true,
            Err(error) => {
                let error = format!("{error:#}");
                self.standing.note_trouble(Some(format!("the takeover has failed: {error}")));
                self.standing.promotion.finish(Err(error));
                false
            }
        }
    }

    fn note_failed_restore(&self, error: &anyhow::Error) {
        let error = format!("the copy cannot be restored from the store: {error:#}");
        tracing::warn!("{error}");
        self.standing.note_trouble(Some(error));
    }

    /// A new copy of the highest epoch, beside the one that is in use.
    async fn restore_again(&self, why: &str, former: &Follower) -> anyhow::Result<Option<Follower>> {
        let epoch = self.standing.epoch().unwrap_or(former.epoch);
        tracing::info!(epoch = epoch.get(), why, "restoring a new copy");
        Follower::start(&self.settings, &self.program, epoch, Some(&former.copy)).await
    }
}

/// Notes that this daemon runs, forever. It does not while the machine is suspended, for example.
async fn note_runs(standing: &Standing) {
    loop {
        standing.note_runs();
        tokio::time::sleep(RUNS).await;
    }
}

/// Reads the claims from time to time, and when somebody doubts them, forever.
async fn reread_claims(store: &SharedStore, standing: &Standing, pool: &Pool) {
    loop {
        pool.task_runs.note("claims", pool.clock.wall_ms());
        tokio::select! {
            () = tokio::time::sleep(CLAIMS_PERIOD) => {}
            () = standing.claims_doubted() => {}
        }
        // Anybody may claim that there is a higher claim.
        tokio::time::sleep(CLAIMS_SPACING).await;
        if let Err(error) = read_claims(store, standing).await {
            tracing::warn!(%error, "the claims in the store cannot be read");
        }
    }
}

/// Reads the claims once.
async fn read_claims(store: &SharedStore, standing: &Standing) -> Result<(), crate::shared::SharedError> {
    let begun = boot_time();
    let listed = store.claims().await?;
    let highest = listed.highest.map(|it| PrimaryAddress { host: it.host, url: it.url });
    standing.claims_read(listed.claims, highest, begun);
    Ok(())
}

/// The path of a file next to a database.
fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Renames a database with its log out of the way, and returns its new name if there was one.
fn keep_aside(database: &Path, next: Epoch) -> anyhow::Result<Option<PathBuf>> {
    use anyhow::Context as _;
    let mut kept_as = None;
    let name = (0..1_000)
        .map(|n: u32| if n == 0 { String::new() } else { format!(".{n}") })
        .map(|n| format!(".before-epoch-{}{n}", next.get()))
        .find(|name| !beside(database, name).exists())
        .unwrap_or_default();
    // The log belongs to the database that it was written for.
    for suffix in ["", "-wal", "-shm"] {
        let file = beside(database, suffix);
        if file.exists() {
            let kept = beside(database, &format!("{name}{suffix}"));
            std::fs::rename(&file, &kept).with_context(|| format!("{} cannot be kept", file.display()))?;
            tracing::warn!(file = %kept.display(), "the former database is kept");
            kept_as.get_or_insert(kept);
        }
    }
    Ok(kept_as)
}
