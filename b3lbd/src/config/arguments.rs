//! The command line of the daemon.

use clap::{Args, Command, CommandFactory, Parser};

use super::settings::{Settings, variable};

const AFTER_HELP: &str = "\
Settings come from flags, the environment, and the file .env (or the one that B3LB_ENV_FILE names), in that order.

Examples:
  b3lbd demo
  b3lbd --api-base-domain bbb.example.org --check
  b3lbd --api-base-domain bbb.example.org --database /var/lib/b3lb/b3lb.db";

/// Load balancer for BigBlueButton: one BBB API in front of a pool of nodes
#[derive(Clone, Debug, Parser)]
#[command(name = "b3lbd", version, after_help = AFTER_HELP, args_override_self = true)]
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
    /// What to run in place of the daemon.
    #[command(subcommand)]
    pub command: Option<Subcommand>,
}

/// What to run in place of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Subcommand {
    /// Try it out: a temporary database, three busy simulated nodes, one tenant; ctrl-c removes everything
    Demo,
}

/// The names of all settings, in the order of the documentation: `x_y`.
pub(super) fn settings() -> Vec<String> {
    let command = Settings::augment_args(Command::new("b3lbd"));
    command.get_arguments().map(|it| it.get_id().to_string()).collect()
}

/// All flags; the help names the variable of each.
pub(super) fn command() -> Command {
    settings().into_iter().fold(Arguments::command(), |command, id| {
        command.mut_arg(&id, |flag| {
            let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
            let help = format!("{help} [env: {}]", variable(&id));
            flag.global(true).help(help)
        })
    })
}
