//! Arguments that select one node or many.

use clap::Args;
use rpc::NodeState;

/// The nodes that a verb is for.
#[derive(Default, Args)]
#[group(id = "which", required = true, multiple = true)]
pub(crate) struct Which {
    /// Names of nodes; - reads names from standard input, one a line
    #[arg(conflicts_with_all = ["cluster", "state"])]
    pub(crate) node: Vec<String>,
    /// All nodes of this cluster
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// All nodes in this state
    #[arg(long)]
    pub(crate) state: Option<NodeState>,
}
