//! Arguments of `secret`.

use clap::{Args, Subcommand, value_parser};

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli secret list SCHOOL
  b3lb-cli secret rotate SCHOOL-001

A secret is named TENANT-NNN; sub id 0 can be omitted. To change a key without \
interruption: rotate, give the client the second key, promote, drop-second.";

/// Fields of a secret in lists.
const FIELDS: &[&str] =
    &["name", "tenant", "sub_id", "hostname", "attendee_limit", "meeting_limit", "has_second"];

#[derive(Subcommand)]
pub(crate) enum SecretVerb {
    /// Add a secret; a generated key is printed
    #[command(after_help = "\
Examples:
  b3lb-cli secret add SCHOOL --sub-id 1
  b3lb-cli secret add SCHOOL --sub-id 2 --secret - --meeting-limit 10 < key")]
    Add(SecretAdd),
    /// Change the limits of a secret
    #[command(after_help = "\
Examples:
  b3lb-cli secret set SCHOOL-001 --meeting-limit 10
  b3lb-cli secret set SCHOOL --attendee-limit 0")]
    Set(SecretSet),
    /// Remove a secret other than sub id 0; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli secret rm SCHOOL-001
  b3lb-cli secret rm SCHOOL-001 --yes")]
    Rm(Named),
    /// List secrets without their keys
    #[command(after_help = "\
Examples:
  b3lb-cli secret list
  b3lb-cli secret list SCHOOL --json
  b3lb-cli secret list --sort -meeting_limit")]
    List(SecretList),
    /// Show one secret without its keys
    #[command(after_help = "\
Examples:
  b3lb-cli secret show SCHOOL-001")]
    Show(Named),
    /// Generate a second key, which is then accepted too, and print it
    #[command(after_help = "\
Examples:
  b3lb-cli secret rotate SCHOOL
  b3lb-cli secret rotate SCHOOL-001 --json | jq -r .secret")]
    Rotate(Named),
    /// Swap the two keys: the second becomes the first
    #[command(after_help = "\
Examples:
  b3lb-cli secret promote SCHOOL-001")]
    Promote(Named),
    /// Remove the second key, which is then no longer accepted; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli secret drop-second SCHOOL-001
  b3lb-cli secret drop-second SCHOOL-001 --yes")]
    DropSecond(Named),
}

#[derive(Args)]
pub(crate) struct Named {
    /// Tenant and sub id of the secret; sub id 0 if omitted
    #[arg(value_name = "TENANT[-NNN]")]
    pub(crate) name: String,
}

#[derive(Args)]
pub(crate) struct SecretList {
    /// Only secrets of this tenant
    pub(crate) tenant: Option<String>,
    /// Same as TENANT
    #[arg(long = "tenant", value_name = "TENANT", conflicts_with = "tenant")]
    pub(crate) of_tenant: Option<String>,
    /// Sort by this field; -FIELD reverses the order
    #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
    pub(crate) sort: Option<Order>,
}

#[derive(Args)]
pub(crate) struct SecretSet {
    #[command(flatten)]
    pub(crate) named: Named,
    #[command(flatten)]
    pub(crate) change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// Refuse new meetings at this number of attendees; 0 = no limit
    #[arg(long, value_name = "N")]
    pub(crate) attendee_limit: Option<u32>,
    /// Maximum number of concurrent meetings; 0 = no limit
    #[arg(long, value_name = "N")]
    pub(crate) meeting_limit: Option<u32>,
}

#[derive(Args)]
pub(crate) struct SecretAdd {
    /// Slug of the tenant
    pub(crate) tenant: String,
    /// Sub id of the secret, 0-999
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(0..=999))]
    pub(crate) sub_id: u16,
    /// The key; - reads one line from standard input [default: 42 random letters and digits]
    #[arg(long)]
    pub(crate) secret: Option<String>,
    /// Refuse new meetings at this number of attendees; 0 = no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) attendee_limit: u32,
    /// Maximum number of concurrent meetings; 0 = no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) meeting_limit: u32,
}
