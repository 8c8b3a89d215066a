//! The service implementation: each call delegates to its module.

use std::sync::Arc;

use rpc::{
    Admin, AdminError, AdminResult, ApplyOptions, AssetCheck, AssetFile, AssetKind, AuditEntry, AuditFilter,
    Backup, ClientInfo, ClusterChange, ClusterSpec, ClusterView, Configuration, DrainSpec, ErrorCode,
    Evacuation, Event, EventFilter, ExportOptions, GroupChange, GroupSpec, GroupView, Hello, LeftOut,
    MeetingFilter, MeetingImport, MeetingTotals, MeetingView, MeetingWhy, NewSecret, NodeChange, NodeCheck,
    NodeDetails, NodeSpec, NodeView, PROTOCOL, Page, Paged, ParamSpec, ParamView, Plan, PoolHistory,
    RankView, SecretChange, SecretSpec, SecretView, Sensitive, Status, Takeover, TenantChange, TenantSpec,
    TenantView, UsageDay, UsageFilter, WatchAnswer, WatchFrom,
};
use tarpc::context::Context as Call;

use super::connection::Connection;
use super::operator::Operator;
use super::page::by_name;
use super::{
    api_mate, assets, check, clusters, config, events, groups, meetings, nodes, page, params, pool_history,
    replication, secrets, status, tenants, usage, watch,
};

/// The service for one connection.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) connection: Arc<Connection>,
}

impl Service {
    /// The operator, unless the daemon is a replica: changes are made on the primary, and so is what the audit log
    /// records.
    fn operator(&self) -> AdminResult<Operator> {
        self.may_change()?;
        replication::require_primary(&self.connection.context().core.pool.standing)?;
        Ok(self.connection.operator())
    }

    /// Refuses changes, and what shows secrets, on a connection that is for reading only.
    fn may_change(&self) -> AdminResult<()> {
        if self.connection.is_read_only() {
            let message = "refused because of --read-only";
            return Err(AdminError::new(ErrorCode::Refused, message).hint("nothing was changed"));
        }
        Ok(())
    }

    fn greeting(&self) -> Hello {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let role = replication::role(&self.connection.context().core.pool.standing);
        Hello { protocol: PROTOCOL, version, role, user: self.connection.user().to_owned() }
    }
}

impl Admin for Service {
    async fn hello(self, _: Call, caller: ClientInfo) -> Hello {
        self.connection.introduce(caller);
        self.greeting()
    }

    async fn status(self, _: Call) -> AdminResult<Status> {
        status::status(self.connection.context()).await
    }

    async fn watch(self, _: Call, from: WatchFrom, wait_ms: u32) -> AdminResult<WatchAnswer> {
        watch::watch(self.connection.context(), &self.connection.rate_limit, from, wait_ms).await
    }

    async fn pool_history(self, _: Call) -> AdminResult<PoolHistory> {
        pool_history::history(self.connection.context()).await
    }

    async fn event_list(self, _: Call, filter: EventFilter, wait_ms: u32) -> AdminResult<Vec<Event>> {
        Ok(events::list(self.connection.context(), &filter, wait_ms).await)
    }

    async fn audit_list(self, _: Call, filter: AuditFilter, page: Page) -> AdminResult<Paged<AuditEntry>> {
        events::audit(self.connection.context(), filter, page).await
    }

    async fn promote(self, _: Call) -> AdminResult<()> {
        self.may_change()?;
        replication::promote(&self.connection.context().core.pool.standing)
    }

    async fn promotion(self, _: Call, seen: u32, wait_ms: u32) -> AdminResult<Takeover> {
        replication::promotion(&self.connection.context().core.pool.standing, seen, wait_ms).await
    }

    async fn config_export(self, _: Call, options: ExportOptions) -> AdminResult<Configuration> {
        // With secrets it is recorded in the audit log.
        let operator = if options.secrets { self.operator()? } else { self.connection.operator() };
        config::export(&operator, options).await
    }

    async fn config_plan(self, _: Call, config: Configuration, options: ApplyOptions) -> AdminResult<Plan> {
        config::plan(self.connection.context(), config, options)
    }

    async fn config_apply(
        self,
        _: Call,
        config: Configuration,
        options: ApplyOptions,
        revision: u64,
    ) -> AdminResult<Plan> {
        config::apply(&self.operator()?, config, options, revision).await
    }

    async fn meeting_import(
        self,
        _: Call,
        meetings: Vec<MeetingImport>,
        dry_run: bool,
    ) -> AdminResult<Vec<LeftOut>> {
        meetings::import(&self.operator()?, meetings, dry_run).await
    }

    async fn backup_begin(self, _: Call) -> AdminResult<Backup> {
        // It is recorded in the audit log.
        self.operator()?;
        self.connection.copies().begin().await
    }

    async fn backup_read(self, _: Call, id: u64, offset: u64) -> AdminResult<Sensitive> {
        self.connection.copies().read(id, offset).await
    }

