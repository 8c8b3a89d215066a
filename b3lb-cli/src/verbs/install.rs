//! `completions` and `man`, both generated from the argument definitions

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use rpc_client::Failure;
use serde_json::json;

use crate::app::App;
use crate::args::Cli;
use crate::args::install::InstallVerb;
use crate::out::print;
use crate::text::count;

pub(super) fn run(app: &App, verb: InstallVerb) -> Result<(), Failure> {
    match verb {
        InstallVerb::Completions { shell } => print(completions(shell).trim_end()),
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

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "b3lb-cli", &mut script);
    // clap_complete spells the hyphen in the program's name in two ways in bash completions, so that nothing
    // below a verb is completed: https://github.com/clap-rs/clap/issues/6421
    String::from_utf8_lossy(&script).replace("b3lb__subcmd__cli__subcmd__", "b3lb__cli__subcmd__")
}

/// Writes the page of a command and of its subcommands.
fn write_pages(command: &Command, folder: &Path, files: &mut Vec<String>) -> std::io::Result<()> {
    let man =
        Man::new(command.clone()).manual("B3LB").source(concat!("b3lb-cli ", env!("CARGO_PKG_VERSION")));
    std::fs::write(folder.join(man.get_filename()), page(command, &man)?)?;
    files.push(man.get_filename());
    command.get_subcommands().try_for_each(|below| write_pages(below, folder, files))
}

fn page(command: &Command, man: &Man) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    after_help(&after).to_writer(&mut page)?;
    Ok(page)
}

/// The examples line by line, followed by the notes.
fn after_help(text: &str) -> Roff {
    let mut roff = Roff::default();
    let (examples, notes) = text.split_once("\n\n").unwrap_or((text, ""));
    roff.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in examples.lines().filter(|line| *line != "Examples:") {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    if !notes.is_empty() {
        roff.control("SH", ["NOTES"]);
    }
    for paragraph in notes.split("\n\n") {
        roff.control("PP", []).text([roman(paragraph)]);
    }
    roff
}
