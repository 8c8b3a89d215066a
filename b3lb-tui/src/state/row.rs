//! What a list needs to know of its rows, for each kind of row in the snapshot.

use super::snapshot::{Cluster, LoggedEvent, Meeting, Node, Snapshot, Tenant};

/// A value to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey<'a> {
    /// A missing figure; sorts before all others.
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

/// The sort key of a row, for one column.
pub type Key<T> = for<'a> fn(&'a T, &'a Snapshot) -> SortKey<'a>;

/// A row of a list.
pub trait Row: Sized + 'static {
    /// All rows with their numbers.
    fn all(snapshot: &Snapshot) -> impl Iterator<Item = (i64, &Self)>;
    /// Finds a row by number.
    fn get(snapshot: &Snapshot, number: i64) -> Option<&Self>;
    /// A counter that grows when a row changes.
    fn version(snapshot: &Snapshot) -> u64;
    /// Whether all rows have arrived.
    fn complete(snapshot: &Snapshot) -> bool {
        snapshot.complete
    }
    /// What identifies the row, also after the daemon restarts.
    fn identity(&self) -> &str;
    /// Orders rows that are equal in the sorted column.
    fn tie(&self, _number: i64) -> SortKey<'_> {
        SortKey::Text(self.identity())
    }
    /// Whether the row contains `word`, which is in lower case.
    fn contains(&self, word: &str, snapshot: &Snapshot) -> bool;
}

impl Row for Node {
    fn all(snapshot: &Snapshot) -> impl Iterator<Item = (i64, &Self)> {
        snapshot.nodes.iter().map(|(number, node)| (*number, node))
    }

    fn get(snapshot: &Snapshot, number: i64) -> Option<&Self> {
        snapshot.nodes.get(&number)
    }

    fn version(snapshot: &Snapshot) -> u64 {
        snapshot.versions.nodes
    }

    fn identity(&self) -> &str {
        &self.name
    }

    fn contains(&self, word: &str, _: &Snapshot) -> bool {
        Self::contains(self, word)
    }
}

impl Row for Meeting {
    fn all(snapshot: &Snapshot) -> impl Iterator<Item = (i64, &Self)> {
        snapshot.meetings.iter().map(|(number, meeting)| (*number, meeting))
    }

    fn get(snapshot: &Snapshot, number: i64) -> Option<&Self> {
        snapshot.meetings.get(&number)
    }

    fn version(snapshot: &Snapshot) -> u64 {
        snapshot.versions.meetings
    }

    fn complete(snapshot: &Snapshot) -> bool {
        snapshot.meetings_complete
    }

    fn identity(&self) -> &str {
        &self.key
    }

    /// Oldest first; comparing the texts of 20,000 meetings would be too slow.
    fn tie(&self, number: i64) -> SortKey<'_> {
        SortKey::Number(number)
    }

    fn contains(&self, word: &str, snapshot: &Snapshot) -> bool {
        Self::contains(self, word) || snapshot.node_name(self.node).contains(word)
    }
}

impl Row for Tenant {
    fn all(snapshot: &Snapshot) -> impl Iterator<Item = (i64, &Self)> {
        snapshot.tenants.iter().map(|(number, tenant)| (*number, tenant))
    }

    fn get(snapshot: &Snapshot, number: i64) -> Option<&Self> {
        snapshot.tenants.get(&number)
    }

    fn version(snapshot: &Snapshot) -> u64 {
        snapshot.versions.tenants
    }

    fn identity(&self) -> &str {
        &self.slug
    }

    fn contains(&self, word: &str, _: &Snapshot) -> bool {
        Self::contains(self, word)
    }
}

impl Row for Cluster {
    fn all(snapshot: &Snapshot) -> impl Iterator<Item = (i64, &Self)> {
        (0..).zip(&snapshot.clusters)
    }

    fn get(snapshot: &Snapshot, number: i64) -> Option<&Self> {
        snapshot.clusters.get(usize::try_from(number).ok()?)
    }

    fn version(snapshot: &Snapshot) -> u64 {
        snapshot.versions.clusters
    }

    fn identity(&self) -> &str {
        &self.view.name
    }

    fn contains(&self, word: &str, _: &Snapshot) -> bool {
        Self::contains(self, word)
    }
}

impl Row for LoggedEvent {
    fn all(snapshot: &Snapshot) -> impl Iterator<Item = (i64, &Self)> {
        snapshot.events.iter().map(|event| (event.number, event))
    }

    /// Numbers are consecutive, so the first one gives the position of the others.
    fn get(snapshot: &Snapshot, number: i64) -> Option<&Self> {
        let first = snapshot.events.front()?.number;
        snapshot.events.get(usize::try_from(number - first).ok()?)
    }

    fn version(snapshot: &Snapshot) -> u64 {
        snapshot.versions.events
    }

    fn identity(&self) -> &str {
        &self.key
    }

    fn contains(&self, word: &str, _: &Snapshot) -> bool {
        Self::contains(self, word)
    }
}
