//! A daemon with canned answers: it notes every call and fails or dawdles if told so.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt as _;
use rpc::{
    Admin, AdminError, AdminResult, AssetCheck, AssetFile, AssetKind, ClusterSpec, ClusterView, ErrorCode,
    GroupSpec, GroupView, Hello, MeetingFilter, MeetingStats, MeetingView, NewSecret, NodeSpec, NodeState,
    NodeView, ParamMode, ParamOn, ParamSpec, ParamView, RankView, Role, SecretSpec, SecretView, StoreState,
    TenantChange, TenantMeetings, TenantSpec, TenantView,
};
use serde_json::{Value, json};
use tarpc::context::Context;
use tarpc::server::{BaseChannel, Channel as _};
use tempfile::TempDir;
use tokio::net::UnixListener;

use crate::run::{Outcome, command};

/// How the fake behaves.
#[derive(Clone)]
pub(crate) struct Fake {
    /// Every call fails with this code.
    pub(crate) fails: Option<ErrorCode>,
    /// Protocol that it says it speaks.
    pub(crate) protocol: u32,
    /// How long an answer takes.
    pub(crate) delay: Duration,
    /// Meetings on a node; each look at it ends one.
    pub(crate) meetings: Arc<Mutex<u64>>,
    /// The calls so far.
    pub(crate) calls: Arc<Mutex<Vec<Value>>>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            fails: None,
            protocol: rpc::PROTOCOL,
            delay: Duration::ZERO,
            meetings: Arc::new(Mutex::new(2)),
            calls: Arc::default(),
        }
    }
}

/// The fake at its socket.
pub(crate) struct Daemon {
    dir: TempDir,
    fake: Fake,
}

impl Daemon {
    /// A fake that answers everything.
    pub(crate) fn start() -> Self {
        Self::serve(Fake::default())
    }

    /// A fake that refuses everything.
    pub(crate) fn failing(code: ErrorCode) -> Self {
        Self::serve(Fake { fails: Some(code), ..Fake::default() })
    }

    /// Serves until the tests end.
    pub(crate) fn serve(fake: Fake) -> Self {
        let daemon = Self { dir: tempfile::tempdir().unwrap(), fake: fake.clone() };
        let listener = std::os::unix::net::UnixListener::bind(daemon.socket()).unwrap();
        listener.set_nonblocking(true).unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = UnixListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let channel = BaseChannel::with_defaults(rpc::wire::transport(stream));
                    let answers = channel.execute(fake.clone().serve());
                    tokio::spawn(answers.for_each(|answer| async { drop(tokio::spawn(answer)) }));
                }
            });
        });
        daemon
    }

    /// Path of the socket.
    pub(crate) fn socket(&self) -> String {
        self.dir.path().join("admin.sock").to_str().unwrap().to_owned()
    }

    /// The binary, told where the fake is.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.arg("--connect").arg(format!("unix:{}", self.socket()));
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().unwrap().into()
    }

    /// The calls so far: name, then arguments.
    pub(crate) fn calls(&self) -> Vec<Value> {
        self.fake.calls.lock().unwrap().clone()
    }
}

impl Fake {
    async fn answer<T>(&self, call: Value, answer: T) -> AdminResult<T> {
        self.calls.lock().unwrap().push(call);
        tokio::time::sleep(self.delay).await;
        match self.fails {
            Some(code) => Err(AdminError::new(code, "it is\nso").hint("do this")),
            None => Ok(answer),
        }
    }
}

fn cluster(name: &str) -> ClusterView {
    ClusterView { spec: ClusterSpec::named(name), groups: vec!["g1".into(), "g2".into()], nodes: 2 }
}

fn group(name: &str) -> GroupView {
    GroupView {
        name: name.into(),
        description: String::new(),
        clusters: vec!["main".into()],
        tenants: vec!["T".into()],
    }
}

fn node(slug: &str, meetings: Option<u64>) -> NodeView {
    NodeView {
        slug: slug.into(),
        domain: "example.org".into(),
        cluster: "main".into(),
        state: NodeState::Up,
        maintenance: true,
        load: -2,
        attendees: Some(40),
        meetings,
        cpu: Some(1234),
        last_poll_error: None,
    }
}

fn unknown_node() -> NodeView {
    NodeView {
        state: NodeState::Down,
        maintenance: false,
        load: -1,
        attendees: None,
        cpu: None,
        last_poll_error: Some("refused\x1b[31m".into()),
        ..node("node-2", None)
    }
}

fn tenant(slug: &str) -> TenantView {
    TenantView {
        slug: slug.into(),
        description: "A school".into(),
        group: "g1".into(),
        hostname: "t.bbb.example.org".into(),
        stats_token: None,
        attendee_limit: 0,
        meeting_limit: 5,
        attendees: 40,
        meetings: 2,
        secret: None,
    }
}

