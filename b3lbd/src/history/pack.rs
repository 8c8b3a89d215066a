//! Packs the rows of all clusters or tenants into one blob, so that a minute of 1,000 tenants takes a few kilobytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ByName;

/// The first byte of a blob, for a later format.
const FORMAT: u8 = 1;

/// A stored blob that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row of the history cannot be read: {0}")]
pub struct Unreadable(String);

/// Packs rows: numbers as differences, since those are small, and each in as few bytes as it needs.
pub fn pack<H: Serialize, T: Serialize + Copy>(head: &H, rows: &ByName<T>) -> Vec<u8> {
    let mut last = 0;
    let rows: Vec<(u32, T)> =
        rows.iter().map(|(name, row)| (name - std::mem::replace(&mut last, *name), *row)).collect();
    // Cannot fail: these types have lengths, and a vector takes everything.
    postcard::to_extend(&(head, rows), vec![FORMAT]).unwrap_or_default()
}

/// Unpacks rows.
pub fn unpack<H: DeserializeOwned, T: DeserializeOwned>(blob: &[u8]) -> Result<(H, ByName<T>), Unreadable> {
    let unreadable = |why: String| Unreadable(why);
    let body = match blob.split_first() {
        Some((&FORMAT, body)) => body,
        Some((other, _)) => return Err(unreadable(format!("format {other} is not known"))),
        None => return Err(unreadable("it is empty".to_owned())),
    };
    let (head, rows): (H, Vec<(u32, T)>) =
        postcard::from_bytes(body).map_err(|error| unreadable(error.to_string()))?;
    let mut last = 0_u32;
    let mut unpacked = ByName::new();
    for (difference, row) in rows {
        last = last.checked_add(difference).ok_or_else(|| unreadable("a number is too large".to_owned()))?;
        unpacked.insert(last, row);
    }
    Ok((head, unpacked))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{PoolRow, Stats, TenantMinute, Usage};
    use super::*;

    #[test]
    fn what_is_packed_is_small_and_unpacked_again() {
        let row = |n: u32| (n, TenantMinute { attendees: n % 200, meetings: n % 20, creates: n % 2 });
        let tenants: ByName<TenantMinute> = (1..=1_000).map(row).collect();
        let blob = pack(&(), &tenants);
        assert!(blob.len() < 4_600, "{}", blob.len());
        assert_eq!(unpack(&blob), Ok(((), tenants)));
        let pool = PoolRow { refusals: [1, 2, 3, 4, 5, 6, 7], ..PoolRow::default() };
        let clusters = ByName::from([(3, Stats { attendees: u32::MAX, ..Stats::default() })]);
        assert_eq!(unpack(&pack(&pool, &clusters)), Ok((pool, clusters)));
        assert_eq!(unpack::<(), Usage>(&pack(&(), &ByName::<Usage>::new())), Ok(((), ByName::new())));
    }

    #[test]
    fn what_is_damaged_is_told() {
        let tell = |blob: &[u8]| unpack::<(), Usage>(blob).unwrap_err().to_string();
        assert_eq!(tell(&[]), "a row of the history cannot be read: it is empty");
        assert_eq!(tell(&[9]), "a row of the history cannot be read: format 9 is not known");
        assert!(tell(&[FORMAT, 200, 1, 1]).starts_with("a row of the history cannot be read: "));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut blob = vec![FORMAT];
            blob.extend(bytes);
            let _ = unpack::<PoolRow, Stats>(&blob);
            let _ = unpack::<(), Usage>(&blob);
        }
    }
}
