//! What a daemon with a store does before it opens its database.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::follower::Follower;
use super::lease::read_rested;
use super::owner::owner;
use super::ship::plan_of;
use super::takeover::UNHEARD;
use super::{
    FailoverMode, PAUSE, Replication, ReplicationSettings, WantedRole, beside, keep_aside, read_claims,
};
use crate::litestream::{Program, end_left_over, find, restore, write_plan};
use crate::primary::host_name;
use crate::role::{Claim, Epoch, Machine, Nonce, Outcome, Role, Takeover};
use crate::shared::{ClaimRecord, Listed, SharedStore};
use crate::state::{PrimaryAddress, Standing, boot_time};

impl Replication {
    /// Becomes primary or replica, as the claims in the store and the settings say, or fails. The primary claims an
    /// epoch if necessary, and restores the newest copy if its database is missing or older; a replica restores
    /// the copy that it follows.
    pub async fn begin(settings: ReplicationSettings) -> anyhow::Result<Self> {
        let (program, store) = usable(&settings).await?;
        let database = &settings.database;
        end_left_over(&plan_of(database))?;
        let me = owner(database).with_context(|| {
            format!("the identity of this daemon cannot be kept beside {}", database.display())
        })?;
        let mut machine = Machine::new(me, settings.failover.of_role(), read_rested(database));
        let begun = boot_time();
        let mut listed = store.claims().await?;
        machine.claims_read(listed.claims, begun, boot_time());
        let leads = match (settings.role, machine.role()) {
            _ if settings.take_over => true,
            (WantedRole::Replica, Role::Primary) => {
                bail!(
                    "the highest claim in the store is this daemon's: B3LB_ROLE=replica needs another primary"
                )
            }
            (WantedRole::Replica, _) | (WantedRole::Auto, Role::Replica) => false,
            (WantedRole::Primary, Role::Replica) => {
                let highest = listed.highest.as_ref();
                bail!(
                    "{} is the primary of this store since {}: stop it, and start this daemon once with --take-over",
                    highest.map_or("another daemon", |it| &it.host),
                    highest.map_or_else(String::new, |it| {
                        it.time.round(jiff::Unit::Second).unwrap_or(it.time).to_string()
                    }),
                )
            }
            (_, Role::Unknown | Role::Primary) => true,
        };
        let follower = if leads {
            become_primary(&settings, &program, &store, &mut machine, &listed).await?;
            None
        } else {
            while listed.highest.is_none() {
                tracing::info!("waiting for the first primary of the store");
                tokio::time::sleep(PAUSE).await;
                let begun = boot_time();
                listed = store.claims().await?;
                machine.claims_read(listed.claims, begun, boot_time());
            }
            let epoch = machine.epoch().context("there is no claim")?;
            keep_aside(database, epoch)?;
            Some(first_copy(&settings, &program, epoch).await?)
        };
        let epoch = machine.epoch().map_or(0, Epoch::get);
        let role = if leads { "the primary" } else { "a replica" };
        tracing::info!(epoch, litestream = program.version, "this daemon is {role} of the store");
        let primary = listed.highest.filter(|_| !leads);
        let primary = primary.map(|it| PrimaryAddress { host: it.host, url: it.url });
        let standing = Arc::new(Standing::of(machine, primary));
        read_claims(&store, &standing).await?;
        let replication = Self { settings, program, store: Arc::new(store), standing, me, follower };
        if replication.settings.failover == FailoverMode::Auto && leads {
            replication.lease_keeper().look().await?;
        }
        Ok(replication)
    }
}

/// Whether litestream and the store serve, and who is the primary; for people.
pub async fn check(settings: &ReplicationSettings) -> anyhow::Result<String> {
    let (program, store) = usable(settings).await?;
    let primary = match store.claims().await?.highest {
        Some(highest) => format!("{} is its primary, epoch {}", highest.host, highest.claim.epoch.get()),
        None => "nobody has claimed it yet".to_owned(),
    };
    Ok(format!("litestream {} and the store serve; {primary}", program.version))
}

/// litestream and the store, if both serve.
async fn usable(settings: &ReplicationSettings) -> anyhow::Result<(Program, SharedStore)> {
    let program = find(&settings.litestream).await?;
    let store = SharedStore::new(&settings.url, |name| std::env::var(name).ok())?
        .context("B3LB_REPLICA_URL is of a kind that carries no claims")?;
    store.check().await.context("the store at B3LB_REPLICA_URL does not serve")?;
    Ok((program, store))
}

