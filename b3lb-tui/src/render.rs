//! Draws the state: pure, no I/O.

mod header;
mod overlay;
mod status;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::details;
use crate::layout::{self, Areas, LEAST};
use crate::state::State;
use crate::tabs::Tab;
use crate::text::{counted, width};
use crate::warnings::{self, Weight};

/// Draws one frame. [`State::refresh`] must have been called since the state changed.
pub fn render(state: &State, frame: &mut Frame<'_>) {
    // The terminal may have shrunk since; the next event brings its new size.
    if frame.area().width >= state.size.width && frame.area().height >= state.size.height {
        draw(state, frame.buffer_mut());
        if !state.look.utf8 {
            only_ascii(frame.buffer_mut());
        }
    }
}

/// Names may have letters that the terminal cannot show.
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
    draw_tabs(state, areas.tabs, buffer);
    if state.picture.totals.is_none() {
        overlay::welcome(state, areas.list.union(areas.pane.unwrap_or(areas.list)), buffer);
    } else {
        draw_body(state, &areas, buffer);
    }
    status::draw(state, areas.status, buffer);
    status::hints(state, areas.footer, buffer);
    for dialog in &state.dialogs {
        overlay::dialog(state, dialog, buffer);
    }
}

/// As much as fits of what is wrong with the size.
fn too_small(state: &State, buffer: &mut Buffer) {
    let (need, have) = (LEAST, state.size);
    let lines = [
        "The terminal is too small.".to_owned(),
        format!("need {}x{}", need.width, need.height),
        format!("have {}x{}", have.width, have.height),
        "q quits".to_owned(),
    ];
    let first = have.height.saturating_sub(4) / 2;
    for (line, y) in lines.iter().zip(first..have.height) {
        let indent = have.width.saturating_sub(columns(line)) / 2;
        buffer.set_stringn(indent, y, line, usize::from(have.width - indent), state.look.theme.strong);
    }
}

fn draw_warnings(state: &State, area: Rect, buffer: &mut Buffer) {
    let (theme, glyphs) = (&state.look.theme, &state.look.glyphs);
    for ((weight, text), y) in warnings::lines(state).into_iter().zip(area.y..area.bottom()) {
        let (shape, style) = match weight {
            Weight::Note => (glyphs.maintenance, theme.maintenance),
            Weight::Warning => (glyphs.warning, theme.suspect),
            Weight::Error => (glyphs.down, theme.down),
        };
        let line = format!(" {shape} {text}");
        let line = crate::text::cut_end(&line, usize::from(area.width), glyphs.ellipsis);
        buffer.set_stringn(area.x, y, line, usize::from(area.width), style);
    }
}

/// Each tab, its title, and where that stands.
pub(crate) fn tab_titles(area: Rect) -> Vec<(Tab, String, Rect)> {
    let mut x = area.x;
    let place = |tab: Tab| {
        let title = format!(" {} {} ", tab.index() + 1, tab.title());
        let rect = Rect { x, width: columns(&title), ..area };
        x = rect.right();
        (tab, title, rect)
    };
    Tab::ALL.into_iter().map(place).collect()
}

fn draw_tabs(state: &State, area: Rect, buffer: &mut Buffer) {
    let theme = &state.look.theme;
    let mut left = area.x;
    for (tab, title, rect) in tab_titles(area) {
        let style = if tab == state.tab { theme.selected.patch(theme.accent) } else { theme.dim };
        buffer.set_string(rect.x, rect.y, title, style);
        left = rect.right();
    }
    let about = if state.picture.totals.is_some() { about_list(state) } else { String::new() };
    let room = area.right().saturating_sub(left + 1);
    let about = crate::text::cut_end(&about, usize::from(room), state.look.glyphs.ellipsis);
    buffer.set_string(area.right().saturating_sub(columns(&about)), area.y, &about, theme.dim);
}

