//! A daemon for the tests of the tools. Its answers are canned; it records every call, and fails or delays answers
//! if told to. An [`Installation`] makes the answers to a dashboard live.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod fixtures;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

pub use fixtures::{BACKUP, configuration};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use rpc::{
    Admin, AdminResult, ClientInfo, DrainSpec, ErrorCode, Hello, MeetingView, NewSecret, NodeCheck,
    NodeDetails, NodeView, Page, Paged, PoolHistory, SecretView, WatchAnswer, WatchFrom,
};
use serde_json::Value;
use tarpc::server::{BaseChannel, Channel as _};
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, oneshot};

/// What a dashboard sees, which may change.
pub trait Installation: Send + Sync {
    /// Greets a client.
    fn hello(&self, caller: &ClientInfo) -> Hello;
    /// Waits for changes.
    fn watch(&self, from: WatchFrom, wait: Duration) -> BoxFuture<'_, WatchAnswer>;
    /// The pool over time.
    fn pool_history(&self) -> AdminResult<PoolHistory>;
    /// Details of a node.
    fn node_details(&self, name: &str) -> AdminResult<NodeDetails>;
    /// Checks a node.
    fn node_check(&self, name: &str) -> AdminResult<NodeCheck>;
    /// Switches the maintenance of a node.
    fn node_maintenance(&self, name: &str, on: bool) -> AdminResult<NodeView>;
    /// Drains a node.
    fn node_drain(&self, name: &str, spec: &DrainSpec) -> AdminResult<NodeView>;
    /// Secrets of a tenant.
    fn secret_list(&self, tenant: &str) -> AdminResult<Paged<SecretView>>;
    /// Secrets of a tenant with their keys.
    fn secret_reveal(&self, tenant: &str, page: &Page) -> AdminResult<Paged<NewSecret>>;
    /// Ends a meeting.
    fn meeting_end(&self, secret: &str, meeting_id: &str) -> AdminResult<MeetingView>;
}

/// How the fake behaves.
#[derive(Clone)]
pub struct Fake {
    /// Every call fails with this code.
    pub fails: Option<ErrorCode>,
    /// Only the call of this name fails.
    pub fails_only: Option<&'static str>,
    /// Nodes, meetings and backups have problems.
    pub sick: bool,
    /// It disconnects in the middle of a call.
    pub hangs_up: Option<Arc<Notify>>,
    /// Protocol version that it reports.
    pub protocol: u32,
    /// Delay of each answer.
    pub delay: Duration,
    /// Meetings on a node; each time they are listed, one ends.
    pub meetings: Arc<Mutex<u64>>,
    /// The calls so far; of a paged list only the first page.
    pub calls: Arc<Mutex<Vec<Value>>>,
    /// The clients that connected.
    pub callers: Arc<Mutex<Vec<ClientInfo>>>,
    /// Answers the calls of a dashboard instead.
    pub installation: Option<Arc<dyn Installation>>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            fails: None,
            fails_only: None,
            sick: false,
            hangs_up: None,
            protocol: rpc::PROTOCOL,
            delay: Duration::ZERO,
            meetings: Arc::new(Mutex::new(2)),
            calls: Arc::default(),
            callers: Arc::default(),
            installation: None,
        }
    }
}

/// A running fake with its socket.
pub struct Daemon {
    dir: TempDir,
    fake: Fake,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Daemon {
    /// A fake that answers everything.
    pub fn start() -> Self {
        Self::serve(Fake::default())
    }

    /// A fake that refuses everything.
    pub fn failing(code: ErrorCode) -> Self {
        Self::serve(Fake { fails: Some(code), ..Fake::default() })
    }

    /// A fake that refuses this call and answers everything else.
    pub fn failing_at(call: &'static str, code: ErrorCode) -> Self {
        Self::serve(Fake { fails: Some(code), fails_only: Some(call), ..Fake::default() })
    }

    /// A fake whose nodes, meetings and backups have problems.
    pub fn sick() -> Self {
        Self::serve(Fake { sick: true, ..Fake::default() })
    }

    /// A fake with this installation.
    pub fn with_installation(installation: Arc<dyn Installation>) -> Self {
        Self::serve(Fake { installation: Some(installation), ..Fake::default() })
    }

    /// Serves until it is stopped or the tests end.
    pub fn serve(fake: Fake) -> Self {
        let mut daemon = Self { dir: tempfile::tempdir().unwrap(), fake, running: None };
        daemon.resume();
        daemon
    }

    /// Closes all connections and removes the socket.
    pub fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            stop.send(()).unwrap();
            thread.join().unwrap();
            std::fs::remove_file(self.socket()).unwrap();
        }
    }

    /// Restarts with the same answers.
    pub fn resume(&mut self) {
        let listener = std::os::unix::net::UnixListener::bind(self.socket()).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (stop, stopped) = oneshot::channel();
        let fake = self.fake.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = UnixListener::from_std(listener).unwrap();
                tokio::select! {
                    () = accept(listener, fake) => {}
                    // Without a stop it goes on after the daemon was dropped, until the tests end.
                    Ok(()) = stopped => {}
                }
            });
        });
        self.running = Some((stop, thread));
    }

    /// Path of the socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("admin.sock")
    }

    /// The calls so far: name, then arguments.
    pub fn calls(&self) -> Vec<Value> {
        self.fake.calls.lock().unwrap().clone()
    }

    /// Names of the calls so far.
    pub fn names(&self) -> Vec<String> {
        self.calls().iter().map(|call| call[0].as_str().unwrap().to_owned()).collect()
    }

    /// The clients that connected.
    pub fn callers(&self) -> Vec<ClientInfo> {
        self.fake.callers.lock().unwrap().clone()
    }
}

async fn accept(listener: UnixListener, fake: Fake) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(fake.clone().converse(stream));
    }
}

impl Fake {
    async fn converse(self, stream: UnixStream) {
        let hang_up = self.hangs_up.clone();
        let answers = BaseChannel::with_defaults(rpc::wire::transport(stream)).execute(self.serve());
        let answered = answers.for_each(|answer| async { drop(tokio::spawn(answer)) });
        match hang_up {
            None => answered.await,
            Some(hang_up) => tokio::select! {
                () = answered => {}
                () = hang_up.notified() => {}
            },
        }
    }
}
