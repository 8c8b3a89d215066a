//! The state of the dashboard. Only `update` changes it, and only `view` draws it.

pub mod details;
pub mod dialog;
pub mod drain;
pub mod filter;
pub mod history;
pub mod job;
pub mod link;
pub mod list;
pub mod pool;
pub mod row;
pub mod snapshot;
pub mod undo;

use ratatui::layout::Size;
use tui_input::Input;

use self::details::DetailCache;
use self::dialog::Dialog;
use self::drain::Drains;
use self::job::Job;
use self::link::Link;
use self::list::List;
use self::pool::PoolCache;
use self::snapshot::Snapshot;
use self::undo::Undo;
use crate::message::Millis;
use crate::theme::Look;

/// Age at which a snapshot is stale. The daemon answers every watch within 30 seconds.
const STALE_AFTER: Millis = 50_000;

/// How long a note stays in the status line.
const NOTE_STAYS: Millis = 8_000;

/// Least width at which the details fit beside the list.
const WIDE: u16 = 140;

/// The whole state.
#[derive(Clone, Debug)]
pub struct State {
    /// The dashboard's clock: milliseconds since it started.
    pub now: Millis,
    /// Size of the terminal.
    pub size: Size,
    /// Colours and glyphs.
    pub look: Look,
    /// The connection to the daemon.
    pub link: Link,
    /// What the daemon reported.
    pub snapshot: Snapshot,
    /// The tab in front, as an index into `lists`.
    pub tab: usize,
    /// The list of each tab.
    pub lists: Vec<List>,
    /// The details beside or instead of the list.
    pub pane: Pane,
    /// What was fetched for the details.
    pub details: DetailCache,
    /// The pool over time.
    pub pool: PoolCache,
    /// The filter input, while it is open.
    pub typing: Option<Input>,
    /// The dialogs over the tab, topmost last.
    pub dialogs: Vec<Dialog>,
    /// The last operation and its results.
    pub job: Option<Job>,
    /// The reverse of the job, while it runs and a minute after.
    pub undo: Option<Undo>,
    /// Whether every operation that changes something is refused.
    pub read_only: bool,
    /// Nodes that are being drained.
    pub drains: Drains,
    /// A message to the operator.
    pub note: Option<Note>,
    /// Whether the watch includes the meetings.
    pub watches_meetings: bool,
}

/// The details pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pane {
    /// Whether the operator opened or closed it; if neither, it is open where it fits beside the list.
    pub wanted: Option<bool>,
    /// The first visible line.
    pub scroll: usize,
}

/// A message to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The message.
    pub text: String,
    /// Whether it is a warning.
    pub bad: bool,
    /// When it appeared, on the dashboard's clock.
    pub at: Millis,
}

impl State {
    /// A dashboard that connects to `place`, with a list for each tab.
    pub fn new(look: Look, place: &str, size: (u16, u16), lists: Vec<List>, tab: usize) -> Self {
        Self {
            now: 0,
            size: size.into(),
            look,
            link: Link::to(place),
            snapshot: Snapshot::default(),
            tab,
            lists,
            pane: Pane::default(),
            details: DetailCache::default(),
            pool: PoolCache::default(),
            typing: None,
            dialogs: Vec::new(),
            job: None,
            undo: None,
            read_only: false,
            drains: Drains::new(),
            note: None,
            watches_meetings: false,
        }
    }

    /// The list in front.
    pub fn list(&self) -> &List {
        &self.lists[self.tab]
    }

    /// [`State::list`], to be changed.
    pub fn list_mut(&mut self) -> &mut List {
        &mut self.lists[self.tab]
    }

    /// Name of the selected row.
    pub fn selected(&self) -> Option<&str> {
        self.list().selected()
    }

    /// The daemon's clock: milliseconds since 1970.
    pub fn daemon_clock(&self) -> Millis {
        self.snapshot.daemon_clock(self.now)
    }

    /// Seconds since the last answer of the daemon.
    pub fn data_age(&self) -> i64 {
        (self.now - self.snapshot.received_at).max(0) / 1000
    }

    /// Whether the snapshot may be outdated, so that operations are refused.
    pub fn is_stale(&self) -> bool {
        let age = self.now - self.snapshot.received_at;
        self.snapshot.totals.is_none() || !self.link.is_up() || age > STALE_AFTER
    }

    /// Whether the details fit beside the list.
    pub fn is_wide(&self) -> bool {
        self.size.width >= WIDE
    }

    /// Whether the details are visible.
    pub fn pane_is_open(&self) -> bool {
        self.pane.wanted.unwrap_or(self.is_wide() && !self.list().is_below_picture())
    }

    /// Shows a message.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.note = Some(Note { text: text.into(), bad: false, at: self.now });
    }

    /// Shows a warning.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.note = Some(Note { text: text.into(), bad: true, at: self.now });
    }

    /// Drops a note that was visible long enough.
    pub fn drop_old_note(&mut self) {
        if self.note.as_ref().is_some_and(|note| self.now - note.at > NOTE_STAYS) {
            self.note = None;
        }
    }
}
