//! A rough estimate of how long a node takes to drain, shared by both tools.

use std::time::Duration;

/// With fewer meetings there is not enough data for an estimate.
const LEAST: usize = 5;

/// BBB ends a meeting by itself at most this long after the last attendee left, or if nobody joined.
const EMPTY: Duration = Duration::from_mins(5);

/// The properties of a running meeting that the estimate needs.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// How long it has run.
    pub age: Duration,
    /// Nobody is in it.
    pub empty: bool,
}

/// The median time until the last of `occupied` meetings with attendees and `empty` meetings without has
/// ended. `None` if `all` running meetings are too few for an estimate.
///
/// While meetings begin as often as they end, the remaining times of running meetings are distributed like
/// their ages. So the ages of all meetings are a sample of the remaining times, and the median time until the
/// last of n meetings ends is the quantile of that sample at the nth root of one half.
pub fn time_left(occupied: u64, empty: u64, all: &[Running]) -> Option<Duration> {
    if occupied == 0 {
        return (empty > 0).then_some(EMPTY);
    }
    let mut ages: Vec<_> = all.iter().filter(|it| !it.empty).map(|it| it.age).collect();
    if ages.len() < LEAST {
        return None;
    }
    ages.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "numbers of meetings are far below 2^52")]
    let (occupied, count) = (occupied as f64, ages.len() as f64);
    let rank = 0.5_f64.powf(occupied.recip()) * count;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the number of ages")]
    let rank = (rank.ceil() as usize).clamp(1, ages.len());
    ages.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Meetings that have run for one minute, two minutes, and so on.
    fn minutes(count: u64) -> Vec<Running> {
        (1..=count).map(|age| Running { age: Duration::from_mins(age), empty: false }).collect()
    }

    #[test]
    fn one_meeting_takes_the_median_and_many_take_the_longest() {
        let all = minutes(100);
        assert_eq!(time_left(1, 0, &all), Some(Duration::from_mins(50)));
        assert_eq!(time_left(2, 0, &all), Some(Duration::from_mins(71)));
        assert_eq!(time_left(10, 3, &all), Some(Duration::from_mins(94)));
        assert_eq!(time_left(1000, 0, &all), Some(Duration::from_mins(100)));
    }

    #[test]
    fn more_meetings_never_take_less_time() {
        let all = minutes(37);
        let times: Vec<_> = (1..60).map(|count| time_left(count, 0, &all)).collect();
        assert!(times.is_sorted(), "{times:?}");
    }

    #[test]
    fn empty_meetings_end_soon_and_tell_nothing_of_others() {
        assert_eq!(time_left(0, 2, &[]), Some(EMPTY));
        assert_eq!(time_left(0, 0, &minutes(9)), None);
        let mut all = minutes(5);
        all.push(Running { age: Duration::from_hours(99), empty: true });
        assert_eq!(time_left(1000, 0, &all), Some(Duration::from_mins(5)));
    }

    #[test]
    fn nothing_is_said_where_little_is_known() {
        assert_eq!(time_left(1, 0, &minutes(4)), None);
    }
}
