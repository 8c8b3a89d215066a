//! Which quarter of an hour each column of the charts shows.

use std::ops::Range;

use rpc::{PoolHistory, PoolPoint};

/// A quarter of an hour, in milliseconds.
const QUARTER: i64 = 900_000;
/// Least distance of two hours on the axis, in columns.
const SPACE: i64 = 8;

/// What a chart shows of a quarter.
pub(super) type Series = fn(&PoolPoint) -> u32;

/// The part of a history that fits, as columns.
#[derive(Debug)]
pub(super) struct Days<'a> {
    history: &'a PoolHistory,
    /// Columns of a quarter.
    wide: usize,
    /// The first quarter, as an index into the history, and the number of columns.
    first: usize,
    columns: usize,
}

impl<'a> Days<'a> {
    /// Divides `width` columns: about a third for the hours to come, of which the other days tell.
    pub(super) fn new(history: &'a PoolHistory, width: u16) -> Self {
        let width = usize::from(width);
        let (past, all) = (history.today.len(), history.today.len().max(history.last_week.len()));
        let wide = (width / all.max(1)).max(1);
        let quarters = width / wide;
        let ahead = (quarters / 3).min(all - past);
        let first = (past + ahead).saturating_sub(quarters);
        Self { history, wide, first, columns: (all.min(first + quarters) - first) * wide }
    }

    pub(super) fn today(&self, series: Series) -> Vec<Option<f64>> {
        self.column_values(&self.history.today, series)
    }

    pub(super) fn yesterday(&self, series: Series) -> Vec<Option<f64>> {
        self.column_values(&self.history.yesterday, series)
    }

    pub(super) fn last_week(&self, series: Series) -> Vec<Option<f64>> {
        self.column_values(&self.history.last_week, series)
    }

    fn column_values(&self, points: &[Option<PoolPoint>], series: Series) -> Vec<Option<f64>> {
        let point = |column: usize| points.get(self.first + column / self.wide).copied().flatten();
        (0..self.columns).map(|column| point(column).map(|it| f64::from(series(&it)))).collect()
    }

    /// The column in the middle of the current quarter.
    pub(super) fn now(&self) -> u16 {
        let quarter = self.history.today.len().saturating_sub(1).saturating_sub(self.first);
        u16::try_from(quarter * self.wide + self.wide / 2).unwrap_or(u16::MAX)
    }

    /// The columns of a span of time; none if it is not on the screen.
    pub(super) fn columns_of(&self, at: i64, milliseconds: i64) -> Option<Range<usize>> {
        let column = |time: i64| {
            let quarter = (time - self.history.start).div_euclid(QUARTER);
            let first = i64::try_from(self.first).ok()?;
            usize::try_from(quarter - first).ok().map(|it| (it * self.wide).min(self.columns))
        };
        let columns = column(at)?..column(at + milliseconds)?;
        (!columns.is_empty()).then_some(columns)
    }

    /// The columns where hours begin, and which hours these are in the daemon's zone.
    pub(super) fn hours(&self) -> Vec<(u16, i64)> {
        let quarters = i64::try_from(self.columns / self.wide).unwrap_or(0);
        let wide = i64::try_from(self.wide).unwrap_or(1);
        let step = (1..=12).find(|hours| 24 % hours == 0 && hours * 4 * wide >= SPACE).unwrap_or(12);
        let local = (self.history.start + i64::from(self.history.utc_offset) * 1000).div_euclid(QUARTER);
        let first = local + i64::try_from(self.first).unwrap_or(0);
        let on_axis = |it: &i64| (first + it).rem_euclid(4 * step) == 0;
        let told = |it: i64| {
            (u16::try_from(it * wide).unwrap_or(u16::MAX), (first + it).div_euclid(4).rem_euclid(24))
        };
        (0..quarters).filter(on_axis).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Midnight UTC, in a zone that is an hour ahead.
    fn history() -> PoolHistory {
        PoolHistory {
            start: 1_796_000_000_000 / 86_400_000 * 86_400_000,
            utc_offset: 3_600,
            today: vec![Some(PoolPoint { attendees: 7, ..PoolPoint::default() }); 96],
            yesterday: vec![None; 144],
            last_week: vec![Some(PoolPoint { attendees: 9, ..PoolPoint::default() }); 144],
            ..PoolHistory::default()
        }
    }

    #[test]
    fn a_narrow_screen_shows_the_hours_around_now() {
        let history = history();
        let days = Days::new(&history, 60);
        assert_eq!((days.wide, days.first, days.columns), (1, 56, 60));
        assert_eq!(days.now(), 39);
        let today = days.today(|it| it.attendees);
        assert_eq!(
            (today[39], today[40], days.last_week(|it| it.attendees)[59]),
            (Some(7.0), None, Some(9.0))
        );
        // 56 quarters after 01:00 is 15:00.
        assert_eq!(days.hours()[..2], [(4, 16), (12, 18)]);
        assert_eq!(days.columns_of(history.start + 96 * QUARTER, 4 * QUARTER), Some(40..44));
        assert_eq!(days.columns_of(history.start, 4 * QUARTER), None);
    }

    #[test]
    fn a_wide_screen_has_columns_to_spare() {
        let history = history();
        let days = Days::new(&history, 300);
        assert_eq!((days.wide, days.first, days.columns), (2, 0, 288));
        assert_eq!(days.hours()[..2], [(0, 1), (8, 2)]);
    }

    #[test]
    fn nothing_known_and_no_room_are_harmless() {
        for width in [0, 1, 80] {
            for history in [PoolHistory::default(), history()] {
                let days = Days::new(&history, width);
                let _ = (days.now(), days.hours(), days.columns_of(0, 1), days.today(|it| it.meetings));
            }
        }
    }
}
