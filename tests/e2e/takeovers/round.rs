//! Two daemons under load, with a store that can be broken for each of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::daemon::Daemon;
use harness::{Receiver, Reply, eventually};
use tokio::process::Command;
use tokio::task::JoinSet;

use super::load::{self, Told};
use crate::pair::{Pair, promote, status};
use crate::replication::s3_server::Server;
use crate::replication::s3_server::gate::{Fault, Gate};
use crate::support::{create, listed};

/// One takeover with what goes before it.
pub(super) struct Round {
    pub(super) pair: Pair,
    pub(super) server: Server,
    /// The ways of the primary and of the replica to the store.
    pub(super) gates: [Gate; 2],
    /// Hears of the ends of meetings.
    pub(super) receiver: Receiver,
    /// Meetings that both daemons know.
    pub(super) known: Vec<String>,
    pub(super) told: Arc<Told>,
    load: JoinSet<()>,
    /// When the primary was cut off, by a kill for example: what it had not copied by then is lost.
    pub(super) broken: Option<Instant>,
    /// When the takeover was asked for, and when it was done.
    pub(super) takeover: Option<[Instant; 2]>,
}

impl Round {
    /// Two daemons at rest.
    pub(super) async fn prepare(settings: &[(&str, &str)]) -> Self {
        let server = Server::start().await;
        let gates = [Gate::start(server.address).await, Gate::start(server.address).await];
        let urls = [0, 1].map(|n| format!("s3://classes/b3lb?endpoint=http://{}", gates[n].address));
        let always = [
            ("AWS_ACCESS_KEY_ID", "for-tests"),
            ("AWS_SECRET_ACCESS_KEY", "for-tests"),
            ("CALLBACK_NETWORKS", "127.0.0.0/8"),
        ];
        let settings: Vec<_> = always.into_iter().chain(settings.iter().copied()).collect();
        let folder = tempfile::tempdir().unwrap();
        let pair = Pair::of(folder, [&urls[0], &urls[1]], &settings).await;
        let receiver = Receiver::start(Reply::Status(200)).await;
        Self {
            pair,
            server,
            gates,
            receiver,
            known: Vec::new(),
            told: Arc::default(),
            load: JoinSet::new(),
            broken: None,
            takeover: None,
        }
    }

    /// Two daemons under load.
    pub(super) async fn start(settings: &[(&str, &str)]) -> Self {
        let mut round = Self::prepare(settings).await;
        round.begin().await;
        round
    }

    /// Starts the load, and lets it run for a moment.
    pub(super) async fn begin(&mut self) {
        let clients = [self.pair.world.foo.clone(), self.pair.other(&self.pair.world.foo)];
        self.known = (0..6).map(|n| format!("known {n}")).collect();
        for id in &self.known {
            assert!(create(&clients[0], id).await.ok());
        }
        eventually("the copy", || async {
            (listed(&clients[1]).await.len() == self.known.len()).then_some(())
        })
        .await;
        let sockets = [&self.pair.world.daemon, &self.pair.other].map(Daemon::socket);
        self.load = load::start(&self.told, &clients, &self.known, sockets, &self.receiver.url("/ended"));
        self.goes_on(40).await;
    }

    /// Waits until that many more creates are acknowledged.
    pub(super) async fn goes_on(&self, creates: usize) {
        let before = self.told.created.lock().len();
        eventually("creates go on", || async {
            (self.told.created.lock().len() >= before + creates).then_some(())
        })
        .await;
    }

    /// Waits until that many more creates are refused.
    pub(super) async fn refuses(&self, creates: usize) {
        let before = self.told.refused.lock().len();
        eventually("creates are refused", || async {
            (self.told.refused.lock().len() >= before + creates).then_some(())
        })
        .await;
    }

    /// Notes that the primary is cut off now.
    pub(super) fn is_broken(&mut self) {
        self.broken.get_or_insert_with(Instant::now);
    }

    pub(super) async fn kill_primary(&mut self) {
        self.is_broken();
        self.pair.world.daemon.kill().await;
    }

    pub(super) fn breaks(&self, daemon: usize, fault: Fault) {
        self.gates[daemon].set(fault);
    }

    pub(super) fn breaks_both(&self, fault: Fault) {
        self.breaks(0, fault);
        self.breaks(1, fault);
    }

    /// The operator makes the replica the primary.
    pub(super) async fn take_over(&mut self) {
        let asked = Instant::now();
        promote(&self.pair.other).await;
        self.takeover = Some([asked, Instant::now()]);
    }

    /// The takeover is refused with a reason that an operator can use.
    pub(super) async fn cannot_take_over(&self, reason: &str) {
        let refused = self.pair.other.cli(&["promote", "--yes"]).await;
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains(reason), "{refused:?}");
    }

    /// Waits until the former primary is a replica of the other daemon, which is the primary.
    pub(super) async fn former_primary_follows(&self) {
        self.pair.is_replica(&self.pair.world.daemon).await;
        assert_eq!(status(&self.pair.other).await["role"], "primary");
    }

    /// Waits until the replica tells of a problem.
    pub(super) async fn replica_tells(&self, text: &str) {
        eventually(&format!("a problem with '{text}'"), || async {
            status(&self.pair.other).await["problems"].to_string().contains(text).then_some(())
        })
        .await;
    }

    /// Limits the size of files that the replica and its litestream may write, in bytes.
    pub(super) async fn limit_files_of_replica(&self, size: &str) {
        let daemon = self.pair.other.pid().to_string();
        let plan = self.pair.folder.path().join("other/b3lb.db.follow.json");
        let found = Command::new("pgrep").arg("-f").arg(plan).output().await.unwrap();
        let followers = String::from_utf8(found.stdout).unwrap();
        for pid in [daemon.as_str()].into_iter().chain(followers.lines()) {
            let limit = format!("--fsize={size}:");
            // A follower may have ended since.
            let done = Command::new("prlimit").args(["--pid", pid, &limit]).status().await.unwrap();
            assert!(done.success() || pid != daemon, "prlimit works");
        }
    }

    pub(super) async fn stop_load(&mut self) {
        self.goes_on(40).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.load.abort_all();
        while let Some(ended) = self.load.join_next().await {
            assert!(ended.is_err_and(|it| it.is_cancelled()), "a client has failed");
        }
    }
}
