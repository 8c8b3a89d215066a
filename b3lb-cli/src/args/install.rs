//! Arguments of the verbs for packages and shells.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::Shell;

#[derive(Subcommand)]
pub(crate) enum InstallVerb {
    /// Print completions for a shell
    #[command(after_help = "\
Examples:
  b3lb-cli completions bash > /usr/share/bash-completion/completions/b3lb-cli
  b3lb-cli completions zsh > /usr/share/zsh/vendor-completions/_b3lb-cli
  b3lb-cli completions fish > ~/.config/fish/completions/b3lb-cli.fish
  source <(b3lb-cli completions bash)")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write man pages to a folder, one for each verb
    #[command(after_help = "\
Examples:
  b3lb-cli man /usr/local/share/man/man1
  b3lb-cli man . && man ./b3lb-cli-node-drain.1")]
    Man {
        /// The folder; created if it does not exist
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}