fn secret(tenant: &str, sub_id: u16) -> SecretView {
    SecretView {
        name: format!("{tenant}-{sub_id:03}"),
        tenant: tenant.into(),
        sub_id,
        hostname: format!("{tenant}-{sub_id:03}.bbb.example.org").to_lowercase(),
        attendee_limit: 0,
        meeting_limit: 0,
        has_second: false,
    }
}

fn new_secret(tenant: &str, sub_id: u16) -> NewSecret {
    NewSecret { view: secret(tenant, sub_id), secret: format!("key{sub_id}").into() }
}

fn param(call: &str) -> ParamView {
    ParamView {
        tenant: "T".into(),
        call: call.into(),
        name: "role".into(),
        mode: ParamMode::Set,
        value: Some("a\nb".into()),
    }
}

fn asset(kind: AssetKind) -> AssetCheck {
    AssetCheck {
        tenant: "T".into(),
        kind,
        file_name: "welcome.pdf".into(),
        size: 3,
        content_type: "application/pdf".into(),
        inline: true,
        problems: vec!["empty".into()],
    }
}

fn meeting(id: &str) -> MeetingView {
    MeetingView {
        id: id.into(),
        name: "Mathe\u{202e}".into(),
        tenant: "T".into(),
        sub_id: 1,
        node: "n1.example.org".into(),
        attendees: 20,
        listeners: 1,
        voices: 2,
        videos: 3,
        moderators: 4,
        created_at: "2026-11-30T08:00:00Z".into(),
    }
}

impl Admin for Fake {
    async fn hello(self, _: Context) -> Hello {
        Hello { protocol: self.protocol, version: "9.9".into(), role: Role::Primary }
    }

    async fn store_state(self, _: Context) -> AdminResult<StoreState> {
        self.answer(json!(["store_state"]), StoreState { writable: true, error: None }).await
    }

    async fn cluster_add(self, _: Context, spec: ClusterSpec) -> AdminResult<ClusterView> {
        self.answer(json!(["cluster_add", spec]), cluster(&spec.name)).await
    }

    async fn cluster_list(self, _: Context) -> AdminResult<Vec<ClusterView>> {
        self.answer(json!(["cluster_list"]), vec![cluster("main")]).await
    }

    async fn cluster_show(self, _: Context, name: String) -> AdminResult<ClusterView> {
        self.answer(json!(["cluster_show", name]), cluster(&name)).await
    }

    async fn group_add(self, _: Context, spec: GroupSpec) -> AdminResult<GroupView> {
        self.answer(json!(["group_add", spec]), group(&spec.name)).await
    }

    async fn group_list(self, _: Context) -> AdminResult<Vec<GroupView>> {
        self.answer(json!(["group_list"]), vec![group("g1")]).await
    }

    async fn group_show(self, _: Context, name: String) -> AdminResult<GroupView> {
        self.answer(json!(["group_show", name]), group(&name)).await
    }

    async fn group_assign(self, _: Context, name: String, cluster: String) -> AdminResult<GroupView> {
        self.answer(json!(["group_assign", name, cluster]), group(&name)).await
    }

    async fn node_add(self, _: Context, spec: NodeSpec) -> AdminResult<NodeView> {
        let view = NodeView { maintenance: !spec.active, ..node(&spec.slug, Some(0)) };
        self.answer(json!(["node_add", spec]), view).await
    }

    async fn node_list(self, _: Context) -> AdminResult<Vec<NodeView>> {
        self.answer(json!(["node_list"]), vec![node("n1", Some(2)), unknown_node()]).await
    }

    async fn node_show(self, _: Context, name: String) -> AdminResult<NodeView> {
        let meetings = *self.meetings.lock().unwrap();
        *self.meetings.lock().unwrap() = meetings.saturating_sub(1);
        self.answer(json!(["node_show", name]), node("n1", Some(meetings))).await
    }

    async fn node_explain(self, _: Context) -> AdminResult<Vec<RankView>> {
        let rank = RankView {
            slug: "n1".into(),
            domain: "example.org".into(),
            takes_meetings: true,
            attendees: 20.0,
            reserved: 12.25,
            meetings: 60.0,
            cpu: 101.5,
            own: 45.0,
            rank: 238.75,
        };
        self.answer(json!(["node_explain"]), vec![rank]).await
    }

    async fn node_rm(self, _: Context, name: String) -> AdminResult<NodeView> {
        self.answer(json!(["node_rm", name]), node("n1", Some(0))).await
    }

    async fn node_maintenance(self, _: Context, name: String, on: bool) -> AdminResult<NodeView> {
        let view = NodeView { maintenance: on, ..node("n1", Some(2)) };
        self.answer(json!(["node_maintenance", name, on]), view).await
    }

    async fn tenant_add(self, _: Context, spec: TenantSpec) -> AdminResult<TenantView> {
        let view = TenantView { secret: Some("key0".into()), ..tenant(&spec.slug) };
        self.answer(json!(["tenant_add", spec]), view).await
    }

