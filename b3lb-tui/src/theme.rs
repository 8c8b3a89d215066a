//! Colours and glyphs. A word or a glyph always repeats what a colour says.
//!
//! The default colours approximate the colour-blind safe palette of Okabe and Ito with the 256 colours of
//! terminals, in shades that are readable on dark and on light backgrounds.

use clap::ValueEnum;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;
use rpc::{NodeState, Severity, Verdict};

/// The choice of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// Safe for colour-blind eyes, on dark and light backgrounds
    #[default]
    Default,
    /// Strong contrasts
    HighContrast,
    /// No colours at all
    Mono,
}

/// The style of each role of text.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Headings, borders of dialogs, the tab in front.
    pub accent: Style,
    /// The most important part of a line.
    pub strong: Style,
    /// Labels, rules and other minor text.
    pub dim: Style,
    /// A node that is up; a good finding.
    pub up: Style,
    /// A node that is suspect; a warning.
    pub suspect: Style,
    /// A node that is down; an error.
    pub down: Style,
    /// A node in maintenance.
    pub maintenance: Style,
    /// The selected row, the focused button.
    pub selected: Style,
    /// A marked row.
    pub marked: Style,
    /// Bars and charts.
    pub bar: Style,
    /// Applied on top of a stale snapshot.
    pub stale: Style,
}

const fn indexed(color: u8) -> Style {
    Style::new().fg(Color::Indexed(color))
}

impl Theme {
    /// The theme of that name.
    pub const fn named(name: ThemeName) -> Self {
        match name {
            ThemeName::Default => Self::okabe_ito(),
            ThemeName::HighContrast => Self::high_contrast(),
            ThemeName::Mono => Self::mono(),
        }
    }

    const fn okabe_ito() -> Self {
        Self {
            accent: indexed(31).add_modifier(Modifier::BOLD),
            dim: indexed(244),
            up: indexed(29),
            suspect: indexed(136),
            down: indexed(166).add_modifier(Modifier::BOLD),
            maintenance: indexed(133),
            marked: indexed(31).add_modifier(Modifier::BOLD),
            bar: indexed(31),
            stale: indexed(244).remove_modifier(Modifier::BOLD),
            ..Self::mono()
        }
    }

    const fn high_contrast() -> Self {
        const fn on(text: Color, ground: Color) -> Style {
            Style::new().fg(text).bg(ground).add_modifier(Modifier::BOLD)
        }
        Self {
            dim: Style::new(),
            up: Style::new().add_modifier(Modifier::BOLD),
            suspect: on(Color::Black, Color::Yellow),
            down: on(Color::White, Color::Red),
            maintenance: on(Color::White, Color::Blue),
            ..Self::mono()
        }
    }

    const fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            accent: bold,
            strong: bold,
            dim: plain.add_modifier(Modifier::DIM),
            up: plain,
            suspect: bold,
            down: bold.add_modifier(Modifier::UNDERLINED),
            maintenance: plain,
            selected: plain.add_modifier(Modifier::REVERSED),
            marked: bold,
            bar: plain,
            stale: plain.add_modifier(Modifier::DIM).remove_modifier(Modifier::BOLD),
        }
    }

    /// The style of a node's state.
    pub const fn state(&self, state: NodeState, maintenance: bool) -> Style {
        match (state, maintenance) {
            (NodeState::Up, false) => self.up,
            (NodeState::Up, true) => self.maintenance,
            (NodeState::Suspect, _) => self.suspect,
            (NodeState::Down, _) => self.down,
            (NodeState::Unknown, _) => self.dim,
        }
    }

    /// The style of an event.
    pub const fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Info => self.dim,
            Severity::Warning => self.suspect,
            Severity::Error => self.down,
        }
    }

    /// The style of a finding.
    pub const fn verdict(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Good => self.up,
            Verdict::Warning => self.suspect,
            Verdict::Bad => self.down,
            Verdict::Skipped => self.dim,
        }
    }
}

