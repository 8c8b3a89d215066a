//! Which columns fit, and how wide they are.

use ratatui::layout::Rect;

use super::Column;

/// Columns before the first one: where the cursor and the marks are drawn.
pub(super) const GUTTER: u16 = 2;

/// A column that has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which column.
    pub index: usize,
    /// Where it begins on the screen.
    pub x: u16,
    /// How wide it is.
    pub width: u16,
}

/// The columns that fit into an area, from left to right.
pub fn place<T>(columns: &[Column<T>], area: Rect) -> Vec<Placed> {
    let room = area.width.saturating_sub(GUTTER);
    let mut chosen: Vec<usize> = (0..columns.len()).collect();
    let needed =
        |chosen: &[usize]| chosen.iter().map(|at| columns[*at].min + 1).sum::<u16>().saturating_sub(1);
    while needed(&chosen) > room {
        let last = chosen.iter().enumerate().max_by_key(|(place, at)| (columns[**at].priority, *place));
        match last {
            Some((place, at)) if columns[*at].priority > 0 => drop(chosen.remove(place)),
            _ => break,
        }
    }
    let mut spare = room.saturating_sub(needed(&chosen));
    let mut widths: Vec<u16> = chosen.iter().map(|at| columns[*at].min).collect();
    while spare > 0 {
        let mut grown = false;
        for (width, at) in widths.iter_mut().zip(&chosen) {
            if spare > 0 && *width < columns[*at].max {
                *width += 1;
                spare -= 1;
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    let mut x = area.x + GUTTER;
    let mut placed = Vec::with_capacity(chosen.len());
    for (index, width) in chosen.into_iter().zip(widths) {
        placed.push(Placed { index, x, width });
        x += width + 1;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Kind, SortKey};
    use super::*;

    const fn column(min: u16, max: u16, priority: u8) -> Column<()> {
        let kind = Kind::Name;
        Column {
            title: "",
            kind,
            min,
            max,
            priority,
            key: |(), _| SortKey::Nothing,
            cell: |(), _| Cell::from(""),
        }
    }

    const COLUMNS: &[Column<()>] = &[column(5, 5, 0), column(10, 20, 0), column(8, 8, 2), column(8, 8, 1)];

    fn at(width: u16) -> Vec<(usize, u16, u16)> {
        let placed = place(COLUMNS, Rect::new(0, 0, width, 1));
        placed.into_iter().map(|it| (it.index, it.x, it.width)).collect()
    }

    #[test]
    fn the_least_important_column_goes_first_and_the_rest_grows() {
        assert_eq!(at(60), [(0, 2, 5), (1, 8, 20), (2, 29, 8), (3, 38, 8)]);
        assert_eq!(at(30), [(0, 2, 5), (1, 8, 13), (3, 22, 8)]);
        assert_eq!(at(20), [(0, 2, 5), (1, 8, 12)]);
        assert_eq!(at(3), [(0, 2, 5), (1, 8, 10)]);
    }
}
