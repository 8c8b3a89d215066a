//! Arguments of the legacy verbs that scripts know from earlier versions of B3LB.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum LegacyVerb {
    /// Add a node, in maintenance (as `node add`)
    #[command(
        name = "addnode",
        after_help = "\
Examples:
  b3lb-cli addnode --slug n1 --cluster main --secret - < n1.secret

Exit codes: 5 if the node exists, 3 if the cluster does not."
    )]
    AddNode(AddNode),
    /// Add the missing secrets of a range and print them as JSON
    #[command(
        name = "addsecrets",
        after_help = "\
Examples:
  b3lb-cli addsecrets --tenant-slug SCHOOL --sub-id 7
  b3lb-cli addsecrets --tenant-slug SCHOOL --sub-id 1-20"
    )]
    AddSecrets(AddSecrets),
    /// Print stored start slides and their problems as JSON
    #[command(
        name = "checkslides",
        after_help = "\
Examples:
  b3lb-cli checkslides | jq '.[] | select(.problems != [])'"
    )]
    CheckSlides,
    /// Print load and CPU use (base 10,000) of all nodes as JSON
    #[command(
        name = "getloadvalues",
        after_help = "\
Examples:
  b3lb-cli getloadvalues | jq '.\"n1.example.org\"[0]'

Load -2 is maintenance, else -1 a node that is not up. The CPU use is 0 without a figure."
    )]
    GetLoadValues,
    /// Print secrets with their keys and host names as JSON
    #[command(
        name = "gettenantsecrets",
        after_help = "\
Examples:
  b3lb-cli gettenantsecrets
  b3lb-cli gettenantsecrets --tenant-slug SCHOOL"
    )]
    GetTenantSecrets {
        /// Only this tenant's
        #[arg(long, value_name = "SLUG")]
        tenant_slug: Option<String>,
    },
    /// Print host names and keys of all secrets as a table
    #[command(
        name = "listalltenantsecrets",
        after_help = "\
Examples:
  b3lb-cli listalltenantsecrets"
    )]
    ListAllTenantSecrets,
    /// Print the number of meetings and attendees as JSON, in total and for each tenant
    #[command(
        name = "meetingstats",
        after_help = "\
Examples:
  b3lb-cli meetingstats | jq .attendees"
    )]
    MeetingStats,
}

#[derive(Args)]
pub(crate) struct AddNode {
    /// First label of the node's host name
    #[arg(long)]
    pub(crate) slug: String,
    /// BBB secret of the node; - reads one line from standard input
    #[arg(long)]
    pub(crate) secret: String,
    /// Name of the node's cluster
    #[arg(long)]
    pub(crate) cluster: String,
    /// Rest of the node's host name [default: the daemon's node domain]
    #[arg(long)]
    pub(crate) domain: Option<String>,
}

#[derive(Args)]
pub(crate) struct AddSecrets {
    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant_slug: String,
    /// One sub id, or a range in either order; 0-999
    #[arg(long, value_name = "N[-M]", value_parser = sub_ids)]
    pub(crate) sub_id: (u16, u16),
}

/// Parses a sub id or a range into its first and last sub id.
fn sub_ids(text: &str) -> Result<(u16, u16), String> {
    let (one, other) = text.split_once('-').unwrap_or((text, text));
    match (sub_id(one), sub_id(other)) {
        (Some(one), Some(other)) => Ok((one.min(other), one.max(other))),
        _ => Err("must be N or N-M with numbers of 0-999".to_owned()),
    }
}

fn sub_id(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= 999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_a_range_in_either_order() {
        assert_eq!(sub_ids("7"), Ok((7, 7)));
        assert_eq!(sub_ids("001-020"), Ok((1, 20)));
        assert_eq!(sub_ids("999-0"), Ok((0, 999)));
        for text in ["", "-", "1-", "-1", "+1", "1000", "0-1000", "1-2-3", "a"] {
            assert!(sub_ids(text).is_err(), "{text}");
        }
    }
}
