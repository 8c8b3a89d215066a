//! Arguments of `events`.

use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;
use rpc::{EventKind, Severity};

use crate::duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli events
  b3lb-cli events --follow --severity warning
  b3lb-cli events --kind node --subject n1.example.org --since 2h
  b3lb-cli events --audit --since 2026-11-01T00:00:00Z --subject 'tenant SCHOOL'
  b3lb-cli events --follow --json | jq -r .text

Shows events since the daemon started, oldest first. The audit log is kept in the \
database and has every change by operators, newest first. With --follow, --json prints \
one document per line.";

#[derive(Args)]
pub(crate) struct Events {
    /// Keep running and print events as they happen, until Ctrl-C
    #[arg(long)]
    pub(crate) follow: bool,
    /// Only this kind; may be repeated
    #[arg(long, value_delimiter = ',')]
    pub(crate) kind: Vec<EventKind>,
    /// Only events of at least this severity
    #[arg(long)]
    pub(crate) severity: Option<Severity>,
    /// Only events whose subject contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// Only events of the last 90s, 15m or 2h, or since an RFC 3339 time
    #[arg(long, value_name = "DURATION|TIME")]
    pub(crate) since: Option<Since>,
    /// Show the audit log instead: who changed what from where, with old and new values
    #[arg(long, conflicts_with_all = ["follow", "kind", "severity"])]
    pub(crate) audit: bool,
}

/// A point in time, given as a time or as a duration before now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since(pub(crate) Timestamp);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(ago) = duration::parse(text) {
            return Timestamp::now().checked_sub(ago).map(Self).map_err(|error| error.to_string());
        }
        let rule = "must be a duration as in 90s, 15m or 2h, or a time as in 2026-11-30T08:00:00Z";
        text.parse().map(Self).map_err(|_| rule.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_or_a_time_with_its_zone() {
        let hour_ago = "1h".parse::<Since>().unwrap().0;
        assert_eq!(Timestamp::now().duration_since(hour_ago).as_secs(), 3600);
        assert_eq!(
            "2026-11-30T09:00:00+01:00".parse::<Since>().unwrap().0.to_string(),
            "2026-11-30T08:00:00Z"
        );
        for text in ["", "yesterday", "2026-11-30", "2026-11-30T08:00:00", "2d"] {
            assert!(text.parse::<Since>().is_err(), "{text}");
        }
    }
}
