//! Every call of the admin service: its table of contents.

use crate::{
    AdminResult, ApplyOptions, AssetCheck, AssetFile, AssetKind, AuditEntry, AuditFilter, Backup, Caller,
    ClusterChange, ClusterSpec, ClusterView, Configuration, Evacuation, Event, EventFilter, ExportOptions,
    GroupChange, GroupSpec, GroupView, Hello, LeftOut, MeetingFilter, MeetingImport, MeetingStats,
    MeetingView, NewSecret, NodeChange, NodeCheck, NodeDetails, NodeSpec, NodeView, Page, Paged, ParamSpec,
    ParamView, Plan, RankView, SecretChange, SecretSpec, SecretView, Sensitive, Status, TenantChange,
    TenantSpec, TenantView, WatchAnswer, WatchFrom,
};

/// The admin service. A change is one transaction and counts from the next request on; of two changes of
/// the same thing at once one is made, the other is a conflict.
///
/// A node is named by its slug where that is unique, else by `slug.domain`; a secret by `SLUG` (sub id
/// 0) or `SLUG-NNN`.
#[tarpc::service]
pub trait Admin {
    /// Version, role and protocol; to be called first.
    async fn hello(caller: Caller) -> Hello;
    /// How the daemon does.
    async fn status() -> AdminResult<Status>;
    /// Waits up to `wait_ms` until something changed since `from`, and tells just that. Answers of one
    /// connection are spaced, so that the traffic is bounded.
    async fn watch(from: WatchFrom, wait_ms: u32) -> AdminResult<WatchAnswer>;
    /// Events of this life of the daemon, oldest first; waits up to `wait_ms` for one if there is none.
    async fn event_list(filter: EventFilter, wait_ms: u32) -> AdminResult<Vec<Event>>;
    /// The audit log, newest first.
    async fn audit_list(filter: AuditFilter, page: Page) -> AdminResult<Paged<AuditEntry>>;
    /// Makes a replica the primary; refused by a daemon that is one already.
    async fn promote() -> AdminResult<Hello>;

    /// The whole configuration.
    async fn config_export(options: ExportOptions) -> AdminResult<Configuration>;
    /// What applying a configuration would do.
    async fn config_plan(config: Configuration, options: ApplyOptions) -> AdminResult<Plan>;
    /// Applies a configuration in one transaction; a conflict if the configuration is no longer the one of
    /// `revision`. What was done.
    async fn config_apply(config: Configuration, options: ApplyOptions, revision: u64) -> AdminResult<Plan>;
    /// Takes over running meetings; those that were left out. With `dry_run` only tells these.
    async fn meeting_import(meetings: Vec<MeetingImport>, dry_run: bool) -> AdminResult<Vec<LeftOut>>;

    /// Makes a consistent copy of the database, to be read by this connection.
    async fn backup_begin() -> AdminResult<Backup>;
    /// Up to 4 MiB of a copy from byte `offset` on, in base64; empty at its end.
    async fn backup_read(id: u64, offset: u64) -> AdminResult<Sensitive>;
    /// Removes a copy.
    async fn backup_end(id: u64) -> AdminResult<()>;

    /// A link to API Mate that can call a tenant's secret (`SLUG` or `SLUG-NNN`) or a node; it has the
    /// secret in it.
    async fn api_mate(name: String) -> AdminResult<Sensitive>;

    /// Makes a cluster.
    async fn cluster_add(spec: ClusterSpec) -> AdminResult<ClusterView>;
    /// Changes a cluster.
    async fn cluster_set(name: String, change: ClusterChange) -> AdminResult<ClusterView>;
    /// Removes a cluster; refused while it has nodes. What it was.
    async fn cluster_rm(name: String) -> AdminResult<ClusterView>;
    /// All clusters by name.
    async fn cluster_list(page: Page) -> AdminResult<Paged<ClusterView>>;
    /// One cluster.
    async fn cluster_show(name: String) -> AdminResult<ClusterView>;

