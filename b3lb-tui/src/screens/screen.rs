//! What a tab is.

use std::collections::BTreeSet;

use super::column::{Cell, CellContext, Column, Heading};
use crate::keys::{Action, TabActions};
use crate::page::Page;
use crate::state::State;
use crate::state::details::Subject;
use crate::state::list::{List, Motion, Sort};
use crate::state::row::Row;
use crate::state::snapshot::Snapshot;

/// A tab: a list of rows, and details of the selected one.
pub trait Screen: Sync + 'static {
    /// What it lists.
    type Row: Row;

    /// Title of the tab. In lower case it is the value of `--tab`.
    const TITLE: &'static str;
    /// What it shows, as in `--help`.
    const ABOUT: &'static str;
    /// What a row is called.
    const NOUN: &'static str;
    /// What stands in place of an empty list.
    const EMPTY: &'static str;
    /// The columns from left to right.
    const COLUMNS: &'static [Column<Self::Row>];
    /// The initial sort.
    const SORTED_BY: Sort;
    /// Whether a selection on the first line stays on the first line when rows are added.
    const FOLLOWS_TOP: bool = false;
    /// Whether a picture stands above the list.
    const BELOW_PICTURE: bool = false;
    /// What it offers in addition to the actions of every tab.
    const ACTIONS: &'static [Action] = &[];
    /// Whether its list shows meetings.
    const LIST_NEEDS_MEETINGS: bool = false;
    /// Whether its details show meetings.
    const DETAILS_NEED_MEETINGS: bool = false;

    /// Writes the details of a row.
    fn details(page: &mut Page, state: &State, row: &Self::Row);

    /// What to fetch for the details of the row called `name`.
    fn subject(_name: &str) -> Option<Subject> {
        None
    }

    /// The filter that finds what belongs to the row called `name` on other tabs.
    fn filter_for(name: &str) -> String {
        name.to_owned()
    }

    /// Number of rows by the daemon's totals, which arrive before the rows.
    fn expected(_snapshot: &Snapshot) -> u64 {
        0
    }
}

/// A [`Screen`] whose type of row is erased, so that tabs can stand in a list.
pub trait AnyScreen: Sync {
    /// [`Screen::TITLE`].
    fn title(&self) -> &'static str;
    /// [`Screen::ABOUT`].
    fn about(&self) -> &'static str;
    /// [`Screen::NOUN`].
    fn noun(&self) -> &'static str;
    /// [`Screen::EMPTY`].
    fn empty(&self) -> &'static str;
    /// Title and actions, for the table of keys.
    fn actions(&self) -> TabActions;
    /// The headings from left to right.
    fn headings(&self) -> Vec<Heading>;
    /// An empty list with the initial sort.
    fn list(&self) -> List;
    /// Whether the tab shows meetings.
    fn needs_meetings(&self, details: bool) -> bool;
    /// [`Screen::subject`].
    fn subject(&self, name: &str) -> Option<Subject>;
    /// [`Screen::filter_for`].
    fn filter_for(&self, name: &str) -> String;
    /// Number of rows without a filter.
    fn total(&self, snapshot: &Snapshot) -> u64;
    /// [`Screen::expected`], if that is more than [`AnyScreen::total`].
    fn expected(&self, snapshot: &Snapshot) -> u64;
    /// Whether all rows have arrived.
    fn complete(&self, snapshot: &Snapshot) -> bool;
    /// [`List::refresh`].
    fn refresh(&self, list: &mut List, snapshot: &Snapshot, visible: usize);
    /// [`List::go`].
    fn go(&self, list: &mut List, motion: Motion, snapshot: &Snapshot);
    /// [`List::scroll`].
    fn scroll(&self, list: &mut List, lines: isize, visible: usize, snapshot: &Snapshot);
    /// Names of the rows that pass the filter.
    fn names(&self, list: &List, snapshot: &Snapshot) -> BTreeSet<String>;
    /// Name and cells of a row, for the columns with these indices.
    fn row<'a>(
        &self,
        number: i64,
        columns: &mut dyn Iterator<Item = usize>,
        context: &CellContext<'a>,
    ) -> Option<(&'a str, Vec<Cell<'a>>)>;
    /// Writes the details of the row called `name`. Returns false if there is none.
    fn details(&self, page: &mut Page, state: &State, name: &str) -> bool;
}

impl<S: Screen> AnyScreen for S {
    fn title(&self) -> &'static str {
        S::TITLE
    }

    fn about(&self) -> &'static str {
        S::ABOUT
    }

    fn noun(&self) -> &'static str {
        S::NOUN
    }

    fn empty(&self) -> &'static str {
        S::EMPTY
    }

    fn actions(&self) -> TabActions {
        TabActions { title: S::TITLE, actions: S::ACTIONS }
    }

    fn headings(&self) -> Vec<Heading> {
        S::COLUMNS.iter().map(|it| it.heading).collect()
    }

    fn list(&self) -> List {
        let list = List::new(S::SORTED_BY, S::FOLLOWS_TOP);
        if S::BELOW_PICTURE { list.below_picture() } else { list }
    }

    fn needs_meetings(&self, details: bool) -> bool {
        S::LIST_NEEDS_MEETINGS || details && S::DETAILS_NEED_MEETINGS
    }

    fn subject(&self, name: &str) -> Option<Subject> {
        S::subject(name)
    }

    fn filter_for(&self, name: &str) -> String {
        S::filter_for(name)
    }

    fn total(&self, snapshot: &Snapshot) -> u64 {
        S::Row::all(snapshot).count() as u64
    }

    fn expected(&self, snapshot: &Snapshot) -> u64 {
        S::expected(snapshot).max(self.total(snapshot))
    }

    fn complete(&self, snapshot: &Snapshot) -> bool {
        S::Row::complete(snapshot)
    }

    fn refresh(&self, list: &mut List, snapshot: &Snapshot, visible: usize) {
        if let Some(column) = S::COLUMNS.get(list.sort().column) {
            list.refresh::<S::Row>(snapshot, column.key, visible);
        }
    }

    fn go(&self, list: &mut List, motion: Motion, snapshot: &Snapshot) {
        list.go::<S::Row>(motion, snapshot);
    }

    fn scroll(&self, list: &mut List, lines: isize, visible: usize, snapshot: &Snapshot) {
        list.scroll::<S::Row>(lines, visible, snapshot);
    }

    fn names(&self, list: &List, snapshot: &Snapshot) -> BTreeSet<String> {
        let rows = list.order().iter().filter_map(|number| S::Row::get(snapshot, *number));
        rows.map(|row| row.identity().to_owned()).collect()
    }

    fn row<'a>(
        &self,
        number: i64,
        columns: &mut dyn Iterator<Item = usize>,
        context: &CellContext<'a>,
    ) -> Option<(&'a str, Vec<Cell<'a>>)> {
        let row = S::Row::get(context.snapshot, number)?;
        let cells = columns.map(|index| (S::COLUMNS[index].cell)(row, context)).collect();
        Some((row.identity(), cells))
    }

    fn details(&self, page: &mut Page, state: &State, name: &str) -> bool {
        let row = S::Row::all(&state.snapshot).map(|(_, row)| row).find(|row| row.identity() == name);
        row.inspect(|row| S::details(page, state, row)).is_some()
    }
}
