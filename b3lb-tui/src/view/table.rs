//! Draws the visible part of a list.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Row, Table, Widget as _};

use super::columns::{GUTTER, Placed, place};
use crate::screens;
use crate::screens::column::{Cell, CellContext, Heading, Kind};
use crate::state::State;
use crate::state::list::List;
use crate::text::{cut_end, cut_middle};
use crate::theme::Look;

/// Draws the headings in the first line and the rows below.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let (list, screen, context) = (state.list(), screens::current(state), CellContext::from(state));
    let headings = screen.headings();
    let placed = place(&headings, area);
    let visible = list.order().iter().skip(list.offset()).take(usize::from(area.height.saturating_sub(1)));
    let mut rows = Vec::new();
    let mut names = Vec::new();
    for number in visible {
        let Some((name, cells)) = screen.row(*number, &mut placed.iter().map(|it| it.index), &context) else {
            continue;
        };
        let cells = placed
            .iter()
            .zip(cells)
            .map(|(it, cell)| content(&cell, headings[it.index].kind, it, &state.look));
        rows.push(Row::new(cells));
        names.push(name);
    }
    let titles = placed.iter().map(|it| title(&headings[it.index], it, list, &state.look));
    let table = Table::new(rows, placed.iter().map(|it| Constraint::Length(it.width)));
    let columns = Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
    table.header(Row::new(titles)).column_spacing(1).render(columns, buffer);
    for ((line, name), y) in (list.offset()..).zip(names).zip(area.y + 1..) {
        gutter(
            state,
            line == list.cursor(),
            list.marks().contains(name),
            Rect { y, height: 1, ..area },
            buffer,
        );
    }
}

/// Draws the cursor and the mark of a row, and styles the whole row.
fn gutter(state: &State, selected: bool, marked: bool, row: Rect, buffer: &mut Buffer) {
    let theme = &state.look.theme;
    if marked {
        buffer.set_stringn(row.x + 1, row.y, state.look.glyphs.mark, 1, theme.marked);
        buffer.set_style(row, theme.marked);
    }
    if selected {
        buffer.set_stringn(row.x, row.y, ">", 1, theme.accent);
        buffer.set_style(row, theme.selected);
    }
}

fn title(heading: &Heading, placed: &Placed, list: &List, look: &Look) -> Line<'static> {
    let arrow = match list.sort() {
        sort if sort.column != placed.index => "",
        sort if sort.descending => look.glyphs.descending,
        _ => look.glyphs.ascending,
    };
    let style = if arrow.is_empty() { look.theme.dim } else { look.theme.accent };
    // The arrow stands on the side where the title is not aligned, so that titles do not move.
    match heading.kind {
        Kind::Number => Line::from(Span::styled(format!("{arrow}{}", heading.title), style)).right_aligned(),
        Kind::Name | Kind::Sentence => Line::from(Span::styled(format!("{}{arrow}", heading.title), style)),
    }
}

fn content(cell: &Cell<'_>, kind: Kind, placed: &Placed, look: &Look) -> Line<'static> {
    let (room, ellipsis) = (usize::from(placed.width), look.glyphs.ellipsis);
    let text = match kind {
        Kind::Sentence => cut_end(&cell.text, room, ellipsis),
        Kind::Number | Kind::Name => cut_middle(&cell.text, room, ellipsis),
    };
    let line = Line::from(Span::styled(text.into_owned(), cell.style));
    if kind == Kind::Number { line.right_aligned() } else { line }
}
