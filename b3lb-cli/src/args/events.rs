//! Arguments of `events`.

use std::str::FromStr;

use clap::Args;
use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, Zoned};
use rpc::{EventKind, Severity};

use crate::duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli events
  b3lb-cli events --follow --severity warning
  b3lb-cli events --kind node --subject n1.example.org --since 2h
  b3lb-cli events --since 08:00
  b3lb-cli events --audit --since 2026-11-01 --subject 'tenant SCHOOL'
  b3lb-cli events --follow --json | jq -r .text

Shows the events of 30 days, the newest last; many equal ones are one line. The audit log has every change by \
operators, with old and new values. --follow goes on after a restart of the daemon; with it, --json prints one \
document per line.";

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
    /// Only events of the last 90s, 15m or 2h, or since a time: 08:00, 2026-11-25, 2026-11-25T08:00
    #[arg(long, value_name = "DURATION|TIME")]
    pub(crate) since: Option<Since>,
    /// Show the audit log instead: who changed what from where, with old and new values
    #[arg(long, conflicts_with_all = ["follow", "kind", "severity"])]
    pub(crate) audit: bool,
}

/// A point in time, given as a time or as a duration before now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since(pub(crate) Timestamp);

/// A time of today, or of yesterday if it is yet to come today; a day; or both. In the zone of `now` unless it has its
/// own.
fn since(text: &str, now: &Zoned) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let zoned = |at: DateTime| at.to_zoned(now.time_zone().clone()).ok();
    if text.contains('-') {
        return Some(zoned(text.parse().ok()?)?.timestamp());
    }
    let time: Time = text.parse().ok()?;
    let today = zoned(now.date().to_datetime(time))?;
    if today <= *now {
        return Some(today.timestamp());
    }
    Some(zoned(now.date().yesterday().ok()?.to_datetime(time))?.timestamp())
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let now = Zoned::now();
        if let Ok(ago) = duration::parse(text) {
            return now.timestamp().checked_sub(ago).map(Self).map_err(|error| error.to_string());
        }
        let rule = "must be a duration as in 90s, 15m or 2h, a time as in 08:00, a day as in 2026-11-30, or both as \
                    in 2026-11-30T08:00";
        since(text, &now).map(Self).ok_or_else(|| rule.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_today_and_days() {
        let now: Zoned = "2026-11-30T09:30:00+01:00[Europe/Berlin]".parse().unwrap();
        let is =
            |text, expected: &str| assert_eq!(since(text, &now).unwrap().to_string(), expected, "{text}");
        is("08:00", "2026-11-30T07:00:00Z");
        is("10:15", "2026-11-29T09:15:00Z");
        is("2026-11-25", "2026-11-24T23:00:00Z");
        is("2026-11-25T08:00", "2026-11-25T07:00:00Z");
    }

    #[test]
    fn how_long_ago_or_a_time_with_its_zone() {
        let hour_ago = "1h".parse::<Since>().unwrap().0;
        assert_eq!(Timestamp::now().duration_since(hour_ago).as_secs(), 3600);
        assert_eq!(
            "2026-11-30T09:00:00+01:00".parse::<Since>().unwrap().0.to_string(),
            "2026-11-30T08:00:00Z"
        );
        for text in ["", "yesterday", "25:00", "2026-13-30", "8", "2d"] {
            assert!(text.parse::<Since>().is_err(), "{text}");
        }
    }
}
