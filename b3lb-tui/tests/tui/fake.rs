//! A fake daemon. Its installation can be changed, and it can be stopped and restarted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use futures::StreamExt as _;
use rpc::*;
use tarpc::context::Context;
use tarpc::server::{BaseChannel, Channel as _};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::sync::{oneshot, watch};

use crate::world::{self, Size};

/// The installation, and the calls so far.
struct Inner {
    snapshot: WatchAnswer,
    calls: Vec<String>,
    refuses: bool,
}

/// The service; all connections share its state.
#[derive(Clone)]
struct Service {
    inner: Arc<Mutex<Inner>>,
    /// The sequence number of the last change.
    changed: Arc<watch::Sender<u64>>,
}

/// The daemon.
pub(crate) struct Fake {
    dir: TempDir,
    service: Service,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Fake {
    /// Starts a daemon with an installation of this size.
    pub(crate) fn start(size: Size) -> Self {
        let snapshot = world::snapshot(size);
        let changed = Arc::new(watch::Sender::new(snapshot.seq));
        let inner = Arc::new(Mutex::new(Inner { snapshot, calls: Vec::new(), refuses: false }));
        let service = Service { inner, changed };
        let mut fake = Self { dir: tempfile::tempdir().unwrap(), service, running: None };
        fake.resume();
        fake
    }

    /// Path of the socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("admin.sock")
    }

    /// Closes all connections and removes the socket.
    pub(crate) fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            stop.send(()).unwrap();
            thread.join().unwrap();
            std::fs::remove_file(self.socket()).unwrap();
        }
    }

    /// Restarts with the same installation.
    pub(crate) fn resume(&mut self) {
        let listener = std::os::unix::net::UnixListener::bind(self.socket()).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (stop, stopped) = oneshot::channel();
        let service = self.service.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = serve(UnixListener::from_std(listener).unwrap(), service) => {}
                    _ = stopped => {}
                }
            });
        });
        self.running = Some((stop, thread));
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

async fn serve(listener: UnixListener, service: Service) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let channel = BaseChannel::with_defaults(rpc::wire::transport(stream));
        let answers = channel.execute(service.clone().serve());
        tokio::spawn(answers.for_each(|answer| async { drop(tokio::spawn(answer)) }));
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

