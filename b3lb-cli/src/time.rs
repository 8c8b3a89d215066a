//! Times for people, in the time zone of `TZ` or of the machine.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Converts an RFC 3339 time to the local time zone; other text is returned unchanged.
pub(crate) fn local(text: &str) -> String {
    in_zone(text, &TimeZone::system())
}

/// Converts an RFC 3339 time to the local time zone, to the second, so that all are of the same width; other text is
/// returned unchanged.
pub(crate) fn stamp(text: &str) -> String {
    stamp_in(text, TimeZone::system())
}

fn stamp_in(text: &str, zone: TimeZone) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) => {
            // In a zone with summer time, an offset of zero has to be as wide as the other one.
            let is_utc = matches!(zone.iana_name(), Some("UTC" | "Etc/UTC"));
            let format = if is_utc { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
            time.to_zoned(zone).strftime(format).to_string()
        }
        Err(_) => text.to_owned(),
    }
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
    fn stamps_are_of_one_width() {
        let zone = offset(-5).to_time_zone();
        assert_eq!(stamp_in("2026-11-20T23:00:02.512Z", zone), "2026-11-20T18:00:02-05:00");
        assert_eq!(stamp_in("2026-11-20T23:00:02Z", TimeZone::UTC), "2026-11-20T23:00:02Z");
    }

    #[test]
    fn the_offset_is_told_and_nothing_is_lost() {
        let zone = offset(1).to_time_zone();
        assert_eq!(in_zone("2026-11-20T23:00:02.5Z", &zone), "2026-11-21T00:00:02.5+01:00");
        assert_eq!(in_zone("2026-11-20T23:00:02.5Z", &TimeZone::UTC), "2026-11-20T23:00:02.5Z");
        assert_eq!(in_zone("never", &zone), "never");
    }
}
