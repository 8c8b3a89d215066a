//! Draws the state. Pure: no I/O.

pub mod body;
pub mod columns;
pub mod dialogs;
mod header;
pub mod layout;
mod lines;
mod pool;
mod status;
pub mod table;
pub mod tabs;
mod warnings;
mod welcome;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::state::State;
use crate::text::{columns, cut_end};

/// Draws one frame. The list in front must be up to date.
pub fn render(state: &State, frame: &mut Frame<'_>) {
    // The terminal may have shrunk since; the next event brings its new size.
    if frame.area().width >= state.size.width && frame.area().height >= state.size.height {
        draw(state, frame.buffer_mut());
        if !state.look.utf8 {
            only_ascii(frame.buffer_mut());
        }
    }
}

/// Replaces characters that the terminal cannot show.
fn only_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol("?");
        }
    }
}

fn draw(state: &State, buffer: &mut Buffer) {
    let Some(areas) = layout::areas(state) else { return too_small(state, buffer) };
    header::draw(state, areas.header, buffer);
    draw_warnings(state, areas.warnings, buffer);
    tabs::draw(state, areas.tabs, buffer);
    if state.snapshot.totals.is_none() {
        welcome::draw(state, areas.body(), buffer);
    } else {
        body::draw(state, &areas, buffer);
    }
    status::draw(state, areas.status, buffer);
    status::hints(state, areas.footer, buffer);
    for dialog in &state.dialogs {
        dialogs::draw(state, dialog, buffer);
    }
}

/// Says what is wrong with the size, as far as that fits.
fn too_small(state: &State, buffer: &mut Buffer) {
    let (need, have) = (layout::LEAST, state.size);
    let lines = [
        "The terminal is too small.".to_owned(),
        format!("need {}x{}", need.width, need.height),
        format!("have {}x{}", have.width, have.height),
        "q quits".to_owned(),
    ];
    let first = have.height.saturating_sub(4) / 2;
    for (line, y) in lines.into_iter().zip(first..have.height) {
        let indent = have.width.saturating_sub(columns(&line)) / 2;
        buffer.set_stringn(indent, y, line, usize::from(have.width - indent), state.look.theme.strong);
    }
}

fn draw_warnings(state: &State, area: Rect, buffer: &mut Buffer) {
    let (theme, glyphs) = (&state.look.theme, &state.look.glyphs);
    for ((severity, text), y) in warnings::lines(state).into_iter().zip(area.y..area.bottom()) {
        let (glyph, style) = match severity {
            rpc::Severity::Info => (glyphs.maintenance, theme.maintenance),
            rpc::Severity::Warning => (glyphs.warning, theme.suspect),
            rpc::Severity::Error => (glyphs.down, theme.down),
        };
        let line = format!(" {glyph} {text}");
        let line = cut_end(&line, usize::from(area.width), glyphs.ellipsis);
        buffer.set_stringn(area.x, y, line, usize::from(area.width), style);
    }
}
