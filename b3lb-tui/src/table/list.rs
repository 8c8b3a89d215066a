//! What an operator made of a list: order, filter, selection, marks, scroll position.

use std::collections::{BTreeSet, HashSet};

use super::{Row, SortKey};
use crate::filter::Filter;
use crate::model::Picture;

/// The column that rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Which column.
    pub column: usize,
    /// The greatest first.
    pub descending: bool,
}

/// How the cursor moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// So many lines, up if negative.
    By(isize),
    /// To this line; the last one if there are fewer.
    To(usize),
}

/// A list as it is shown. Order and cursor are kept until the rows, the filter or the order change.
#[derive(Clone, Debug)]
pub struct List {
    sort: Sort,
    filter: Filter,
    selected: Option<String>,
    /// The number of the selected row when it was seen last.
    number: i64,
    /// The selection is on the first line, whichever row is there.
    follows_first: bool,
    marks: BTreeSet<String>,
    /// Numbers of all rows, sorted; and the version of the rows that they were sorted in.
    sorted: Vec<i64>,
    sorted_from: Option<u64>,
    /// Those of them that pass the filter.
    order: Vec<i64>,
    cursor: usize,
    offset: usize,
    /// The version of the rows that the order was made from; none if it must be made anew.
    made_from: Option<u64>,
}

impl List {
    /// An empty list.
    pub fn new(sort: Sort, follows_first: bool) -> Self {
        Self {
            sort,
            filter: Filter::default(),
            selected: None,
            number: 0,
            follows_first,
            marks: BTreeSet::new(),
            sorted: Vec::new(),
            sorted_from: None,
            order: Vec::new(),
            cursor: 0,
            offset: 0,
            made_from: None,
        }
    }

    /// By what it is sorted.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Sorts by another column, or the other way round.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        (self.sorted_from, self.made_from) = (None, None);
    }

    /// What the rows are filtered by.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Filters by something else.
    pub fn filter_by(&mut self, text: &str) {
        self.filter = Filter::new(text);
        self.made_from = None;
    }

    /// Name of the selected row.
    pub fn selected(&self) -> Option<&str> {
        self.selected.as_deref()
    }

    /// Selects the row of that name, once it is there.
    pub fn select(&mut self, name: &str) {
        self.selected = Some(name.to_owned());
        self.follows_first = false;
        self.made_from = None;
    }

    /// Names of the marked rows.
    pub fn marks(&self) -> &BTreeSet<String> {
        &self.marks
    }

    /// Forgets all marks.
    pub fn unmark(&mut self) {
        self.marks.clear();
    }

    /// Marks the selected row, or no longer.
    pub fn toggle_mark(&mut self) {
        if let Some(name) = &self.selected
            && !self.marks.remove(name)
        {
            self.marks.insert(name.clone());
        }
    }

    /// Marks these rows; if they all are marked already, none.
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

    /// The line of the selection.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The first line on the screen.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Moves the cursor; [`List::refresh`] must have been called since the rows changed.
    pub fn go<T: Row>(&mut self, motion: Motion, picture: &Picture) {
        let last = self.order.len().saturating_sub(1);
        self.cursor = match motion {
            Motion::By(lines) => self.cursor.saturating_add_signed(lines).min(last),
            Motion::To(line) => line.min(last),
        };
        self.number = self.order.get(self.cursor).copied().unwrap_or_default();
        let row = T::get(picture, self.number).filter(|_| !self.order.is_empty());
        self.selected = row.map(|it| it.identity().to_owned());
        self.follows_first = T::FOLLOWS_FIRST && self.cursor == 0;
    }

    /// Scrolls by so many lines; the cursor comes along only where it would leave the screen.
    pub fn scroll<T: Row>(&mut self, lines: isize, visible: usize, picture: &Picture) {
        let most = self.order.len().saturating_sub(visible);
        self.offset = self.offset.saturating_add_signed(lines).min(most);
        let line = self.cursor.clamp(self.offset, (self.offset + visible).saturating_sub(1).max(self.offset));
        if line != self.cursor {
            self.go::<T>(Motion::To(line), picture);
        }
    }

    /// Brings everything up to date with the rows, of which `visible` are on the screen.
    pub fn refresh<T: Row>(&mut self, picture: &Picture, visible: usize) {
        let version = T::version(picture);
        if self.sorted_from != Some(version) {
            self.order_anew::<T>(picture);
            self.sorted_from = Some(version);
        }
        if self.made_from != Some(version) {
            self.filter_anew::<T>(picture);
            self.follow::<T>(picture);
            self.made_from = Some(version);
        }
        let most = self.order.len().saturating_sub(visible);
        let least = (self.cursor + 1).saturating_sub(visible);
        self.offset = self.offset.clamp(least, self.cursor.max(least)).min(most);
    }

    fn order_anew<T: Row>(&mut self, picture: &Picture) {
        let Some(column) = T::COLUMNS.get(self.sort.column) else { return };
        let mut rows: Vec<(SortKey<'_>, SortKey<'_>, i64)> = T::all(picture)
            .map(|(number, row)| ((column.key)(row, picture), row.tie(number), number))
            .collect();
        if self.sort.descending {
            rows.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        } else {
            rows.sort_unstable();
        }
        self.sorted.clear();
        self.sorted.extend(rows.iter().map(|row| row.2));
    }

    fn filter_anew<T: Row>(&mut self, picture: &Picture) {
        let filter = &self.filter;
        let passes = |row: &T| filter.passes(|word| row.has(word, picture));
        self.order.clear();
        if filter.is_empty() {
            self.order.extend(&self.sorted);
        } else {
            let row_passes = |number: &&i64| T::get(picture, **number).is_some_and(passes);
            self.order.extend(self.sorted.iter().filter(row_passes));
        }
        if T::complete(picture) && !self.marks.is_empty() {
            let there: HashSet<&str> = T::all(picture).map(|(_, row)| row.identity()).collect();
            self.marks.retain(|name| there.contains(name.as_str()));
        }
    }

    /// The selection stays with its row; if that is gone, the row that took its line is selected.
    fn follow<T: Row>(&mut self, picture: &Picture) {
        if self.follows_first {
            self.cursor = 0;
        } else if let Some(line) = self.line_of_selected::<T>(picture) {
            self.cursor = line;
        } else if !T::complete(picture)
            && self.selected.as_deref().is_some_and(|it| !is_there::<T>(picture, it))
        {
            // It may be on its way. One that is there, but does not pass the filter, is selected no longer.
            return;
        }
        self.go::<T>(Motion::By(0), picture);
    }

    fn line_of_selected<T: Row>(&self, picture: &Picture) -> Option<usize> {
        let selected = self.selected.as_deref()?;
        let is_it = |number: i64| T::get(picture, number).is_some_and(|it| it.identity() == selected);
        // Its number is good for one life of the daemon, and found faster than its name.
        if is_it(self.number) {
            return self.order.iter().position(|it| *it == self.number);
        }
        self.order.iter().position(|it| is_it(*it))
    }
}

fn is_there<T: Row>(picture: &Picture, name: &str) -> bool {
    T::all(picture).any(|(_, row)| row.identity() == name)
}
