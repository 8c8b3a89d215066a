//! Writes Prometheus' text format, for metrics that are computed at scrape time.

use std::fmt::{Display, Write};
use strum::IntoStaticStr;

/// Metric types of the text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Can go up and down.
    Gauge,
    /// Only goes up.
    Counter,
    /// Count and sum, without quantiles.
    Summary,
    /// For metrics whose type was never declared.
    Untyped,
}

impl Kind {
    fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A text under construction.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// Starts a metric; its samples follow.
    pub fn metric(&mut self, name: &str, kind: Kind, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {}\n", kind.as_str()));
    }

    /// Adds a sample.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.line(format_args!("{name}"));
        for (n, (label, text)) in labels.iter().enumerate() {
            let before = if n == 0 { '{' } else { ',' };
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            self.line(format_args!("{before}{label}=\"{escaped}\""));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        self.line(format_args!("{end} {value}\n"));
    }

    /// Returns the text.
    pub fn finish(self) -> String {
        self.0
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut text = Exposition::default();
        text.metric("x", Kind::Gauge, "An x");
        text.sample("x", &[("a", "q\"\\\n"), ("b", "ü")], 1.5);
        text.sample("y", &[], 2);
        assert_eq!(text.finish(), "# HELP x An x\n# TYPE x gauge\nx{a=\"q\\\"\\\\\\n\",b=\"ü\"} 1.5\ny 2\n");
    }
}
