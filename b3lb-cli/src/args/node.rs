//! Arguments of `node`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use rpc::NodeState;

use super::which::Which;
use crate::duration;
use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli node list
  b3lb-cli node drain n1 --wait

A node is named by its slug where that is unique, else by SLUG.DOMAIN.";

/// Fields of a node in lists.
const FIELDS: &[&str] = &[
    "slug",
    "domain",
    "cluster",
    "state",
    "maintenance",
    "drain",
    "load",
    "attendees",
    "meetings",
    "cpu",
    "capacity",
    "last_poll_error",
];

#[derive(Subcommand)]
pub(crate) enum NodeVerb {
    /// Add a node, in maintenance unless --active
    #[command(after_help = "\
Examples:
  ssh n1.example.org 'bbb-conf --secret | sed -n s/.*Secret:.//p' |
    b3lb-cli node add n1 --domain example.org --cluster main --secret -
  b3lb-cli node add n2 --cluster main --secret - --active < n2.secret

Then node check tells whether it works, and node maintenance off lets it take meetings.")]
    Add(NodeAdd),
    /// Change the cluster or secret of a node; running meetings go on
    #[command(after_help = "\
Examples:
  b3lb-cli node set n1 --cluster big
  b3lb-cli node set n1 --secret - < n1.secret")]
    Set(NodeSet),
    /// List all nodes
    #[command(after_help = "\
Examples:
  b3lb-cli node list
  b3lb-cli node list --state down --cluster main
  b3lb-cli node list --maintenance off --sort -load
  b3lb-cli node list --explain
  b3lb-cli node list --json | jq -r '.[] | select(.state != \"up\").slug'")]
    List(NodeList),
    /// Show one node
    #[command(after_help = "\
Examples:
  b3lb-cli node show n1
  b3lb-cli node show n1 --details
  b3lb-cli node show n1.example.org --json")]
    Show {
        /// Name of the node
        node: String,
        /// Also show the parts of its load and rank, its polls, and its last hour
        #[arg(long)]
        details: bool,
    },
    /// Check a node now: network, version, secret, load, clock
    #[command(after_help = "\
Examples:
  b3lb-cli node check n1
  b3lb-cli node check n1 --json | jq '.findings[] | select(.verdict == \"bad\")'
  b3lb-cli node check --cluster main

Exit code 1 if something is bad.")]
    Check {
        #[command(flatten)]
        which: Which,
    },
    /// Remove a node; refused while meetings are bound to it; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli node rm n1.example.org --yes
  b3lb-cli node drain n1 --wait && b3lb-cli node rm n1
  b3lb-cli node rm n1 --force")]
    Rm {
        #[command(flatten)]
        which: Which,
        /// Remove it even if meetings are bound to it; these count as ended
        #[arg(long)]
        force: bool,
    },
    /// End all tenants' meetings on a node; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli node evacuate n1
  b3lb-cli node maintenance n1 on && b3lb-cli node evacuate n1 --yes

Without maintenance new meetings may begin there at once. Exit code 9 if some of them could not be ended.")]
    Evacuate {
        #[command(flatten)]
        which: Which,
    },
    /// Switch maintenance on or off: no new meetings, running ones go on
    #[command(after_help = "\
Examples:
  b3lb-cli node maintenance n1 on
  b3lb-cli node maintenance n1 n2 n3 off
  b3lb-cli node list --state down -o name | b3lb-cli node maintenance - on")]
    Maintenance {
        /// Names of nodes; - reads names from standard input, one a line
        #[arg(required = true)]
        node: Vec<String>,
        /// On or off
        switch: Switch,
    },
    /// Take a node out of use: no new meetings; with --wait, until the last one has ended
    #[command(after_help = "\
Examples:
  b3lb-cli node drain n1 --reason 'new kernel'
  b3lb-cli node drain n1 n2 n3 --evacuate-after 2h
  b3lb-cli node drain --dry-run --cluster main
  b3lb-cli node drain n1 --wait --timeout 30m && ssh n1.example.org reboot

The daemon knows who drains the node, since when and why; all tools show it, and node undrain takes it back. \
With --evacuate-after, meetings that still run then are ended; ten minutes before, they are told so in their chats. \
The node stays in maintenance, whether it became empty in time (exit code 0) or not (7). \
The estimate of the time left is rough: it is based on how long the meetings of all nodes \
have run so far.")]
    Drain(NodeDrain),
    /// Take a drain back: the node takes new meetings again
    #[command(after_help = "\
Examples:
  b3lb-cli node undrain n1
  b3lb-cli node undrain --cluster main")]
    Undrain {
        #[command(flatten)]
        which: Which,
    },
    /// Wait until nodes are empty, or up; also through a restart of the daemon
    #[command(after_help = "\
Examples:
  b3lb-cli node wait n1 --for empty
  ssh n1.example.org reboot; b3lb-cli node wait n1 --for up --timeout 15m && b3lb-cli node undrain n1

A node is empty when a poll has found no meeting there. Exit code 7 if it takes too long.")]
    Wait(NodeWait),
}

