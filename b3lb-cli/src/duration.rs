//! Durations such as `90s`, `15m` and `1h 30m`.

use std::time::Duration;

use jiff::SignedDuration;

/// The longest duration accepted. Much longer ones would overflow deadlines.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// Parses a duration of hours, minutes and seconds.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    const RULE: &str = "must be a duration as in 90s, 15m or 2h";
    let duration: SignedDuration = text.parse().map_err(|_| RULE.to_owned())?;
    let duration = Duration::try_from(duration).map_err(|_| RULE.to_owned())?;
    if duration > LONGEST { Err("must be at most 8760h".to_owned()) } else { Ok(duration) }
}

/// Formats a duration so that it can be parsed.
pub(crate) fn show(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(|_| format!("{duration:?}"), |it| format!("{it:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_minutes_hours() {
        for (text, secs) in
            [("0s", 0), ("90s", 90), ("15m", 900), ("2h", 7200), ("1h 30m", 5400), ("8760h", 31_536_000)]
        {
            let duration = parse(text).unwrap();
            assert_eq!(duration.as_secs(), secs, "{text}");
            assert_eq!(parse(&show(duration)).unwrap(), duration);
        }
        assert_eq!(show(Duration::from_hours(2)), "2h");
        assert_eq!(show(Duration::from_mins(90)), "1h 30m");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "2", "2d", "-2s", "2h ago", "2hé", "8761h", "18446744073709551615h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
