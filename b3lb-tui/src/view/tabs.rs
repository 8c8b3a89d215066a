//! The line of tabs, and how many rows the tab in front has.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Tabs, Widget as _};

use crate::screens::{self, SCREENS};
use crate::state::State;
use crate::text::{columns, count, counted, cut_end};

fn titles() -> impl Iterator<Item = String> {
    (0..).zip(SCREENS).map(|(number, screen)| format!(" {number} {} ", screen.title()))
}

/// The tab at a position of the screen.
pub fn at(area: Rect, position: Position) -> Option<usize> {
    let mut right = area.x;
    area.contains(position).then_some(())?;
    titles().position(|title| {
        right += columns(&title);
        position.x < right
    })
}

pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.look.theme;
    let style = |tab: usize| if tab == state.tab { Style::new() } else { theme.dim };
    let tabs = titles().enumerate().map(|(tab, title)| Line::styled(title, style(tab)));
    Tabs::new(tabs)
        .select(state.tab)
        .highlight_style(theme.selected.patch(theme.accent))
        .divider("")
        .padding("", "")
        .render(area, buffer);
    if state.snapshot.totals.is_some() {
        let left = titles().map(|it| columns(&it)).sum::<u16>() + 1;
        let room = Rect { x: area.x + left, width: area.width.saturating_sub(left), ..area };
        let text = row_counts(state);
        let text = cut_end(&text, usize::from(room.width), state.look.glyphs.ellipsis);
        Line::styled(text, theme.dim).right_aligned().render(room, buffer);
    }
}

/// How many rows are visible, of how many, and how many are marked.
fn row_counts(state: &State) -> String {
    let (list, screen) = (state.list(), screens::current(state));
    let (visible, total) = (list.order().len() as u64, screen.total(&state.snapshot));
    let expected = screen.expected(&state.snapshot);
    let mut parts = Vec::new();
    if !list.marks().is_empty() {
        parts.push(format!("{} marked", list.marks().len()));
    }
    if !screen.complete(&state.snapshot) && expected > total && state.link.is_up() {
        parts.push(format!("{} of {} so far", count(total), counted(expected, screen.noun())));
    } else if list.filter().is_empty() {
        parts.push(counted(total, screen.noun()));
    } else {
        parts.push(format!("{} of {}", count(visible), counted(total, screen.noun())));
    }
    format!("{} ", parts.join(", "))
}