    async fn tenant_set(self, _: Context, slug: String, change: TenantChange) -> AdminResult<TenantView> {
        self.answer(json!(["tenant_set", slug, change]), tenant(&slug)).await
    }

    async fn tenant_list(self, _: Context) -> AdminResult<Vec<TenantView>> {
        self.answer(json!(["tenant_list"]), vec![tenant("T")]).await
    }

    async fn tenant_show(self, _: Context, slug: String) -> AdminResult<TenantView> {
        let view = TenantView { stats_token: Some("token".into()), ..tenant(&slug) };
        self.answer(json!(["tenant_show", slug]), view).await
    }

    async fn secret_add(self, _: Context, spec: SecretSpec) -> AdminResult<NewSecret> {
        let new = new_secret(&spec.tenant, spec.sub_id);
        self.answer(json!(["secret_add", spec]), new).await
    }

    async fn secret_add_range(
        self,
        _: Context,
        tenant: String,
        first: u16,
        last: u16,
    ) -> AdminResult<Vec<NewSecret>> {
        let added = (first..=last).map(|sub_id| new_secret(&tenant, sub_id)).collect();
        self.answer(json!(["secret_add_range", tenant, first, last]), added).await
    }

    async fn secret_list(self, _: Context, tenant: Option<String>) -> AdminResult<Vec<SecretView>> {
        self.answer(json!(["secret_list", tenant]), vec![secret("T", 0), secret("T", 12)]).await
    }

    async fn secret_show(self, _: Context, name: String) -> AdminResult<SecretView> {
        self.answer(json!(["secret_show", name]), secret("T", 12)).await
    }

    async fn secret_reveal(self, _: Context, tenant: Option<String>) -> AdminResult<Vec<NewSecret>> {
        let all = vec![new_secret("T", 0), new_secret("T", 1), new_secret("U", 0)];
        self.answer(json!(["secret_reveal", tenant]), all).await
    }

    async fn secret_rotate(self, _: Context, name: String) -> AdminResult<NewSecret> {
        self.answer(json!(["secret_rotate", name]), new_secret("T", 12)).await
    }

    async fn secret_promote(self, _: Context, name: String) -> AdminResult<NewSecret> {
        self.answer(json!(["secret_promote", name]), new_secret("T", 12)).await
    }

    async fn secret_drop_second(self, _: Context, name: String) -> AdminResult<SecretView> {
        self.answer(json!(["secret_drop_second", name]), secret("T", 12)).await
    }

    async fn param_set(self, _: Context, spec: ParamSpec) -> AdminResult<Vec<ParamView>> {
        let mut rows = vec![param("join")];
        if spec.on == Some(ParamOn::Both) {
            rows.insert(0, param("create"));
        }
        for row in &mut rows {
            (row.mode, row.value) = (spec.mode, spec.value.clone());
        }
        self.answer(json!(["param_set", spec]), rows).await
    }

    async fn param_clear(self, _: Context, tenant: String, name: String) -> AdminResult<Vec<ParamView>> {
        self.answer(json!(["param_clear", tenant, name]), vec![]).await
    }

    async fn param_list(self, _: Context, tenant: String) -> AdminResult<Vec<ParamView>> {
        self.answer(json!(["param_list", tenant]), vec![param("create")]).await
    }

    async fn asset_set(
        self,
        _: Context,
        tenant: String,
        files: Vec<AssetFile>,
    ) -> AdminResult<Vec<AssetCheck>> {
        let checks = files.iter().map(|file| asset(file.kind)).collect();
        self.answer(json!(["asset_set", tenant, files]), checks).await
    }

    async fn asset_rm(
        self,
        _: Context,
        tenant: String,
        kinds: Vec<AssetKind>,
    ) -> AdminResult<Vec<AssetCheck>> {
        self.answer(json!(["asset_rm", tenant, kinds]), vec![]).await
    }

    async fn asset_list(self, _: Context, tenant: Option<String>) -> AdminResult<Vec<AssetCheck>> {
        self.answer(json!(["asset_list", tenant]), AssetKind::ALL.map(asset).to_vec()).await
    }

    async fn meeting_list(self, _: Context, filter: MeetingFilter) -> AdminResult<Vec<MeetingView>> {
        let left = *self.meetings.lock().unwrap();
        let meetings = (1..=left).map(|number| meeting(&format!("m{number}"))).collect();
        self.answer(json!(["meeting_list", filter]), meetings).await
    }

    async fn meeting_end(self, _: Context, secret: String, id: String) -> AdminResult<MeetingView> {
        self.answer(json!(["meeting_end", secret, id]), meeting(&id)).await
    }

    async fn meeting_stats(self, _: Context) -> AdminResult<MeetingStats> {
        let tenants =
            ["T", "A"].map(|tenant| TenantMeetings { tenant: tenant.into(), meetings: 1, attendees: 20 });
        let stats = MeetingStats { meetings: 2, attendees: 40, tenants: tenants.to_vec() };
        self.answer(json!(["meeting_stats"]), stats).await
    }
}