#[derive(Args)]
pub(crate) struct NodeWait {
    #[command(flatten)]
    pub(crate) which: Which,
    /// What to wait for
    #[arg(long = "for", value_name = "WHAT")]
    pub(crate) wanted: Wanted,
    /// Maximum time to wait, such as 90s, 15m or 2h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "2h")]
    pub(crate) timeout: Duration,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    /// No meeting is left
    Empty,
    /// It answers its polls
    Up,
}

#[derive(Args)]
pub(crate) struct NodeAdd {
    /// First label of the node's host name
    pub(crate) slug: String,
    /// Name of the node's cluster
    #[arg(long)]
    pub(crate) cluster: String,
    /// BBB secret of the node; - reads one line from standard input
    #[arg(long)]
    pub(crate) secret: String,
    /// Rest of the node's host name [default: the daemon's node domain]
    #[arg(long)]
    pub(crate) domain: Option<String>,
    /// Let the node take meetings immediately
    #[arg(long)]
    pub(crate) active: bool,
}

#[derive(Args)]
pub(crate) struct NodeSet {
    /// Name of the node
    pub(crate) node: String,
    #[command(flatten)]
    pub(crate) change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// Name of the new cluster
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// New BBB secret; - reads one line from standard input
    #[arg(long)]
    pub(crate) secret: Option<String>,
}

#[derive(Args)]
pub(crate) struct NodeList {
    /// Only nodes in this state
    #[arg(long)]
    pub(crate) state: Option<NodeState>,
    /// Only nodes of this cluster
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// Only nodes in maintenance, or only those that are not
    #[arg(long, value_name = "SWITCH", num_args = 0..=1, default_missing_value = "on")]
    pub(crate) maintenance: Option<Switch>,
    /// Sort by this field; -FIELD reverses the order
    #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
    pub(crate) sort: Option<Order>,
    /// Show how placement ranks the nodes: the lowest rank gets the next meeting
    #[arg(long, conflicts_with_all = ["state", "cluster", "maintenance", "sort"])]
    pub(crate) explain: bool,
}

#[derive(Args)]
pub(crate) struct NodeDrain {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Change nothing: tell what runs on the nodes, and what the others would carry
    #[arg(long, conflicts_with_all = ["wait", "reason", "evacuate_after"])]
    pub(crate) dry_run: bool,
    /// Why, for other operators
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    /// End the meetings that are left after this time, such as 30m or 2h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) evacuate_after: Option<Duration>,
    /// Wait until no meeting is left
    #[arg(long)]
    pub(crate) wait: bool,
    /// Maximum time to wait, such as 90s, 15m or 2h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "2h", requires = "wait")]
    pub(crate) timeout: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// No new meetings
    On,
    /// Takes meetings
    Off,
}
