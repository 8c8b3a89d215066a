//! Draws the visible part of a list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::columns::{Placed, place};
use super::{Kind, List, Row, View};
use crate::text::{cut_end, cut_middle, width};

/// Headings in the first line, rows below.
pub(super) fn draw<T: Row>(list: &List, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
    let placed = place(T::COLUMNS, area);
    headings::<T>(list, view, area, &placed, buffer);
    let visible = usize::from(area.height.saturating_sub(1));
    let numbers = list.order().iter().enumerate().skip(list.offset()).take(visible);
    for ((line, number), y) in numbers.zip(area.y + 1..) {
        let Some(row) = T::get(view.picture, *number) else { continue };
        let (selected, marked) = (line == list.cursor(), list.marks().contains(row.identity()));
        cells(row, view, &placed, area, y, buffer);
        let theme = &view.look.theme;
        let whole = Rect { y, height: 1, ..area };
        if marked {
            buffer.set_stringn(area.x + 1, y, view.look.glyphs.mark, 1, theme.marked);
            buffer.set_style(whole, theme.marked);
        }
        if selected {
            buffer.set_stringn(area.x, y, ">", 1, theme.accent);
            buffer.set_style(whole, theme.selected);
        }
    }
}

fn headings<T: Row>(list: &List, view: &View<'_>, area: Rect, placed: &[Placed], buffer: &mut Buffer) {
    let (theme, glyphs) = (&view.look.theme, &view.look.glyphs);
    for it in placed {
        let column = &T::COLUMNS[it.index];
        let arrow = match list.sort() {
            sort if sort.column != it.index => "",
            sort if sort.descending => glyphs.descending,
            _ => glyphs.ascending,
        };
        // A number's arrow stands before its title, so that titles keep their place.
        let title = match column.kind {
            Kind::Number => format!("{arrow}{}", column.title),
            Kind::Name | Kind::Sentence => format!("{}{arrow}", column.title),
        };
        let indent = if column.kind == Kind::Number { it.width.saturating_sub(columns(&title)) } else { 0 };
        let style = if arrow.is_empty() { theme.dim } else { theme.accent };
        let room = it.width.min(area.right().saturating_sub(it.x));
        buffer.set_stringn(it.x + indent, area.y, title, usize::from(room), style);
    }
}

fn cells<T: Row>(row: &T, view: &View<'_>, placed: &[Placed], area: Rect, y: u16, buffer: &mut Buffer) {
    for it in placed {
        let column = &T::COLUMNS[it.index];
        let cell = (column.cell)(row, view);
        let room = usize::from(it.width.min(area.right().saturating_sub(it.x)));
        let ellipsis = view.look.glyphs.ellipsis;
        let text = match column.kind {
            Kind::Sentence => cut_end(&cell.text, room, ellipsis),
            Kind::Number | Kind::Name => cut_middle(&cell.text, room, ellipsis),
        };
        let indent = if column.kind == Kind::Number { it.width.saturating_sub(columns(&text)) } else { 0 };
        buffer.set_stringn(it.x + indent, y, &text, room, cell.style);
    }
}

fn columns(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}