/// The glyphs to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// All glyphs are ASCII.
    pub ascii: bool,
    /// A node that is up; a good finding.
    pub up: &'static str,
    /// A node that is suspect.
    pub suspect: &'static str,
    /// A node that is down; a bad finding.
    pub down: &'static str,
    /// A node that was not polled yet.
    pub unknown: &'static str,
    /// A node in maintenance.
    pub maintenance: &'static str,
    /// A marked row.
    pub mark: &'static str,
    /// Replaces text that was cut.
    pub ellipsis: &'static str,
    /// Sorted in ascending order.
    pub ascending: &'static str,
    /// Sorted in descending order.
    pub descending: &'static str,
    /// Separates two facts in a line.
    pub dot: &'static str,
    /// A vertical line.
    pub vertical: &'static str,
    /// A horizontal line.
    pub horizontal: &'static str,
    /// Precedes a warning.
    pub warning: &'static str,
    /// A missing figure.
    pub none: &'static str,
    /// The filled part of a bar.
    pub full: &'static str,
    /// The rest of a bar.
    pub empty: &'static str,
    /// A value of the same day last week.
    pub last_week: &'static str,
    /// A value of yesterday.
    pub yesterday: &'static str,
    /// A value that is expected.
    pub forecast: &'static str,
    /// Chart columns from empty to full.
    pub levels: [&'static str; 9],
}

impl Glyphs {
    /// For UTF-8 terminals.
    pub const UTF8: Self = Self {
        ascii: false,
        up: "●",
        suspect: "◐",
        down: "✖",
        unknown: "?",
        maintenance: "◌",
        mark: "■",
        ellipsis: "…",
        ascending: "▲",
        descending: "▼",
        dot: "·",
        vertical: "│",
        horizontal: "─",
        warning: "▲",
        none: "–",
        full: "█",
        empty: "░",
        last_week: "∘",
        yesterday: "·",
        forecast: "◆",
        levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    };

    /// For all other terminals.
    pub const ASCII: Self = Self {
        ascii: true,
        up: "+",
        suspect: "~",
        down: "X",
        unknown: "?",
        maintenance: "-",
        mark: "*",
        ellipsis: "..",
        ascending: "^",
        descending: "v",
        dot: "-",
        vertical: "|",
        horizontal: "-",
        warning: "!",
        none: "-",
        full: "#",
        empty: ".",
        last_week: "o",
        yesterday: ",",
        forecast: "@",
        levels: [" ", "_", "_", ".", "-", "=", "+", "*", "#"],
    };

    /// The lines and corners of a box.
    pub const fn border(&self) -> border::Set<'static> {
        if self.ascii {
            let (line, side, corner) = (self.horizontal, self.vertical, "+");
            border::Set {
                top_left: corner,
                top_right: corner,
                bottom_left: corner,
                bottom_right: corner,
                vertical_left: side,
                vertical_right: side,
                horizontal_top: line,
                horizontal_bottom: line,
            }
        } else {
            border::PLAIN
        }
    }

    /// Glyph and name of a node's state.
    pub fn state(&self, state: NodeState, maintenance: bool) -> String {
        let glyph = match state {
            NodeState::Up if maintenance => return format!("{} maint", self.maintenance),
            NodeState::Up => self.up,
            NodeState::Suspect => self.suspect,
            NodeState::Down => self.down,
            NodeState::Unknown => self.unknown,
        };
        let also = if maintenance { format!(" {}", self.maintenance) } else { String::new() };
        format!("{glyph} {}{also}", state.as_str())
    }

    /// The glyph of a severity.
    pub const fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => self.dot,
            Severity::Warning => self.warning,
            Severity::Error => self.down,
        }
    }

    /// The glyph of a finding.
    pub const fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Good => self.up,
            Verdict::Warning => self.warning,
            Verdict::Bad => self.down,
            Verdict::Skipped => self.none,
        }
    }
}

/// Colours, glyphs and what the terminal can show.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Glyphs.
    pub glyphs: Glyphs,
    /// Whether the terminal shows UTF-8; if not, other characters than ASCII are drawn as `?`.
    pub utf8: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::named(ThemeName::Default), glyphs: Glyphs::UTF8, utf8: true }
    }
}
