//! Lists in pages.

use serde::{Deserialize, Serialize};

/// Rows of a page unless fewer are asked for, and the most that a page has.
pub const PAGE_ROWS: u32 = 1000;

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// [`Paged::next`] of the page before; the first page if absent.
    #[serde(default)]
    pub after: Option<String>,
    /// Most rows, up to [`PAGE_ROWS`].
    #[serde(default)]
    pub rows: Option<u32>,
}

impl Page {
    /// The page after the one that ended with `next`.
    pub fn after(next: String) -> Self {
        Self { after: Some(next), rows: None }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paged<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; absent on the last one.
    #[serde(default)]
    pub next: Option<String>,
}
