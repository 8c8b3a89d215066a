//! Why a meeting is on its node: what placement knew when it decided.

use rpc::Exclusion;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// Maximum number of nodes that are named in a list.
pub const NAMED: usize = 5;

/// One decision of placement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Attendees that were expected.
    #[serde(rename = "e")]
    pub expected: f64,
    /// Number of nodes that the meeting could be placed on.
    #[serde(rename = "c")]
    pub candidates: u32,
    /// The first of them by rank, best first.
    #[serde(rename = "b")]
    pub best: Vec<Ranked>,
    /// The other nodes of the tenant's group.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Excluded>,
    /// The node that the meeting was on before, and which was down.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<NodeId>,
}

// Its parts are small numbers, or equal.
impl Eq for Placed {}

/// A node with the parts of its rank; see `placement::RankParts`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// The node.
    pub node: NodeId,
    /// Load of attendees, of those still expected, of meetings, of the CPU, and of the new meeting; in thousandths.
    pub parts: [f64; 5],
}

/// Nodes that a meeting was not placed on, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// The reason.
    pub why: Exclusion,
    /// Their number.
    pub count: u32,
    /// Some of them.
    pub nodes: Vec<NodeId>,
}

impl Placed {
    /// Counts a node that is no candidate.
    pub fn exclude(&mut self, node: NodeId, why: Exclusion) {
        let at = self.excluded.iter().position(|it| it.why == why).unwrap_or_else(|| {
            self.excluded.push(Excluded { why, count: 0, nodes: Vec::new() });
            self.excluded.len() - 1
        });
        if let Some(excluded) = self.excluded.get_mut(at) {
            excluded.count += 1;
            if excluded.nodes.len() < NAMED {
                excluded.nodes.push(node);
            }
        }
    }
}
