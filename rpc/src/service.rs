//! Every call of the admin service: its table of contents.

use crate::{
    AdminResult, AssetCheck, AssetFile, AssetKind, ClusterSpec, ClusterView, GroupSpec, GroupView, Hello,
    MeetingFilter, MeetingStats, MeetingView, NewSecret, NodeSpec, NodeView, ParamSpec, ParamView, RankView,
    SecretSpec, SecretView, StoreState, TenantChange, TenantSpec, TenantView,
};

/// The admin service. A change is one transaction and counts from the next request on.
///
/// A node is named by its slug where that is unique, else by `slug.domain`; a secret by `SLUG` (sub id
/// 0) or `SLUG-NNN`.
#[tarpc::service]
pub trait Admin {
    /// Version, role and protocol; to be called first.
    async fn hello() -> Hello;
    /// Whether the database takes writes.
    async fn store_state() -> AdminResult<StoreState>;

    /// Makes a cluster.
    async fn cluster_add(spec: ClusterSpec) -> AdminResult<ClusterView>;
    /// All clusters by name.
    async fn cluster_list() -> AdminResult<Vec<ClusterView>>;
    /// One cluster.
    async fn cluster_show(name: String) -> AdminResult<ClusterView>;

    /// Makes a cluster group.
    async fn group_add(spec: GroupSpec) -> AdminResult<GroupView>;
    /// All groups by name.
    async fn group_list() -> AdminResult<Vec<GroupView>>;
    /// One group.
    async fn group_show(name: String) -> AdminResult<GroupView>;
    /// Puts a cluster into a group; no change if it is there.
    async fn group_assign(group: String, cluster: String) -> AdminResult<GroupView>;

    /// Adds a node.
    async fn node_add(spec: NodeSpec) -> AdminResult<NodeView>;
    /// All nodes by name.
    async fn node_list() -> AdminResult<Vec<NodeView>>;
    /// One node.
    async fn node_show(name: String) -> AdminResult<NodeView>;
    /// How placement ranks the nodes now, the best first.
    async fn node_explain() -> AdminResult<Vec<RankView>>;
    /// Removes a node; refused while meetings are bound to it. What it was.
    async fn node_rm(name: String) -> AdminResult<NodeView>;
    /// Switches maintenance.
    async fn node_maintenance(name: String, on: bool) -> AdminResult<NodeView>;

    /// Adds a tenant and its secret of sub id 0, which the answer shows.
    async fn tenant_add(spec: TenantSpec) -> AdminResult<TenantView>;
    /// Changes a tenant.
    async fn tenant_set(slug: String, change: TenantChange) -> AdminResult<TenantView>;
    /// All tenants by slug, without stats tokens.
    async fn tenant_list() -> AdminResult<Vec<TenantView>>;
    /// One tenant, with its stats token.
    async fn tenant_show(slug: String) -> AdminResult<TenantView>;

    /// Adds a secret; the answer shows its key.
    async fn secret_add(spec: SecretSpec) -> AdminResult<NewSecret>;
    /// Adds the missing ones of a range of sub ids and shows just these.
    async fn secret_add_range(tenant: String, first: u16, last: u16) -> AdminResult<Vec<NewSecret>>;
    /// Secrets without keys, of all tenants or of one.
    async fn secret_list(tenant: Option<String>) -> AdminResult<Vec<SecretView>>;
    /// One secret without keys.
    async fn secret_show(name: String) -> AdminResult<SecretView>;
    /// Secrets with their first keys, of all tenants or of one.
    async fn secret_reveal(tenant: Option<String>) -> AdminResult<Vec<NewSecret>>;
    /// Makes the second key and shows it.
    async fn secret_rotate(name: String) -> AdminResult<NewSecret>;
    /// Swaps the two keys; the answer shows the new first one.
    async fn secret_promote(name: String) -> AdminResult<NewSecret>;
    /// Removes the second key.
    async fn secret_drop_second(name: String) -> AdminResult<SecretView>;

    /// Sets a parameter rule; the answer has a row for each call that it is for.
    async fn param_set(spec: ParamSpec) -> AdminResult<Vec<ParamView>>;
    /// Removes a tenant's rule of that name.
    async fn param_clear(tenant: String, name: String) -> AdminResult<Vec<ParamView>>;
    /// A tenant's rules.
    async fn param_list(tenant: String) -> AdminResult<Vec<ParamView>>;

    /// Stores assets of a tenant, all or none.
    async fn asset_set(tenant: String, files: Vec<AssetFile>) -> AdminResult<Vec<AssetCheck>>;
    /// Removes assets of a tenant; the answer has what is left.
    async fn asset_rm(tenant: String, kinds: Vec<AssetKind>) -> AdminResult<Vec<AssetCheck>>;
    /// What is stored, of all tenants or of one, and what is wrong with it.
    async fn asset_list(tenant: Option<String>) -> AdminResult<Vec<AssetCheck>>;

    /// Running meetings.
    async fn meeting_list(filter: MeetingFilter) -> AdminResult<Vec<MeetingView>>;
    /// Ends a meeting of the named secret on its node.
    async fn meeting_end(secret: String, meeting_id: String) -> AdminResult<MeetingView>;
    /// Totals of running meetings.
    async fn meeting_stats() -> AdminResult<MeetingStats>;
}
