//! Arguments of `cluster`.

use clap::{Args, Subcommand};
use rpc::ClusterSpec;

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli cluster add main
  b3lb-cli cluster list";

/// Fields of a cluster in lists.
const FIELDS: &[&str] = &[
    "name",
    "attendee_factor",
    "meeting_factor",
    "cpu_order",
    "cpu_max",
    "checksum",
    "target_cpu",
    "groups",
    "nodes",
    "capacity",
];

/// Checksum algorithms that BBB supports.
const CHECKSUMS: [&str; 4] = ["sha1", "sha256", "sha384", "sha512"];

#[derive(Subcommand)]
pub(crate) enum ClusterVerb {
    /// Add a cluster
    #[command(after_help = "\
Examples:
  b3lb-cli cluster add main
  b3lb-cli cluster add big --attendee-factor 0.5 --cpu-order 0 --checksum sha512")]
    Add(ClusterAdd),
    /// Change a cluster
    #[command(after_help = "\
Examples:
  b3lb-cli cluster set main --meeting-factor 20
  b3lb-cli cluster set main --cpu-order 0 --checksum sha512")]
    Set(ClusterSet),
    /// Remove a cluster; refused while it has nodes; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli cluster rm main
  b3lb-cli cluster rm main --yes")]
    Rm {
        /// Name of the cluster
        name: String,
    },
    /// List all clusters
    #[command(after_help = "\
Examples:
  b3lb-cli cluster list
  b3lb-cli cluster list --group schools --sort -nodes --json")]
    List {
        /// Only clusters in this group
        #[arg(long)]
        group: Option<String>,
        /// Sort by this field; -FIELD reverses the order
        #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
        sort: Option<Order>,
    },
    /// Show one cluster
    #[command(after_help = "\
Examples:
  b3lb-cli cluster show main")]
    Show {
        /// Name of the cluster
        name: String,
    },
}

#[derive(Args)]
pub(crate) struct ClusterAdd {
    /// Name, 1-64 characters
    pub(crate) name: String,
    /// Load of one attendee
    #[arg(long, value_name = "LOAD", value_parser = factor, default_value_t = defaults().attendee_factor)]
    pub(crate) attendee_factor: f64,
    /// Load of one meeting
    #[arg(long, value_name = "LOAD", value_parser = factor, default_value_t = defaults().meeting_factor)]
    pub(crate) meeting_factor: f64,
    /// Terms of the CPU polynomial; 0 ignores the CPU
    #[arg(long, value_name = "N", default_value_t = defaults().cpu_order)]
    pub(crate) cpu_order: u32,
    /// Load of a node at full CPU
    #[arg(long, value_name = "LOAD", default_value_t = defaults().cpu_max)]
    pub(crate) cpu_max: u32,
    /// Checksum algorithm for calls to the nodes
    #[arg(long, value_name = "ALGORITHM", default_value_t = defaults().checksum,
          value_parser = CHECKSUMS)]
    pub(crate) checksum: String,
    /// CPU use in percent up to which its nodes are meant to be used: it tells their capacity
    #[arg(long, value_name = "PERCENT", default_value_t = defaults().target_cpu)]
    pub(crate) target_cpu: u32,
}

#[derive(Args)]
pub(crate) struct ClusterSet {
    /// Name of the cluster
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// Load of one attendee
    #[arg(long, value_name = "LOAD", value_parser = factor)]
    pub(crate) attendee_factor: Option<f64>,
    /// Load of one meeting
    #[arg(long, value_name = "LOAD", value_parser = factor)]
    pub(crate) meeting_factor: Option<f64>,
    /// Terms of the CPU polynomial; 0 ignores the CPU
    #[arg(long, value_name = "N")]
    pub(crate) cpu_order: Option<u32>,
    /// Load of a node at full CPU
    #[arg(long, value_name = "LOAD")]
    pub(crate) cpu_max: Option<u32>,
    /// Checksum algorithm for calls to the nodes
    #[arg(long, value_name = "ALGORITHM", value_parser = CHECKSUMS)]
    pub(crate) checksum: Option<String>,
    /// CPU use in percent up to which its nodes are meant to be used: it tells their capacity
    #[arg(long, value_name = "PERCENT")]
    pub(crate) target_cpu: Option<u32>,
}

fn defaults() -> ClusterSpec {
    ClusterSpec::named("")
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err("must be a number, 0 or more".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_finite_numbers() {
        assert_eq!(factor("0.5"), Ok(0.5));
        for text in ["", "-1", "NaN", "inf", "1e999", "1,5"] {
            assert!(factor(text).is_err(), "{text}");
        }
    }
}
