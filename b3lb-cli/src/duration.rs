//! Durations such as `90s`, `15m` and `2h`.

use std::time::Duration;

/// The longest duration accepted. Much longer ones would overflow deadlines.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// Parses a whole number with the unit `s`, `m` or `h`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    const RULE: &str = "must be a whole number with its unit, as in 90s, 15m or 2h";
    let mut digits = text.chars();
    let unit = match digits.next_back() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        _ => return Err(RULE.to_owned()),
    };
    let count: u64 = digits.as_str().parse().map_err(|_| RULE.to_owned())?;
    let duration = Duration::from_secs(count.saturating_mul(unit));
    if duration > LONGEST { Err("must be at most 8760h".to_owned()) } else { Ok(duration) }
}

/// Formats a duration in the largest unit that represents it exactly.
pub(crate) fn show(duration: Duration) -> String {
    match duration.as_secs() {
        secs if secs > 0 && secs.is_multiple_of(3600) => format!("{}h", secs / 3600),
        secs if secs > 0 && secs.is_multiple_of(60) => format!("{}m", secs / 60),
        secs => format!("{secs}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_minutes_hours() {
        for (text, secs) in [("0s", 0), ("90s", 90), ("15m", 900), ("2h", 7200), ("8760h", 31_536_000)] {
            let duration = parse(text).unwrap();
            assert_eq!(duration.as_secs(), secs, "{text}");
            assert_eq!(show(duration), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "2", "2d", "-2s", "1.5h", "2 h", "2hé", "8761h", "18446744073709551615h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
