//! The service: one line per call.

use std::sync::Arc;

use rpc::{
    Admin, AdminResult, AssetCheck, AssetFile, AssetKind, ClusterSpec, ClusterView, GroupSpec, GroupView,
    Hello, MeetingFilter, MeetingStats, MeetingView, NewSecret, NodeSpec, NodeView, PROTOCOL, ParamSpec,
    ParamView, RankView, Role, SecretSpec, SecretView, StoreState, TenantChange, TenantSpec, TenantView,
};
use tarpc::context::Context as Call;

use super::{Context, assets, clusters, meetings, nodes, params, secrets, tenants};

/// One connection's view of the service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) context: Arc<Context>,
    /// The peer's user, if the system tells.
    pub(super) uid: Option<u32>,
}

impl Service {
    /// One line for each change that was made, with who made it; never a secret.
    fn told<T>(&self, what: &str, name: &str, result: AdminResult<T>) -> AdminResult<T> {
        match &result {
            Ok(_) => tracing::info!(uid = self.uid, what, name, "admin change"),
            Err(error) => {
                tracing::debug!(uid = self.uid, what, name, code = ?error.code, "admin change refused");
            }
        }
        result
    }
}

impl Admin for Service {
    async fn hello(self, _: Call) -> Hello {
        Hello { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned(), role: Role::Primary }
    }

    async fn store_state(self, _: Call) -> AdminResult<StoreState> {
        let error = self.context.meetings.store.probe().await.err().map(|it| it.to_string());
        Ok(StoreState { writable: error.is_none(), error })
    }

    async fn cluster_add(self, _: Call, spec: ClusterSpec) -> AdminResult<ClusterView> {
        self.told("cluster add", &spec.name, clusters::add(&self.context, spec.clone()).await)
    }

    async fn cluster_list(self, _: Call) -> AdminResult<Vec<ClusterView>> {
        Ok(clusters::list(&self.context))
    }

    async fn cluster_show(self, _: Call, name: String) -> AdminResult<ClusterView> {
        clusters::show(&self.context, &name)
    }

    async fn group_add(self, _: Call, spec: GroupSpec) -> AdminResult<GroupView> {
        self.told("group add", &spec.name, clusters::add_group(&self.context, spec.clone()).await)
    }

    async fn group_list(self, _: Call) -> AdminResult<Vec<GroupView>> {
        Ok(clusters::groups(&self.context))
    }

    async fn group_show(self, _: Call, name: String) -> AdminResult<GroupView> {
        clusters::show_group(&self.context, &name)
    }

    async fn group_assign(self, _: Call, group: String, cluster: String) -> AdminResult<GroupView> {
        self.told("group assign", &group, clusters::assign(&self.context, &group, &cluster).await)
    }

    async fn node_add(self, _: Call, spec: NodeSpec) -> AdminResult<NodeView> {
        self.told("node add", &spec.slug, nodes::add(&self.context, &spec).await)
    }

    async fn node_list(self, _: Call) -> AdminResult<Vec<NodeView>> {
        Ok(nodes::list(&self.context))
    }

    async fn node_show(self, _: Call, name: String) -> AdminResult<NodeView> {
        nodes::show(&self.context, &name)
    }

    async fn node_explain(self, _: Call) -> AdminResult<Vec<RankView>> {
        Ok(nodes::explain(&self.context))
    }

    async fn node_rm(self, _: Call, name: String) -> AdminResult<NodeView> {
        self.told("node rm", &name, nodes::remove(&self.context, &name).await)
    }

    async fn node_maintenance(self, _: Call, name: String, on: bool) -> AdminResult<NodeView> {
        let what = if on { "node maintenance on" } else { "node maintenance off" };
        self.told(what, &name, nodes::maintenance(&self.context, &name, on).await)
    }

    async fn tenant_add(self, _: Call, spec: TenantSpec) -> AdminResult<TenantView> {
        self.told("tenant add", &spec.slug, tenants::add(&self.context, &spec).await)
    }

