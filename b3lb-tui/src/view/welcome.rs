//! What the dashboard shows before the first answer of the daemon.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::lines;
use crate::page::Page;
use crate::state::State;

/// Draws the address of the daemon, and why there is no connection.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let mut page = Page::new(state.look, usize::from(area.width.saturating_sub(8)));
    match (state.link.reason(), state.link.progress(state.now)) {
        (Some(reason), progress) => {
            page.styled(&format!("No connection to {}", state.link.place), page.look.theme.strong);
            page.styled(reason, page.look.theme.down);
            page.gap();
            page.text(&progress.unwrap_or_default());
            page.dim("ctrl-r tries now, q quits.");
            page.gap();
            page.dim("Is b3lbd running? --connect unix:PATH or ssh://HOST, or B3LB_ADMIN_SOCKET, names another one.");
        }
        (None, Some(_)) => page.text(&format!("Connecting to {}", state.link.place)),
        (None, None) => page.text("Connected; the first picture is on its way."),
    }
    let inner = Rect { x: area.x + 4, y: area.y + 2, width: area.width - 8, height: area.height - 2 };
    lines::draw(&page.into_lines(), 0, &state.look, inner, buffer);
}
