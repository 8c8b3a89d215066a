//! Arguments of `tenant`.

use clap::{Args, Subcommand};

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli tenant add SCHOOL --group schools
  b3lb-cli tenant list";

/// Fields of a tenant in lists.
const FIELDS: &[&str] =
    &["slug", "description", "group", "hostname", "attendee_limit", "meeting_limit", "attendees", "meetings"];

#[derive(Subcommand)]
pub(crate) enum TenantVerb {
    /// Add a tenant and its first secret, which is printed
    #[command(after_help = "\
Examples:
  b3lb-cli tenant add SCHOOL --group schools
  b3lb-cli tenant add SCHOOL --group schools --description 'The school' --meeting-limit 50 --json")]
    Add(TenantAdd),
    /// Change a tenant
    #[command(after_help = "\
Examples:
  b3lb-cli tenant set SCHOOL --attendee-limit 500
  b3lb-cli tenant set SCHOOL --group companies
  b3lb-cli tenant set SCHOOL --new-stats-token --json | jq -r .stats_token")]
    Set(TenantSet),
    /// Remove a tenant and everything it owns; refused while it has meetings; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli tenant rm SCHOOL
  b3lb-cli tenant rm SCHOOL --yes")]
    Rm {
        /// Slug of the tenant
        slug: String,
    },
    /// List all tenants
    #[command(after_help = "\
Examples:
  b3lb-cli tenant list
  b3lb-cli tenant list --group schools --sort -attendees --json")]
    List {
        /// Only tenants bound to this cluster group
        #[arg(long)]
        group: Option<String>,
        /// Sort by this field; -FIELD reverses the order
        #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
        sort: Option<Order>,
    },
    /// Show one tenant, including its stats token
    #[command(after_help = "\
Examples:
  b3lb-cli tenant show SCHOOL
  b3lb-cli tenant show SCHOOL --json | jq -r .stats_token")]
    Show {
        /// Slug of the tenant
        slug: String,
    },
}

#[derive(Args)]
pub(crate) struct TenantAdd {
    /// 2-10 letters or digits, starting with a letter; stored in upper case
    pub(crate) slug: String,
    /// Name of the tenant's cluster group
    #[arg(long)]
    pub(crate) group: String,
    /// Free text
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) description: String,
    /// Refuse new meetings at this number of attendees; 0 = no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) attendee_limit: u32,
    /// Maximum number of concurrent meetings; 0 = no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) meeting_limit: u32,
}

#[derive(Args)]
pub(crate) struct TenantSet {
    /// Slug of the tenant
    pub(crate) slug: String,
    #[command(flatten)]
    pub(crate) change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// New description
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// Name of the new cluster group; running meetings stay on their nodes
    #[arg(long)]
    pub(crate) group: Option<String>,
    /// Refuse new meetings at this number of attendees; 0 = no limit
    #[arg(long, value_name = "N")]
    pub(crate) attendee_limit: Option<u32>,
    /// Maximum number of concurrent meetings; 0 = no limit
    #[arg(long, value_name = "N")]
    pub(crate) meeting_limit: Option<u32>,
    /// Generate a new stats token and print it; the old one becomes invalid immediately
    #[arg(long)]
    pub(crate) new_stats_token: bool,
}
