//! The command line of the daemon, generated from the table of settings.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::{SETTINGS, Setting};

/// All flags; the help shows variables and defaults.
pub fn command() -> Command {
    let flags = SETTINGS.iter().map(|setting| {
        let default = setting.default.map(|it| format!(" [default: {it}]")).unwrap_or_default();
        Arg::new(setting.name).long(setting.flag()).value_name(setting.name).global(true).help(format!(
            "{}{default} [env: {}]",
            setting.help,
            setting.variable()
        ))
    });
    Command::new("b3lbd")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Load balancer for BigBlueButton: one BBB API in front of a pool of nodes")
        .after_help(
            "Settings come from flags, the environment, and the file .env (or the one that B3LB_ENV_FILE names), in \
             that order.\n\nExamples:\n  b3lbd demo\n  b3lbd --api-base-domain bbb.example.org --check\n  b3lbd \
             --api-base-domain bbb.example.org --database /var/lib/b3lb/b3lb.db",
        )
        .args(flags)
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Check the settings, print the effective ones, and exit"),
        )
        .arg(
            Arg::new("new")
                .long("new")
                .action(ArgAction::SetTrue)
                .help("Start with an empty database even if there was one before"),
        )
        .subcommand(Command::new("demo").about(
            "Try it out: a temporary database, three busy simulated nodes, one tenant; ctrl-c removes everything",
        ))
}

/// The value of a setting's flag.
pub fn flag(matches: &ArgMatches, setting: &Setting) -> Option<String> {
    matches.get_one::<String>(setting.name).cloned()
}
