//! What lies over a tab: questions, results, progress, help.

mod confirm;
mod drain;
mod effect;
mod endpoints;
mod help;
mod job;

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::details::Page;
use crate::keys::Context;
use crate::layout;
use crate::state::State;

pub use confirm::{Confirm, buttons};
pub use endpoints::{Endpoints, Keys};

/// Widest a dialog gets.
const WIDEST: u16 = 100;

/// Something that lies over a tab.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// Asks before something is done.
    Confirm(Confirm),
    /// What becomes of the last deed.
    Job(Scroll),
    /// How far nodes are on their way to be empty.
    Drain(Scroll),
    /// A tenant's endpoints.
    Endpoints(Endpoints),
    /// The keys of a context.
    Help(Context, Scroll),
}

/// The first line that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll(pub usize);

impl Dialog {
    /// The keys that count in it.
    pub fn context(&self) -> Context {
        match self {
            Self::Confirm(confirm) => confirm.context(),
            Self::Job(_) | Self::Drain(_) => Context::Panel,
            Self::Endpoints(_) => Context::Endpoints,
            Self::Help(..) => Context::Help,
        }
    }

    /// Meetings are needed to show it.
    pub fn needs_meetings(&self) -> bool {
        matches!(self, Self::Drain(_))
    }

    /// Its scroll position, if it can be scrolled.
    pub fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::Confirm(_) => None,
            Self::Job(scroll) | Self::Drain(scroll) | Self::Help(_, scroll) => Some(scroll),
            Self::Endpoints(endpoints) => Some(&mut endpoints.scroll),
        }
    }

    fn scroll(&self) -> usize {
        match self {
            Self::Confirm(_) => 0,
            Self::Job(scroll) | Self::Drain(scroll) | Self::Help(_, scroll) => scroll.0,
            Self::Endpoints(endpoints) => endpoints.scroll.0,
        }
    }

    fn write(&self, page: &mut Page, state: &State) -> String {
        match self {
            Self::Confirm(confirm) => confirm::write(page, state, confirm),
            Self::Job(_) => job::write(page, state),
            Self::Drain(_) => drain::write(page, state),
            Self::Endpoints(endpoints) => endpoints::write(page, state, endpoints),
            Self::Help(context, _) => help::write(page, *context),
        }
    }
}

/// A dialog, laid out.
#[derive(Debug)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// Its whole text.
    pub lines: Vec<Line<'static>>,
    /// Where it stands, border included.
    pub area: Rect,
    /// The first line that is shown.
    pub first: usize,
}

impl Sheet {
    /// Lines that are shown at a time.
    pub fn visible(&self) -> usize {
        usize::from(self.area.height.saturating_sub(2))
    }

    /// The last scroll position that makes sense.
    pub fn last_first(&self) -> usize {
        self.lines.len().saturating_sub(self.visible())
    }
}

/// Lays a dialog out.
pub fn sheet(state: &State, dialog: &Dialog) -> Sheet {
    // Where little would be seen beside it, it takes the whole width.
    let width = if state.size.width < WIDEST + 10 { state.size.width } else { WIDEST };
    let mut page = Page::new(state.look, usize::from(width.saturating_sub(4)));
    let title = dialog.write(&mut page, state);
    let lines = page.into_lines();
    let area = layout::middle(state.size, width, lines.len());
    let mut sheet = Sheet { title, lines, area, first: 0 };
    sheet.first = dialog.scroll().min(sheet.last_first());
    sheet
}
