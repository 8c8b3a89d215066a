//! `node`: what can be typed.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli node list
  b3lb-cli node drain n1 --wait

A node is named by its slug where that is unique, else by SLUG.DOMAIN.";

#[derive(Subcommand)]
pub(crate) enum NodeVerb {
    /// Add a node, in maintenance unless --active
    #[command(after_help = "\
Examples:
  ssh n1.example.org 'bbb-conf --secret | sed -n s/.*Secret:.//p' |
    b3lb-cli node add n1 --domain example.org --cluster main --secret -
  b3lb-cli node add n2 --cluster main --secret - --active < n2.secret")]
    Add(NodeAdd),
    /// List all nodes
    #[command(after_help = "\
Examples:
  b3lb-cli node list
  b3lb-cli node list --explain
  b3lb-cli node list --json | jq -r '.[] | select(.state != \"up\").slug'")]
    List {
        /// How placement ranks the nodes now, in parts: the least rank gets the next meeting
        #[arg(long)]
        explain: bool,
    },
    /// Show one node
    #[command(after_help = "\
Examples:
  b3lb-cli node show n1
  b3lb-cli node show n1.example.org --json")]
    Show {
        /// Name of the node
        node: String,
    },
    /// Remove a node; refused while meetings are bound to it
    #[command(after_help = "\
Examples:
  b3lb-cli node rm n1.example.org --yes
  b3lb-cli node drain n1 --wait && b3lb-cli node rm n1")]
    Rm {
        /// Name of the node
        node: String,
    },
    /// Switch maintenance: no new meetings, running ones go on
    #[command(after_help = "\
Examples:
  b3lb-cli node maintenance n1 on
  b3lb-cli node maintenance n1 off")]
    Maintenance {
        /// Name of the node
        node: String,
        /// The switch
        switch: Switch,
    },
    /// Switch maintenance on, and wait until the last meeting has ended
    #[command(after_help = "\
Examples:
  b3lb-cli node drain n1
  b3lb-cli node drain n1 --wait --timeout 30m && ssh n1.example.org reboot

The node stays in maintenance, whether it got empty in time (exit code 0) or not (7).")]
    Drain(NodeDrain),
}

#[derive(Args)]
pub(crate) struct NodeAdd {
    /// First label of its host name
    pub(crate) slug: String,
    /// Name of its cluster
    #[arg(long)]
    pub(crate) cluster: String,
    /// Its BBB secret; - reads one line of standard input
    #[arg(long)]
    pub(crate) secret: String,
    /// The rest of its host name [default: the daemon's node domain]
    #[arg(long)]
    pub(crate) domain: Option<String>,
    /// It takes meetings at once
    #[arg(long)]
    pub(crate) active: bool,
}

#[derive(Args)]
pub(crate) struct NodeDrain {
    /// Name of the node
    pub(crate) node: String,
    /// Wait until no meeting is left
    #[arg(long)]
    pub(crate) wait: bool,
    /// Longest wait, as in 90s, 15m or 2h
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
