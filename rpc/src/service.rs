//! All calls of the admin service.

use crate::{
    AdminResult, ApplyOptions, AssetCheck, AssetFile, AssetKind, AuditEntry, AuditFilter, Backup, ClientInfo,
    ClusterChange, ClusterSpec, ClusterView, Configuration, DrainSpec, Evacuation, Event, EventFilter,
    ExportOptions, GroupChange, GroupSpec, GroupView, Hello, LeftOut, MeetingFilter, MeetingImport,
    MeetingTotals, MeetingView, MeetingWhy, NewSecret, NodeChange, NodeCheck, NodeDetails, NodeSpec,
    NodeView, Page, Paged, ParamSpec, ParamView, Plan, PoolHistory, RankView, SecretChange, SecretSpec,
    SecretView, Sensitive, Status, Takeover, TenantChange, TenantSpec, TenantView, UsageDay, UsageFilter,
    WatchAnswer, WatchFrom,
};

/// The admin service. Each change is one transaction and takes effect with the next request. Of two
/// concurrent changes to the same object, one succeeds and the other fails with a conflict.
///
/// Nodes are named by their slug where that is unique, otherwise by `slug.domain`. Secrets are named `SLUG`
/// (sub id 0) or `SLUG-NNN`.
#[tarpc::service]
pub trait Admin {
    /// Returns version, role and protocol. Must be the first call.
    async fn hello(caller: ClientInfo) -> Hello;
    /// The status of the daemon.
    async fn status() -> AdminResult<Status>;
    /// Waits up to `wait_ms` for changes since `from`, and returns only those. Answers on one connection are
    /// rate-limited to bound the traffic.
    async fn watch(from: WatchFrom, wait_ms: u32) -> AdminResult<WatchAnswer>;
    /// The last day of the pool, the days to compare it with, and what is expected.
    async fn pool_history() -> AdminResult<PoolHistory>;
    /// Events, oldest first. Waits up to `wait_ms` if there are none.
    async fn event_list(filter: EventFilter, wait_ms: u32) -> AdminResult<Vec<Event>>;
    /// The audit log, newest first.
    async fn audit_list(filter: AuditFilter, page: Page) -> AdminResult<Paged<AuditEntry>>;
    /// Begins to make a replica the primary; a conflict if the daemon is the primary.
    async fn promote() -> AdminResult<()>;
    /// The steps of the last takeover after the first `seen` ones. Waits up to `wait_ms` if there are none yet.
    async fn promotion(seen: u32, wait_ms: u32) -> AdminResult<Takeover>;

    /// The whole configuration.
    async fn config_export(options: ExportOptions) -> AdminResult<Configuration>;
    /// What applying a configuration would do.
    async fn config_plan(config: Configuration, options: ApplyOptions) -> AdminResult<Plan>;
    /// Applies a configuration in one transaction and returns what was done. Fails with a conflict if the
    /// configuration has changed since `revision`.
    async fn config_apply(config: Configuration, options: ApplyOptions, revision: u64) -> AdminResult<Plan>;
    /// Imports running meetings and returns those that were skipped. With `dry_run`, only returns these.
    async fn meeting_import(meetings: Vec<MeetingImport>, dry_run: bool) -> AdminResult<Vec<LeftOut>>;

    /// Makes a consistent copy of the database for this connection to read.
    async fn backup_begin() -> AdminResult<Backup>;
    /// Up to 4 MiB of a copy, starting at byte `offset`, in base64; empty at the end.
    async fn backup_read(id: u64, offset: u64) -> AdminResult<Sensitive>;
    /// Removes a copy.
    async fn backup_end(id: u64) -> AdminResult<()>;

    /// A link to API Mate for a tenant's secret (`SLUG` or `SLUG-NNN`) or a node. The link contains the
    /// secret.
    async fn api_mate(name: String) -> AdminResult<Sensitive>;

    /// Adds a cluster.
    async fn cluster_add(spec: ClusterSpec) -> AdminResult<ClusterView>;
    /// Changes a cluster.
    async fn cluster_set(name: String, change: ClusterChange) -> AdminResult<ClusterView>;
    /// Removes a cluster and returns it; refused while it has nodes.
    async fn cluster_rm(name: String) -> AdminResult<ClusterView>;
    /// All clusters, by name.
    async fn cluster_list(page: Page) -> AdminResult<Paged<ClusterView>>;
    /// One cluster.
    async fn cluster_show(name: String) -> AdminResult<ClusterView>;

    /// Adds a cluster group.
    async fn group_add(spec: GroupSpec) -> AdminResult<GroupView>;
    /// Changes a cluster group.
    async fn group_set(name: String, change: GroupChange) -> AdminResult<GroupView>;
    /// Removes a cluster group and returns it; refused while it has tenants.
    async fn group_rm(name: String) -> AdminResult<GroupView>;
    /// All groups, by name.
    async fn group_list(page: Page) -> AdminResult<Paged<GroupView>>;
    /// One group.
    async fn group_show(name: String) -> AdminResult<GroupView>;
    /// Adds a cluster to a group; does nothing if it is already a member.
    async fn group_assign(group: String, cluster: String) -> AdminResult<GroupView>;
    /// Removes a cluster from a group; running meetings continue.
    async fn group_unassign(group: String, cluster: String) -> AdminResult<GroupView>;

