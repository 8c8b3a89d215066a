//! Times for people, in the time zone of `TZ` or of the machine.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Converts an RFC 3339 time to the local time zone; other text is returned unchanged.
pub(crate) fn local(text: &str) -> String {
    in_zone(text, &TimeZone::system())
}

fn in_zone(text: &str, zone: &TimeZone) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) if !zone.to_offset(time).is_zero() => {
            time.display_with_offset(zone.to_offset(time)).to_string()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::offset;

    use super::*;

    #[test]
    fn the_offset_is_told_and_nothing_is_lost() {
        let zone = offset(1).to_time_zone();
        assert_eq!(in_zone("2026-11-20T23:00:02.5Z", &zone), "2026-11-21T00:00:02.5+01:00");
        assert_eq!(in_zone("2026-11-20T23:00:02.5Z", &TimeZone::UTC), "2026-11-20T23:00:02.5Z");
        assert_eq!(in_zone("never", &zone), "never");
    }
}
