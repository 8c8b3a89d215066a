//! One behaviour for all lists: columns, sorting, filtering, a selection that follows its row.

mod columns;
mod draw;
mod list;

use std::borrow::Cow;
use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub use columns::{Placed, place};
pub use list::{List, Motion, Sort};

use crate::model::{Millis, Picture};
use crate::theme::Look;

/// What cells are made from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// All that the daemon told.
    pub picture: &'a Picture,
    /// How things look.
    pub look: &'a Look,
    /// The daemon's clock; milliseconds since 1970.
    pub now: Millis,
}

/// By what rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey<'a> {
    /// No figure: less than all others.
    Nothing,
    /// A figure.
    Number(i64),
    /// A text.
    Text(&'a str),
}

impl<N: Into<i64>> From<N> for SortKey<'_> {
    fn from(number: N) -> Self {
        Self::Number(number.into())
    }
}

/// A figure that may be missing.
pub fn maybe<'a>(number: Option<impl Into<i64>>) -> SortKey<'a> {
    number.map_or(SortKey::Nothing, |it| SortKey::Number(it.into()))
}

/// What stands in a cell.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// The text, fit for a terminal.
    pub text: Cow<'a, str>,
    /// Its style.
    pub style: Style,
}

impl Cell<'_> {
    /// The same with a style.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Cell<'a> {
    fn from(text: T) -> Self {
        Self { text: text.into(), style: Style::new() }
    }
}

/// How a column is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Figures: to the right, the greatest first.
    Number,
    /// Names: to the left, cut in the middle.
    Name,
    /// Sentences: to the left, cut at the end.
    Sentence,
}

/// A column of rows of type `T`.
pub struct Column<T: 'static> {
    /// Its heading.
    pub title: &'static str,
    /// How it is filled.
    pub kind: Kind,
    /// Least width.
    pub min: u16,
    /// Greatest width.
    pub max: u16,
    /// 0 = always there; of the others those with the highest number go first where room is short.
    pub priority: u8,
    /// By what its rows are sorted.
    pub key: for<'a> fn(&'a T, &'a Picture) -> SortKey<'a>,
    /// What stands in a cell.
    pub cell: for<'a> fn(&'a T, &View<'a>) -> Cell<'a>,
}

/// A thing that is listed.
pub trait Row: Sized + 'static {
    /// What one of them is called.
    const NOUN: &'static str;
    /// Its columns.
    const COLUMNS: &'static [Column<Self>];
    /// By which column it is sorted at first.
    const SORTED_BY: Sort;
    /// Unless something else is chosen, the selection stays on the first line, whichever row is there.
    const FOLLOWS_FIRST: bool = false;

    /// All of them with their numbers.
    fn all(picture: &Picture) -> impl Iterator<Item = (i64, &Self)>;
    /// The one of that number.
    fn get(picture: &Picture, number: i64) -> Option<&Self>;
    /// Grows when one of them changes.
    fn version(picture: &Picture) -> u64;
    /// All of them are there: none is still on its way.
    fn complete(picture: &Picture) -> bool {
        picture.complete
    }
    /// Its identity, which outlasts the daemon.
    fn identity(&self) -> &str;
    /// By what rows are ordered that the sorted column does not tell apart.
    fn tie(&self, _number: i64) -> SortKey<'_> {
        SortKey::Text(self.identity())
    }
    /// Whether a word, in lower case, is somewhere in what is shown of it.
    fn has(&self, word: &str, picture: &Picture) -> bool;
}

/// A list of whatever rows: what the rest of the dashboard needs to know of it.
pub trait Table: Sync {
    /// What one row is called.
    fn noun(&self) -> &'static str;
    /// A list sorted as at first.
    fn list(&self) -> List;
    /// Headings of all columns.
    fn titles(&self) -> Vec<&'static str>;
    /// Whether a column, once chosen, has its greatest first.
    fn starts_descending(&self, column: usize) -> bool;
    /// Brings order, selection and scroll position up to date.
    fn refresh(&self, list: &mut List, picture: &Picture, visible: usize);
    /// Moves the cursor.
    fn go(&self, list: &mut List, motion: Motion, picture: &Picture);
    /// Scrolls by so many lines.
    fn scroll(&self, list: &mut List, lines: isize, visible: usize, picture: &Picture);
    /// Names of all rows that pass the filter.
    fn names(&self, list: &List, picture: &Picture) -> BTreeSet<String>;
    /// Draws headings and the visible rows.
    fn draw(&self, list: &List, view: &View<'_>, area: Rect, buffer: &mut Buffer);
    /// The column whose heading stands at `x` of an area.
    fn column_at(&self, area: Rect, x: u16) -> Option<usize>;
    /// How many rows there are without a filter.
    fn total(&self, picture: &Picture) -> usize;
    /// None is still on its way.
    fn complete(&self, picture: &Picture) -> bool;
}

/// The table of rows of type `T`.
pub struct Of<T>(pub std::marker::PhantomData<fn() -> T>);

impl<T: Row> Table for Of<T> {
    fn noun(&self) -> &'static str {
        T::NOUN
    }

    fn list(&self) -> List {
        List::new(T::SORTED_BY, T::FOLLOWS_FIRST)
    }

    fn titles(&self) -> Vec<&'static str> {
        T::COLUMNS.iter().map(|it| it.title).collect()
    }

    fn starts_descending(&self, column: usize) -> bool {
        T::COLUMNS.get(column).is_some_and(|it| it.kind == Kind::Number)
    }

    fn refresh(&self, list: &mut List, picture: &Picture, visible: usize) {
        list.refresh::<T>(picture, visible);
    }

    fn go(&self, list: &mut List, motion: Motion, picture: &Picture) {
        list.go::<T>(motion, picture);
    }

    fn scroll(&self, list: &mut List, lines: isize, visible: usize, picture: &Picture) {
        list.scroll::<T>(lines, visible, picture);
    }

    fn names(&self, list: &List, picture: &Picture) -> BTreeSet<String> {
        let rows = list.order().iter().filter_map(|number| T::get(picture, *number));
        rows.map(|row| row.identity().to_owned()).collect()
    }

    fn draw(&self, list: &List, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        draw::draw::<T>(list, view, area, buffer);
    }

    fn column_at(&self, area: Rect, x: u16) -> Option<usize> {
        place(T::COLUMNS, area)
            .into_iter()
            .find(|it| (it.x..=it.x + it.width).contains(&x))
            .map(|it| it.index)
    }

    fn total(&self, picture: &Picture) -> usize {
        T::all(picture).count()
    }

    fn complete(&self, picture: &Picture) -> bool {
        T::complete(picture)
    }
}
