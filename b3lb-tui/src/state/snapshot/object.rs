//! Applies changes to the objects of one kind. Rows and statistics arrive in any order.

use rpc::Changes;

use super::numbers::ByNumber;

/// An object that is reported in two parts.
pub trait Object: Sized {
    /// Its rarely changing properties.
    type Row;
    /// Its statistics.
    type Stats;

    /// The number of the object that a row describes.
    fn number_of_row(row: &Self::Row) -> i64;
    /// The number of the object that statistics describe.
    fn number_of_stats(stats: &Self::Stats) -> i64;
    /// The object, without statistics.
    fn new(row: Self::Row) -> Self;
    /// Replaces the statistics.
    fn set_stats(&mut self, stats: Self::Stats);
    /// Takes over the statistics from before the row changed.
    fn keep_stats(&mut self, before: Self);
}

/// Applies changes; `early` holds statistics whose row has not arrived yet.
pub fn apply<T: Object>(
    objects: &mut ByNumber<T>,
    early: &mut ByNumber<T::Stats>,
    changes: Changes<T::Row, T::Stats>,
) {
    for row in changes.rows {
        let number = T::number_of_row(&row);
        let mut object = T::new(row);
        let before = objects.remove(&number);
        match (early.remove(&number), before) {
            (Some(stats), _) => object.set_stats(stats),
            (None, Some(before)) => object.keep_stats(before),
            (None, None) => {}
        }
        objects.insert(number, object);
    }
    for stats in changes.stats {
        let number = T::number_of_stats(&stats);
        match objects.get_mut(&number) {
            Some(object) => object.set_stats(stats),
            None => drop(early.insert(number, stats)),
        }
    }
    for number in changes.gone {
        objects.remove(&number);
    }
}