    async fn backup_end(self, _: Call, id: u64) -> AdminResult<()> {
        self.connection.copies().end(id)
    }

    async fn api_mate(self, _: Call, name: String) -> AdminResult<Sensitive> {
        api_mate::link(&self.operator()?, &name).await
    }

    async fn cluster_add(self, _: Call, spec: ClusterSpec) -> AdminResult<ClusterView> {
        clusters::add(&self.operator()?, spec).await
    }

    async fn cluster_set(self, _: Call, name: String, change: ClusterChange) -> AdminResult<ClusterView> {
        clusters::set(&self.operator()?, &name, change).await
    }

    async fn cluster_rm(self, _: Call, name: String) -> AdminResult<ClusterView> {
        clusters::remove(&self.operator()?, &name).await
    }

    async fn cluster_list(self, _: Call, page: Page) -> AdminResult<Paged<ClusterView>> {
        Ok(by_name(clusters::list_with_capacity(self.connection.context()), &page, |it| it.name.clone()))
    }

    async fn cluster_show(self, _: Call, name: String) -> AdminResult<ClusterView> {
        clusters::show(self.connection.context(), &name)
    }

    async fn group_add(self, _: Call, spec: GroupSpec) -> AdminResult<GroupView> {
        groups::add(&self.operator()?, spec).await
    }

    async fn group_set(self, _: Call, name: String, change: GroupChange) -> AdminResult<GroupView> {
        groups::set(&self.operator()?, &name, change).await
    }

    async fn group_rm(self, _: Call, name: String) -> AdminResult<GroupView> {
        groups::remove(&self.operator()?, &name).await
    }

    async fn group_list(self, _: Call, page: Page) -> AdminResult<Paged<GroupView>> {
        Ok(by_name(groups::list_with_capacity(self.connection.context()), &page, |it| it.name.clone()))
    }

    async fn group_show(self, _: Call, name: String) -> AdminResult<GroupView> {
        groups::show(self.connection.context(), &name)
    }

    async fn group_assign(self, _: Call, group: String, cluster: String) -> AdminResult<GroupView> {
        groups::assign(&self.operator()?, &group, &cluster).await
    }

    async fn group_unassign(self, _: Call, group: String, cluster: String) -> AdminResult<GroupView> {
        groups::unassign(&self.operator()?, &group, &cluster).await
    }

    async fn node_add(self, _: Call, spec: NodeSpec) -> AdminResult<NodeView> {
        nodes::add(&self.operator()?, &spec).await
    }

    async fn node_set(self, _: Call, name: String, change: NodeChange) -> AdminResult<NodeView> {
        nodes::set(&self.operator()?, &name, change).await
    }

    async fn node_list(self, _: Call, page: Page) -> AdminResult<Paged<NodeView>> {
        Ok(by_name(nodes::list(self.connection.context()), &page, NodeView::fqdn))
    }

    async fn node_show(self, _: Call, name: String) -> AdminResult<NodeView> {
        nodes::show(self.connection.context(), &name)
    }

    async fn node_details(self, _: Call, name: String) -> AdminResult<NodeDetails> {
        nodes::details(self.connection.context(), &name)
    }

    async fn node_explain(self, _: Call) -> AdminResult<Vec<RankView>> {
        Ok(nodes::explain(self.connection.context()))
    }

    async fn node_check(self, _: Call, name: String) -> AdminResult<NodeCheck> {
        check::check(self.connection.context(), &name).await
    }

    async fn node_maintenance(self, _: Call, name: String, on: bool) -> AdminResult<NodeView> {
        nodes::maintenance(&self.operator()?, &name, on).await
    }

    async fn node_drain(self, _: Call, name: String, spec: DrainSpec) -> AdminResult<NodeView> {
        nodes::drain(&self.operator()?, &name, spec).await
    }

    async fn node_undrain(self, _: Call, name: String) -> AdminResult<NodeView> {
        nodes::undrain(&self.operator()?, &name).await
    }

    async fn node_evacuate(self, _: Call, name: String) -> AdminResult<Evacuation> {
        nodes::evacuate(&self.operator()?, &name).await
    }

    async fn node_rm(self, _: Call, name: String, force: bool) -> AdminResult<NodeView> {
        nodes::remove(&self.operator()?, &name, force).await
    }

    async fn tenant_add(self, _: Call, spec: TenantSpec) -> AdminResult<TenantView> {
        tenants::add(&self.operator()?, spec).await
    }

    async fn tenant_set(self, _: Call, slug: String, change: TenantChange) -> AdminResult<TenantView> {
        tenants::set(&self.operator()?, &slug, change).await
    }

    async fn tenant_rm(self, _: Call, slug: String) -> AdminResult<TenantView> {
        tenants::remove(&self.operator()?, &slug).await
    }

