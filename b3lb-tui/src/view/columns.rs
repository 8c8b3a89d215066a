//! Chooses the columns that fit, and their widths.

use ratatui::layout::Rect;

use crate::screens::column::Heading;

/// Width of the cursor and the marks, which stand in front of the first column.
pub(super) const GUTTER: u16 = 2;

/// The position of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Index of the column.
    pub index: usize,
    /// Its left edge on the screen.
    pub x: u16,
    /// Its width.
    pub width: u16,
}

/// The columns that fit into an area, from left to right. Each gets its least width, and spare room goes to all
/// columns in turn.
pub fn place(columns: &[Heading], area: Rect) -> Vec<Placed> {
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

/// The column whose heading is at `x`.
pub fn at(columns: &[Heading], area: Rect, x: u16) -> Option<usize> {
    let placed = place(columns, area);
    placed.into_iter().find(|it| (it.x..=it.x + it.width).contains(&x)).map(|it| it.index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::column::Kind;

    const fn column(min: u16, max: u16, priority: u8) -> Heading {
        Heading { title: "", kind: Kind::Name, min, max, priority }
    }

    const COLUMNS: &[Heading] = &[column(5, 5, 0), column(10, 20, 0), column(8, 8, 2), column(8, 8, 1)];

    fn placed(width: u16) -> Vec<(usize, u16, u16)> {
        let placed = place(COLUMNS, Rect::new(0, 0, width, 1));
        placed.into_iter().map(|it| (it.index, it.x, it.width)).collect()
    }

    #[test]
    fn the_least_important_column_goes_first_and_the_rest_grows() {
        assert_eq!(placed(60), [(0, 2, 5), (1, 8, 20), (2, 29, 8), (3, 38, 8)]);
        assert_eq!(placed(30), [(0, 2, 5), (1, 8, 13), (3, 22, 8)]);
        assert_eq!(placed(20), [(0, 2, 5), (1, 8, 12)]);
        assert_eq!(placed(3), [(0, 2, 5), (1, 8, 10)]);
    }
}
