//! Keyset pagination: each page starts after the last key of the previous one.

use rpc::{PAGE_ROWS, Page, Paged};

/// A page of `rows`, which are sorted by `key`.
pub(super) fn page<T, K: Ord + ToString>(
    rows: Vec<T>,
    page: &Page,
    parse: impl Fn(&str) -> Option<K>,
    key: impl Fn(&T) -> K,
) -> Paged<T> {
    let most = page.rows.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS) as usize;
    // An invalid cursor returns the first page.
    let after = page.after.as_deref().and_then(parse);
    let from = after.map_or(0, |after| rows.partition_point(|row| key(row) <= after));
    let more = rows.len() - from > most;
    let rows: Vec<T> = rows.into_iter().skip(from).take(most).collect();
    let next = rows.last().filter(|_| more).map(|row| key(row).to_string());
    Paged { rows, next }
}

/// A page of rows that are sorted by a string.
pub(super) fn by_name<T>(rows: Vec<T>, which: &Page, key: impl Fn(&T) -> String) -> Paged<T> {
    page(rows, which, |text| Some(text.to_owned()), key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_together_are_the_list(count in 0_i64..50, size in 1_u32..60) {
            let all: Vec<i64> = (0..count).collect();
            let mut found = Vec::new();
            let mut which = Page { after: None, rows: Some(size) };
            loop {
                let paged = page(all.clone(), &which, |it| it.parse().ok(), |it| *it);
                prop_assert!(paged.rows.len() <= size as usize);
                found.extend(paged.rows);
                match paged.next {
                    Some(next) => which = Page { after: Some(next), rows: Some(size) },
                    None => break,
                }
            }
            prop_assert_eq!(found, all);
        }
    }
}
