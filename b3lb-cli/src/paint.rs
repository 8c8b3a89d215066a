//! Colours, if the terminal supports them and they are not disabled.

use std::io::IsTerminal as _;

/// Colours text, or leaves it unchanged.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Uses colours if standard output is a terminal that supports them and `NO_COLOR` is not set.
    pub(crate) fn for_stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|it| it == "dumb");
        Self { on: std::io::stdout().is_terminal() && !plain && !dumb }
    }

    /// Never uses colours.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { on: false }
    }

    /// For additions.
    pub(crate) fn green(self, text: &str) -> String {
        self.paint(32, text)
    }

    /// For changes.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint(33, text)
    }

    /// For removals and errors.
    pub(crate) fn red(self, text: &str) -> String {
        self.paint(31, text)
    }

    fn paint(self, colour: u8, text: &str) -> String {
        if self.on { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
