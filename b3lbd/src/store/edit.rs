//! Edits of the configuration. Objects are identified by name, not by row id, so that a new object can be
//! used in the transaction that creates it.

use super::NewAsset;
use crate::bbb::Algorithm;
use crate::model::{AssetKind, Drain, LoadFactors, NodeSlug, Rule, SecretKey, TenantLabel, TenantSlug};
use strum::IntoStaticStr;

/// A cluster.
#[derive(Clone, Debug)]
pub struct ClusterRow {
    /// Unique name.
    pub name: String,
    /// Weights of the load formula.
    pub factors: LoadFactors,
    /// Algorithm that signs calls to its nodes.
    pub algorithm: Algorithm,
    /// CPU use in percent up to which its nodes are meant to be used.
    pub target_cpu: u32,
}

/// The name of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// First label of its host name.
    pub slug: NodeSlug,
    /// The rest of the host name.
    pub domain: String,
}

impl std::fmt::Display for NodeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.slug, self.domain)
    }
}

/// Changes to a node; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct NodeEdit {
    /// Name of its cluster.
    pub cluster: Option<String>,
    /// Its BBB secret.
    pub secret: Option<SecretKey>,
    /// Whether it takes no new meetings. Without maintenance there is no drain.
    pub maintenance: Option<bool>,
    /// Its new drain.
    pub drain: Option<Drain>,
}

/// A tenant without its secrets.
#[derive(Clone, Debug)]
pub struct TenantRow {
    /// The slug, in upper case.
    pub slug: TenantSlug,
    /// Free text.
    pub description: String,
    /// Name of its cluster group.
    pub group: String,
    /// Token for its own stats and metrics.
    pub stats_token: SecretKey,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
}

/// Changes to a tenant; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct TenantEdit {
    /// Free text.
    pub description: Option<String>,
    /// Name of its cluster group.
    pub group: Option<String>,
    /// Token for its own stats and metrics.
    pub stats_token: Option<SecretKey>,
    /// 0 means no limit.
    pub attendee_limit: Option<u32>,
    /// 0 means no limit.
    pub meeting_limit: Option<u32>,
}

/// A secret of a tenant.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// Tenant and sub id.
    pub label: TenantLabel,
    /// The key.
    pub key: SecretKey,
    /// The second key, during a rollover.
    pub second_key: Option<SecretKey>,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
}

/// Changes to a secret; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct SecretEdit {
    /// The key.
    pub key: Option<SecretKey>,
    /// The second key; `Some(None)` removes it.
    pub second_key: Option<Option<SecretKey>>,
    /// 0 means no limit.
    pub attendee_limit: Option<u32>,
    /// 0 means no limit.
    pub meeting_limit: Option<u32>,
}

/// The call that a rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RuleCall {
    /// `create`.
    Create,
    /// `join`.
    Join,
}

impl RuleCall {
    /// The call's name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One edit; several form a transaction.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Adds a cluster.
    AddCluster(ClusterRow),
    /// Changes all properties of a cluster.
    SetCluster(ClusterRow),
    /// Removes a cluster without nodes.
    RemoveCluster(String),
    /// Adds a cluster group: name, description.
    AddGroup(String, String),
    /// Changes the description of a cluster group.
    DescribeGroup(String, String),
    /// Removes a cluster group without tenants.
    RemoveGroup(String),
    /// Adds a cluster to a group: group, cluster.
    Assign(String, String),
    /// Removes a cluster from a group: group, cluster.
    Unassign(String, String),
    /// Adds a node: name, cluster, BBB secret, maintenance.
    AddNode(NodeName, String, SecretKey, bool),
    /// Changes a node.
    SetNode(NodeName, NodeEdit),
    /// Removes a node without meetings.
    RemoveNode(NodeName),
    /// Adds a tenant.
    AddTenant(TenantRow),
    /// Changes a tenant.
    SetTenant(TenantSlug, TenantEdit),
    /// Removes a tenant without meetings, and everything it owns.
    RemoveTenant(TenantSlug),
    /// Adds a secret.
    AddSecret(SecretRow),
    /// Changes a secret.
    SetSecret(TenantLabel, SecretEdit),
    /// Swaps the two keys of a secret.
    SwapKeys(TenantLabel),
    /// Removes a secret without meetings.
    RemoveSecret(TenantLabel),
    /// Sets a rule, replacing a rule for the same call and parameter.
    SetRule(TenantSlug, RuleCall, Rule),
    /// Removes a rule by name.
    ClearRule(TenantSlug, RuleCall, String),
    /// Stores an asset, replacing an asset of the same kind.
    SetAsset(TenantSlug, NewAsset),
    /// Removes an asset.
    RemoveAsset(TenantSlug, AssetKind),
}
