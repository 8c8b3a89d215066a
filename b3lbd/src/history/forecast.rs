//! How many attendees to expect in the next full hour: those of the same hour a week before, scaled by how today
//! compares with that day so far.

use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Unit, Zoned, ZonedRound};

use super::calendar::{minute_of, quarter_of, start_of};

/// How many quarters of an hour of today are compared with a week before.
const COMPARED: i64 = 16;
/// Weight of the assumption that today is like a week before, in quarters of an hour at the size of the hour that is
/// predicted: few people at night say little about the morning. `tests/bench/run forecast` prints what comes of it.
const ASSUMED: f64 = 1.0;

const WEEK: i64 = 7;

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The minute in which the hour begins.
    pub minute: i64,
    /// The most attendees at the same time in that hour.
    pub attendees: u32,
    /// The same, a week before.
    pub week_before: u32,
}

/// The forecast after `minute`, which is the last one that was recorded. `peak` is the most attendees in a quarter of an
/// hour, if it was recorded. None without the same hour of a week before.
pub fn forecast(minute: i64, peak: impl Fn(i64) -> Option<u32>, zone: &TimeZone) -> Option<Forecast> {
    let now = start_of(minute).to_zoned(zone.clone());
    let hour = now.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc)).ok()?;
    let hour = hour.checked_add(1.hour()).ok()?;
    let first = quarter(&hour);
    let week_before = (first..first + 4).filter_map(|it| peak(days_before(it, WEEK, zone)?)).max()?;
    let complete = quarter_of(minute + 1);
    let (mut today, mut then) = (0.0, 0.0);
    for it in complete - COMPARED..complete {
        if let (Some(now), Some(before)) = (peak(it), days_before(it, WEEK, zone).and_then(&peak)) {
            today += f64::from(now);
            then += f64::from(before);
        }
    }
    let assumed = ASSUMED * f64::from(week_before);
    let scale = if then + assumed > 0.0 { (today + assumed) / (then + assumed) } else { 1.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let attendees = (f64::from(week_before) * scale).round() as u32;
    Some(Forecast { minute: minute_of(hour.timestamp().as_millisecond()), attendees, week_before })
}

fn quarter(time: &Zoned) -> i64 {
    quarter_of(minute_of(time.timestamp().as_millisecond()))
}

/// The quarter some days before at the same time of day, also over a change of the clocks.
pub fn days_before(quarter: i64, days: i64, zone: &TimeZone) -> Option<i64> {
    let time = start_of(quarter.saturating_mul(15)).to_zoned(zone.clone());
    Some(self::quarter(&time.checked_sub(days.days()).ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use jiff::Timestamp;

    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn minute(text: &str) -> i64 {
        minute_of(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    /// The forecast at a time with these peaks.
    fn told(at: &str, peaks: &[(&str, u32)]) -> Option<Forecast> {
        let peaks: HashMap<i64, u32> =
            peaks.iter().map(|(time, peak)| (quarter_of(minute(time)), *peak)).collect();
        forecast(minute(at), |quarter| peaks.get(&quarter).copied(), &berlin())
    }

    #[test]
    fn the_hour_of_a_week_before_scaled_to_today() {
        assert_eq!(told("2026-11-27T07:50:00Z", &[]), None);
        let last_week = [
            ("2026-11-20T06:00:00Z", 400),
            ("2026-11-20T08:00:00Z", 100),
            ("2026-11-20T08:45:00Z", 400),
            ("2026-11-20T09:00:00Z", 900),
        ];
        let told_at =
            |today: &[(&str, u32)]| told("2026-11-27T07:50:00Z", &[&last_week, today].concat()).unwrap();
        let nine = minute("2026-11-27T08:00:00Z");
        let of = |attendees| Forecast { minute: nine, attendees, week_before: 400 };
        assert_eq!(told_at(&[]), of(400), "nothing known of today");
        // Half of one quarter of the same size, and one is assumed: three quarters.
        assert_eq!(told_at(&[("2026-11-27T06:00:00Z", 200)]), of(300));
        assert_eq!(told_at(&[("2026-11-27T06:00:00Z", 800)]), of(600));
        assert_eq!(told_at(&[("2026-11-27T07:45:00Z", 9_000)]), of(400), "a quarter that is not complete");
        assert_eq!(told_at(&[("2026-11-27T03:30:00Z", 9_000)]), of(400), "long ago");
    }

    #[test]
    fn a_pool_that_was_empty_is_expected_to_be_empty() {
        let none = told("2026-11-27T07:50:00Z", &[("2026-11-20T08:00:00Z", 0)]).unwrap();
        assert_eq!((none.attendees, none.week_before), (0, 0));
    }

    #[test]
    fn nine_is_nine_also_after_the_clocks_have_changed() {
        // The clocks were set back on October 25th: nine o'clock was 07:00 UTC, and is 08:00 UTC.
        let told = told("2026-10-27T07:59:00Z", &[("2026-10-20T07:00:00Z", 70)]).unwrap();
        assert_eq!((told.minute, told.week_before), (minute("2026-10-27T08:00:00Z"), 70));
    }

    #[test]
    fn zones_with_half_hours_have_full_hours_too() {
        let zone = TimeZone::posix("IST-5:30").unwrap();
        let told = forecast(minute("2026-11-27T03:10:00Z"), |_| Some(5), &zone).unwrap();
        assert_eq!((told.minute, told.attendees), (minute("2026-11-27T03:30:00Z"), 5));
    }
}
