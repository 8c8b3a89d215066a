//! Dialogs: text in a box over the tab.

mod confirm;
mod drain;
mod effect;
mod endpoints;
mod help;
mod job;

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect, Size};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Widget as _};

pub use confirm::buttons;

use crate::page::Page;
use crate::state::State;
use crate::state::dialog::Dialog;
use crate::text::cut_end;

/// Greatest width of a dialog.
const WIDEST: u16 = 100;

/// A dialog with its position on the screen.
#[derive(Debug)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// The whole text.
    pub lines: Vec<Line<'static>>,
    /// Its area, border included.
    pub area: Rect,
    /// The first visible line.
    pub first: usize,
}

impl Sheet {
    /// Number of lines that fit.
    pub fn visible(&self) -> usize {
        usize::from(self.area.height.saturating_sub(2))
    }

    /// The last scroll position that fills the box.
    pub fn last_first(&self) -> usize {
        self.lines.len().saturating_sub(self.visible())
    }
}

/// Writes a dialog and positions it.
pub fn sheet(state: &State, dialog: &Dialog) -> Sheet {
    // Where little would be visible beside it, the dialog takes the whole width.
    let width = if state.size.width < WIDEST + 10 { state.size.width } else { WIDEST };
    let mut page = Page::new(state.look, usize::from(width.saturating_sub(4)));
    let title = write(&mut page, state, dialog);
    let lines = page.into_lines();
    let area = centered(state.size, width, lines.len());
    let mut sheet = Sheet { title, lines, area, first: 0 };
    sheet.first = dialog.scroll().map_or(0, |it| it.0).min(sheet.last_first());
    sheet
}

/// A box in the middle of the screen, as high as its lines or as the screen allows.
fn centered(size: Size, width: u16, lines: usize) -> Rect {
    let width = width.min(size.width);
    let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(size.height.saturating_sub(2));
    Rect::new((size.width - width) / 2, (size.height - height) / 2, width, height)
}

/// Writes the text of a dialog. Returns its title.
fn write(page: &mut Page, state: &State, dialog: &Dialog) -> String {
    match dialog {
        Dialog::Confirm(confirm) => confirm::write(page, state, confirm),
        Dialog::Job(_) => job::write(page, state),
        Dialog::Drain(_) => drain::write(page, state),
        Dialog::Endpoints(endpoints) => endpoints::write(page, state, endpoints),
        Dialog::Help(context, _) => help::write(page, *context),
    }
}

pub(super) fn draw(state: &State, dialog: &Dialog, buffer: &mut Buffer) {
    let sheet = sheet(state, dialog);
    let (area, glyphs) = (sheet.area, &state.look.glyphs);
    // An empty column on both sides, where there is room.
    let air = area.x.min(1);
    Clear.render(Rect { x: area.x - air, width: area.width + 2 * air, ..area }, buffer);
    let line = glyphs.horizontal;
    let title = cut_end(&sheet.title, usize::from(area.width - 6), glyphs.ellipsis);
    let mut block = Block::bordered()
        .border_set(glyphs.border())
        .border_style(state.look.theme.accent)
        .title(format!("{line} {title} "));
    if sheet.last_first() > 0 {
        let more = match sheet.lines.len().saturating_sub(sheet.first + sheet.visible()) {
            0 => format!(" end {line}"),
            more => format!(" {} {more} more {line}", glyphs.descending),
        };
        block = block.title_bottom(Line::from(more).right_aligned());
    }
    block.render(area, buffer);
    let inner = area.inner(Margin::new(2, 1));
    for (line, y) in sheet.lines.iter().skip(sheet.first).zip(inner.y..inner.bottom()) {
        buffer.set_line(inner.x, y, line, inner.width);
    }
}
