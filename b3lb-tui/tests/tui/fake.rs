//! A fake daemon. Its installation can be changed, and it can be stopped and restarted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fake::{Daemon, Installation};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rpc::{
    AdminError, AdminResult, Changes, ClientInfo, DrainSpec, ErrorCode, Hello, MeetingView, NewSecret,
    NodeCheck, NodeDetails, NodeView, Page, Paged, PoolHistory, SecretView, WatchAnswer, WatchFrom,
};
use tokio::sync::watch;

use crate::world::{self, Size};

/// The installation, and the calls so far.
struct Inner {
    snapshot: WatchAnswer,
    calls: Vec<String>,
    refuses: bool,
}

/// The installation of a fake daemon, shared by all connections.
struct Service {
    inner: Mutex<Inner>,
    /// The sequence number of the last change.
    changed: watch::Sender<u64>,
}

/// The daemon.
pub(crate) struct Fake {
    daemon: Daemon,
    service: Arc<Service>,
}

impl Fake {
    /// Starts a daemon with an installation of this size.
    pub(crate) fn start(size: Size) -> Self {
        let snapshot = world::snapshot(size);
        let changed = watch::Sender::new(snapshot.seq);
        let inner = Mutex::new(Inner { snapshot, calls: Vec::new(), refuses: false });
        let service = Arc::new(Service { inner, changed });
        Self { daemon: Daemon::with_installation(Arc::clone(&service) as _), service }
    }

    /// Path of the socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.daemon.socket()
    }

    /// Closes all connections and removes the socket.
    pub(crate) fn stop(&mut self) {
        self.daemon.stop();
    }

    /// Restarts with the same installation.
    pub(crate) fn resume(&mut self) {
        self.daemon.resume();
    }

    /// Changes the snapshot and wakes the watches.
    pub(crate) fn change(&self, change: impl FnOnce(&mut WatchAnswer)) {
        self.service.change(change);
    }

    /// Whether calls that change something are refused.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.service.inner.lock().unwrap().refuses = refuses;
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.service.inner.lock().unwrap().calls.clone()
    }
}

impl Service {
    fn change(&self, change: impl FnOnce(&mut WatchAnswer)) {
        let mut inner = self.inner.lock().unwrap();
        change(&mut inner.snapshot);
        inner.snapshot.seq += 1;
        let seq = inner.snapshot.seq;
        drop(inner);
        self.changed.send_replace(seq);
    }

    fn note<T>(&self, call: String, answer: impl FnOnce() -> T) -> AdminResult<T> {
        let mut inner = self.inner.lock().unwrap();
        inner.calls.push(call);
        if inner.refuses {
            return Err(AdminError::new(ErrorCode::Refused, "this daemon is a replica")
                .hint("b3lb-cli promote makes it the primary"));
        }
        drop(inner);
        Ok(answer())
    }

    /// What is new to a watcher; none if nothing is.
    fn news(&self, from: WatchFrom) -> Option<WatchAnswer> {
        let mut inner = self.inner.lock().unwrap();
        let mut answer = inner.snapshot.clone();
        let knows = from.epoch == answer.epoch;
        if knows && from.seq == answer.seq && from.meetings.is_none_or(|it| it == answer.seq) {
            return None;
        }
        inner.calls.push(format!("watch {} {} {:?}", from.epoch, from.seq, from.meetings));
        answer.reset = !knows;
        if knows {
            (answer.nodes.rows, answer.tenants.rows) = (Vec::new(), Vec::new());
            (answer.clusters, answer.groups) = (None, None);
            answer.events.clear();
        }
        let seq = answer.seq;
        answer.meetings = answer.meetings.filter(|_| from.meetings.is_some()).map(|mut changes| {
            changes.seq = seq;
            changes.reset = from.meetings == Some(0);
            changes
        });
        Some(answer)
    }
}

impl Installation for Service {
    fn hello(&self, caller: &ClientInfo) -> Hello {
        self.inner.lock().unwrap().calls.push(format!("hello {}", caller.program));
        world::hello()
    }

