//! Pagination of lists.

use serde::{Deserialize, Serialize};

/// Maximum and default number of rows on a page.
pub const PAGE_ROWS: u32 = 1000;

/// Which page of a list to return.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// [`Paged::next`] of the previous page; the first page if absent.
    #[serde(default)]
    pub after: Option<String>,
    /// Maximum number of rows, up to [`PAGE_ROWS`].
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
    /// Cursor of the next page; absent on the last page.
    #[serde(default)]
    pub next: Option<String>,
}
