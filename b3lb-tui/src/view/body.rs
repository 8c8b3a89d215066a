//! The list and the details.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Widget as _};

use super::layout::Areas;
use super::{lines, pool, table};
use crate::page::Page;
use crate::screens;
use crate::state::State;
use crate::text::cut_end;

pub(super) fn draw(state: &State, areas: &Areas, buffer: &mut Buffer) {
    if let Some(area) = areas.picture {
        pool::draw(state, area, buffer);
    }
    if areas.list.height > 0 {
        table::draw(state, areas.list, buffer);
        if state.list().order().is_empty() {
            draw_empty(state, areas.list, buffer);
        }
    }
    if let Some(pane) = areas.pane {
        if areas.list.height > 0 {
            let rule = Block::new().borders(Borders::LEFT).border_set(state.look.glyphs.border());
            let area = Rect { x: pane.x - 1, width: 1, ..pane };
            rule.border_style(state.look.theme.dim).render(area, buffer);
        }
        let inner = Rect { x: pane.x + 1, width: pane.width - 2, ..pane };
        let text = details(state, usize::from(inner.width));
        let last = text.len().saturating_sub(usize::from(inner.height));
        lines::draw(&text, state.pane.scroll.min(last), &state.look, inner, buffer);
    }
    if state.is_stale() {
        buffer.set_style(areas.body(), state.look.theme.stale);
    }
}

/// The details of the selected row, for a pane of this width.
fn details(state: &State, width: usize) -> Vec<Line<'static>> {
    let screen = screens::current(state);
    let mut page = Page::new(state.look, width);
    let found = state.selected().is_some_and(|name| screen.details(&mut page, state, name));
    if !found {
        page.dim(&format!("No {} is selected.", screen.noun()));
    }
    page.into_lines()
}

/// Number of lines of the details, for a pane of this width.
pub fn details_length(state: &State, width: u16) -> usize {
    details(state, usize::from(width)).len()
}

fn draw_empty(state: &State, area: Rect, buffer: &mut Buffer) {
    let screen = screens::current(state);
    let text = if !screen.complete(&state.snapshot) {
        format!("The {}s are on their way.", screen.noun())
    } else if screen.total(&state.snapshot) > 0 {
        format!("No {} passes the filter; Esc clears it.", screen.noun())
    } else {
        screen.empty().to_owned()
    };
    let room = usize::from(area.width.saturating_sub(2));
    let text = cut_end(&text, room, state.look.glyphs.ellipsis);
    buffer.set_stringn(area.x + 2, area.y + 2, text, room, state.look.theme.dim);
}