    fn watch(&self, from: WatchFrom, wait: Duration) -> BoxFuture<'_, WatchAnswer> {
        let mut changed = self.changed.subscribe();
        let news = async move {
            loop {
                if let Some(answer) = self.news(from) {
                    return answer;
                }
                changed.changed().await.unwrap();
            }
        };
        let nothing = move || WatchAnswer {
            meetings: None,
            nodes: Changes::default(),
            reset: false,
            ..self.inner.lock().unwrap().snapshot.clone()
        };
        async move { tokio::time::timeout(wait, news).await.unwrap_or_else(|_| nothing()) }.boxed()
    }

    fn pool_history(&self) -> AdminResult<PoolHistory> {
        Ok(world::pool_history())
    }

    fn node_details(&self, name: &str) -> AdminResult<NodeDetails> {
        let node = self
            .inner
            .lock()
            .unwrap()
            .snapshot
            .nodes
            .rows
            .iter()
            .position(|it| name == format!("{}.{}", it.slug, it.domain));
        let node = node.ok_or_else(|| AdminError::not_found("node", name))?;
        self.note(format!("node_details {name}"), || world::details(node))
    }

    fn node_check(&self, name: &str) -> AdminResult<NodeCheck> {
        self.note(format!("node_check {name}"), || world::check(name))
    }

    fn node_maintenance(&self, name: &str, on: bool) -> AdminResult<NodeView> {
        let node = self.note(format!("node_maintenance {name} {on}"), || world::details(0).node)?;
        self.change(|snapshot| {
            let row =
                snapshot.nodes.rows.iter().find(|it| name == format!("{}.{}", it.slug, it.domain)).unwrap();
            let stats = snapshot.nodes.stats.iter_mut().find(|it| it.id == row.id).unwrap();
            stats.maintenance = on;
            stats.load = if on { -2 } else { 100 };
        });
        Ok(NodeView { maintenance: on, ..node })
    }

    fn node_drain(&self, name: &str, spec: &DrainSpec) -> AdminResult<NodeView> {
        let node = self.node_maintenance(name, true)?;
        let drain = world::drain(spec);
        self.change(|snapshot| {
            let rows = &mut snapshot.nodes.rows;
            let row = rows.iter_mut().find(|it| name == format!("{}.{}", it.slug, it.domain)).unwrap();
            row.drain = Some(drain.clone());
        });
        Ok(NodeView { drain: Some(drain), ..node })
    }

    fn secret_list(&self, tenant: &str) -> AdminResult<Paged<SecretView>> {
        self.note(format!("secret_list {tenant}"), || Paged { rows: world::secrets(tenant), next: None })
    }

    fn secret_reveal(&self, tenant: &str, page: &Page) -> AdminResult<Paged<NewSecret>> {
        // Two pages, to test paging.
        let rows = world::keys(tenant);
        let (first, last) = rows.split_at(2);
        let paged = match page.after {
            None => Paged { rows: first.to_vec(), next: Some("2".into()) },
            Some(_) => Paged { rows: last.to_vec(), next: None },
        };
        self.note(format!("secret_reveal {tenant}"), || paged)
    }

    fn meeting_end(&self, secret: &str, meeting_id: &str) -> AdminResult<MeetingView> {
        let view = MeetingView {
            id: meeting_id.to_owned(),
            name: String::new(),
            tenant: secret.to_owned(),
            sub_id: 0,
            node: String::new(),
            attendees: 0,
            listeners: 0,
            voices: 0,
            videos: 0,
            moderators: 0,
            created_at: String::new(),
        };
        let view = self.note(format!("meeting_end {secret} {meeting_id}"), || view)?;
        self.change(|snapshot| {
            let changes = &mut snapshot.meetings.as_mut().unwrap().changes;
            let number = changes.rows.iter().find(|it| it.id == meeting_id).unwrap().number;
            changes.rows.retain(|it| it.number != number);
            changes.stats.retain(|it| it.number != number);
            changes.gone.push(number);
        });
        Ok(view)
    }
}
