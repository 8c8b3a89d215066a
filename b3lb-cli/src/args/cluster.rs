//! `cluster`: what can be typed.

use clap::{Args, Subcommand};
use rpc::ClusterSpec;

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli cluster add main
  b3lb-cli cluster list";

#[derive(Subcommand)]
pub(crate) enum ClusterVerb {
    /// Make a cluster
    #[command(after_help = "\
Examples:
  b3lb-cli cluster add main
  b3lb-cli cluster add big --attendee-factor 0.5 --cpu-order 0 --checksum sha512")]
    Add(ClusterAdd),
    /// List all clusters
    #[command(after_help = "\
Examples:
  b3lb-cli cluster list
  b3lb-cli cluster list --json")]
    List,
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
    /// Terms of the CPU polynomial; 0 leaves the CPU out
    #[arg(long, value_name = "N", default_value_t = defaults().cpu_order)]
    pub(crate) cpu_order: u32,
    /// Load of a node at full CPU
    #[arg(long, value_name = "LOAD", default_value_t = defaults().cpu_max)]
    pub(crate) cpu_max: u32,
    /// How calls to the nodes are signed
    #[arg(long, value_name = "ALGORITHM", default_value_t = defaults().checksum,
          value_parser = ["sha1", "sha256", "sha384", "sha512"])]
    pub(crate) checksum: String,
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
