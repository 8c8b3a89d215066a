//! `secret`: what can be typed.

use clap::{Args, Subcommand, value_parser};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli secret list --tenant SCHOOL
  b3lb-cli secret rotate SCHOOL-001

A secret is named TENANT-NNN, that of sub id 0 also by its tenant alone. To change a key
without an interruption: rotate, give the client the second key, promote, drop-second.";

#[derive(Subcommand)]
pub(crate) enum SecretVerb {
    /// Add a secret; a generated key is printed
    #[command(after_help = "\
Examples:
  b3lb-cli secret add SCHOOL --sub-id 1
  b3lb-cli secret add SCHOOL --sub-id 2 --secret - --meeting-limit 10 < key")]
    Add(SecretAdd),
    /// List secrets without their keys
    #[command(after_help = "\
Examples:
  b3lb-cli secret list
  b3lb-cli secret list --tenant SCHOOL --json")]
    List {
        /// Only this tenant's
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Show one secret without its keys
    #[command(after_help = "\
Examples:
  b3lb-cli secret show SCHOOL-001")]
    Show(Named),
    /// Make a second key, which is accepted too, and print it
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
    /// Remove the second key: it is accepted no longer
    #[command(after_help = "\
Examples:
  b3lb-cli secret drop-second SCHOOL-001")]
    DropSecond(Named),
}

#[derive(Args)]
pub(crate) struct Named {
    /// Tenant and sub id of the secret; 0 if left out
    #[arg(value_name = "TENANT[-NNN]")]
    pub(crate) name: String,
}

#[derive(Args)]
pub(crate) struct SecretAdd {
    /// Slug of the tenant
    pub(crate) tenant: String,
    /// Number of the secret, 0-999
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(0..=999))]
    pub(crate) sub_id: u16,
    /// The key; - reads one line of standard input [default: 42 random letters and digits]
    #[arg(long)]
    pub(crate) secret: Option<String>,
    /// Attendees at which no new meeting is made any more; 0 = no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) attendee_limit: u32,
    /// Most meetings at a time; 0 = no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) meeting_limit: u32,
}
