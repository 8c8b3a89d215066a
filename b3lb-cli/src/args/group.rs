//! Arguments of `group`.

use clap::Subcommand;

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli group add schools
  b3lb-cli group assign schools main";

/// Fields of a group in lists.
const FIELDS: &[&str] = &["name", "description", "clusters", "tenants", "capacity"];

#[derive(Subcommand)]
pub(crate) enum GroupVerb {
    /// Add a cluster group
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
    /// Change a cluster group
    #[command(after_help = "\
Examples:
  b3lb-cli group set schools --description 'All schools of the county'")]
    Set {
        /// Name of the group
        name: String,
        /// New description
        #[arg(long, value_name = "TEXT")]
        description: String,
    },
    /// Remove a cluster group; refused while it has tenants; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli group rm schools
  b3lb-cli group rm schools --yes")]
    Rm {
        /// Name of the group
        name: String,
    },
    /// Add a cluster to a group; it may be in several
    #[command(after_help = "\
Examples:
  b3lb-cli group assign schools main")]
    Assign {
        /// Name of the group
        group: String,
        /// Name of the cluster
        cluster: String,
    },
    /// Remove a cluster from a group; running meetings go on
    #[command(after_help = "\
Examples:
  b3lb-cli group unassign schools main")]
    Unassign {
        /// Name of the group
        group: String,
        /// Name of the cluster
        cluster: String,
    },
    /// List all groups
    #[command(after_help = "\
Examples:
  b3lb-cli group list
  b3lb-cli group list --cluster main --json")]
    List {
        /// Only groups that contain this cluster
        #[arg(long)]
        cluster: Option<String>,
        /// Sort by this field; -FIELD reverses the order
        #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
        sort: Option<Order>,
    },
    /// Show one group
    #[command(after_help = "\
Examples:
  b3lb-cli group show schools")]
    Show {
        /// Name of the group
        name: String,
    },
}
