//! The command line, and what the environment says about the terminal.

use std::env;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory as _, Parser, ValueEnum};
use rpc_client::{Target, man};

use crate::screens::screen::AnyScreen;
use crate::screens::{self, SCREENS};
use crate::theme::{Glyphs, Look, Theme, ThemeName};

/// Live dashboard of the BigBlueButton load balancer B3LB
#[derive(Debug, Parser)]
#[command(version = version(), after_help = "\
Examples:
  b3lb-tui
  b3lb-tui --connect ssh://ops@lb1.example.org
  b3lb-tui --snapshot --size 120x40 --tab meetings

In the dashboard ? shows the keys. Exit codes of --snapshot: 0 done, 1 failed, 2 usage, 4 no permission,
6 daemon not reachable, 7 timed out.")]
pub struct Args {
    #[arg(
        long,
        value_name = "unix:PATH|ssh://[USER@]HOST[:PORT]",
        env = "B3LB_ADMIN_SOCKET",
        hide_env_values = true,
        help = "The daemon [default: /run/b3lb/admin.sock, then $XDG_RUNTIME_DIR/b3lb/admin.sock]"
    )]
    connect: Option<Target>,

    /// Colours to use
    #[arg(long, value_name = "THEME", default_value = "default")]
    theme: ThemeName,

    /// Draw with ASCII characters only [default: if the locale is not UTF-8]
    #[arg(long)]
    ascii: bool,

    /// Leave the mouse to the terminal, so that it can select text
    #[arg(long)]
    no_mouse: bool,

    /// Whether to use colours; auto means unless `NO_COLOR` is set or the terminal is dumb
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: When,

    /// Let the daemon refuse every change
    #[arg(long)]
    read_only: bool,

    /// Print one frame as text and exit
    #[arg(long)]
    snapshot: bool,

    /// Size of the frame: columns x lines, at least 80x24
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "120x40", value_parser = parse_size, requires = "snapshot")]
    size: (u16, u16),

    /// Tab to begin with
    #[arg(long, value_name = "TAB", default_value = "nodes", value_parser = tabs())]
    tab: usize,

    /// Print the table of keys as Markdown and exit
    #[arg(long, hide = true)]
    keys: bool,

    /// Print the man page and exit
    #[arg(long, hide = true)]
    man: bool,
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// What the program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Run the dashboard.
    Dashboard,
    /// Print one frame of this size.
    Snapshot((u16, u16)),
    /// Print the table of keys.
    Keys,
    /// Print the man page.
    Man,
}

/// What follows from the command line and the environment.
#[derive(Debug)]
pub struct Settings {
    /// What the program does.
    pub mode: Mode,
    /// Address of the daemon.
    pub target: Target,
    /// Colours and glyphs.
    pub look: Look,
    /// Whether the dashboard uses the mouse.
    pub mouse: bool,
    /// Position of the first tab.
    pub tab: usize,
    /// Whether the daemon refuses every change.
    pub read_only: bool,
}

impl Args {
    /// Combines the command line with the environment.
    pub fn settings(self) -> Settings {
        let mode = match (self.keys, self.man, self.snapshot) {
            (true, _, _) => Mode::Keys,
            (false, true, _) => Mode::Man,
            (false, false, true) => Mode::Snapshot(self.size),
            (false, false, false) => Mode::Dashboard,
        };
        let variable = |name: &str| env::var(name).ok().filter(|it| !it.is_empty());
        let dumb = variable("TERM").is_some_and(|it| it == "dumb");
        let colours = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => variable("NO_COLOR").is_none() && !dumb,
        };
        let theme = if colours { self.theme } else { ThemeName::Mono };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
        let utf8 = is_utf8(locale.as_deref());
        let glyphs = if self.ascii || dumb || !utf8 { Glyphs::ASCII } else { Glyphs::UTF8 };
        Settings {
            mode,
            target: self.connect.unwrap_or_default(),
            look: Look { theme: Theme::named(theme), glyphs, utf8 },
            mouse: !self.no_mouse,
            tab: self.tab,
            read_only: self.read_only,
        }
    }
}

/// The man page of this program.
pub fn man_page() -> std::io::Result<String> {
    let (_, page) = man::page(&Args::command(), concat!("b3lb-tui ", env!("CARGO_PKG_VERSION")))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn is_utf8(locale: Option<&str>) -> bool {
    locale.is_some_and(|it| it.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

fn tabs() -> impl TypedValueParser<Value = usize> {
    let value =
        |screen: &&dyn AnyScreen| PossibleValue::new(screen.title().to_lowercase()).help(screen.about());
    PossibleValuesParser::new(SCREENS.iter().map(value))
        .map(|title| screens::named(&title).unwrap_or_default())
}

fn version() -> String {
    format!("{} (protocol {})", env!("CARGO_PKG_VERSION"), rpc::PROTOCOL)
}

fn parse_size(text: &str) -> Result<(u16, u16), String> {
    const RULE: &str = "must be columns and lines, as in 120x40, from 80x24 to 1000x1000";
    let (width, height) = text.split_once('x').ok_or(RULE)?;
    let (width, height) = (width.parse().map_err(|_| RULE)?, height.parse().map_err(|_| RULE)?);
    let fits = (80..=1000).contains(&width) && (24..=1000).contains(&height);
    if fits { Ok((width, height)) } else { Err(RULE.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("120x40"), Ok((120, 40)));
        for bad in ["", "120", "x", "120x", "79x24", "80x23", "1001x40", "-1x24", "80 x 24"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn locales() {
        assert!(is_utf8(Some("de_DE.UTF-8")) && is_utf8(Some("C.utf8")));
        assert!(!is_utf8(Some("C")) && !is_utf8(None));
    }
}
