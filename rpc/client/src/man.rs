//! Man pages, from the definitions of arguments.

use std::io::Result;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// The name of a command's page, such as `b3lb-cli-node-drain.1`, and the page. `source` is the program's name and
/// version.
pub fn page(command: &Command, source: &str) -> Result<(String, Vec<u8>)> {
    let man = Man::new(command.clone()).manual("B3LB").source(source);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    let mut synopsis = Vec::new();
    man.render_synopsis_section(&mut synopsis)?;
    // Lines may break between alternatives, and need not be of equal length.
    let synopsis = String::from_utf8_lossy(&synopsis);
    let synopsis = synopsis.replace('|', "|\\:").replace(".SH SYNOPSIS\n", ".SH SYNOPSIS\n.ad l\n");
    page.extend(synopsis.into_bytes());
    page.extend(b".ad b\n");
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    after_help(&after).to_writer(&mut page)?;
    Ok((man.get_filename(), page))
}

/// The examples line by line, among paragraphs of notes.
fn after_help(text: &str) -> Roff {
    let mut roff = Roff::default();
    let (examples, notes): (Vec<_>, Vec<_>) = text.split("\n\n").partition(|it| it.starts_with("Examples:"));
    if !examples.is_empty() {
        roff.control("SH", ["EXAMPLES"]).control("nf", []);
    }
    for line in examples.iter().flat_map(|it| it.lines()).filter(|line| *line != "Examples:") {
        roff.text([roman(line)]);
    }
    if !examples.is_empty() {
        roff.control("fi", []);
    }
    let notes: Vec<_> = notes.into_iter().filter(|it| !it.is_empty()).collect();
    if !notes.is_empty() {
        roff.control("SH", ["NOTES"]);
    }
    for paragraph in notes {
        roff.control("PP", []).text([roman(paragraph)]);
    }
    roff
}
