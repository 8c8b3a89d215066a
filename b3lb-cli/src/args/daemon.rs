//! Arguments of the verbs for the daemon as a whole.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum DaemonVerb {
    /// Show the status of the daemon and its nodes on one screen
    #[command(after_help = "\
Examples:
  b3lb-cli status
  b3lb-cli status --json | jq -r '.problems[].text'

Exit code 8 if something needs an operator.")]
    Status,
    /// Write a consistent copy of the database to a file
    #[command(after_help = "\
Examples:
  b3lb-cli backup b3lb.db
  b3lb-cli --connect ssh://bbb.example.org backup \"b3lb-$(date +%F).db\" --yes

The daemon keeps running. The copy contains all secrets, and only its owner can read it. \
An existing file is overwritten after confirmation. To restore, stop b3lbd and put the copy in \
place of its database.")]
    Backup {
        /// File to write
        file: PathBuf,
    },
    /// Print a link to API Mate for a tenant or a node; it contains the secret
    #[command(
        name = "api-mate",
        after_help = "\
Examples:
  b3lb-cli api-mate SCHOOL-001
  b3lb-cli api-mate n1.example.org"
    )]
    ApiMate {
        /// Tenant, secret of a tenant, or node
        #[arg(value_name = "TENANT[-NNN]|NODE")]
        name: String,
    },
    /// Make a replica the primary
    ///
    /// The former primary becomes a replica once it notices. If it is dead, changes of its last second may be lost;
    /// running meetings are not.
    #[command(after_help = "\
Examples:
  b3lb-cli promote
  b3lb-cli --connect ssh://bbb2.example.org promote --yes")]
    Promote {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Connect standard input and output to the daemon's socket, for ssh://
    #[command(after_help = "\
Examples:
  b3lb-cli proxy
  b3lb-cli proxy --connect unix:/run/b3lb/admin.sock")]
    Proxy,
}
