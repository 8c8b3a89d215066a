//! Clusters and cluster groups.

use serde::{Deserialize, Serialize};

/// A cluster to be made: nodes with the same load factors and checksum algorithm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterSpec {
    /// Unique name, 1-64 characters.
    pub name: String,
    /// Load of one attendee.
    pub attendee_factor: f64,
    /// Load of one meeting.
    pub meeting_factor: f64,
    /// Number of terms of the CPU polynomial; 0 leaves the CPU out.
    pub cpu_order: u32,
    /// Load of a node at full CPU.
    pub cpu_max: u32,
    /// `sha1`, `sha256`, `sha384` or `sha512`: how calls to the nodes are signed.
    pub checksum: String,
}

impl ClusterSpec {
    /// A cluster with the documented defaults.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            attendee_factor: 1.0,
            meeting_factor: 30.0,
            cpu_order: 6,
            cpu_max: 5000,
            checksum: "sha256".to_owned(),
        }
    }
}

/// A cluster as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterView {
    /// What the operator set.
    #[serde(flatten)]
    pub spec: ClusterSpec,
    /// Names of the groups that it is in.
    pub groups: Vec<String>,
    /// How many nodes it has.
    pub nodes: u64,
}

/// A cluster group to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSpec {
    /// Unique name, 1-64 characters.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
}

/// A cluster group as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupView {
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Names of its clusters.
    pub clusters: Vec<String>,
    /// Slugs of the tenants bound to it.
    pub tenants: Vec<String>,
}
