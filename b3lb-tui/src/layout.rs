//! Where everything stands on the screen; pure, so that drawing and the mouse agree.

use ratatui::layout::{Rect, Size};

use crate::state::State;
use crate::warnings;

/// Least size that everything fits into.
pub const LEAST: Size = Size { width: 80, height: 24 };

/// From this width on the details stand beside the list.
const WIDE: u16 = 140;

/// Lines of the header.
const HEADER: u16 = 3;

/// The parts of the screen, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Who, how many, how fast.
    pub header: Rect,
    /// What is wrong.
    pub warnings: Rect,
    /// Tabs, and how many rows there are.
    pub tabs: Rect,
    /// Headings and rows; empty where the details take its place.
    pub list: Rect,
    /// The details.
    pub pane: Option<Rect>,
    /// The filter, or a note.
    pub status: Rect,
    /// Keys.
    pub footer: Rect,
}

/// There is room for the details beside the list.
pub fn is_wide(size: Size) -> bool {
    size.width >= WIDE
}

/// Where everything stands; none if the terminal is too small.
pub fn areas(state: &State) -> Option<Areas> {
    let Size { width, height } = state.size;
    if width < LEAST.width || height < LEAST.height {
        return None;
    }
    let warned = u16::try_from(warnings::lines(state).len()).unwrap_or(u16::MAX).min(4);
    let line = |y, lines| Rect::new(0, y, width, lines);
    let tabs = line(HEADER + warned, 1);
    let body = line(tabs.bottom(), height - tabs.bottom() - 2);
    let (list, pane) = match (state.pane_is_open(), is_wide(state.size)) {
        (false, _) => (body, None),
        (true, false) => (Rect { height: 0, ..body }, Some(body)),
        (true, true) => {
            let beside = (width * 2 / 5).clamp(56, 96);
            let list = Rect { width: width - beside - 1, ..body };
            (list, Some(Rect { x: width - beside, width: beside, ..body }))
        }
    };
    Some(Areas {
        header: line(0, HEADER),
        warnings: line(HEADER, warned),
        tabs,
        list,
        pane,
        status: line(height - 2, 1),
        footer: line(height - 1, 1),
    })
}

/// A box in the middle of the screen for so many lines of text.
pub fn middle(size: Size, width: u16, lines: usize) -> Rect {
    let width = width.min(size.width);
    let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(size.height.saturating_sub(2));
    Rect::new((size.width - width) / 2, (size.height - height) / 2, width, height)
}
