//! Reading lists page by page.

use rpc::{Page, Paged};

/// Fetches all pages of a list.
pub async fn all_pages<T, E, F>(fetch: impl Fn(Page) -> F) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<Paged<T>, E>>,
{
    let mut rows = Vec::new();
    let mut page = Page::default();
    loop {
        let paged = fetch(page).await?;
        rows.extend(paged.rows);
        match paged.next {
            Some(next) => page = Page::after(next),
            None => return Ok(rows),
        }
    }
}
