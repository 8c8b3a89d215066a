//! Log output and filtering.

use std::io::{self, Write};

use tracing::Level;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::LogFormat;
use crate::model::printable;

/// Logs to stderr. Libraries log from level warn only, because lower levels may contain URLs with checksums.
pub fn start(filter: &str, format: LogFormat) {
    let filter = filter.parse().unwrap_or_else(|_| Targets::new().with_default(Level::INFO));
    let discreet = filter_fn(|meta| *meta.level() <= Level::WARN || meta.target().starts_with("b3lbd"));
    let lines = match format {
        LogFormat::Text => fmt::layer().with_ansi(false).with_writer(|| OneLine(std::io::stderr())).boxed(),
        LogFormat::Json => fmt::layer().with_writer(std::io::stderr).json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(discreet).with_filter(filter)).init();
}

/// Writes each event as one line, whatever text from nodes and clients it contains.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    /// Writes a whole event, which ends with a line feed.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = printable(text.strip_suffix('\n').unwrap_or(&text));
        self.0.write_all(format!("{line}\n").as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_15b_an_event_is_one_line() {
        let mut out = Vec::new();
        OneLine(&mut out).write_all("INFO key=a\n2026 ERROR forged \u{1b}[2J\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "INFO key=a\\n2026 ERROR forged \\u{1b}[2J\n");
    }
}
