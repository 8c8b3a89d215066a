//! The state of a list: order, filter, selection, marks, scroll position.

use std::collections::{BTreeSet, HashSet};

use super::filter::Filter;
use super::row::{Key, Row, SortKey};
use super::snapshot::Snapshot;

/// The column that rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Index of the column.
    pub column: usize,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

/// A movement of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// By a number of lines; negative is up.
    By(isize),
    /// To a line, or to the last one if there are fewer.
    To(usize),
}

/// A list. Order and cursor are cached until the rows, the filter or the sort change.
#[derive(Clone, Debug)]
pub struct List {
    sort: Sort,
    filter: Filter,
    selected: Option<String>,
    /// The number of the selected row when it was last found.
    number: i64,
    /// Whether a selection on the first line stays there when rows are added above it.
    follows_top: bool,
    /// Whether it does so now.
    at_top: bool,
    /// Whether a picture stands above it.
    below_picture: bool,
    marks: BTreeSet<String>,
    /// Numbers of all rows in order, and the version of the rows that they are from.
    sorted: Vec<i64>,
    sorted_from: Option<u64>,
    /// The part of `sorted` that passes the filter.
    order: Vec<i64>,
    cursor: usize,
    offset: usize,
    /// The version of the rows that `order` is from; none if it must be rebuilt.
    ordered_from: Option<u64>,
}

impl List {
    /// An empty list. With `follows_top`, a selection on the first line stays on the first line.
    pub fn new(sort: Sort, follows_top: bool) -> Self {
        Self {
            sort,
            filter: Filter::default(),
            selected: None,
            number: 0,
            follows_top,
            at_top: follows_top,
            below_picture: false,
            marks: BTreeSet::new(),
            sorted: Vec::new(),
            sorted_from: None,
            order: Vec::new(),
            cursor: 0,
            offset: 0,
            ordered_from: None,
        }
    }

    /// The same list, with a picture above it.
    #[must_use]
    pub fn below_picture(self) -> Self {
        Self { below_picture: true, ..self }
    }

    /// Whether a picture stands above it.
    pub fn is_below_picture(&self) -> bool {
        self.below_picture
    }