    /// Adds a node.
    async fn node_add(spec: NodeSpec) -> AdminResult<NodeView>;
    /// Changes a node.
    async fn node_set(name: String, change: NodeChange) -> AdminResult<NodeView>;
    /// All nodes, by name.
    async fn node_list(page: Page) -> AdminResult<Paged<NodeView>>;
    /// One node.
    async fn node_show(name: String) -> AdminResult<NodeView>;
    /// One node with everything known about it, including its last hour.
    async fn node_details(name: String) -> AdminResult<NodeDetails>;
    /// How placement ranks the nodes now, best first.
    async fn node_explain() -> AdminResult<Vec<RankView>>;
    /// Checks a node on demand.
    async fn node_check(name: String) -> AdminResult<NodeCheck>;
    /// Switches maintenance on or off. Off also ends a drain.
    async fn node_maintenance(name: String, on: bool) -> AdminResult<NodeView>;
    /// Drains a node: switches maintenance on, and notes who wants it empty, why, and until when. Replaces an earlier
    /// drain of the node.
    async fn node_drain(name: String, spec: DrainSpec) -> AdminResult<NodeView>;
    /// Takes a drain back: the node takes meetings again. A conflict if it is not being drained.
    async fn node_undrain(name: String) -> AdminResult<NodeView>;
    /// Ends all tenants' meetings on a node.
    async fn node_evacuate(name: String) -> AdminResult<Evacuation>;
    /// Removes a node and returns it; refused while meetings are bound to it. With `force`, these count as
    /// ended.
    async fn node_rm(name: String, force: bool) -> AdminResult<NodeView>;

    /// Adds a tenant and its secret with sub id 0, which the answer includes.
    async fn tenant_add(spec: TenantSpec) -> AdminResult<TenantView>;
    /// Changes a tenant.
    async fn tenant_set(slug: String, change: TenantChange) -> AdminResult<TenantView>;
    /// Removes a tenant with its secrets, rules and assets, and returns it; refused while it has meetings.
    async fn tenant_rm(slug: String) -> AdminResult<TenantView>;
    /// All tenants by slug, without their stats tokens.
    async fn tenant_list(page: Page) -> AdminResult<Paged<TenantView>>;
    /// One tenant, including its stats token.
    async fn tenant_show(slug: String) -> AdminResult<TenantView>;

    /// What tenants used on each day, by day and slug. Includes tenants that were removed.
    async fn usage_list(filter: UsageFilter, page: Page) -> AdminResult<Paged<UsageDay>>;

    /// Adds a secret; the answer includes its key.
    async fn secret_add(spec: SecretSpec) -> AdminResult<NewSecret>;
    /// Adds the missing secrets of a range of sub ids and returns only those.
    async fn secret_add_range(tenant: String, first: u16, last: u16) -> AdminResult<Vec<NewSecret>>;
    /// Changes the limits of a secret.
    async fn secret_set(name: String, change: SecretChange) -> AdminResult<SecretView>;
    /// Removes a secret and returns it; refused for sub id 0, and while it has meetings.
    async fn secret_rm(name: String) -> AdminResult<SecretView>;
    /// Secrets without keys, of all tenants or one.
    async fn secret_list(tenant: Option<String>, page: Page) -> AdminResult<Paged<SecretView>>;
    /// One secret without keys.
    async fn secret_show(name: String) -> AdminResult<SecretView>;
    /// Secrets with their first keys, of all tenants or one.
    async fn secret_reveal(tenant: Option<String>, page: Page) -> AdminResult<Paged<NewSecret>>;
    /// Generates the second key and returns it; a conflict if there already is one.
    async fn secret_rotate(name: String) -> AdminResult<NewSecret>;
    /// Swaps the two keys and returns the new first one.
    async fn secret_promote(name: String) -> AdminResult<NewSecret>;
    /// Removes the second key.
    async fn secret_drop_second(name: String) -> AdminResult<SecretView>;

    /// Sets a parameter rule; the answer has a row for each call that it applies to.
    async fn param_set(spec: ParamSpec) -> AdminResult<Vec<ParamView>>;
    /// Removes a tenant's rules of that name.
    async fn param_clear(tenant: String, name: String) -> AdminResult<Vec<ParamView>>;
    /// A tenant's rules.
    async fn param_list(tenant: String) -> AdminResult<Vec<ParamView>>;

    /// Stores assets of a tenant, all or none.
    async fn asset_set(tenant: String, files: Vec<AssetFile>) -> AdminResult<Vec<AssetCheck>>;
    /// Removes assets of a tenant and returns the remaining ones.
    async fn asset_rm(tenant: String, kinds: Vec<AssetKind>) -> AdminResult<Vec<AssetCheck>>;
    /// Stored assets and their problems, of all tenants or one.
    async fn asset_list(tenant: Option<String>, page: Page) -> AdminResult<Paged<AssetCheck>>;

    /// Running meetings, oldest first.
    async fn meeting_list(filter: MeetingFilter, page: Page) -> AdminResult<Paged<MeetingView>>;
    /// One running meeting of the named secret.
    async fn meeting_show(secret: String, meeting_id: String) -> AdminResult<MeetingView>;
    /// Why a running meeting is on its node.
    async fn meeting_why(secret: String, meeting_id: String) -> AdminResult<MeetingWhy>;
    /// Ends a meeting of the named secret on its node.
    async fn meeting_end(secret: String, meeting_id: String) -> AdminResult<MeetingView>;
    /// Totals of running meetings.
    async fn meeting_stats() -> AdminResult<MeetingTotals>;
}
