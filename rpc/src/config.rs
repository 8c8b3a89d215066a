//! The whole configuration as one value, and what it takes to get there.

use serde::{Deserialize, Serialize};

use crate::{AssetKind, ClusterSpec, ParamMode, Sensitive};

/// All that operators configure. Secrets that are absent stay as they are when it is applied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Clusters by name.
    #[serde(default, rename = "cluster", skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<ClusterSpec>,
    /// Cluster groups by name.
    #[serde(default, rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupConfig>,
    /// Nodes by name.
    #[serde(default, rename = "node", skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeConfig>,
    /// Tenants by slug.
    #[serde(default, rename = "tenant", skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TenantConfig>,
}

/// A cluster group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    /// Unique name.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Names of its clusters: just these.
    #[serde(default)]
    pub clusters: Vec<String>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name, with a port if need be; the daemon's default domain if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Name of its cluster.
    pub cluster: String,
    /// No new meetings. Absent: a new node starts in maintenance, an old one stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<bool>,
    /// Its BBB secret; needed for a new node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Sensitive>,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantConfig {
    /// Slug.
    pub slug: String,
    /// Name of its cluster group.
    pub group: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// 0 = none.
    #[serde(default)]
    pub attendee_limit: u32,
    /// 0 = none.
    #[serde(default)]
    pub meeting_limit: u32,
    /// For its own stats and metrics; made for a new tenant if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats_token: Option<Sensitive>,
    /// Its secrets; sub id 0 exists in any case.
    #[serde(default, rename = "secret", skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretConfig>,
    /// Its parameter rules: just these.
    #[serde(default, rename = "parameter", skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParamConfig>,
    /// Its assets.
    #[serde(default, rename = "asset", skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<AssetConfig>,
}

/// A secret of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretConfig {
    /// 0-999.
    pub sub_id: u16,
    /// 0 = none.
    #[serde(default)]
    pub attendee_limit: u32,
    /// 0 = none.
    #[serde(default)]
    pub meeting_limit: u32,
    /// The first key; made for a new secret if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Sensitive>,
    /// The second key during a rollover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_secret: Option<Sensitive>,
}

/// A rule for a parameter of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamConfig {
    /// `create` or `join`.
    pub call: String,
    /// Name of the parameter, case-sensitive.
    pub name: String,
    /// What the rule does.
    pub mode: ParamMode,
    /// The value, for `set` and `override`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An asset of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetConfig {
    /// Which asset.
    pub kind: AssetKind,
    /// Name without folders; its ending tells the content type.
    pub file_name: String,
    /// Hex SHA-256 of the content.
    pub sha256: String,
    /// The content in base64; needed unless the tenant has just this content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<Sensitive>,
}

/// What an export has in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportOptions {
    /// Keys of nodes and tenants, and stats tokens.
    pub secrets: bool,
    /// The content of assets.
    pub assets: bool,
}

/// How a configuration is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyOptions {
    /// Removes clusters, groups, nodes, tenants, secrets and assets that the configuration does not have.
    pub prune: bool,
    /// Leaves out what is wrong and takes the rest, and never changes what is there; else one wrong thing
    /// stops all.
    pub import: bool,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanAction {
    /// Makes a thing.
    Add,
    /// Changes a thing.
    Change,
    /// Removes a thing.
    Remove,
}

/// A field of a step in words; secrets are `***`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// As it is; none if there is none.
    pub before: Option<String>,
    /// As it will be; none if there will be none.
    pub after: Option<String>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// What it does.
    pub action: PlanAction,
    /// `cluster`, `group`, `node`, `tenant`, `secret`, `parameter` or `asset`.
    pub kind: String,
    /// Name of the thing.
    pub name: String,
    /// What changes of it.
    pub fields: Vec<FieldChange>,
}

/// Something that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What it is, such as `node`.
    pub kind: String,
    /// Name of it.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What it takes to get from the configuration as it is to another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Number of the configuration that it starts from; a change by somebody else makes another one.
    pub revision: u64,
    /// The steps, in order; none if nothing is to be done.
    pub steps: Vec<PlanStep>,
    /// Things that only the daemon has, such as `tenant OLD`, and that stay because of `prune: false`.
    pub kept: Vec<String>,
    /// With `import`: what was wrong, or there already.
    pub left_out: Vec<LeftOut>,
}

/// A running meeting that comes with an import. It counts once its node shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingImport {
    /// `SLUG-NNN`.
    pub secret: String,
    /// Its id, as the client gave it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Name of the node.
    pub node: String,
    /// The client's own `meetingEndedURL`.
    #[serde(default)]
    pub ended_url: Option<String>,
}
