//! Arguments of `meeting`.

use clap::{Args, Subcommand};

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli meeting list --tenant SCHOOL
  b3lb-cli meeting end SCHOOL math-101";

/// Fields of a meeting in lists.
const FIELDS: &[&str] = &[
    "id",
    "name",
    "tenant",
    "sub_id",
    "node",
    "attendees",
    "listeners",
    "voices",
    "videos",
    "moderators",
    "created_at",
];

#[derive(Subcommand)]
pub(crate) enum MeetingVerb {
    /// List running meetings
    #[command(after_help = "\
Examples:
  b3lb-cli meeting list
  b3lb-cli meeting list --tenant SCHOOL-001 --node n1
  b3lb-cli meeting list --sort -attendees
  b3lb-cli meeting list --json | jq '[.[].attendees] | add'")]
    List {
        /// Only meetings of this tenant or secret
        #[arg(long, value_name = "TENANT[-NNN]")]
        tenant: Option<String>,
        /// Only meetings on this node
        #[arg(long)]
        node: Option<String>,
        /// Sort by this field; -FIELD reverses the order [default: oldest first]
        #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
        sort: Option<Order>,
    },
    /// Show one running meeting
    #[command(after_help = "\
Examples:
  b3lb-cli meeting show SCHOOL math-101
  b3lb-cli meeting show SCHOOL-001 math-101 --json
  b3lb-cli meeting show SCHOOL math-101 --why")]
    Show {
        #[command(flatten)]
        named: Named,
        /// Tell why it is on its node: the ranks of the first candidates when it was placed, and the other nodes
        #[arg(long)]
        why: bool,
    },
    /// End a meeting for everybody in it; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli meeting end SCHOOL math-101
  b3lb-cli meeting end SCHOOL-001 math-101 --yes")]
    End(Named),
}

#[derive(Args)]
pub(crate) struct Named {
    /// Secret that the meeting was created with; sub id 0 if omitted
    #[arg(value_name = "TENANT[-NNN]")]
    pub(crate) secret: String,
    /// Id of the meeting, as the client gave it
    pub(crate) meeting_id: String,
}
