//! Clusters and cluster groups.

use serde::{Deserialize, Serialize};

/// A cluster to be added: nodes with the same load factors and checksum algorithm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSpec {
    /// Unique name, 1-64 characters.
    pub name: String,
    /// Load of one attendee.
    #[serde(default = "attendee_factor")]
    pub attendee_factor: f64,
    /// Load of one meeting.
    #[serde(default = "meeting_factor")]
    pub meeting_factor: f64,
    /// Number of terms of the CPU polynomial; 0 ignores the CPU.
    #[serde(default = "cpu_order")]
    pub cpu_order: u32,
    /// Load of a node at full CPU.
    #[serde(default = "cpu_max")]
    pub cpu_max: u32,
    /// The algorithm that signs calls to the nodes: `sha1`, `sha256`, `sha384` or `sha512`.
    #[serde(default = "checksum")]
    pub checksum: String,
    /// CPU use in percent up to which its nodes are meant to be used: it tells their capacity.
    #[serde(default = "target_cpu")]
    pub target_cpu: u32,
}

fn attendee_factor() -> f64 {
    1.0
}

fn meeting_factor() -> f64 {
    30.0
}

fn cpu_order() -> u32 {
    6
}

fn cpu_max() -> u32 {
    5000
}

fn checksum() -> String {
    "sha256".to_owned()
}

fn target_cpu() -> u32 {
    80
}

impl ClusterSpec {
    /// A cluster with the documented defaults.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            attendee_factor: attendee_factor(),
            meeting_factor: meeting_factor(),
            cpu_order: cpu_order(),
            cpu_max: cpu_max(),
            checksum: checksum(),
            target_cpu: target_cpu(),
        }
    }
}

/// Changes to a cluster; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterChange {
    /// Load of one attendee.
    #[serde(default)]
    pub attendee_factor: Option<f64>,
    /// Load of one meeting.
    #[serde(default)]
    pub meeting_factor: Option<f64>,
    /// Number of terms of the CPU polynomial.
    #[serde(default)]
    pub cpu_order: Option<u32>,
    /// Load of a node at full CPU.
    #[serde(default)]
    pub cpu_max: Option<u32>,
    /// The algorithm that signs calls to the nodes.
    #[serde(default)]
    pub checksum: Option<String>,
    /// CPU use in percent up to which its nodes are meant to be used.
    #[serde(default)]
    pub target_cpu: Option<u32>,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterView {
    /// Unique name.
    pub name: String,
    /// Load of one attendee.
    pub attendee_factor: f64,
    /// Load of one meeting.
    pub meeting_factor: f64,
    /// Number of terms of the CPU polynomial; 0 ignores the CPU.
    pub cpu_order: u32,
    /// Load of a node at full CPU.
    pub cpu_max: u32,
    /// The algorithm that signs calls to the nodes.
    pub checksum: String,
    /// CPU use in percent up to which its nodes are meant to be used.
    pub target_cpu: u32,
    /// Names of the groups that contain it.
    pub groups: Vec<String>,
    /// Number of nodes.
    pub nodes: u64,
    /// Attendees that its nodes carry, of those that take meetings. Null until it is learned, and in `watch`.
    pub capacity: Option<u64>,
}

/// A cluster group to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSpec {
    /// Unique name, 1-64 characters.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
}

/// Changes to a cluster group; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupChange {
    /// New description.
    #[serde(default)]
    pub description: Option<String>,
}

/// A cluster group.
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
    /// Attendees that its nodes carry, of those that take meetings. Null until it is learned, and in `watch`.
    pub capacity: Option<u64>,
}