    /// The sort in use.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Changes the sort.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        (self.sorted_from, self.ordered_from) = (None, None);
    }

    /// The filter in use.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Changes the filter.
    pub fn filter_by(&mut self, text: &str) {
        self.filter = Filter::new(text);
        self.ordered_from = None;
    }

    /// Name of the selected row.
    pub fn selected(&self) -> Option<&str> {
        self.selected.as_deref()
    }

    /// Selects a row by name. It need not be there yet.
    pub fn select(&mut self, name: &str) {
        self.selected = Some(name.to_owned());
        self.at_top = false;
        self.ordered_from = None;
    }

    /// Names of the marked rows.
    pub fn marks(&self) -> &BTreeSet<String> {
        &self.marks
    }

    /// Clears all marks.
    pub fn unmark(&mut self) {
        self.marks.clear();
    }

    /// Marks or unmarks the selected row.
    pub fn toggle_mark(&mut self) {
        if let Some(name) = &self.selected
            && !self.marks.remove(name)
        {
            self.marks.insert(name.clone());
        }
    }

    /// Marks these rows, or clears all marks if all of these are marked already.
    pub fn mark_all(&mut self, names: BTreeSet<String>) {
        if names.is_subset(&self.marks) {
            self.marks.clear();
        } else {
            self.marks.extend(names);
        }
    }

    /// Numbers of the rows that pass the filter, in order.
    pub fn order(&self) -> &[i64] {
        &self.order
    }

    /// The line of the selected row.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The first visible line.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Moves the cursor. Call [`List::refresh`] first if the rows may have changed.
    pub fn go<T: Row>(&mut self, motion: Motion, snapshot: &Snapshot) {
        let last = self.order.len().saturating_sub(1);
        self.cursor = match motion {
            Motion::By(lines) => self.cursor.saturating_add_signed(lines).min(last),
            Motion::To(line) => line.min(last),
        };
        self.number = self.order.get(self.cursor).copied().unwrap_or_default();
        let row = T::get(snapshot, self.number).filter(|_| !self.order.is_empty());
        self.selected = row.map(|it| it.identity().to_owned());
        self.at_top = self.follows_top && self.cursor == 0;
    }

    /// Scrolls by a number of lines. The cursor moves only where it would leave the screen.
    pub fn scroll<T: Row>(&mut self, lines: isize, visible: usize, snapshot: &Snapshot) {
        let most = self.order.len().saturating_sub(visible);
        self.offset = self.offset.saturating_add_signed(lines).min(most);
        let line = self.cursor.clamp(self.offset, (self.offset + visible).saturating_sub(1).max(self.offset));
        if line != self.cursor {
            self.go::<T>(Motion::To(line), snapshot);
        }
    }

    /// Brings the list up to date with the snapshot. `key` belongs to the sorted column, `visible` is the number
    /// of rows on the screen.
    pub fn refresh<T: Row>(&mut self, snapshot: &Snapshot, key: Key<T>, visible: usize) {
        let version = T::version(snapshot);
        if self.sorted_from != Some(version) {
            self.rebuild_sorted(snapshot, key);
            self.sorted_from = Some(version);
        }
        if self.ordered_from != Some(version) {
            self.rebuild_order::<T>(snapshot);
            self.follow::<T>(snapshot);
            self.ordered_from = Some(version);
        }
        let most = self.order.len().saturating_sub(visible);
        let least = (self.cursor + 1).saturating_sub(visible);
        self.offset = self.offset.clamp(least, self.cursor.max(least)).min(most);
    }

    fn rebuild_sorted<T: Row>(&mut self, snapshot: &Snapshot, key: Key<T>) {
        let mut rows: Vec<(SortKey<'_>, SortKey<'_>, i64)> =
            T::all(snapshot).map(|(number, row)| (key(row, snapshot), row.tie(number), number)).collect();
        if self.sort.descending {
            rows.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        } else {
            rows.sort_unstable();
        }
        self.sorted.clear();
        self.sorted.extend(rows.iter().map(|row| row.2));
    }

    fn rebuild_order<T: Row>(&mut self, snapshot: &Snapshot) {
        let filter = &self.filter;
        let passes = |row: &T| filter.passes(|word| row.contains(word, snapshot));
        self.order.clear();
        if filter.is_empty() {
            self.order.extend(&self.sorted);
        } else {
            let row_passes = |number: &&i64| T::get(snapshot, **number).is_some_and(passes);
            self.order.extend(self.sorted.iter().filter(row_passes));
        }
        if T::complete(snapshot) && !self.marks.is_empty() {
            let existing: HashSet<&str> = T::all(snapshot).map(|(_, row)| row.identity()).collect();
            self.marks.retain(|name| existing.contains(name.as_str()));
        }
    }

    /// Keeps the selection on its row. If that row is gone, selects the one that took its line.
    fn follow<T: Row>(&mut self, snapshot: &Snapshot) {
        if self.at_top {
            self.cursor = 0;
        } else if let Some(line) = self.find_selected::<T>(snapshot) {
            self.cursor = line;
        } else if !T::complete(snapshot)
            && self.selected.as_deref().is_some_and(|it| !exists::<T>(snapshot, it))
        {
            // The row may still arrive. One that exists but does not pass the filter loses the selection.
            return;
        }
        self.go::<T>(Motion::By(0), snapshot);
    }

    fn find_selected<T: Row>(&self, snapshot: &Snapshot) -> Option<usize> {
        let selected = self.selected.as_deref()?;
        let is_it = |number: i64| T::get(snapshot, number).is_some_and(|it| it.identity() == selected);
        // Numbers are faster to compare than names, but change when the daemon restarts.
        if is_it(self.number) {
            return self.order.iter().position(|it| *it == self.number);
        }
        self.order.iter().position(|it| is_it(*it))
    }
}

fn exists<T: Row>(snapshot: &Snapshot, name: &str) -> bool {
    T::all(snapshot).any(|(_, row)| row.identity() == name)
}
