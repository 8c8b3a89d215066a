//! The columns of a list.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use ratatui::style::Style;

use crate::message::Millis;
use crate::state::State;
use crate::state::row::{Key, SortKey};
use crate::state::snapshot::Snapshot;
use crate::theme::Look;

/// What cells are made from.
#[derive(Clone, Copy, Debug)]
pub struct CellContext<'a> {
    /// What the daemon reported.
    pub snapshot: &'a Snapshot,
    /// Colours and glyphs.
    pub look: &'a Look,
    /// The daemon's clock: milliseconds since 1970.
    pub now: Millis,
}

impl<'a> From<&'a State> for CellContext<'a> {
    fn from(state: &'a State) -> Self {
        Self { snapshot: &state.snapshot, look: &state.look, now: state.daemon_clock() }
    }
}

/// The content of a cell.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// Sanitized text.
    pub text: Cow<'a, str>,
    /// Its style.
    pub style: Style,
}

impl Cell<'_> {
    /// The same text with another style.
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

/// What a column contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Figures: aligned to the right, sorted in descending order at first.
    Number,
    /// Names: cut in the middle.
    Name,
    /// Sentences: cut at the end.
    Sentence,
}

/// The heading of a column and the room that it takes.
#[derive(Clone, Copy, Debug)]
pub struct Heading {
    /// The title.
    pub title: &'static str,
    /// What the column contains.
    pub kind: Kind,
    /// Least width.
    pub min: u16,
    /// Greatest width.
    pub max: u16,
    /// Columns with the highest number are left out first where room is short; 0 = never.
    pub priority: u8,
}

/// A column of rows of type `T`.
pub struct Column<T: 'static> {
    /// Its heading.
    pub heading: Heading,
    /// The value to sort by.
    pub key: Key<T>,
    /// The content of a cell.
    pub cell: Content<T>,
}

/// The content of a column's cell for a row.
pub type Content<T> = for<'a> fn(&'a T, &CellContext<'a>) -> Cell<'a>;

/// The heading of a column of figures.
pub const fn number(title: &'static str, width: RangeInclusive<u16>, priority: u8) -> Heading {
    Heading { title, kind: Kind::Number, min: *width.start(), max: *width.end(), priority }
}

/// The heading of a column of names.
pub const fn name(title: &'static str, width: RangeInclusive<u16>, priority: u8) -> Heading {
    Heading { title, kind: Kind::Name, min: *width.start(), max: *width.end(), priority }
}

/// The heading of a column of sentences.
pub const fn sentence(title: &'static str, width: RangeInclusive<u16>, priority: u8) -> Heading {
    Heading { title, kind: Kind::Sentence, min: *width.start(), max: *width.end(), priority }
}

impl Heading {
    /// The column below this heading.
    pub const fn of<T>(self, key: Key<T>, cell: Content<T>) -> Column<T> {
        Column { heading: self, key, cell }
    }
}

/// The sort key of a text.
pub fn text(text: &str) -> SortKey<'_> {
    SortKey::Text(text)
}

/// The sort key of a figure that may be missing.
pub fn maybe<'a>(number: Option<impl Into<i64>>) -> SortKey<'a> {
    number.map_or(SortKey::Nothing, |it| SortKey::Number(it.into()))
}

/// The sort key of a figure that may be too large for an `i64`.
pub fn whole<'a>(number: u64) -> SortKey<'a> {
    SortKey::Number(i64::try_from(number).unwrap_or(i64::MAX))
}
