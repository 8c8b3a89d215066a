//! The canned answers.

use std::time::Duration;
use strum::VariantArray;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rpc::{
    Admin, AdminError, AdminResult, ApplyOptions, AssetCheck, AssetFile, AssetKind, AuditEntry, AuditFilter,
    Backup, Changes, CheckItem, ClientInfo, ClusterChange, ClusterSpec, ClusterView, Configuration,
    DrainSpec, Evacuation, Event, EventFilter, EventKind, ExportOptions, Finding, GroupChange, GroupSpec,
    GroupView, Hello, LeftOut, LoadParts, MeetingFilter, MeetingImport, MeetingTotals, MeetingView,
    MeetingWhy, NewSecret, NodeChange, NodeCheck, NodeCounts, NodeDetails, NodeSpec, NodeView, Page, Paged,
    ParamOn, ParamSpec, ParamView, Plan, PoolHistory, RankView, Rates, Role, Sample, SecretChange,
    SecretSpec, SecretView, Sensitive, Severity, Status, StoreStatus, Takeover, TenantChange, TenantMeetings,
    TenantSpec, TenantView, Totals, UsageDay, UsageFilter, Verdict, WatchAnswer, WatchFrom,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tarpc::context::Context;

use crate::Fake;
use crate::fixtures::{
    BACKUP, asset, audit, cluster, configuration, drain, event, events, group, meeting, new_secret, node,
    param, plan, problem, rank, secret, tenant, unknown_node, usage,
};

impl Fake {
    async fn answer<T>(&self, call: Value, answer: T) -> AdminResult<T> {
        let name = call[0].as_str().unwrap().to_owned();
        self.calls.lock().unwrap().push(call);
        self.finish(&name, answer).await
    }

    async fn finish<T>(&self, name: &str, answer: T) -> AdminResult<T> {
        if let Some(hang_up) = &self.hangs_up {
            hang_up.notify_one();
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(self.delay).await;
        match self.fails {
            Some(code) if self.fails_only.is_none_or(|only| only == name) => Err(AdminError {
                field: Some("slug".into()),
                ..AdminError::new(code, "it is\nso").hint("do this")
            }),
            _ => Ok(answer),
        }
    }

    /// One row per page, so that a client that ignores further pages misses rows.
    async fn page<T>(&self, call: Value, rows: Vec<T>, page: Page) -> AdminResult<Paged<T>> {
        let at: usize = page.after.as_ref().map_or(0, |after| after.parse().unwrap());
        let next = (at + 1 < rows.len()).then(|| (at + 1).to_string());
        let rows = rows.into_iter().skip(at).take(1).collect();
        let name = call[0].as_str().unwrap().to_owned();
        if at == 0 {
            self.calls.lock().unwrap().push(call);
        }
        self.finish(&name, Paged { rows, next }).await
    }

    fn list_meetings(&self) -> Vec<MeetingView> {
        let left = *self.meetings.lock().unwrap();
        (1..=left).map(|number| meeting(&format!("m{number}"))).collect()
    }
}

impl Admin for Fake {
    async fn hello(self, _: Context, caller: ClientInfo) -> Hello {
        if let Some(installation) = &self.installation {
            return installation.hello(&caller);
        }
        self.callers.lock().unwrap().push(caller);
        let user = "ada (1000)".into();
        Hello { protocol: self.protocol, version: "9.9".into(), role: Role::Primary, user }
    }

    async fn status(self, _: Context) -> AdminResult<Status> {
        let status = Status {
            healthy: !self.sick,
            problems: if self.sick { vec![problem()] } else { vec![] },
            role: Role::Primary,
            replication: None,
            version: "9.9".into(),
            started_at: "2026-11-20T08:00:00Z".into(),
            uptime_seconds: 3 * 86_400,
            nodes: NodeCounts { total: 3, up: 1, suspect: 1, down: 1, unknown: 0, maintenance: 1 },
            outage: false,
            tenants: 1,
            meetings: 2,
            attendees: 40,
            rates: Rates { requests: 12.34, joins: 1.0, creates: 0.1 },
            store: StoreStatus {
                writable: !self.sick,
                error: self.sick.then(|| "disk full".into()),
                bytes: 3 * 1024 * 1024,
                wal_bytes: 0,
                callbacks_waiting: 1,
            },
            last_errors: events().into_iter().filter(|event| event.severity == Severity::Error).collect(),
            tasks: Vec::new(),
        };
        self.answer(json!(["status"]), status).await
    }

    async fn watch(self, _: Context, from: WatchFrom, wait_ms: u32) -> AdminResult<WatchAnswer> {
        if let Some(installation) = &self.installation {
            return Ok(installation.watch(from, Duration::from_millis(wait_ms.into())).await);
        }
        let totals = Totals {
            role: Role::Primary,
            nodes: NodeCounts::default(),
            meetings: 0,
            attendees: 0,
            rates: Rates::default(),
            problem_count: 0,
            problems: Vec::new(),
            poll_seconds: 10.0,
            now: 0,
        };
        let answer = WatchAnswer {
            epoch: 1,
            seq: 1,
            reset: true,
            more: false,
            totals,
            nodes: Changes::default(),
            tenants: Changes::default(),
            clusters: None,
            groups: None,
            events: vec![],
            meetings: None,
        };
        self.answer(json!(["watch", from, wait_ms]), answer).await
    }

    async fn pool_history(self, _: Context) -> AdminResult<PoolHistory> {
        if let Some(installation) = &self.installation {
            return installation.pool_history();
        }
        self.answer(json!(["pool_history"]), PoolHistory::default()).await
    }

    async fn event_list(self, _: Context, filter: EventFilter, wait_ms: u32) -> AdminResult<Vec<Event>> {
        let call = json!(["event_list", filter, wait_ms]);
        let mut events = events();
        if wait_ms > 0 {
            events.push(event(4, EventKind::Meeting, Severity::Error, "meeting m1 of T-001"));
        }
        events.retain(|event| {
            filter.after.is_none_or(|after| event.seq > after)
                && (filter.kinds.is_empty() || filter.kinds.contains(&event.kind))
                && filter.severity.is_none_or(|least| event.severity >= least)
                && filter.subject.as_ref().is_none_or(|text| event.subject.contains(text))
        });
        if events.is_empty() {
            tokio::time::sleep(Duration::from_millis(wait_ms.into())).await;
        }
        self.answer(call, events).await
    }

    async fn audit_list(self, _: Context, filter: AuditFilter, page: Page) -> AdminResult<Paged<AuditEntry>> {
        self.page(json!(["audit_list", filter]), audit(), page).await
    }

    async fn promote(self, _: Context) -> AdminResult<()> {
        self.answer(json!(["promote"]), ()).await
    }

    async fn promotion(self, _: Context, seen: u32, _: u32) -> AdminResult<Takeover> {
        let steps = ["claimed epoch 2", "this daemon is the primary"].map(str::to_owned);
        let steps = steps.into_iter().skip(seen as usize).collect();
        self.answer(json!(["promotion", seen]), Takeover { steps, done: true, error: None }).await
    }

    async fn config_export(self, _: Context, options: ExportOptions) -> AdminResult<Configuration> {
        self.answer(json!(["config_export", options]), configuration(options.secrets)).await
    }

    async fn config_plan(
        self,
        _: Context,
        config: Configuration,
        options: ApplyOptions,
    ) -> AdminResult<Plan> {
        let plan = plan(&config, options);
        self.answer(json!(["config_plan", config, options]), plan).await
    }

    async fn config_apply(
        self,
        _: Context,
        config: Configuration,
        options: ApplyOptions,
        revision: u64,
    ) -> AdminResult<Plan> {
        let plan = plan(&config, options);
        self.answer(json!(["config_apply", config, options, revision]), plan).await
    }

    async fn meeting_import(
        self,
        _: Context,
        meetings: Vec<MeetingImport>,
        dry_run: bool,
    ) -> AdminResult<Vec<LeftOut>> {
        self.answer(json!(["meeting_import", meetings, dry_run]), vec![]).await
    }

    async fn backup_begin(self, _: Context) -> AdminResult<Backup> {
        let sha256 = if self.sick { String::new() } else { hex::encode(Sha256::digest(BACKUP)) };
        let backup = Backup { id: 3, bytes: BACKUP.len() as u64, sha256 };
        self.answer(json!(["backup_begin"]), backup).await
    }

    async fn backup_read(self, _: Context, id: u64, offset: u64) -> AdminResult<Sensitive> {
        let rest = BACKUP.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let chunk = STANDARD.encode(&rest[..rest.len().min(10)]);
        self.answer(json!(["backup_read", id, offset]), chunk.into()).await
    }

    async fn backup_end(self, _: Context, id: u64) -> AdminResult<()> {
        self.answer(json!(["backup_end", id]), ()).await
    }

    async fn api_mate(self, _: Context, name: String) -> AdminResult<Sensitive> {
        self.answer(json!(["api_mate", name]), "https://mate.example.org/#server=x".into()).await
    }

    async fn cluster_add(self, _: Context, spec: ClusterSpec) -> AdminResult<ClusterView> {
        self.answer(json!(["cluster_add", spec]), cluster(&spec.name)).await
    }

    async fn cluster_set(self, _: Context, name: String, change: ClusterChange) -> AdminResult<ClusterView> {
        self.answer(json!(["cluster_set", name, change]), cluster(&name)).await
    }

    async fn cluster_rm(self, _: Context, name: String) -> AdminResult<ClusterView> {
        self.answer(json!(["cluster_rm", name]), cluster(&name)).await
    }

    async fn cluster_list(self, _: Context, page: Page) -> AdminResult<Paged<ClusterView>> {
        self.page(json!(["cluster_list"]), vec![cluster("main"), cluster("big")], page).await
    }

    async fn cluster_show(self, _: Context, name: String) -> AdminResult<ClusterView> {
        self.answer(json!(["cluster_show", name]), cluster(&name)).await
    }

    async fn group_add(self, _: Context, spec: GroupSpec) -> AdminResult<GroupView> {
        self.answer(json!(["group_add", spec]), group(&spec.name)).await
    }

    async fn group_set(self, _: Context, name: String, change: GroupChange) -> AdminResult<GroupView> {
        let description = change.description.clone().unwrap_or_default();
        let view = GroupView { description, ..group(&name) };
        self.answer(json!(["group_set", name, change]), view).await
    }

    async fn group_rm(self, _: Context, name: String) -> AdminResult<GroupView> {
        self.answer(json!(["group_rm", name]), group(&name)).await
    }

    async fn group_list(self, _: Context, page: Page) -> AdminResult<Paged<GroupView>> {
        self.page(json!(["group_list"]), vec![group("g1"), group("g2")], page).await
    }

    async fn group_show(self, _: Context, name: String) -> AdminResult<GroupView> {
        self.answer(json!(["group_show", name]), group(&name)).await
    }

    async fn group_assign(self, _: Context, name: String, cluster: String) -> AdminResult<GroupView> {
        self.answer(json!(["group_assign", name, cluster]), group(&name)).await
    }

    async fn group_unassign(self, _: Context, name: String, cluster: String) -> AdminResult<GroupView> {
        self.answer(json!(["group_unassign", name, cluster]), group(&name)).await
    }

    async fn node_add(self, _: Context, spec: NodeSpec) -> AdminResult<NodeView> {
        let view = NodeView { maintenance: !spec.active, ..node(&spec.slug, Some(0)) };
        self.answer(json!(["node_add", spec]), view).await
    }

    async fn node_set(self, _: Context, name: String, change: NodeChange) -> AdminResult<NodeView> {
        self.answer(json!(["node_set", name, change]), node("n1", Some(2))).await
    }

    async fn node_list(self, _: Context, page: Page) -> AdminResult<Paged<NodeView>> {
        self.page(json!(["node_list"]), vec![node("n1", Some(2)), unknown_node()], page).await
    }

    async fn node_show(self, _: Context, name: String) -> AdminResult<NodeView> {
        let meetings = *self.meetings.lock().unwrap();
        *self.meetings.lock().unwrap() = meetings.saturating_sub(1);
        self.answer(json!(["node_show", name]), node("n1", Some(meetings))).await
    }

    async fn node_details(self, _: Context, name: String) -> AdminResult<NodeDetails> {
        if let Some(installation) = &self.installation {
            return installation.node_details(&name);
        }
        let details = NodeDetails {
            node: node("n1", Some(if self.sick { 5 } else { 2 })),
            parts: LoadParts { attendees: 40.0, meetings: 60.0, cpu: 1.25 },
            rank: Some(rank()),
            misses: 1,
            polled_at: Some(1_795_000_000_123),
            poll_ms: 12,
            bound: 2,
            bound_attendees: 40,
            history: vec![Sample(1, 10, 1, None), Sample(2, 20, 3, Some(500))],
        };
        self.answer(json!(["node_details", name]), details).await
    }

    async fn node_explain(self, _: Context) -> AdminResult<Vec<RankView>> {
        self.answer(json!(["node_explain"]), vec![rank()]).await
    }

    async fn node_check(self, _: Context, name: String) -> AdminResult<NodeCheck> {
        if let Some(installation) = &self.installation {
            return installation.node_check(&name);
        }
        let finding = |item, verdict, text: &str| Finding { item, verdict, text: text.into() };
        let check = NodeCheck {
            node: "n1.example.org".into(),
            good: !self.sick,
            bbb_version: Some("3.0.4".into()),
            latency_ms: Some(12),
            clock_ahead_seconds: Some(0),
            findings: vec![
                finding(CheckItem::Dns, Verdict::Good, "10.0.0.7"),
                finding(CheckItem::Secret, if self.sick { Verdict::Bad } else { Verdict::Good }, "ours"),
            ],
        };
        self.answer(json!(["node_check", name]), check).await
    }

    async fn node_maintenance(self, _: Context, name: String, on: bool) -> AdminResult<NodeView> {
        if let Some(installation) = &self.installation {
            return installation.node_maintenance(&name, on);
        }
        let view = NodeView { maintenance: on, ..node("n1", Some(2)) };
        self.answer(json!(["node_maintenance", name, on]), view).await
    }

    async fn node_drain(self, _: Context, name: String, spec: DrainSpec) -> AdminResult<NodeView> {
        if let Some(installation) = &self.installation {
            return installation.node_drain(&name, &spec);
        }
        let view = NodeView { drain: Some(drain(&spec)), ..node("n1", Some(2)) };
        self.answer(json!(["node_drain", name, spec]), view).await
    }

    async fn node_undrain(self, _: Context, name: String) -> AdminResult<NodeView> {
        let view = NodeView { maintenance: false, ..node("n1", Some(2)) };
        self.answer(json!(["node_undrain", name]), view).await
    }

    async fn node_evacuate(self, _: Context, name: String) -> AdminResult<Evacuation> {
        let failed = if self.sick { vec!["m2 of T-001: no answer".into()] } else { vec![] };
        let done = Evacuation { node: node("n1", Some(0)), ended: 2 - failed.len() as u64, failed };
        self.answer(json!(["node_evacuate", name]), done).await
    }

    async fn node_rm(self, _: Context, name: String, force: bool) -> AdminResult<NodeView> {
        self.answer(json!(["node_rm", name, force]), node("n1", Some(0))).await
    }

    async fn tenant_add(self, _: Context, spec: TenantSpec) -> AdminResult<TenantView> {
        let view = TenantView { secret: Some("key0".into()), ..tenant(&spec.slug) };
        self.answer(json!(["tenant_add", spec]), view).await
    }

    async fn tenant_set(self, _: Context, slug: String, change: TenantChange) -> AdminResult<TenantView> {
        let view = TenantView { stats_token: Some("token".into()), ..tenant(&slug) };
        self.answer(json!(["tenant_set", slug, change]), view).await
    }

    async fn tenant_rm(self, _: Context, slug: String) -> AdminResult<TenantView> {
        self.answer(json!(["tenant_rm", slug]), tenant(&slug)).await
    }

    async fn tenant_list(self, _: Context, page: Page) -> AdminResult<Paged<TenantView>> {
        self.page(
            json!(["tenant_list"]),
            vec![tenant("T"), TenantView { group: "g2".into(), meetings: 3, ..tenant("U") }],
            page,
        )
        .await
    }

    async fn tenant_show(self, _: Context, slug: String) -> AdminResult<TenantView> {
        let view = TenantView { stats_token: Some("token".into()), ..tenant(&slug) };
        self.answer(json!(["tenant_show", slug]), view).await
    }

    async fn usage_list(self, _: Context, filter: UsageFilter, page: Page) -> AdminResult<Paged<UsageDay>> {
        let rows = vec![usage("2026-11-26", "SCHOOL", 120), usage("2026-11-27", "SCHOOL", 31)];
        self.page(json!(["usage_list", filter]), rows, page).await
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

    async fn secret_set(self, _: Context, name: String, change: SecretChange) -> AdminResult<SecretView> {
        self.answer(json!(["secret_set", name, change]), secret("T", 12)).await
    }

    async fn secret_rm(self, _: Context, name: String) -> AdminResult<SecretView> {
        self.answer(json!(["secret_rm", name]), secret("T", 12)).await
    }

    async fn secret_list(
        self,
        _: Context,
        tenant: Option<String>,
        page: Page,
    ) -> AdminResult<Paged<SecretView>> {
        if let Some(installation) = &self.installation {
            return installation.secret_list(&tenant.unwrap_or_default());
        }
        self.page(json!(["secret_list", tenant]), vec![secret("T", 0), secret("T", 12)], page).await
    }

    async fn secret_show(self, _: Context, name: String) -> AdminResult<SecretView> {
        self.answer(json!(["secret_show", name]), secret("T", 12)).await
    }

    async fn secret_reveal(
        self,
        _: Context,
        tenant: Option<String>,
        page: Page,
    ) -> AdminResult<Paged<NewSecret>> {
        if let Some(installation) = &self.installation {
            return installation.secret_reveal(&tenant.unwrap_or_default(), &page);
        }
        let all = vec![new_secret("T", 0), new_secret("T", 1), new_secret("U", 0)];
        self.page(json!(["secret_reveal", tenant]), all, page).await
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

    async fn asset_list(
        self,
        _: Context,
        tenant: Option<String>,
        page: Page,
    ) -> AdminResult<Paged<AssetCheck>> {
        self.page(
            json!(["asset_list", tenant]),
            AssetKind::VARIANTS.iter().copied().map(asset).collect(),
            page,
        )
        .await
    }

    async fn meeting_list(
        self,
        _: Context,
        filter: MeetingFilter,
        page: Page,
    ) -> AdminResult<Paged<MeetingView>> {
        let meetings = self.list_meetings();
        self.page(json!(["meeting_list", filter]), meetings, page).await
    }

    async fn meeting_show(self, _: Context, secret: String, id: String) -> AdminResult<MeetingView> {
        self.answer(json!(["meeting_show", secret, id]), meeting(&id)).await
    }

    async fn meeting_why(self, _: Context, secret: String, id: String) -> AdminResult<MeetingWhy> {
        let why = MeetingWhy { meeting: meeting(&id), placement: None };
        self.answer(json!(["meeting_why", secret, id]), why).await
    }

    async fn meeting_end(self, _: Context, secret: String, id: String) -> AdminResult<MeetingView> {
        if let Some(installation) = &self.installation {
            return installation.meeting_end(&secret, &id);
        }
        self.answer(json!(["meeting_end", secret, id]), meeting(&id)).await
    }

    async fn meeting_stats(self, _: Context) -> AdminResult<MeetingTotals> {
        let tenants =
            ["T", "A"].map(|tenant| TenantMeetings { tenant: tenant.into(), meetings: 1, attendees: 20 });
        let stats = MeetingTotals { meetings: 2, attendees: 40, tenants: tenants.to_vec() };
        self.answer(json!(["meeting_stats"]), stats).await
    }
}