    async fn tenant_list(self, _: Call, page: Page) -> AdminResult<Paged<TenantView>> {
        Ok(by_name(tenants::list(self.connection.context()), &page, |it| it.slug.clone()))
    }

    async fn tenant_show(self, _: Call, slug: String) -> AdminResult<TenantView> {
        tenants::show(self.connection.context(), &slug)
    }

    async fn usage_list(self, _: Call, filter: UsageFilter, page: Page) -> AdminResult<Paged<UsageDay>> {
        usage::list(self.connection.context(), filter, page).await
    }

    async fn secret_add(self, _: Call, spec: SecretSpec) -> AdminResult<NewSecret> {
        secrets::add(&self.operator()?, &spec).await
    }

    async fn secret_add_range(
        self,
        _: Call,
        tenant: String,
        first: u16,
        last: u16,
    ) -> AdminResult<Vec<NewSecret>> {
        secrets::add_range(&self.operator()?, &tenant, first, last).await
    }

    async fn secret_set(self, _: Call, name: String, change: SecretChange) -> AdminResult<SecretView> {
        secrets::set(&self.operator()?, &name, change).await
    }

    async fn secret_rm(self, _: Call, name: String) -> AdminResult<SecretView> {
        secrets::remove(&self.operator()?, &name).await
    }

    async fn secret_list(
        self,
        _: Call,
        tenant: Option<String>,
        page: Page,
    ) -> AdminResult<Paged<SecretView>> {
        Ok(by_name(secrets::list(self.connection.context(), tenant.as_deref())?, &page, secrets::order))
    }

    async fn secret_show(self, _: Call, name: String) -> AdminResult<SecretView> {
        secrets::show(self.connection.context(), &name)
    }

    async fn secret_reveal(
        self,
        _: Call,
        tenant: Option<String>,
        page: Page,
    ) -> AdminResult<Paged<NewSecret>> {
        let all = secrets::reveal(&self.operator()?, tenant.as_deref(), page.after.is_none()).await?;
        Ok(by_name(all, &page, |it| secrets::order(&it.view)))
    }

    async fn secret_rotate(self, _: Call, name: String) -> AdminResult<NewSecret> {
        secrets::rotate(&self.operator()?, &name).await
    }

    async fn secret_promote(self, _: Call, name: String) -> AdminResult<NewSecret> {
        secrets::promote(&self.operator()?, &name).await
    }

    async fn secret_drop_second(self, _: Call, name: String) -> AdminResult<SecretView> {
        secrets::drop_second(&self.operator()?, &name).await
    }

    async fn param_set(self, _: Call, spec: ParamSpec) -> AdminResult<Vec<ParamView>> {
        params::set(&self.operator()?, spec).await
    }

    async fn param_clear(self, _: Call, tenant: String, name: String) -> AdminResult<Vec<ParamView>> {
        params::clear(&self.operator()?, &tenant, name).await
    }

    async fn param_list(self, _: Call, tenant: String) -> AdminResult<Vec<ParamView>> {
        params::list(self.connection.context(), &tenant)
    }

    async fn asset_set(self, _: Call, tenant: String, files: Vec<AssetFile>) -> AdminResult<Vec<AssetCheck>> {
        assets::set(&self.operator()?, &tenant, &files).await
    }

    async fn asset_rm(self, _: Call, tenant: String, kinds: Vec<AssetKind>) -> AdminResult<Vec<AssetCheck>> {
        assets::remove(&self.operator()?, &tenant, &kinds).await
    }

    async fn asset_list(self, _: Call, tenant: Option<String>, page: Page) -> AdminResult<Paged<AssetCheck>> {
        Ok(by_name(assets::list(self.connection.context(), tenant.as_deref())?, &page, assets::order))
    }

    async fn meeting_list(
        self,
        _: Call,
        filter: MeetingFilter,
        page: Page,
    ) -> AdminResult<Paged<MeetingView>> {
        let context = self.connection.context();
        let meetings =
            page::page(meetings::list(context, &filter)?, &page, |it| it.parse().ok(), |it| it.id().0);
        Ok(Paged {
            rows: meetings.rows.iter().map(|it| meetings::view(context, it)).collect(),
            next: meetings.next,
        })
    }

    async fn meeting_show(self, _: Call, secret: String, meeting_id: String) -> AdminResult<MeetingView> {
        meetings::show(self.connection.context(), &secret, &meeting_id)
    }

    async fn meeting_why(self, _: Call, secret: String, meeting_id: String) -> AdminResult<MeetingWhy> {
        meetings::why(self.connection.context(), &secret, &meeting_id)
    }

    async fn meeting_end(self, _: Call, secret: String, meeting_id: String) -> AdminResult<MeetingView> {
        meetings::end(&self.operator()?, &secret, &meeting_id).await
    }

    async fn meeting_stats(self, _: Call) -> AdminResult<MeetingTotals> {
        Ok(meetings::stats(self.connection.context()))
    }
}
