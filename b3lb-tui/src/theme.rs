//! Colours and shapes. What a colour tells is always told by a word or a shape as well.
//!
//! The default colours are the nearest of the 256 to the palette of Okabe and Ito, which people who are
//! colour-blind can tell apart, in shades that can be read on a dark and on a light background.

use clap::ValueEnum;
use ratatui::style::{Color, Modifier, Style};
use rpc::{NodeState, Severity, Verdict};

/// Which colours.
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

/// The style of each role that text can have.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Headings, borders of what has the focus, chosen tabs.
    pub accent: Style,
    /// What matters most in a line.
    pub strong: Style,
    /// Labels, rules, what matters least.
    pub dim: Style,
    /// A node that answers; a good finding.
    pub up: Style,
    /// A node that failed lately; a warning.
    pub suspect: Style,
    /// A node that failed for long; an error.
    pub down: Style,
    /// A node in maintenance.
    pub maintenance: Style,
    /// The line under the cursor, a focused button.
    pub selected: Style,
    /// A marked line.
    pub marked: Style,
    /// Bars and charts.
    pub bar: Style,
    /// Laid over a picture that is old.
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

/// The shapes to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// All of these are ASCII.
    pub ascii: bool,
    /// A node that answers; a good finding.
    pub up: &'static str,
    /// A node that failed lately.
    pub suspect: &'static str,
    /// A node that failed for long; a bad finding.
    pub down: &'static str,
    /// A node that was not asked yet.
    pub unknown: &'static str,
    /// A node in maintenance.
    pub maintenance: &'static str,
    /// A marked line.
    pub mark: &'static str,
    /// Stands for what was cut.
    pub ellipsis: &'static str,
    /// Sorted with the least first.
    pub ascending: &'static str,
    /// Sorted with the greatest first.
    pub descending: &'static str,
    /// Between two facts in a line.
    pub dot: &'static str,
    /// A rule from top to bottom.
    pub vertical: &'static str,
    /// A rule from left to right.
    pub horizontal: &'static str,
    /// In front of what is in trouble.
    pub warning: &'static str,
    /// No figure.
    pub none: &'static str,
    /// Filled part of a bar.
    pub full: &'static str,
    /// Rest of a bar.
    pub empty: &'static str,
    /// Chart columns from nothing to full.
    pub levels: [&'static str; 9],
}

impl Glyphs {
    /// For terminals with UTF-8.
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
        levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    };

    /// For all others.
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
        levels: [" ", "_", "_", ".", "-", "=", "+", "*", "#"],
    };

    /// Shape and word of a node's state.
    pub fn state(&self, state: NodeState, maintenance: bool) -> String {
        let shape = match state {
            NodeState::Up if maintenance => return format!("{} maint", self.maintenance),
            NodeState::Up => self.up,
            NodeState::Suspect => self.suspect,
            NodeState::Down => self.down,
            NodeState::Unknown => self.unknown,
        };
        let also = if maintenance { format!(" {}", self.maintenance) } else { String::new() };
        format!("{shape} {}{also}", state.as_str())
    }

    /// Shape of an event's severity.
    pub const fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => self.dot,
            Severity::Warning => self.warning,
            Severity::Error => self.down,
        }
    }

    /// Shape of a finding.
    pub const fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Good => self.up,
            Verdict::Warning => self.warning,
            Verdict::Bad => self.down,
            Verdict::Skipped => self.none,
        }
    }
}

/// How everything looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Shapes.
    pub glyphs: Glyphs,
    /// The terminal shows UTF-8; else letters that are not ASCII are drawn as `?`.
    pub utf8: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::named(ThemeName::Default), glyphs: Glyphs::UTF8, utf8: true }
    }
}
