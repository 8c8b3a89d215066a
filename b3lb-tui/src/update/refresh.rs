//! Keeps the list in front up to date.

use crate::screens;
use crate::state::State;
use crate::view::layout;

/// Brings the list in front up to date. Call it before the list is drawn or the cursor moves.
pub fn refresh(state: &mut State) {
    if let Some(areas) = layout::areas(state) {
        let screen = screens::current(state);
        screen.refresh(&mut state.lists[state.tab], &state.snapshot, areas.visible());
    }
}
