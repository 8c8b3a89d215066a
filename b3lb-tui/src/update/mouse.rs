//! The mouse: rows, tabs, headings, buttons, the wheel.

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::act;
use super::refresh::refresh;
use crate::message::Command;
use crate::screens;
use crate::state::State;
use crate::state::dialog::Dialog;
use crate::state::list::Motion;
use crate::view::layout::{self, Areas};
use crate::view::{columns, dialogs, tabs};

/// Lines that a notch of the wheel scrolls.
const NOTCH: isize = 3;

pub(super) fn handle(state: &mut State, mouse: MouseEvent) -> Vec<Command> {
    let Some(areas) = layout::areas(state) else { return Vec::new() };
    let at = Position::new(mouse.column, mouse.row);
    refresh(state);
    match mouse.kind {
        MouseEventKind::ScrollUp => scroll(state, &areas, at, -NOTCH),
        MouseEventKind::ScrollDown => scroll(state, &areas, at, NOTCH),
        MouseEventKind::Down(MouseButton::Left) if state.dialogs.is_empty() => click(state, &areas, at),
        MouseEventKind::Down(MouseButton::Left) => return click_dialog(state, at),
        _ => {}
    }
    Vec::new()
}

fn scroll(state: &mut State, areas: &Areas, at: Position, lines: isize) {
    if !state.dialogs.is_empty() {
        act::go(state, Motion::By(lines));
    } else if areas.pane.is_some_and(|pane| pane.contains(at)) {
        act::scroll_pane(state, lines);
    } else if areas.list.contains(at) {
        let screen = screens::current(state);
        screen.scroll(&mut state.lists[state.tab], lines, areas.visible(), &state.snapshot);
    }
}

fn click(state: &mut State, areas: &Areas, at: Position) {
    if areas.tabs.contains(at) {
        if let Some(tab) = tabs::at(areas.tabs, at) {
            act::choose_tab(state, tab);
        }
    } else if areas.list.contains(at) && at.y == areas.list.y {
        if let Some(column) = columns::at(&screens::current(state).headings(), areas.list, at.x) {
            act::sort_by(state, column);
        }
    } else if areas.list.contains(at) {
        let line = state.list().offset() + usize::from(at.y - areas.list.y - 1);
        if line >= state.list().order().len() {
            return;
        }
        if line == state.list().cursor() {
            act::toggle_pane(state);
        } else {
            act::go(state, Motion::To(line));
        }
    }
}

fn click_dialog(state: &mut State, at: Position) -> Vec<Command> {
    let Some(dialog) = state.dialogs.last() else { return Vec::new() };
    let area = dialogs::sheet(state, dialog).area;
    let Dialog::Confirm(confirm) = dialog else {
        if !area.contains(at) {
            act::back(state);
        }
        return Vec::new();
    };
    let [cancel, go] = dialogs::buttons(confirm, area);
    if cancel.contains(at) {
        act::back(state);
    } else if go.contains(at) {
        if let Some(Dialog::Confirm(confirm)) = state.dialogs.last_mut() {
            confirm.go_focused = true;
        }
        return act::press(state);
    }
    Vec::new()
}
