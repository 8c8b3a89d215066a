//! `meeting`: what can be typed.

use clap::{Args, Subcommand};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli meeting list --tenant SCHOOL
  b3lb-cli meeting end SCHOOL math-101";

#[derive(Subcommand)]
pub(crate) enum MeetingVerb {
    /// List running meetings
    #[command(after_help = "\
Examples:
  b3lb-cli meeting list
  b3lb-cli meeting list --tenant SCHOOL-001 --node n1
  b3lb-cli meeting list --json | jq '[.[].attendees] | add'")]
    List {
        /// Only of this tenant, or of this one of its secrets
        #[arg(long, value_name = "TENANT[-NNN]")]
        tenant: Option<String>,
        /// Only on this node
        #[arg(long)]
        node: Option<String>,
    },
    /// End a meeting for everybody in it; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli meeting end SCHOOL math-101
  b3lb-cli meeting end SCHOOL-001 math-101 --yes")]
    End(MeetingEnd),
}

#[derive(Args)]
pub(crate) struct MeetingEnd {
    /// Secret that the meeting was created with; sub id 0 if left out
    #[arg(value_name = "TENANT[-NNN]")]
    pub(crate) secret: String,
    /// Id of the meeting, as the client gave it
    pub(crate) meeting_id: String,
}