/// How many rows are shown of how many, and how many are marked.
fn about_list(state: &State) -> String {
    let (list, table) = (state.list(), state.tab.table());
    let (shown, total) = (list.order().len() as u64, table.total(&state.picture) as u64);
    let expected = match (&state.picture.totals, state.tab) {
        (Some(totals), Tab::Meetings) => totals.meetings.max(total),
        _ => total,
    };
    let mut about = Vec::new();
    if !list.marks().is_empty() {
        about.push(format!("{} marked", list.marks().len()));
    }
    if !table.complete(&state.picture) && expected > total && state.link.is_up() {
        about.push(format!("{} of {} so far", crate::text::count(total), counted(expected, table.noun())));
    } else if list.filter().is_empty() {
        about.push(counted(total, table.noun()));
    } else {
        about.push(format!("{} of {}", crate::text::count(shown), counted(total, table.noun())));
    }
    format!("{} ", about.join(", "))
}

fn draw_body(state: &State, areas: &Areas, buffer: &mut Buffer) {
    if areas.list.height > 0 {
        state.tab.table().draw(state.list(), &state.view(), areas.list, buffer);
        if state.list().order().is_empty() {
            nothing_to_list(state, areas.list, buffer);
        }
    }
    if let Some(pane) = areas.pane {
        if areas.list.height > 0 {
            rule(state, pane.x - 1, pane, buffer);
        }
        let inner = Rect { x: pane.x + 1, width: pane.width - 2, ..pane };
        let lines = details::lines(state, usize::from(inner.width));
        let last = lines.len().saturating_sub(usize::from(inner.height));
        put_lines(&lines, state.pane.scroll.min(last), inner, state, buffer);
    }
    if state.is_stale() {
        let body = areas.list.union(areas.pane.unwrap_or(areas.list));
        buffer.set_style(body, state.look.theme.stale);
    }
}

fn nothing_to_list(state: &State, area: Rect, buffer: &mut Buffer) {
    let table = state.tab.table();
    let noun = table.noun();
    let text = if !table.complete(&state.picture) {
        format!("The {noun}s are on their way.")
    } else if table.total(&state.picture) > 0 {
        format!("No {noun} passes the filter; Esc clears it.")
    } else {
        match state.tab {
            Tab::Nodes => {
                "There are no nodes yet: b3lb-cli node add SLUG --cluster CLUSTER --secret -".to_owned()
            }
            Tab::Meetings => "No meetings are running.".to_owned(),
            Tab::Tenants => "There are no tenants yet: b3lb-cli tenant add SLUG --group GROUP".to_owned(),
            Tab::Clusters => "There are no clusters yet: b3lb-cli cluster add NAME".to_owned(),
            Tab::Events => "Nothing has happened yet.".to_owned(),
        }
    };
    let room = usize::from(area.width.saturating_sub(2));
    let text = crate::text::cut_end(&text, room, state.look.glyphs.ellipsis);
    buffer.set_stringn(area.x + 2, area.y + 2, text, room, state.look.theme.dim);
}

/// A rule from top to bottom of an area.
fn rule(state: &State, x: u16, area: Rect, buffer: &mut Buffer) {
    for y in area.y..area.bottom() {
        buffer.set_string(x, y, state.look.glyphs.vertical, state.look.theme.dim);
    }
}

/// The lines from `first` on that fit; the last line says if there are more.
fn put_lines(lines: &[Line<'_>], first: usize, area: Rect, state: &State, buffer: &mut Buffer) {
    for (line, y) in lines.iter().skip(first).zip(area.y..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
    let below = lines.len().saturating_sub(first + usize::from(area.height));
    if below > 0 && area.height > 0 {
        let y = area.bottom() - 1;
        let text = format!("{} {} more lines: ] scrolls", state.look.glyphs.descending, below + 1);
        let text = format!("{text:width$}", width = usize::from(area.width));
        buffer.set_span(area.x, y, &Span::styled(text, state.look.theme.dim), area.width);
    }
}

/// Columns that a text takes.
fn columns(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}