/// Claims an epoch if necessary, with the newest copy in the place of a database that is missing or older.
async fn become_primary(
    settings: &ReplicationSettings,
    program: &Program,
    store: &SharedStore,
    machine: &mut Machine,
    listed: &Listed,
) -> anyhow::Result<()> {
    let database = &settings.database;
    let nonce = Nonce(rand::random());
    let exists = fs::metadata(database).is_ok_and(|it| it.len() > 0);
    let claim = match (machine.role(), &listed.highest) {
        (Role::Unknown, _) | (_, None) => machine.first_claim(nonce),
        (Role::Primary, Some(highest)) if exists && !settings.begin_empty => Some(highest.claim),
        (_, Some(highest)) => {
            let claim = machine.claim_anew(nonce).context("there is no epoch left to claim")?;
            return take_place(settings, program, store, machine, (claim, highest, exists)).await;
        }
    };
    let claim = claim.context("there is no epoch left to claim")?;
    if listed.claims.highest != Some(claim) {
        claimed(settings, store, machine, claim).await?;
    }
    Ok(())
}

async fn claimed(
    settings: &ReplicationSettings,
    store: &SharedStore,
    machine: &mut Machine,
    claim: Claim,
) -> anyhow::Result<()> {
    take(store, claim, settings.advertise_url.clone()).await?;
    let begun = boot_time();
    machine.claims_read(store.claims().await?.claims, begun, boot_time());
    Ok(())
}

/// Claims a new epoch, and begins with the newest copy in the store. A former primary that lives notices the claim first.
async fn take_place(
    settings: &ReplicationSettings,
    program: &Program,
    store: &SharedStore,
    machine: &mut Machine,
    (claim, highest, exists): (Claim, &ClaimRecord, bool),
) -> anyhow::Result<()> {
    let database = &settings.database;
    if settings.begin_empty {
        tracing::warn!("the copies in the store are left alone, as --new requests");
        return claimed(settings, store, machine, claim).await;
    }
    // Before anything is claimed, because it may not be possible.
    let copy = newest_copy(settings, program, highest.claim.epoch).await?;
    if copy.is_none() {
        if !exists {
            bail!("the store has no copy of the database: b3lbd --take-over --new begins with an empty one");
        }
        tracing::warn!("the store has no copy: this daemon begins with its own database");
        return claimed(settings, store, machine, claim).await;
    }
    // If this ends early, the next start restores again.
    keep_aside(database, claim.epoch)?;
    let is_other = machine.role() == Role::Replica;
    claimed(settings, store, machine, claim).await?;
    if is_other {
        tracing::info!("waiting until the former primary must have noticed");
        tokio::time::sleep(UNHEARD).await;
    }
    let copy = newest_copy(settings, program, claim.epoch).await?;
    let copy = copy.context("the copy in the store has vanished")?;
    put_in_place(&copy, database)
}

/// Removes what litestream has noted about the database that was there before: how far it was copied, in a hidden folder.
fn forget_progress(database: &Path) -> anyhow::Result<()> {
    let Some(name) = database.file_name() else { return Ok(()) };
    let notes = database.with_file_name(format!(".{}-litestream", name.to_string_lossy()));
    match fs::remove_dir_all(&notes) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", notes.display()))
        }
        _ => Ok(()),
    }
}

/// Makes a restored copy the database. A former one was kept aside before.
pub(super) fn put_in_place(copy: &Path, database: &Path) -> anyhow::Result<()> {
    forget_progress(database)?;
    fs::File::open(copy)?.sync_all()?;
    fs::rename(copy, database).context("the copy cannot be put in the place of the database")
}

/// The first copy of a replica: of the highest epoch that has one. Waits until there is one.
async fn first_copy(
    settings: &ReplicationSettings,
    program: &Program,
    epoch: Epoch,
) -> anyhow::Result<Follower> {
    loop {
        for epoch in (1..=epoch.get()).rev().filter_map(Epoch::new) {
            if let Some(follower) = Follower::start(settings, program, epoch, None).await? {
                return Ok(follower);
            }
        }
        tracing::info!(epoch = epoch.get(), "waiting for the first copy in the store");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes a claim, which only one of several daemons can.
pub(super) async fn take(store: &SharedStore, claim: Claim, url: Option<String>) -> anyhow::Result<()> {
    let record = ClaimRecord { claim, url, host: host_name(), time: Timestamp::now() };
    let stored = store.claim(&record).await.context("the claim cannot be written to the store")?;
    match claim.settle(stored.claim) {
        Outcome::Won => Ok(()),
        // An attempt that was given up has arrived late.
        Outcome::Lost(late) if late.owner == claim.owner && claim.takeover != Takeover::First => Ok(()),
        Outcome::Lost(_) => bail!("{} became the primary of this store at the same moment", stored.host),
    }
}

/// Restores the copy of the highest epoch that has one, next to the database.
pub(super) async fn newest_copy(
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

pub(super) fn remove_with_log(database: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm", "-txid"] {
        let file = beside(database, suffix);
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
        }
    }
    Ok(())
}
