//! Keeps litestream running while this daemon is the primary.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Child;
use tokio_util::sync::CancellationToken;

use super::{ReplicationSettings, beside};
use crate::litestream::{Program, end_left_over, replicate, replicate_once, write_plan};
use crate::role::Epoch;
use crate::shared::ReplicaUrl;
use crate::state::Standing;

/// Pause before litestream is started again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// One that ran this long has started well.
const STEADY: Duration = Duration::from_mins(1);
/// How long litestream may take to stop, and then to copy what is left.
const LAST_COPY: Duration = Duration::from_secs(3);
/// How long the first copy of a new epoch may take before the daemon goes on without it.
const FIRST_COPY: Duration = Duration::from_secs(20);

/// The copying of a database.
#[derive(Clone, Debug)]
pub(super) struct Shipping {
    database: PathBuf,
    url: ReplicaUrl,
    program: Program,
    epoch: Epoch,
}

impl Shipping {
    pub(super) fn new(settings: &ReplicationSettings, program: Program, epoch: Epoch) -> Self {
        Self { database: settings.database.clone(), url: settings.url.clone(), program, epoch }
    }

    /// Runs litestream, again if it ends, until `stop`. Then it copies what is left, and returns whether that is done.
    pub(super) async fn run(self, standing: Arc<Standing>, stop: CancellationToken) -> bool {
        let mut pause = FIRST_PAUSE;
        loop {
            let begun = std::time::Instant::now();
            let ended = match self.start() {
                Ok(mut child) => {
                    standing.note_trouble(None);
                    let group = group_of(&child);
                    tokio::select! {
                        status = child.wait() => {
                            end_group(group);
                            match status {
                                Ok(status) => format!("litestream has ended with {status}"),
                                Err(error) => format!("litestream cannot be watched: {error}"),
                            }
                        }
                        () = stop.cancelled() => {
                            finish(child).await;
                            return self.copy_the_rest().await;
                        }
                    }
                }
                Err(error) => format!("litestream cannot be started: {error}"),
            };
            tracing::error!(seconds = pause.as_secs(), "{ended}; it is started again after a pause");
            standing.note_trouble(Some(format!("the database is not copied to the store: {ended}")));
            if begun.elapsed() > STEADY {
                pause = FIRST_PAUSE;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return self.copy_the_rest().await,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The last copy. One that has just been started may not have begun when it was told to stop.
    async fn copy_the_rest(&self) -> bool {
        let plan = plan_of(&self.database);
        match tokio::time::timeout(LAST_COPY, replicate_once(&self.program, &plan)).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => tracing::warn!(%error, "the store lacks the last changes"),
            Err(_) => tracing::warn!("the store may lack the last changes: litestream takes too long"),
        }
        false
    }

    /// Copies the database once, before anything else is copied.
    pub(super) async fn first_copy(&self) -> std::io::Result<()> {
        let plan = plan_of(&self.database);
        end_left_over(&plan)?;
        write_plan(&plan, &self.database, &self.url, self.epoch)?;
        tokio::time::timeout(FIRST_COPY, replicate_once(&self.program, &plan))
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    fn start(&self) -> std::io::Result<Child> {
        let plan = plan_of(&self.database);
        end_left_over(&plan)?;
        write_plan(&plan, &self.database, &self.url, self.epoch)?;
        replicate(&self.program, &plan)
    }
}

/// The configuration of litestream for a database.
pub(super) fn plan_of(database: &Path) -> PathBuf {
    beside(database, ".litestream.json")
}

/// The process group of a litestream, which is its own.
fn group_of(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
}

/// Ends what a litestream that was killed has left: the program that it runs lives as long as this daemon.
fn end_group(group: Option<Pid>) {
    if let Some(group) = group {
        // An error says that nobody is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Tells litestream to stop.
async fn finish(mut child: Child) {
    let group = group_of(&child);
    let told = group.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
    if !told || tokio::time::timeout(LAST_COPY, child.wait()).await.is_err() {
        tracing::warn!("litestream did not stop in time");
        let _ = child.kill().await;
    }
    end_group(group);
}
