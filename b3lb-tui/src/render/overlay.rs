//! What lies over a tab: dialogs, and the screen before the first answer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::put_lines;
use crate::details::Page;
use crate::dialogs::{self, Dialog};
use crate::state::State;
use crate::text::{cut_end, width};

/// Before the daemon has told anything: where it is looked for, and what is wrong.
pub(super) fn welcome(state: &State, area: Rect, buffer: &mut Buffer) {
    let mut page = Page::new(state.look, usize::from(area.width.saturating_sub(8)));
    match (state.link.reason(), state.link.trouble(state.now)) {
        (Some(reason), trouble) => {
            page.styled(&format!("No connection to {}", state.link.place), page.look.theme.strong);
            page.styled(reason, page.look.theme.down);
            page.gap();
            page.text(&trouble.unwrap_or_default());
            page.dim("ctrl-r tries now, q quits.");
            page.gap();
            page.dim("Is b3lbd running? --connect unix:PATH or ssh://HOST, or B3LB_ADMIN_SOCKET, names another one.");
        }
        (None, Some(_)) => page.text(&format!("Connecting to {}", state.link.place)),
        (None, None) => page.text("Connected; the first picture is on its way."),
    }
    let inner = Rect { x: area.x + 4, y: area.y + 2, width: area.width - 8, height: area.height - 2 };
    put_lines(&page.into_lines(), 0, inner, state, buffer);
}

/// A box with a title over whatever is there.
pub(super) fn dialog(state: &State, dialog: &Dialog, buffer: &mut Buffer) {
    let sheet = dialogs::sheet(state, dialog);
    let area = sheet.area;
    // A column of air on both sides, where there is room.
    let air = area.x.min(1);
    let around = Rect { x: area.x - air, width: area.width + 2 * air, ..area };
    for y in around.y..around.bottom() {
        buffer.set_string(around.x, y, " ".repeat(usize::from(around.width)), ratatui::style::Style::reset());
    }
    border(state, &sheet.title, area, buffer);
    let inner = Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 };
    for (line, y) in sheet.lines.iter().skip(sheet.first).zip(inner.y..inner.bottom()) {
        buffer.set_line(inner.x, y, line, inner.width);
    }
    let below = sheet.lines.len().saturating_sub(sheet.first + sheet.visible());
    if sheet.last_first() > 0 {
        let text = match below {
            0 => " end ".to_owned(),
            more => format!(" {} {more} more ", state.look.glyphs.descending),
        };
        let x = area.right().saturating_sub(2 + super::columns(&text));
        buffer.set_string(x, area.bottom() - 1, text, state.look.theme.accent);
    }
}

fn border(state: &State, title: &str, area: Rect, buffer: &mut Buffer) {
    let glyphs = &state.look.glyphs;
    let corners = if glyphs.ascii { ["+", "+", "+", "+"] } else { ["┌", "┐", "└", "┘"] };
    let style = state.look.theme.accent;
    let across = glyphs.horizontal.repeat(usize::from(area.width - 2));
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for (y, left_corner, right_corner) in [(area.y, corners[0], corners[1]), (bottom, corners[2], corners[3])]
    {
        buffer.set_string(area.x, y, left_corner, style);
        buffer.set_string(area.x + 1, y, &across, style);
        buffer.set_string(right, y, right_corner, style);
    }
    for y in area.y + 1..bottom {
        buffer.set_string(area.x, y, glyphs.vertical, style);
        buffer.set_string(right, y, glyphs.vertical, style);
    }
    let room = usize::from(area.width - 6);
    let title = cut_end(title, room, glyphs.ellipsis);
    debug_assert!(width(&title) <= room, "titles are cut");
    buffer.set_line(area.x + 2, area.y, &Line::styled(format!(" {title} "), style), area.width - 4);
}
