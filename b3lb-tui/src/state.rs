//! The one state of the dashboard: changed only by `update`, shown only by `render`.

use std::collections::BTreeMap;

use ratatui::layout::Size;
use tui_input::Input;

use crate::details::Story;
use crate::dialogs::Dialog;
use crate::job::Job;
use crate::keys::Context;
use crate::layout;
use crate::link::Link;
use crate::model::{Millis, Picture};
use crate::table::{List, View};
use crate::tabs::Tab;
use crate::theme::Look;

/// A picture that is older than this is not to be trusted: the daemon answers every watch within half a minute.
const STALE_AFTER: Millis = 50_000;

/// How long a note stands in the status line.
const NOTE_STAYS: Millis = 8_000;

/// Everything.
#[derive(Clone, Debug)]
pub struct State {
    /// The dashboard's clock: milliseconds since it began.
    pub now: Millis,
    /// Size of the terminal.
    pub size: Size,
    /// Colours and shapes.
    pub look: Look,
    /// How it stands with the daemon.
    pub link: Link,
    /// What the daemon told.
    pub picture: Picture,
    /// The tab in front.
    pub tab: Tab,
    /// The list of each tab.
    pub lists: [List; 5],
    /// The details beside or over the list.
    pub pane: Pane,
    /// What was asked for the details.
    pub story: Story,
    /// The filter while it is typed.
    pub typing: Option<Input>,
    /// What lies over the tab, the last one on top.
    pub dialogs: Vec<Dialog>,
    /// The last deed on one or many things.
    pub job: Option<Job>,
    /// Nodes that are being drained, by name.
    pub drains: BTreeMap<String, Drain>,
    /// Something to tell the operator.
    pub note: Option<Note>,
    /// The meetings are being watched.
    pub watches_meetings: bool,
}

/// The details pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pane {
    /// What the operator wants; none: where there is room beside the list.
    pub wanted: Option<bool>,
    /// The first line that is shown.
    pub scroll: usize,
}

/// A node on its way to be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// Since when.
    pub since: Millis,
    /// Meetings left, if that is known.
    pub left: Option<u64>,
    /// Meetings when it began, or the most that were seen since.
    pub most: u64,
    /// It was empty once.
    pub done: bool,
}

/// Something to tell the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What.
    pub text: String,
    /// It is bad news.
    pub bad: bool,
    /// When it was told.
    pub at: Millis,
}

impl State {
    /// A dashboard that looks for its daemon at `place`.
    pub fn new(look: Look, place: &str, size: (u16, u16), tab: Tab) -> Self {
        Self {
            now: 0,
            size: size.into(),
            look,
            link: Link::to(place),
            picture: Picture::default(),
            tab,
            lists: Tab::ALL.map(|tab| tab.table().list()),
            pane: Pane::default(),
            story: Story::default(),
            typing: None,
            dialogs: Vec::new(),
            job: None,
            drains: BTreeMap::new(),
            note: None,
            watches_meetings: false,
        }
    }

    /// The list in front.
    pub fn list(&self) -> &List {
        &self.lists[self.tab.index()]
    }

    /// The list in front, to be changed.
    pub fn list_mut(&mut self) -> &mut List {
        &mut self.lists[self.tab.index()]
    }

    /// What cells are made from.
    pub fn view(&self) -> View<'_> {
        View { picture: &self.picture, look: &self.look, now: self.daemon_clock() }
    }

    /// The daemon's clock; milliseconds since 1970.
    pub fn daemon_clock(&self) -> Millis {
        self.picture.daemon_clock(self.now)
    }

    /// The keys that count now.
    pub fn context(&self) -> Context {
        match self.dialogs.last() {
            Some(dialog) => dialog.context(),
            None if self.typing.is_some() => Context::Filter,
            None => self.tab.context(),
        }
    }

    /// Seconds since the daemon told anything.
    pub fn data_age(&self) -> i64 {
        (self.now - self.picture.told_at).max(0) / 1000
    }

    /// The picture may not be true any more, so that nothing is to be destroyed by it.
    pub fn is_stale(&self) -> bool {
        self.picture.totals.is_none() || !self.link.is_up() || self.now - self.picture.told_at > STALE_AFTER
    }

    /// The details are on the screen.
    pub fn pane_is_open(&self) -> bool {
        self.pane.wanted.unwrap_or(layout::is_wide(self.size))
    }

    /// Name of the selected row.
    pub fn selected(&self) -> Option<&str> {
        self.list().selected()
    }

    /// What a deed is for: the marked rows that are in view, else the selected one. What the filter hides is
    /// never worked on.
    pub fn targets(&self) -> Vec<String> {
        let list = self.list();
        let in_view = self.tab.table().names(list, &self.picture);
        let marked: Vec<String> = in_view.into_iter().filter(|it| list.marks().contains(it)).collect();
        if marked.is_empty() { list.selected().map(str::to_owned).into_iter().collect() } else { marked }
    }

    /// Tells the operator something.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.note = Some(Note { text: text.into(), bad: false, at: self.now });
    }

    /// Tells the operator that something does not work.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.note = Some(Note { text: text.into(), bad: true, at: self.now });
    }

    /// Forgets what was told long enough.
    pub fn drop_old_note(&mut self) {
        if self.note.as_ref().is_some_and(|note| self.now - note.at > NOTE_STAYS) {
            self.note = None;
        }
    }

    /// Brings the list in front up to date; to be called before it is drawn or gone through.
    pub fn refresh(&mut self) {
        let Some(areas) = layout::areas(self) else { return };
        let visible = usize::from(areas.list.height.saturating_sub(1));
        let table = self.tab.table();
        table.refresh(&mut self.lists[self.tab.index()], &self.picture, visible);
    }

    /// Whether meetings are needed for what is on the screen.
    pub fn needs_meetings(&self) -> bool {
        let listed = self.tab == Tab::Meetings || (self.tab == Tab::Nodes && self.pane_is_open());
        let asked = self.dialogs.iter().any(Dialog::needs_meetings);
        listed || asked
    }
}
