//! The configuration as one immutable value.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rpc::AssetKind;

use super::{
    ClusterId, Drain, GroupId, LoadFactors, NodeId, NodeSlug, Rule, SecretId, SubId, TenantId, TenantLabel,
    TenantSlug,
};
use crate::bbb::Algorithm;

/// The key of a secret; `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

impl SecretKey {
    /// Wraps a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself, for signing and for calls that exist to show it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Nodes with the same load factors and checksum algorithm.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Row id.
    pub id: ClusterId,
    /// Unique name.
    pub name: String,
    /// Weights for computing the load of its nodes.
    pub factors: LoadFactors,
    /// Algorithm that signs calls to its nodes.
    pub algorithm: Algorithm,
    /// CPU use in percent up to which its nodes are meant to be used.
    pub target_cpu: u32,
}

/// A set of clusters that tenants are bound to.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Row id.
    pub id: GroupId,
    /// Unique name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Its clusters.
    pub clusters: Vec<ClusterId>,
}

/// A host that runs BBB.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Row id.
    pub id: NodeId,
    /// First label of its host name.
    pub slug: NodeSlug,
    /// The rest of the host name, with an optional port.
    pub domain: String,
    /// Its BBB secret.
    pub secret: SecretKey,
    /// Its cluster.
    pub cluster: Arc<Cluster>,
    /// Set by an operator: takes no new meetings.
    pub maintenance: bool,
    /// The drain that the maintenance is part of, if any.
    pub drain: Option<Drain>,
}

impl Node {
    /// `slug.domain`.
    pub fn fqdn(&self) -> String {
        format!("{}.{}", self.slug, self.domain)
    }
}

/// An asset without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetMeta {
    /// File name without folders.
    pub file_name: String,
    /// Content type.
    pub content_type: String,
    /// Size in bytes.
    pub size: u32,
    /// Hex SHA-256 of the content.
    pub digest: String,
}

/// Maximum size of a slide inside a create call, in bytes of base64.
pub const MAX_INLINE_SLIDE: u64 = 1_000_000;

/// Size in base64 of `size` bytes.
pub fn base64_length(size: u32) -> u64 {
    u64::from(size).div_ceil(3) * 4
}

/// An API secret of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Row id.
    pub id: SecretId,
    /// Row id of the tenant.
    pub tenant: TenantId,
    /// Tenant and sub id.
    pub label: TenantLabel,
    /// The first key.
    pub key: SecretKey,
    /// The second key, during a rollover.
    pub second_key: Option<SecretKey>,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
}

/// One customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Tenant {
    /// Row id.
    pub id: TenantId,
    /// The slug, in upper case.
    pub slug: TenantSlug,
    /// Free text.
    pub description: String,
    /// Its cluster group.
    pub group: GroupId,
    /// Token for its own stats and metrics.
    pub stats_token: SecretKey,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
    /// Its secrets by sub id. Sub id 0 always exists.
    pub secrets: BTreeMap<SubId, Arc<Secret>>,
    /// Rules for `create`.
    pub create_rules: Vec<Rule>,
    /// Rules for `join`.
    pub join_rules: Vec<Rule>,
    /// Metadata of its assets.
    pub assets: BTreeMap<AssetKind, AssetMeta>,
}

/// The whole configuration. Each change replaces it with a new one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Increases with every change.
    pub revision: u64,
    /// Clusters by row.
    pub clusters: BTreeMap<ClusterId, Arc<Cluster>>,
    /// Groups by row.
    pub groups: BTreeMap<GroupId, Arc<Group>>,
    /// Nodes by row.
    pub nodes: BTreeMap<NodeId, Arc<Node>>,
    /// Tenants by slug.
    pub tenants: BTreeMap<TenantSlug, Arc<Tenant>>,
}

impl Catalog {
    /// The tenant and secret with this label.
    pub fn secret(&self, label: &TenantLabel) -> Option<(&Arc<Tenant>, &Arc<Secret>)> {
        let tenant = self.tenants.get(&label.slug)?;
        Some((tenant, tenant.secrets.get(&label.sub_id)?))
    }

    /// The cluster with this name.
    pub fn cluster_named(&self, name: &str) -> Option<&Arc<Cluster>> {
        self.clusters.values().find(|it| it.name == name)
    }

    /// The group with this name.
    pub fn group_named(&self, name: &str) -> Option<&Arc<Group>> {
        self.groups.values().find(|it| it.name == name)
    }

    /// The nodes that `name` refers to: the one with that `slug.domain`, or all with that slug.
    pub fn nodes_named(&self, name: &str) -> Vec<&Arc<Node>> {
        let name = name.to_ascii_lowercase();
        if let Some(node) = self.node_of(&name) {
            return vec![node];
        }
        self.nodes.values().filter(|it| it.slug.as_str() == name).collect()
    }

    /// The node with this `slug.domain`.
    pub fn node_of(&self, fqdn: &str) -> Option<&Arc<Node>> {
        self.nodes.values().find(|it| it.fqdn() == fqdn)
    }

    /// Whether a node may host meetings of a tenant.
    pub fn serves(&self, node: NodeId, tenant: &Tenant) -> bool {
        let group = self.groups.get(&tenant.group);
        self.nodes
            .get(&node)
            .zip(group)
            .is_some_and(|(node, group)| group.clusters.contains(&node.cluster.id))
    }

    /// Nodes in the clusters of a group, by row id.
    pub fn nodes_of(&self, group: GroupId) -> impl Iterator<Item = &Arc<Node>> {
        let clusters = self.groups.get(&group).map(|it| it.clusters.as_slice()).unwrap_or_default();
        self.nodes.values().filter(|it| clusters.contains(&it.cluster.id))
    }
}