    /// Makes a cluster group.
    async fn group_add(spec: GroupSpec) -> AdminResult<GroupView>;
    /// Changes a cluster group.
    async fn group_set(name: String, change: GroupChange) -> AdminResult<GroupView>;
    /// Removes a cluster group; refused while it has tenants. What it was.
    async fn group_rm(name: String) -> AdminResult<GroupView>;
    /// All groups by name.
    async fn group_list(page: Page) -> AdminResult<Paged<GroupView>>;
    /// One group.
    async fn group_show(name: String) -> AdminResult<GroupView>;
    /// Puts a cluster into a group; no change if it is there.
    async fn group_assign(group: String, cluster: String) -> AdminResult<GroupView>;
    /// Takes a cluster out of a group; running meetings go on.
    async fn group_unassign(group: String, cluster: String) -> AdminResult<GroupView>;

    /// Adds a node.
    async fn node_add(spec: NodeSpec) -> AdminResult<NodeView>;
    /// Changes a node.
    async fn node_set(name: String, change: NodeChange) -> AdminResult<NodeView>;
    /// All nodes by name.
    async fn node_list(page: Page) -> AdminResult<Paged<NodeView>>;
    /// One node.
    async fn node_show(name: String) -> AdminResult<NodeView>;
    /// One node with all that is known of it, and its last hour.
    async fn node_details(name: String) -> AdminResult<NodeDetails>;
    /// How placement ranks the nodes now, the best first.
    async fn node_explain() -> AdminResult<Vec<RankView>>;
    /// Examines a node on the spot.
    async fn node_check(name: String) -> AdminResult<NodeCheck>;
    /// Switches maintenance.
    async fn node_maintenance(name: String, on: bool) -> AdminResult<NodeView>;
    /// Ends all meetings of tenants on a node.
    async fn node_evacuate(name: String) -> AdminResult<Evacuation>;
    /// Removes a node; refused while meetings are bound to it, unless `force`: then these count as ended.
    /// What it was.
    async fn node_rm(name: String, force: bool) -> AdminResult<NodeView>;

    /// Adds a tenant and its secret of sub id 0, which the answer shows.
    async fn tenant_add(spec: TenantSpec) -> AdminResult<TenantView>;
    /// Changes a tenant.
    async fn tenant_set(slug: String, change: TenantChange) -> AdminResult<TenantView>;
    /// Removes a tenant with its secrets, rules and assets; refused while it has meetings. What it was.
    async fn tenant_rm(slug: String) -> AdminResult<TenantView>;
    /// All tenants by slug, without stats tokens.
    async fn tenant_list(page: Page) -> AdminResult<Paged<TenantView>>;
    /// One tenant, with its stats token.
    async fn tenant_show(slug: String) -> AdminResult<TenantView>;

    /// Adds a secret; the answer shows its key.
    async fn secret_add(spec: SecretSpec) -> AdminResult<NewSecret>;
    /// Adds the missing ones of a range of sub ids and shows just these.
    async fn secret_add_range(tenant: String, first: u16, last: u16) -> AdminResult<Vec<NewSecret>>;
    /// Changes the limits of a secret.
    async fn secret_set(name: String, change: SecretChange) -> AdminResult<SecretView>;
    /// Removes a secret; refused for sub id 0, and while it has meetings. What it was.
    async fn secret_rm(name: String) -> AdminResult<SecretView>;
    /// Secrets without keys, of all tenants or of one.
    async fn secret_list(tenant: Option<String>, page: Page) -> AdminResult<Paged<SecretView>>;
    /// One secret without keys.
    async fn secret_show(name: String) -> AdminResult<SecretView>;
    /// Secrets with their first keys, of all tenants or of one.
    async fn secret_reveal(tenant: Option<String>, page: Page) -> AdminResult<Paged<NewSecret>>;
    /// Makes the second key and shows it; a conflict if there is one already.
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
    async fn asset_list(tenant: Option<String>, page: Page) -> AdminResult<Paged<AssetCheck>>;

    /// Running meetings, oldest first.
    async fn meeting_list(filter: MeetingFilter, page: Page) -> AdminResult<Paged<MeetingView>>;
    /// One running meeting of the named secret.
    async fn meeting_show(secret: String, meeting_id: String) -> AdminResult<MeetingView>;
    /// Ends a meeting of the named secret on its node.
    async fn meeting_end(secret: String, meeting_id: String) -> AdminResult<MeetingView>;
    /// Totals of running meetings.
    async fn meeting_stats() -> AdminResult<MeetingStats>;
}
