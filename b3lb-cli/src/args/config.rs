//! Arguments of `export` and `apply`, which treat the whole configuration as one file.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print the whole configuration as one commented TOML file
    #[command(after_help = "\
Examples:
  b3lb-cli export > b3lb.toml
  b3lb-cli export --with-secrets --with-assets all.toml
  b3lb-cli export --json | jq '.node[].slug'

Without --with-secrets the file can be kept in a repository: secrets that are absent from a file \
stay as they are when it is applied. Without --with-state the same holds for maintenance, so that applying it every \
night does not undo what a colleague did. A FILE with secrets is readable by its owner only.")]
    Export(Export),
    /// Apply a configuration file; shows what changes
    #[command(after_help = "\
Examples:
  b3lb-cli apply -f b3lb.toml --dry-run
  b3lb-cli apply -f b3lb.toml
  b3lb-cli apply -f b3lb.toml --prune --yes
  b3lb-cli export --with-secrets --with-state | b3lb-cli --connect ssh://other.example.org apply -f -

The file is applied atomically. Objects that are missing from it stay, unless --prune removes them; \
an empty file, and one that removes more than a tenth of the nodes, tenants or secrets, needs --prune-anyway. \
Applying it again changes nothing. Exit code 5 if somebody else changed the configuration meanwhile.")]
    Apply(Apply),
}

#[derive(Args)]
pub(crate) struct Export {
    /// File to write [default: standard output]
    pub(crate) file: Option<PathBuf>,
    /// Include the keys of nodes and tenants, and stats tokens
    #[arg(long)]
    pub(crate) with_secrets: bool,
    /// Include the content of slides, logos and style sheets
    #[arg(long)]
    pub(crate) with_assets: bool,
    /// Include which nodes are in maintenance
    #[arg(long)]
    pub(crate) with_state: bool,
}

#[derive(Args)]
pub(crate) struct Apply {
    /// File to read; - reads standard input
    #[arg(short, long)]
    pub(crate) file: PathBuf,
    /// Show what would change, then stop
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Remove what is missing from the file; asks first
    #[arg(long)]
    pub(crate) prune: bool,
    /// Remove this number of objects although that is more than a tenth of the nodes, tenants or secrets
    #[arg(long, value_name = "NUMBER", requires = "prune")]
    pub(crate) prune_anyway: Option<u64>,
}