/// Calls that the dashboard never makes.
macro_rules! not_here {
    ($($name:ident($($argument:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(self, _: Context, $(_: $argument),*) -> AdminResult<$answer> {
            Err(AdminError::new(ErrorCode::Refused, concat!(stringify!($name), ": not here")))
        })*
    };
}

impl Admin for Service {
    async fn hello(self, _: Context, caller: ClientInfo) -> Hello {
        self.inner.lock().unwrap().calls.push(format!("hello {}", caller.program));
        world::hello()
    }

    async fn watch(self, _: Context, from: WatchFrom, wait_ms: u32) -> AdminResult<WatchAnswer> {
        let mut changed = self.changed.subscribe();
        let wait = Duration::from_millis(wait_ms.into());
        let news = async {
            loop {
                if let Some(answer) = self.news(from) {
                    return answer;
                }
                changed.changed().await.unwrap();
            }
        };
        let nothing = || WatchAnswer {
            meetings: None,
            nodes: Changes::default(),
            reset: false,
            ..self.inner.lock().unwrap().snapshot.clone()
        };
        Ok(tokio::time::timeout(wait, news).await.unwrap_or_else(|_| nothing()))
    }

    async fn node_details(self, _: Context, name: String) -> AdminResult<NodeDetails> {
        let node = self
            .inner
            .lock()
            .unwrap()
            .snapshot
            .nodes
            .rows
            .iter()
            .position(|it| name == format!("{}.{}", it.slug, it.domain));
        let node = node.ok_or_else(|| AdminError::not_found("node", &name))?;
        self.note(format!("node_details {name}"), || world::details(node))
    }

    async fn node_check(self, _: Context, name: String) -> AdminResult<NodeCheck> {
        self.note(format!("node_check {name}"), || world::check(&name))
    }

    async fn node_maintenance(self, _: Context, name: String, on: bool) -> AdminResult<NodeView> {
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

    async fn secret_list(
        self,
        _: Context,
        tenant: Option<String>,
        _: Page,
    ) -> AdminResult<Paged<SecretView>> {
        let tenant = tenant.unwrap();
        self.note(format!("secret_list {tenant}"), || Paged { rows: world::secrets(&tenant), next: None })
    }

    async fn secret_reveal(
        self,
        _: Context,
        tenant: Option<String>,
        page: Page,
    ) -> AdminResult<Paged<NewSecret>> {
        let tenant = tenant.unwrap();
        // Two pages, to test paging.
        let rows = world::keys(&tenant);
        let (first, last) = rows.split_at(2);
        let paged = match page.after {
            None => Paged { rows: first.to_vec(), next: Some("2".into()) },
            Some(_) => Paged { rows: last.to_vec(), next: None },
        };
        self.note(format!("secret_reveal {tenant}"), || paged)
    }

    async fn meeting_end(self, _: Context, secret: String, meeting_id: String) -> AdminResult<MeetingView> {
        let view = MeetingView {
            id: meeting_id.clone(),
            name: String::new(),
            tenant: secret.clone(),
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

    not_here! {
        status() -> Status;
        event_list(EventFilter, u32) -> Vec<Event>;
        audit_list(AuditFilter, Page) -> Paged<AuditEntry>;
        promote() -> Hello;
        config_export(ExportOptions) -> Configuration;
        config_plan(Configuration, ApplyOptions) -> Plan;
        config_apply(Configuration, ApplyOptions, u64) -> Plan;
        meeting_import(Vec<MeetingImport>, bool) -> Vec<LeftOut>;
        backup_begin() -> Backup;
        backup_read(u64, u64) -> Sensitive;
        backup_end(u64) -> ();
        api_mate(String) -> Sensitive;
        cluster_add(ClusterSpec) -> ClusterView;
        cluster_set(String, ClusterChange) -> ClusterView;
        cluster_rm(String) -> ClusterView;
        cluster_list(Page) -> Paged<ClusterView>;
        cluster_show(String) -> ClusterView;
        group_add(GroupSpec) -> GroupView;
        group_set(String, GroupChange) -> GroupView;
        group_rm(String) -> GroupView;
        group_list(Page) -> Paged<GroupView>;
        group_show(String) -> GroupView;
        group_assign(String, String) -> GroupView;
        group_unassign(String, String) -> GroupView;
        node_add(NodeSpec) -> NodeView;
        node_set(String, NodeChange) -> NodeView;
        node_list(Page) -> Paged<NodeView>;
        node_show(String) -> NodeView;
        node_explain() -> Vec<RankView>;
        node_evacuate(String) -> Evacuation;
        node_rm(String, bool) -> NodeView;
        tenant_add(TenantSpec) -> TenantView;
        tenant_set(String, TenantChange) -> TenantView;
        tenant_rm(String) -> TenantView;
        tenant_list(Page) -> Paged<TenantView>;
        tenant_show(String) -> TenantView;
        secret_add(SecretSpec) -> NewSecret;
        secret_add_range(String, u16, u16) -> Vec<NewSecret>;
        secret_set(String, SecretChange) -> SecretView;
        secret_rm(String) -> SecretView;
        secret_show(String) -> SecretView;
        secret_rotate(String) -> NewSecret;
        secret_promote(String) -> NewSecret;
        secret_drop_second(String) -> SecretView;
        param_set(ParamSpec) -> Vec<ParamView>;
        param_clear(String, String) -> Vec<ParamView>;
        param_list(String) -> Vec<ParamView>;
        asset_set(String, Vec<AssetFile>) -> Vec<AssetCheck>;
        asset_rm(String, Vec<AssetKind>) -> Vec<AssetCheck>;
        asset_list(Option<String>, Page) -> Paged<AssetCheck>;
        meeting_list(MeetingFilter, Page) -> Paged<MeetingView>;
        meeting_show(String, String) -> MeetingView;
        meeting_stats() -> MeetingTotals;
    }
}
