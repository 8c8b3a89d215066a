//! The details of the selected row: a file for each tab.

mod cluster;
mod event;
mod meeting;
mod node;
mod page;
mod story;
mod tenant;

use ratatui::text::Line;

use crate::model::Picture;
use crate::state::State;
use crate::tabs::Tab;

pub use page::Page;
pub use story::{Answer, Story, Subject, ask};

/// The lines of the details in a pane of that width.
pub fn lines(state: &State, width: usize) -> Vec<Line<'static>> {
    let mut page = Page::new(state.look, width);
    let found = state.selected().and_then(|name| match state.tab {
        Tab::Nodes => state.picture.node(name).map(|it| node::write(&mut page, state, it)),
        Tab::Meetings => state.picture.meeting(name).map(|it| meeting::write(&mut page, state, it)),
        Tab::Tenants => state.picture.tenant(name).map(|it| tenant::write(&mut page, state, it)),
        Tab::Clusters => state.picture.cluster(name).map(|it| cluster::write(&mut page, state, it)),
        Tab::Events => event(&state.picture, name).map(|it| event::write(&mut page, it)),
    });
    if found.is_none() {
        page.dim(&format!("No {} is selected.", state.tab.table().noun()));
    }
    page.into_lines()
}

fn event<'a>(picture: &'a Picture, key: &str) -> Option<&'a crate::model::LoggedEvent> {
    crate::table::Row::get(picture, key.parse().ok()?)
}
