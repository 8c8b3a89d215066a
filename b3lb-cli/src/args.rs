//! The command line: global options and the table of verbs. Each noun has a file in `args/`.

pub(crate) mod asset;
pub(crate) mod cluster;
pub(crate) mod config;
pub(crate) mod daemon;
pub(crate) mod events;
pub(crate) mod group;
pub(crate) mod import;
pub(crate) mod install;
pub(crate) mod legacy;
pub(crate) mod meeting;
pub(crate) mod node;
pub(crate) mod param;
pub(crate) mod secret;
pub(crate) mod tenant;
pub(crate) mod usage;
pub(crate) mod which;

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rpc_client::Target;

use crate::duration;

/// Command line of the BigBlueButton load balancer B3LB
#[derive(Parser)]
#[command(version = version(), arg_required_else_help = true, after_help = "\
Examples:
  b3lb-cli status
  b3lb-cli node list
  b3lb-cli tenant show SCHOOL --json
  b3lb-cli --connect ssh://ada@bbb.example.org status

First steps:
  b3lb-cli cluster add main
  b3lb-cli group add all
  b3lb-cli group assign all main
  b3lb-cli node add n1 --domain example.org --cluster main --secret -
  b3lb-cli node check n1
  b3lb-cli node maintenance n1 off
  b3lb-cli tenant add SCHOOL --group all

Exit codes: 0 done, 1 refused or failed, 2 usage, 3 not found, 4 no permission, 5 conflict or \
limit, 6 daemon not reachable, 7 timed out, 8 status: degraded, 9 partly done, 130 interrupted.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Options of every verb.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    #[arg(
        long,
        global = true,
        value_name = "TARGET",
        env = "B3LB_ADMIN_SOCKET",
        hide_env_values = true,
        help = "Where the daemon is: unix:PATH or ssh://[USER@]HOST[:PORT] \
                [default: /run/b3lb/admin.sock, then $XDG_RUNTIME_DIR/b3lb/admin.sock]"
    )]
    pub(crate) connect: Option<Target>,

    /// Timeout for each answer from the daemon, such as 90s, 15m or 2h
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration::parse, default_value = "60s")]
    pub(crate) call_timeout: Duration,

    /// Human-readable text, the same without cutting it, names only, or one JSON document
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table")]
    output: Format,

    /// Same as --output json
    #[arg(long, global = true, conflicts_with = "output")]
    json: bool,

    /// Repeat a list, show or status every so often until Ctrl-C [default time: 2s]
    #[arg(
        short,
        long,
        global = true,
        value_name = "DURATION",
        value_parser = duration::parse,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2s"
    )]
    pub(crate) watch: Option<Duration>,

    /// Let the daemon refuse every change, and everything that shows secrets
    #[arg(long, global = true)]
    pub(crate) read_only: bool,

    /// Do not ask for confirmation before destroying or overwriting anything
    #[arg(long, global = true)]
    pub(crate) yes: bool,
}

impl Global {
    /// The format that was requested with either option.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people; tables fit the terminal
    Table,
    /// The same, with all columns and without cutting anything
    Wide,
    /// Of lists only the names, one a line
    Name,
    /// One JSON document
    Json,
}

fn version() -> String {
    format!("{} (protocol {})", env!("CARGO_PKG_VERSION"), rpc::PROTOCOL)
}

impl Verb {
    /// Whether it only shows something, so that it can be repeated.
    pub(crate) fn is_repeatable(&self) -> bool {
        matches!(
            self,
            Self::Cluster(cluster::ClusterVerb::List { .. } | cluster::ClusterVerb::Show { .. })
                | Self::Group(group::GroupVerb::List { .. } | group::GroupVerb::Show { .. })
                | Self::Node(node::NodeVerb::List(_) | node::NodeVerb::Show { .. })
                | Self::Tenant(tenant::TenantVerb::List { .. } | tenant::TenantVerb::Show { .. })
                | Self::Secret(secret::SecretVerb::List(_) | secret::SecretVerb::Show { .. })
                | Self::Param(param::ParamVerb::List { .. })
                | Self::Asset(asset::AssetVerb::List { .. })
                | Self::Meeting(meeting::MeetingVerb::List { .. } | meeting::MeetingVerb::Show { .. })
                | Self::Daemon(daemon::DaemonVerb::Status)
        )
    }
}

/// The nouns, and the legacy verbs that scripts know from earlier versions.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Clusters: nodes with the same load factors and checksum algorithm
    #[command(subcommand, alias = "clusters", after_help = cluster::EXAMPLES)]
    Cluster(cluster::ClusterVerb),
    /// Cluster groups: sets of clusters; a tenant is bound to one
    #[command(subcommand, alias = "groups", after_help = group::EXAMPLES)]
    Group(group::GroupVerb),
    /// Nodes: hosts that run BigBlueButton
    #[command(subcommand, alias = "nodes", after_help = node::EXAMPLES)]
    Node(node::NodeVerb),
    /// Tenants: customers
    #[command(subcommand, alias = "tenants", after_help = tenant::EXAMPLES)]
    Tenant(tenant::TenantVerb),
    /// API secrets of tenants, each with its own host name
    #[command(subcommand, alias = "secrets", after_help = secret::EXAMPLES)]
    Secret(secret::SecretVerb),
    /// Rules for a tenant's create and join parameters
    #[command(subcommand, alias = "params", after_help = param::EXAMPLES)]
    Param(param::ParamVerb),
    /// Start slide, logo and custom CSS of tenants
    #[command(subcommand, alias = "assets", after_help = asset::EXAMPLES)]
    Asset(asset::AssetVerb),
    /// Running meetings
    #[command(subcommand, alias = "meetings", after_help = meeting::EXAMPLES)]
    Meeting(meeting::MeetingVerb),
    #[command(flatten)]
    Daemon(daemon::DaemonVerb),
    /// Events: changes by operators, node health, and problems
    #[command(after_help = events::EXAMPLES)]
    Events(events::Events),
    /// What tenants used on each day, for invoices
    #[command(after_help = usage::EXAMPLES)]
    Usage(usage::Usage),
    #[command(flatten)]
    Config(config::ConfigVerb),
    #[command(flatten)]
    Install(install::InstallVerb),
    /// Take over the configuration of another load balancer
    #[command(subcommand, after_help = import::EXAMPLES)]
    Import(import::ImportVerb),
    #[command(flatten)]
    Legacy(legacy::LegacyVerb),
}
