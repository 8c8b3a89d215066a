//! What can be changed of the configuration. Things are named, not numbered, so that a new thing can be
//! used in the same transaction that makes it.

use super::NewAsset;
use crate::bbb::Algorithm;
use crate::model::{AssetKind, LoadFactors, NodeSlug, Rule, SecretKey, TenantLabel, TenantSlug};

/// A cluster.
#[derive(Clone, Debug)]
pub struct ClusterRow {
    /// Unique name.
    pub name: String,
    /// Weights of the load formula.
    pub factors: LoadFactors,
    /// How calls to its nodes are signed.
    pub algorithm: Algorithm,
}

/// Names a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// First label of its host name.
    pub slug: NodeSlug,
    /// The rest.
    pub domain: String,
}

impl std::fmt::Display for NodeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.slug, self.domain)
    }
}

/// What to change of a node; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct NodeEdit {
    /// Name of its cluster.
    pub cluster: Option<String>,
    /// Its BBB secret.
    pub secret: Option<SecretKey>,
    /// No new meetings.
    pub maintenance: Option<bool>,
}

/// A tenant without its secrets.
#[derive(Clone, Debug)]
pub struct TenantRow {
    /// Slug.
    pub slug: TenantSlug,
    /// Free text.
    pub description: String,
    /// Name of its cluster group.
    pub group: String,
    /// For its own stats and metrics.
    pub stats_token: SecretKey,
    /// 0 = none.
    pub attendee_limit: u32,
    /// 0 = none.
    pub meeting_limit: u32,
}

/// What to change of a tenant; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct TenantEdit {
    /// Free text.
    pub description: Option<String>,
    /// Name of its cluster group.
    pub group: Option<String>,
    /// For its own stats and metrics.
    pub stats_token: Option<SecretKey>,
    /// 0 = none.
    pub attendee_limit: Option<u32>,
    /// 0 = none.
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
    /// 0 = none.
    pub attendee_limit: u32,
    /// 0 = none.
    pub meeting_limit: u32,
}

/// What to change of a secret; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct SecretEdit {
    /// The key.
    pub key: Option<SecretKey>,
    /// The second key; `Some(None)` removes it.
    pub second_key: Option<Option<SecretKey>>,
    /// 0 = none.
    pub attendee_limit: Option<u32>,
    /// 0 = none.
    pub meeting_limit: Option<u32>,
}

/// Which call a parameter rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleCall {
    /// `create`.
    Create,
    /// `join`.
    Join,
}

impl RuleCall {
    /// The call's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Join => "join",
        }
    }
}

/// One change; several make a transaction.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Makes a cluster.
    AddCluster(ClusterRow),
    /// Gives a cluster these properties.
    SetCluster(ClusterRow),
    /// Removes a cluster without nodes.
    RemoveCluster(String),
    /// Makes a cluster group: name, description.
    AddGroup(String, String),
    /// Gives a cluster group a description.
    DescribeGroup(String, String),
    /// Removes a cluster group without tenants.
    RemoveGroup(String),
    /// Puts a cluster into a group: group, cluster.
    Assign(String, String),
    /// Takes a cluster out of a group: group, cluster.
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
    /// Removes a tenant without meetings, and all that it has.
    RemoveTenant(TenantSlug),
    /// Adds a secret.
    AddSecret(SecretRow),
    /// Changes a secret.
    SetSecret(TenantLabel, SecretEdit),
    /// Swaps the two keys of a secret.
    SwapKeys(TenantLabel),
    /// Removes a secret without meetings.
    RemoveSecret(TenantLabel),
    /// Sets a rule, replacing one of the same call and name.
    SetRule(TenantSlug, RuleCall, Rule),
    /// Removes a rule by name.
    ClearRule(TenantSlug, RuleCall, String),
    /// Stores an asset, replacing one of the same kind.
    SetAsset(TenantSlug, NewAsset),
    /// Removes an asset.
    RemoveAsset(TenantSlug, AssetKind),
}
