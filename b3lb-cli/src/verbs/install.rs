//! `completions` and `man`, both generated from the argument definitions

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_complete::env::Shells;
use rpc_client::{Failure, man};
use serde_json::json;

use crate::app::App;
use crate::args::Cli;
use crate::args::install::InstallVerb;
use crate::complete;
use crate::out::print;
use crate::text::count;

pub(super) fn run(app: &App, verb: InstallVerb) -> Result<(), Failure> {
    match verb {
        InstallVerb::Completions { shell } => print(completions(shell)?.trim_end()),
        InstallVerb::Man { folder } => {
            let failed = |error| Failure::io(format_args!("write {}", folder.display()), error);
            std::fs::create_dir_all(&folder).map_err(failed)?;
            let mut root = Cli::command().disable_help_subcommand(true);
            root.build();
            let mut files = Vec::new();
            write_pages(&root, &folder, &mut files).map_err(failed)?;
            let line = format!("{} written to {}", count(files.len() as u64, "man page"), folder.display());
            app.out.changed(&json!({"folder": folder, "files": files}), &[line])
        }
    }
}

/// A script that calls this program back for the candidates, as it is installed then.
fn completions(shell: Shell) -> Result<String, Failure> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string());
    let completer = completer.ok_or_else(|| Failure::usage(format!("{shell} is unknown")))?;
    completer
        .write_registration(complete::VARIABLE, "b3lb-cli", "b3lb-cli", "b3lb-cli", &mut script)
        .map_err(|error| Failure::io("write the script", error))?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

/// Writes the page of a command and of its subcommands.
fn write_pages(command: &Command, folder: &Path, files: &mut Vec<String>) -> std::io::Result<()> {
    let (name, page) = man::page(command, concat!("b3lb-cli ", env!("CARGO_PKG_VERSION")))?;
    std::fs::write(folder.join(&name), page)?;
    files.push(name);
    command.get_subcommands().try_for_each(|below| write_pages(below, folder, files))
}
