//! The whole configuration as one value, and the plan that leads to it.

use serde::{Deserialize, Serialize};

use crate::{AdminError, AssetKind, ClusterSpec, ErrorCode, ParamMode, Sensitive};

/// Everything that operators configure. Secrets that are absent stay as they are when it is applied.
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
    /// Names of exactly the clusters that it contains.
    #[serde(default)]
    pub clusters: Vec<String>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name, with an optional port; the daemon's default domain if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Name of its cluster.
    pub cluster: String,
    /// Whether the node takes no new meetings. If absent, a new node starts in maintenance and an existing
    /// one stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<bool>,
    /// Its BBB secret; required for a new node.
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
    /// 0 means no limit.
    #[serde(default)]
    pub attendee_limit: u32,
    /// 0 means no limit.
    #[serde(default)]
    pub meeting_limit: u32,
    /// Token for its own stats and metrics; generated for a new tenant if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats_token: Option<Sensitive>,
    /// Its secrets. The secret with sub id 0 always exists.
    #[serde(default, rename = "secret", skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretConfig>,
    /// Exactly the parameter rules that it has.
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
    /// 0 means no limit.
    #[serde(default)]
    pub attendee_limit: u32,
    /// 0 means no limit.
    #[serde(default)]
    pub meeting_limit: u32,
    /// The first key; generated for a new secret if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Sensitive>,
    /// The second key during a rollover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_secret: Option<Sensitive>,
}

/// A rule for one parameter of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamConfig {
    /// `create` or `join`.
    pub call: String,
    /// Name of the parameter, case-sensitive.
    pub name: String,
    /// What the rule does with the parameter.
    pub mode: ParamMode,
    /// The value, for `set` and `override`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An asset of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetConfig {
    /// The kind of asset.
    pub kind: AssetKind,
    /// File name without folders. The extension determines the content type.
    pub file_name: String,
    /// Hex SHA-256 of the content.
    pub sha256: String,
    /// The content in base64; required unless the tenant already has this content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<Sensitive>,
}

/// What an export includes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportOptions {
    /// Keys of nodes and tenants, and stats tokens.
    pub secrets: bool,
    /// The content of assets.
    pub assets: bool,
    /// What operators change from hour to hour: maintenance.
    #[serde(default)]
    pub state: bool,
}

/// How a configuration is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyOptions {
    /// Removes clusters, groups, nodes, tenants, secrets and assets that are missing from the configuration.
    pub prune: bool,
    /// Skips invalid entries, applies the rest, and never changes what already exists. Without it, one
    /// invalid entry rejects the whole configuration.
    pub import: bool,
    /// The number of objects that are meant to be removed; needed if they are more than a tenth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prune_anyway: Option<u64>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanAction {
    /// Creates an object.
    Add,
    /// Changes an object.
    Change,
    /// Removes an object.
    Remove,
}

/// A changed field; secrets are shown as `***`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// The old value, if any.
    pub before: Option<String>,
    /// The new value, if any.
    pub after: Option<String>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// What it does.
    pub action: PlanAction,
    /// `cluster`, `group`, `node`, `tenant`, `secret`, `parameter` or `asset`.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// The fields that change.
    pub fields: Vec<FieldChange>,
}

/// An entry that was skipped, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What it is, such as `node`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// The steps from the current configuration to another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Revision of the configuration that the plan is based on. Applying fails if it has changed since.
    pub revision: u64,
    /// The steps, in order; empty if nothing changes.
    pub steps: Vec<PlanStep>,
    /// Objects that exist only in the daemon, such as `tenant OLD`, and are kept because of `prune: false`.
    pub kept: Vec<String>,
    /// With `import`: entries that were invalid or already existed.
    pub left_out: Vec<LeftOut>,
    /// Set if the steps remove so much that they are refused unless `prune_anyway` says how many objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<Excess>,
}

/// Removals that may well be a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excess {
    /// Number of objects that are removed.
    pub removed: u64,
    /// What is removed, such as `2 of 8 nodes`.
    pub text: String,
}

impl Excess {
    /// The error if nobody said that it is meant.
    pub fn refusal(&self) -> AdminError {
        let message = format!("this would remove {}: too much to do it without being told so", self.text);
        let hint = format!("see it with --dry-run; --prune-anyway {} applies it", self.removed);
        AdminError::new(ErrorCode::Refused, message).hint(hint)
    }
}

/// A running meeting to import. It counts once its node reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingImport {
    /// `SLUG-NNN`.
    pub secret: String,
    /// Meeting id, as the client gave it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Name of the node.
    pub node: String,
    /// The client's own `meetingEndedURL`.
    #[serde(default)]
    pub ended_url: Option<String>,
}
