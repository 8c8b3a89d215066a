//! `group`: what can be typed.

use clap::Subcommand;

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli group add schools
  b3lb-cli group assign schools main";

#[derive(Subcommand)]
pub(crate) enum GroupVerb {
    /// Make a cluster group
    #[command(after_help = "\
Examples:
  b3lb-cli group add schools --description 'All schools of the county'")]
    Add {
        /// Name, 1-64 characters
        name: String,
        /// Free text
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        description: String,
    },
    /// Put a cluster into a group; it may be in several
    #[command(after_help = "\
Examples:
  b3lb-cli group assign schools main")]
    Assign {
        /// Name of the group
        group: String,
        /// Name of the cluster
        cluster: String,
    },
    /// List all groups
    #[command(after_help = "\
Examples:
  b3lb-cli group list
  b3lb-cli group list --json")]
    List,
    /// Show one group
    #[command(after_help = "\
Examples:
  b3lb-cli group show schools")]
    Show {
        /// Name of the group
        name: String,
    },
}
