//! Colours, where a terminal shows them and nobody asked for none.

use std::io::IsTerminal as _;

/// Paints text, or leaves it as it is.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Paints if standard output is a terminal with colours and `NO_COLOR` is not set.
    pub(crate) fn for_stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|it| it == "dumb");
        Self { on: std::io::stdout().is_terminal() && !plain && !dumb }
    }

    /// No colours at all.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { on: false }
    }

    /// What is new.
    pub(crate) fn green(self, text: &str) -> String {
        self.paint(32, text)
    }

    /// What changes.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint(33, text)
    }

    /// What goes, or is wrong.
    pub(crate) fn red(self, text: &str) -> String {
        self.paint(31, text)
    }

    fn paint(self, colour: u8, text: &str) -> String {
        if self.on { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
