//! The two lines at the bottom: the filter or a note, and the keys that apply.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::keys;
use crate::screens;
use crate::state::State;
use crate::text::{clean, cut_end, width};

/// Draws the filter input, or else the note, or else the filter.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.look.theme;
    let room = usize::from(area.width);
    let line = if let Some(input) = &state.typing {
        let text = clean(input.value());
        let tail = tail(&text, room.saturating_sub(12));
        Line::from(vec![
            Span::styled(" filter: ", theme.accent),
            Span::raw(tail),
            Span::styled("_", theme.selected),
        ])
    } else if let Some(note) = &state.note {
        let style = if note.bad { theme.down } else { theme.strong };
        let glyph = if note.bad { state.look.glyphs.warning } else { state.look.glyphs.dot };
        let text = format!(" {glyph} {}", clean(&note.text));
        Line::styled(cut_end(&text, room, state.look.glyphs.ellipsis).into_owned(), style)
    } else if !state.list().filter().text().is_empty() {
        let text = format!(" filter: {}", clean(state.list().filter().text()));
        Line::styled(cut_end(&text, room, state.look.glyphs.ellipsis).into_owned(), theme.accent)
    } else {
        Line::default()
    };
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// The end of the input, where the cursor is.
fn tail(text: &str, room: usize) -> String {
    let mut text = text;
    while width(text) > room {
        let mut chars = text.chars();
        chars.next();
        text = chars.as_str();
    }
    text.to_owned()
}

/// Draws as many hints as fit. The last two, help and quit, are always there.
pub(super) fn hints(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.look.theme;
    let hints: Vec<_> = keys::of(screens::context(state)).filter(|it| !it.hint.is_empty()).collect();
    let columns = |it: &keys::Binding| it.label.len() + it.hint.len() + 3;
    let (first, last) = hints.split_at(hints.len().saturating_sub(2));
    let mut room =
        usize::from(area.width).saturating_sub(last.iter().map(|it| columns(it)).sum::<usize>() + 1);
    let mut line = vec![Span::raw(" ")];
    let fitting = first.iter().take_while(|it| {
        let fits = columns(it) <= room;
        room = room.saturating_sub(columns(it));
        fits
    });
    let chosen: Vec<_> = fitting.chain(last).collect();
    for binding in chosen {
        line.push(Span::styled(binding.label, theme.accent));
        line.push(Span::styled(format!(" {}  ", binding.hint), theme.dim));
    }
    buffer.set_line(area.x, area.y, &Line::from(line), area.width);
}
