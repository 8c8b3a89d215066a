//! Draws lines of text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::text::cut_end;
use crate::theme::Look;

/// Draws one line of text with a margin, and cuts it at the right edge.
pub(super) fn line(look: &Look, area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    let room = usize::from(area.width.saturating_sub(1));
    let text = cut_end(text, room, look.glyphs.ellipsis);
    buffer.set_stringn(area.x + 1, area.y, text, room, style);
}

/// Draws the lines from `first` on. If there is no room for all, the last one says how many are missing.
pub(super) fn draw(lines: &[Line<'_>], first: usize, look: &Look, area: Rect, buffer: &mut Buffer) {
    for (line, y) in lines.iter().skip(first).zip(area.y..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
    let below = lines.len().saturating_sub(first + usize::from(area.height));
    if below > 0 && area.height > 0 {
        let text = format!("{} {} more lines: ] scrolls", look.glyphs.descending, below + 1);
        let text = format!("{text:width$}", width = usize::from(area.width));
        buffer.set_span(area.x, area.bottom() - 1, &Span::styled(text, look.theme.dim), area.width);
    }
}
