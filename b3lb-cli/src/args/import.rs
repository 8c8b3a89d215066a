//! Arguments of `import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(crate) const EXAMPLES: &str = "\
Examples:
  manage.py dumpdata rest > old.json
  b3lb-cli import b3lb old.json --dry-run";

#[derive(Subcommand)]
pub(crate) enum ImportVerb {
    /// Take over the configuration of B3LB 2.x or 3.x in Django
    ///
    /// Shows what the dump contains, what is skipped and why, and what would be added. Then asks for
    /// confirmation unless --yes is given. Never changes what the daemon already has, so it can be run again.
    #[command(
        name = "b3lb",
        after_help = "\
Examples:
  b3lb-cli import b3lb old.json                # shows what it would do, and asks on a terminal
  b3lb-cli import b3lb old.json --dry-run
  b3lb-cli import b3lb old.json --with-meetings --yes
  ssh old manage.py dumpdata rest | b3lb-cli import b3lb - --yes

The dump is what 'manage.py dumpdata rest > old.json' writes on the old machine.

Exit codes: 9 if something in the dump was wrong and left out."
    )]
    B3lb(ImportB3lb),
    /// Take over servers, tenants and secrets of Scalelite
    ///
    /// All nodes come into a cluster and a group called scalelite; cordoned and disabled servers are in maintenance.
    /// Shows what it would do, and asks for confirmation unless --yes is given. Never changes what the daemon already
    /// has, so it can be run again.
    #[command(after_help = "\
Examples:
  b3lb-cli import scalelite old.txt            # shows what it would do, and asks on a terminal
  b3lb-cli import scalelite old.txt --dry-run
  b3lb-cli import scalelite old.txt --yes

In Scalelite's API container '(rake servers; rake tenants:showall) > old.txt' writes the file. It can also have the
JSON of Scalelite's API: getServers and getTenants.

Exit codes: 9 if something in the file was wrong and left out.")]
    Scalelite(ImportScalelite),
}

#[derive(Args)]
pub(crate) struct ImportScalelite {
    /// Output of Scalelite's rake tasks or API; - reads standard input
    pub(crate) file: PathBuf,
    /// Only show what would be done, even with --yes
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args)]
pub(crate) struct ImportB3lb {
    /// Output of `manage.py dumpdata rest`; - reads standard input
    pub(crate) file: PathBuf,
    /// Import running meetings too, to migrate while the nodes are in use
    #[arg(long)]
    pub(crate) with_meetings: bool,
    /// Only show what would be done, even with --yes
    #[arg(long)]
    pub(crate) dry_run: bool,
}
