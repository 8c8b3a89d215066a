//! The command line of the daemon.

use clap::{Command, CommandFactory, Parser};
use rpc_client::man;

use super::settings::{Setting, Settings};

const AFTER_HELP: &str = "\
Settings come from flags, the environment, and the file .env (or the one that B3LB_ENV_FILE names), in that order.

Examples:
  b3lbd --api-base-domain bbb.example.org --check
  b3lbd --api-base-domain bbb.example.org --database /var/lib/b3lb/b3lb.db";

/// Load balancer for BigBlueButton: one BBB API in front of a pool of nodes
#[derive(Clone, Debug, Parser)]
#[command(name = "b3lbd", version, after_help = AFTER_HELP)]
pub struct Arguments {
    /// The settings.
    #[command(flatten)]
    pub settings: Settings,
    /// Check the settings, print the effective ones, and exit
    #[arg(long)]
    pub check: bool,
    /// Start with an empty database even if there was one before
    #[arg(long)]
    pub new: bool,
    /// Become the primary of the store in place of the daemon that is, which stops
    #[arg(long)]
    pub take_over: bool,
    /// Print the man page and exit
    #[arg(long, hide = true)]
    pub man: bool,
    /// What to run in place of the daemon.
    #[cfg(feature = "demo")]
    #[command(subcommand)]
    pub command: Option<Subcommand>,
}

/// What to run in place of the daemon.
#[cfg(feature = "demo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Subcommand {
    /// Try it out: a temporary database, three busy simulated nodes, one tenant; ctrl-c removes everything
    Demo {
        /// Daemons that share a store, to see one take over from another; more than one needs litestream
        #[arg(long, value_name = "DAEMONS", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
        replicas: u8,
    },
}

/// The man page of the daemon.
pub fn man_page() -> std::io::Result<Vec<u8>> {
    let (_, page) = man::page(&command(), concat!("b3lbd ", env!("CARGO_PKG_VERSION")))?;
    Ok(page)
}

/// All flags; the help names the variable of each.
pub(super) fn command() -> Command {
    Setting::all().into_iter().fold(Arguments::command(), |command, setting| {
        command.mut_arg(&setting.id, |flag| {
            let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
            let help = format!("{help} [env: {}]", setting.variable());
            flag.global(true).help(help)
        })
    })
}