    async fn tenant_set(self, _: Call, slug: String, change: TenantChange) -> AdminResult<TenantView> {
        self.told("tenant set", &slug, tenants::set(&self.context, &slug, change).await)
    }

    async fn tenant_list(self, _: Call) -> AdminResult<Vec<TenantView>> {
        Ok(tenants::list(&self.context))
    }

    async fn tenant_show(self, _: Call, slug: String) -> AdminResult<TenantView> {
        tenants::show(&self.context, &slug)
    }

    async fn secret_add(self, _: Call, spec: SecretSpec) -> AdminResult<NewSecret> {
        self.told("secret add", &spec.tenant, secrets::add(&self.context, &spec).await)
    }

    async fn secret_add_range(
        self,
        _: Call,
        tenant: String,
        first: u16,
        last: u16,
    ) -> AdminResult<Vec<NewSecret>> {
        self.told("secret add", &tenant, secrets::add_range(&self.context, &tenant, first, last).await)
    }

    async fn secret_list(self, _: Call, tenant: Option<String>) -> AdminResult<Vec<SecretView>> {
        secrets::list(&self.context, tenant.as_deref())
    }

    async fn secret_show(self, _: Call, name: String) -> AdminResult<SecretView> {
        secrets::show(&self.context, &name)
    }

    async fn secret_reveal(self, _: Call, tenant: Option<String>) -> AdminResult<Vec<NewSecret>> {
        self.told(
            "secret reveal",
            tenant.as_deref().unwrap_or("*"),
            secrets::reveal(&self.context, tenant.as_deref()),
        )
    }

    async fn secret_rotate(self, _: Call, name: String) -> AdminResult<NewSecret> {
        self.told("secret rotate", &name, secrets::rotate(&self.context, &name).await)
    }

    async fn secret_promote(self, _: Call, name: String) -> AdminResult<NewSecret> {
        self.told("secret promote", &name, secrets::promote(&self.context, &name).await)
    }

    async fn secret_drop_second(self, _: Call, name: String) -> AdminResult<SecretView> {
        self.told("secret drop-second", &name, secrets::drop_second(&self.context, &name).await)
    }

    async fn param_set(self, _: Call, spec: ParamSpec) -> AdminResult<Vec<ParamView>> {
        self.told("param set", &spec.tenant, params::set(&self.context, spec.clone()).await)
    }

    async fn param_clear(self, _: Call, tenant: String, name: String) -> AdminResult<Vec<ParamView>> {
        self.told("param clear", &tenant, params::clear(&self.context, &tenant, name).await)
    }

    async fn param_list(self, _: Call, tenant: String) -> AdminResult<Vec<ParamView>> {
        params::list(&self.context, &tenant)
    }

    async fn asset_set(self, _: Call, tenant: String, files: Vec<AssetFile>) -> AdminResult<Vec<AssetCheck>> {
        self.told("asset set", &tenant, assets::set(&self.context, &tenant, &files).await)
    }

    async fn asset_rm(self, _: Call, tenant: String, kinds: Vec<AssetKind>) -> AdminResult<Vec<AssetCheck>> {
        self.told("asset rm", &tenant, assets::remove(&self.context, &tenant, &kinds).await)
    }

    async fn asset_list(self, _: Call, tenant: Option<String>) -> AdminResult<Vec<AssetCheck>> {
        assets::list(&self.context, tenant.as_deref())
    }

    async fn meeting_list(self, _: Call, filter: MeetingFilter) -> AdminResult<Vec<MeetingView>> {
        meetings::list(&self.context, &filter)
    }

    async fn meeting_end(self, _: Call, secret: String, meeting_id: String) -> AdminResult<MeetingView> {
        self.told("meeting end", &secret, meetings::end(&self.context, &secret, &meeting_id).await)
    }

    async fn meeting_stats(self, _: Call) -> AdminResult<MeetingStats> {
        Ok(meetings::stats(&self.context))
    }
}
