//! The areas of the screen. Drawing and the mouse share them.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect, Size};

use super::warnings;
use crate::state::State;

/// Least size of the terminal.
pub const LEAST: Size = Size { width: 80, height: 24 };

/// The areas of the screen, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Daemon, totals, rates.
    pub header: Rect,
    /// Warnings.
    pub warnings: Rect,
    /// Tabs and the number of rows.
    pub tabs: Rect,
    /// The picture above the list, if the tab has one.
    pub picture: Option<Rect>,
    /// Headings and rows; empty where the details replace them.
    pub list: Rect,
    /// The details.
    pub pane: Option<Rect>,
    /// The filter, or a note.
    pub status: Rect,
    /// Keys.
    pub footer: Rect,
}

impl Areas {
    /// List and details together.
    pub fn body(&self) -> Rect {
        let list = self.list.union(self.picture.unwrap_or(self.list));
        list.union(self.pane.unwrap_or(list))
    }

    /// Rows that fit into the list.
    pub fn visible(&self) -> usize {
        usize::from(self.list.height.saturating_sub(1))
    }
}

/// Divides the screen. Returns none if it is too small.
pub fn areas(state: &State) -> Option<Areas> {
    let Size { width, height } = state.size;
    if width < LEAST.width || height < LEAST.height {
        return None;
    }
    let warned = u16::try_from(warnings::lines(state).len()).unwrap_or(u16::MAX).min(4);
    let lines = [Length(3), Length(warned), Length(1), Fill(1), Length(1), Length(1)];
    let [header, warnings, tabs, body, status, footer] =
        Layout::vertical(lines).areas(Rect::new(0, 0, width, height));
    let (list, pane) = if !state.pane_is_open() {
        (body, None)
    } else if state.is_wide() {
        let beside = (width * 2 / 5).clamp(56, 96);
        let [list, _, pane] = Layout::horizontal([Fill(1), Length(1), Length(beside)]).areas(body);
        (list, Some(pane))
    } else {
        (Rect { height: 0, ..body }, Some(body))
    };
    let (picture, list) = if state.list().is_below_picture() && list.height > 0 {
        let rows = (list.height / 4).max(5);
        let [picture, list] = Layout::vertical([Fill(1), Length(rows)]).areas(list);
        (Some(picture), list)
    } else {
        (None, list)
    };
    Some(Areas { header, warnings, tabs, picture, list, pane, status, footer })
}
